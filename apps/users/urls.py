"""Addresses of people and access."""

from __future__ import annotations

from django.urls import path

from apps.users.views import people, profile, programs, shares, structure

app_name = "users"
urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("profile/keys/", programs.keys, name="keys"),
    path("profile/keys/<uuid:key_id>/revoke/", programs.revoke, name="key_revoke"),
    path("profile/programs/<str:client_id>/cut-off/", programs.cut_client_off, name="client_cut_off"),
    path("profile/theme/", profile.set_theme, name="theme"),
    path("people/<uuid:user_id>/photo/", profile.photo, name="photo"),
    path("invitation/<str:token>/", profile.accept, name="invitation"),
    path("settings/", people.index, name="settings"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/invite/", people.invite, name="invite"),
    path("settings/people/<uuid:user_id>/", people.person, name="person"),
    path("settings/people/<uuid:user_id>/edit/", people.edit, name="edit"),
    path("settings/people/<uuid:user_id>/deactivate/", people.deactivate, name="deactivate"),
    path("settings/people/<uuid:user_id>/reactivate/", people.reactivate, name="reactivate"),
    path("settings/people/<uuid:user_id>/sign-out/", people.sign_out, name="sign_out"),
    path("settings/people/<uuid:user_id>/invite-again/", people.invite_again, name="invite_again"),
    path("settings/people/<uuid:user_id>/hand-over/", people.hand_over, name="hand_over"),
    path("settings/teams/", structure.teams, name="teams"),
    path("settings/teams/new/", structure.edit_team, name="team_new"),
    path("settings/teams/<uuid:team_id>/", structure.edit_team, name="team"),
    path("settings/teams/<uuid:team_id>/delete/", structure.delete_team, name="team_delete"),
    path("settings/territories/", structure.territories, name="territories"),
    path("settings/territories/new/", structure.edit_territory, name="territory_new"),
    path("settings/territories/<uuid:territory_id>/", structure.edit_territory, name="territory"),
    path("settings/territories/<uuid:territory_id>/delete/", structure.delete_territory, name="territory_delete"),
    path("settings/lines/", structure.reporting_lines, name="lines"),
    path("settings/security/", structure.security, name="security"),
    path("settings/access-log/", structure.access_log, name="access_log"),
    path("shares/choices/", shares.choices, name="share_choices"),
    path("shares/<str:type_key>/<uuid:record_id>/", shares.shares, name="shares"),
    path("shares/<str:type_key>/<uuid:record_id>/<uuid:share_id>/remove/", shares.remove, name="unshare"),
    path("access/<str:type_key>/<uuid:record_id>/", shares.why, name="why"),
]
