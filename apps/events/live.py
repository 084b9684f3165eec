"""The reader that tells open pages which records changed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from apps.core.access import can
from apps.core.exceptions import UnknownType
from apps.core.ids import parse_uuid
from apps.core.live import Message, push
from apps.core.registry import registry
from apps.events.models import Event

MANY = 20
"""More records of one type than this in one batch become one message to all pages of the type."""

ID_LENGTH = 36


def tell_open_pages(events: list[Event]) -> None:
    """Push one message a record, or one for the type where a job changed many; and one to its lists."""
    by_type: dict[str, dict[str, Event]] = defaultdict(dict)
    for event in events:
        by_type[event.record_type][str(event.record_id)] = event
    messages = []
    for type_key, changed in sorted(by_type.items()):
        if len(changed) > MANY:
            messages.append(Message(many_topic(type_key), "many"))
        else:
            messages += [
                Message(f"record-{type_key}-{record_id}", event.kind, record_id)
                for record_id, event in changed.items()
            ]
        messages.append(Message(f"list-{type_key}", "changed"))
    push(messages)


def many_topic(type_key: str) -> str:
    """The topic that stands for every record of a type; pages get it with the topic of one record."""
    return f"many-{type_key}"


def split_record_topic(name: str) -> tuple[str, str]:
    """``company-<id>`` as type key and id; both empty when it is no such name."""
    type_key, record_id = name[: -ID_LENGTH - 1], name[-ID_LENGTH:]
    if not type_key or name[-ID_LENGTH - 1 : -ID_LENGTH] != "-" or parse_uuid(record_id) is None:
        return "", ""
    return type_key, record_id


def may_watch_record(user: Any, name: str) -> bool:
    """May ``user`` hear of changes of this record?"""
    type_key, record_id = split_record_topic(name)
    if not type_key:
        return False
    try:
        return registry.get(type_key).visible_to(user).filter(pk=record_id).exists()
    except UnknownType:
        return False


def may_watch_list(user: Any, type_key: str) -> bool:
    """May ``user`` hear that something changed among the records of this type?"""
    try:
        registry.get(type_key)
    except UnknownType:
        return False
    return can(user, "view", type_key)
