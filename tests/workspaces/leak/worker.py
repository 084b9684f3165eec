"""``celery -A tests.workspaces.leak.worker``: the product's application with the marking tasks."""

from crm_project.celery import app

app.conf.imports = ("tests.workspaces.leak.tasks",)
