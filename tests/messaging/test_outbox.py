"""Captured mail: every part of it is kept, and only admins read it."""

from __future__ import annotations

from email.mime.base import MIMEBase
from typing import Any

import pytest
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives, get_connection
from django.urls import reverse
from django_tenants.utils import schema_context

from apps.messaging.models import OutboxMessage

pytestmark = pytest.mark.django_db

BACKEND = "apps.messaging.backends.OutboxBackend"
EVIL = '<h1>Hi</h1><script>alert(1)</script><a href="https://example.org/">go</a>'


def send(message: EmailMessage) -> OutboxMessage:
    message.connection = get_connection(BACKEND)
    assert message.send() == 1
    return OutboxMessage.objects.order_by("-pk")[0]


def welcome() -> OutboxMessage:
    message = EmailMultiAlternatives(
        "Welcome ✓", "Reset: https://here.test/reset/abc/\x00", "Nexa <no-reply@nexa.test>", ["a@nexa.test"]
    )
    message.cc, message.bcc = ["c@nexa.test"], ["b@nexa.test"]
    message.attach_alternative(EVIL, "text/html")
    message.attach("terms.txt", "five!", "text/plain")
    return send(message)


def test_a_mail_is_kept_with_all_its_parts(workspace: Any) -> None:
    mail = welcome()
    assert (mail.sender, mail.subject) == ("Nexa <no-reply@nexa.test>", "Welcome ✓")
    assert mail.recipients == ["a@nexa.test", "c@nexa.test", "b@nexa.test"]
    assert mail.text == "Reset: https://here.test/reset/abc/\N{REPLACEMENT CHARACTER}"
    assert mail.html == EVIL
    assert mail.attachments == [{"name": "terms.txt", "type": "text/plain", "size": 5}]
    assert "Message-ID" in mail.headers


def test_other_shapes_of_mail(workspace: Any) -> None:
    message = EmailMessage("H", "<b>x</b>", "a@nexa.test", ["b@nexa.test"])
    message.content_subtype = "html"
    part = MIMEBase("text", "calendar")
    part.set_payload("BEGIN")
    message.attach(part)
    mail = send(message)
    assert (mail.text, mail.html) == ("", "<b>x</b>")
    assert mail.attachments[0]["type"] == "text/calendar"


def test_what_a_server_would_refuse_is_refused(workspace: Any) -> None:
    with pytest.raises(BadHeaderError):
        send(EmailMessage("a\nBcc: x@y.z", "x", "a@nexa.test", ["b@nexa.test"]))
    assert EmailMessage("a", "b", "a@nexa.test", [], connection=get_connection(BACKEND)).send() == 0
    assert not OutboxMessage.objects.exists()


def test_mail_from_outside_a_workspace_fails_loudly(workspace: Any) -> None:
    message = EmailMessage("a", "b", "a@nexa.test", ["b@nexa.test"], connection=get_connection(BACKEND))
    with schema_context("public"), pytest.raises(RuntimeError):
        message.send()


def test_only_admins_read_mail(olga: Any, mina: Any, carla: Any, admin: Any, client_for: Any) -> None:
    mail = welcome()
    pages = [reverse("messaging:outbox")]
    pages += [reverse(f"messaging:{name}", args=[mail.pk]) for name in ("message", "message_html")]
    for page in pages:
        for person in (olga, mina, carla):
            assert client_for(person).get(page).status_code == 403
        assert client_for().get(page).status_code == 302
        assert client_for(admin).get(page).status_code == 200
        assert client_for(admin).post(page).status_code == 405


def test_the_page_shows_text_escaped_and_links_live(admin: Any, client_for: Any) -> None:
    mail = welcome()
    page = client_for(admin).get(reverse("messaging:message", args=[mail.pk])).content.decode()
    assert "<script>alert" not in page
    assert 'href="https://here.test/reset/abc/' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page


def test_the_html_stands_in_a_sandbox(admin: Any, client_for: Any) -> None:
    mail = welcome()
    response = client_for(admin).get(reverse("messaging:message_html", args=[mail.pk]))
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert EVIL in response.content.decode()


def test_the_list_comes_in_pages(admin: Any, client_for: Any) -> None:
    assert "No mail yet" in client_for(admin).get("/outbox/").content.decode()
    OutboxMessage.objects.bulk_create([OutboxMessage(sender="a", subject=str(number)) for number in range(60)])
    first = client_for(admin).get("/outbox/")
    assert len(first.context["mails"]) == 50
    second = client_for(admin).get(f"/outbox/?before={first.context['next_before']}")
    assert len(second.context["mails"]) == 10


def test_the_admin_shows_and_never_writes(admin: Any, client_for: Any) -> None:
    welcome()
    assert client_for(admin).get(reverse("admin:messaging_outboxmessage_changelist")).status_code == 200
    assert client_for(admin).get(reverse("admin:messaging_outboxmessage_add")).status_code == 403
