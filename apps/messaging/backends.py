"""E-mail that goes into a table instead of out of the house (development, trials, tests)."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from apps.core.workspace import in_public
from apps.messaging.models import OutboxMessage

HTML = "text/html"


class OutboxBackend(BaseEmailBackend):
    """Writes each mail as a row of the current workspace, which the outbox page shows to admins.

    Raises ``RuntimeError`` outside of a workspace: nobody would ever find the mail.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if in_public():
            raise RuntimeError("Mail is sent from inside a workspace.")
        rows = [_row(message) for message in email_messages if message.recipients()]
        OutboxMessage.objects.bulk_create(rows)
        return len(rows)


def _row(message: EmailMessage) -> OutboxMessage:
    # Building the message finds what a real server would refuse, such as a line break in a header.
    built = message.message()
    return OutboxMessage(
        sender=message.from_email,
        recipients=message.recipients(),
        subject=str(message.subject),
        text=_clean(str(message.body) if message.content_subtype == "plain" else ""),
        html=_clean(_html(message)),
        headers={name: str(value) for name, value in built.items()},
        attachments=[_attachment(attachment) for attachment in message.attachments],
    )


def _html(message: EmailMessage) -> str:
    if message.content_subtype == "html":
        return str(message.body)
    alternatives = message.alternatives if isinstance(message, EmailMultiAlternatives) else ()
    return next((str(content) for content, mimetype in alternatives if mimetype == HTML), "")


def _attachment(attachment: Any) -> dict[str, Any]:
    """Name, type and size; the content is not kept."""
    if isinstance(attachment, Message):
        payload = attachment.get_payload(decode=True)
        size = len(payload) if isinstance(payload, bytes) else 0
        return {"name": attachment.get_filename() or "", "type": attachment.get_content_type(), "size": size}
    name, content, mimetype = attachment
    size = len(content.encode() if isinstance(content, str) else content or b"")
    return {"name": name or "", "type": mimetype or "", "size": size}


def _clean(text: str) -> str:
    """PostgreSQL keeps no null bytes in text."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
