"""The product's settings with the telling pages instead of its own."""

import os

from celery.schedules import schedule

from crm_project import settings as product
from crm_project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.workspaces.leak.urls"
ALLOWED_HOSTS = [".localhost", "127.0.0.1"]

CELERY_BEAT_SCHEDULE = {"sweep": {**product.CELERY_BEAT_SCHEDULE["sweep"], "schedule": schedule(1)}}

if os.environ.get("LEAK") == "middleware":
    MIDDLEWARE = [
        "tests.workspaces.leak.broken.RememberingMiddleware" if name.endswith(".WorkspaceMiddleware") else name
        for name in product.MIDDLEWARE
    ]
