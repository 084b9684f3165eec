"""The outbox."""

from django.urls import path

from apps.messaging import views

app_name = "messaging"
urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<uuid:message_id>/", views.message, name="message"),
    path("outbox/<uuid:message_id>/html/", views.message_html, name="message_html"),
]
