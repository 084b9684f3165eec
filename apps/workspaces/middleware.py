"""The first thing that happens to a request: its host name chooses the workspace it may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django_tenants.middleware.main import TenantMainMiddleware

from apps.core.workspace import enter_public, enter_workspace
from apps.workspaces.lookup import bare_host, workspace_for_host
from apps.workspaces.views import HEALTH_PAGES, out_of_service, unknown_host


class WorkspaceMiddleware(TenantMainMiddleware):
    """Enters the workspace of the host; health pages answer before any workspace is entered.

    Until a workspace is entered the connection stands in ``public``, which holds no table of a workspace: a
    mistake here ends in an error and never in somebody else's data.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        enter_public()
        health_page = HEALTH_PAGES.get(request.path_info)
        if health_page is not None:
            return health_page(request)
        workspace = workspace_for_host(bare_host(request.get_host()))
        if workspace is None:
            return unknown_host(request)
        if not workspace.in_service:
            return out_of_service(request, workspace)
        request.tenant = workspace  # type: ignore[attr-defined]
        enter_workspace(workspace)
        return None
