"""A consumer that says whose data it sees, and one that forgets what keeps workspaces apart."""

from __future__ import annotations

from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth.models import Group

from apps.core.channels import WorkspaceConsumer
from apps.core.workspace import current_schema, enter_workspace


def whose() -> dict[str, Any]:
    return {"schema": current_schema(), "seen": sorted(Group.objects.values_list("name", flat=True))}


class TellingConsumer(WorkspaceConsumer):
    async def opened(self) -> None:
        await self.join("gossip")
        await self.send_json({"user": self.scope["user"].username})

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if "tell" in content:
            await self.channel_layer.group_send(self._group("gossip"), {"type": "heard", "text": content["tell"]})
        else:
            await self.send_json(await self.database(whose))

    async def heard(self, event: dict[str, Any]) -> None:
        await self.send_json({"heard": event["text"]})


class CarelessConsumer(TellingConsumer):
    """Enters the workspace once, in whatever thread that is, and shares one group with everybody."""

    async def opened(self) -> None:
        await database_sync_to_async(enter_workspace)(self.scope["tenant"])
        await super().opened()

    async def database(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return await database_sync_to_async(function)(*args, **kwargs)

    def _group(self, topic: str) -> str:
        return topic
