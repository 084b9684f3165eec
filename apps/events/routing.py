"""The WebSockets of this room."""

from django.urls import path

from apps.events.consumers import LiveConsumer

websocket_urlpatterns = [path("ws/live/", LiveConsumer.as_asgi())]
