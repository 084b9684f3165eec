"""The bell."""

from django.urls import path

from apps.events import views

app_name = "events"
urlpatterns = [
    path("notifications/", views.notification_list, name="bell"),
    path("notifications/read/", views.mark_read, name="read"),
    path("notifications/<uuid:notification_id>/", views.open_notification, name="open"),
]
