"""The product's pages and socket stack around the telling consumers."""

from crm_project.asgi import lifespan, pages  # isort: skip  # loads the apps, which the others need

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from apps.workspaces.channels import workspace_sockets
from tests.workspaces.leak.consumers import CarelessConsumer, TellingConsumer

routes = [path("ws/telling/", TellingConsumer.as_asgi()), path("ws/careless/", CarelessConsumer.as_asgi())]
application = ProtocolTypeRouter(
    {"http": pages, "websocket": workspace_sockets(URLRouter(routes)), "lifespan": lifespan}
)
