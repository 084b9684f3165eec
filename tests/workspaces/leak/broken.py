"""What must never be written: each class keeps the current workspace where others can change it."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from apps.core.tasks import HEADER, WorkspaceTask
from apps.core.workspace import enter_workspace
from apps.workspaces.middleware import WorkspaceMiddleware
from apps.workspaces.models import Workspace


class RememberingMiddleware(WorkspaceMiddleware):
    """Keeps the workspace on the class, where the next request replaces it."""

    current: ClassVar[Any] = None

    def process_request(self, request: Any) -> Any:
        answer = super().process_request(request)
        type(self).current = getattr(request, "tenant", None)
        return answer

    def process_view(self, request: Any, *_view: Any) -> None:
        time.sleep(0.005)
        if self.current is not None:
            enter_workspace(self.current)


class ForgetfulTask(WorkspaceTask):
    """Enters the workspace of the first message and stays there."""

    abstract = True
    entered: ClassVar[bool] = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not ForgetfulTask.entered:
            enter_workspace(Workspace.objects.get(schema_name=self.request.headers[HEADER]))
            ForgetfulTask.entered = True
        return self.run(*args, **kwargs)
