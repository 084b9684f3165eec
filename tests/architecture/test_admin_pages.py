"""Every page of the Django admin opens for the admin and for nobody else, and none of them reads a table whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axes.models import AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin as django_admin
from django.contrib.admin.widgets import AutocompleteSelect, ForeignKeyRawIdWidget, RelatedFieldWidgetWrapper
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.contacts.models import Company
from apps.core.admin import CappedPaginator
from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.text import TranslatedText
from apps.events.models import Event, EventWork, Notification
from apps.jobs.models import IdempotencyKey, Job, LedgerEntry, StoredFile
from apps.messaging.models import OutboxMessage
from apps.records.models import ChoiceSet, FieldDefinition, ObjectType, Tag
from apps.records.services import add_note
from apps.users.models import SecuritySettings, Share, Territory
from tests.records.test_custom_type import make_project_type

pytestmark = pytest.mark.django_db
FEW = {"users.Team", "users.Territory", "auth.Group", "records.ChoiceSet", "users.Role"}
"""Tables that stay so short that a plain select of them is right."""
SWEPT = {"contacts", "events", "jobs", "messaging", "records", "users", "axes"}
ELSEWHERE = ("apikey", "apicall", "apiclient", "signingkey", "oauth", "client", "token")
"""Models of programs that sign in: their own tests walk them."""


def model_admins() -> Iterator[tuple[str, Any]]:
    """Every registered admin of ours, by the beginning of its addresses."""
    for model, model_admin in django_admin.site._registry.items():
        meta = model._meta
        if meta.app_label in SWEPT and not any(word in meta.model_name for word in ELSEWHERE):
            yield f"{meta.app_label}/{meta.model_name}", model_admin


NAMES = [name for name, _model_admin in model_admins()]


def admin_of(name: str) -> Any:
    return next(found for one, found in model_admins() if one == name)


@pytest.fixture
def world(olga: Any, stan: Any, north: Any, admin: Any) -> None:
    """Something in every table."""
    project = make_project_type()
    with change(by=olga, source=Source.PAGE) as opened:
        company = Company._base_manager.create(name="Lumen", owner=olga, team=north)
        custom = project.new()
        custom.name, custom.owner, custom.custom = "Bridge", olga, {"code": "B"}
        custom.save()
        add_note(registry.get("company"), company, body="Hi", private=False, user=olga, change=opened)
        for record_type in registry.code_types():
            if not record_type.rows().exists():
                made = record_type.new()
                made.owner = olga
                setattr(made, record_type.title_field, "Something")
                made.save()
        Share.objects.create(record_type="company", record_id=company.pk, user=stan, shared_by=olga)
        Territory.objects.create(name="Iberia")
        SecuritySettings.objects.get_or_create(pk=1)
        FieldDefinition.objects.create(
            type_key="company", key="colour", kind="text", label=TranslatedText({"en": "Colour"})
        )
        Tag.objects.create(key="vip", label="VIP")
        ChoiceSet.objects.get_or_create(key="shades", defaults={"label": TranslatedText({"en": "Shades"})})
    event = Event.objects.first()
    assert event is not None
    EventWork.objects.get_or_create(event=event, reader="notifications", defaults={"due_at": timezone.now()})
    Notification.objects.create(user=olga, kind=event.kind, record_type="company", record_id=company.pk)
    job = Job.objects.create(kind="records.bulk_edit", title="A job", by=olga, state="done")
    LedgerEntry.objects.create(job=job, position=1, action="updated", record_type="company", record_id=company.pk)
    StoredFile.objects.create(kind="import", name="a.csv", size=1, content_type="text/csv", sha256="0" * 64, by=olga)
    IdempotencyKey.objects.create(key="one", user=olga)
    OutboxMessage.objects.create(sender="a@nexa.test", recipients=["b@nexa.test"], subject="Hello", text="Hi")
    AccessLog.objects.create(username="olga", attempt_time=timezone.now())
    AccessFailureLog.objects.create(username="olga", attempt_time=timezone.now())
    assert ObjectType.objects.exists()


def sample(model_admin: Any) -> Any:
    found = model_admin.model._base_manager.first()
    assert found is not None, f"the world has no {model_admin.model.__name__}"
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_for_the_admin_alone(name: str, client_for: Any, admin: Any, olga: Any, world: None) -> None:
    model_admin = admin_of(name)
    thing = sample(model_admin)
    browser, hers = client_for(admin), client_for(olga)
    pages = {
        "": {200, 302} if name == "users/securitysettings" else {200},
        "add/": {200, 403},
        f"{thing.pk}/change/": {200},
        f"{thing.pk}/delete/": {200, 403},
        f"{thing.pk}/history/": {200},
    }
    for rest, allowed in pages.items():
        address = f"/admin/{name}/{rest}"
        answer = browser.get(address)
        assert answer.status_code in allowed, address
        assert hers.get(address).status_code in {302, 403}, address
        assert Client().get(address).status_code == 302, address
    for search in ("lumen", "01890000-0000-7000-8000-000000000000", "nul\x00", "'\"%_\\"):
        assert browser.get(f"/admin/{name}/", {"q": search}).status_code in {200, 302}, search
    # Every choice of every filter.
    text = browser.get(f"/admin/{name}/", follow=True).content.decode()
    sidebar = text.partition('id="changelist-filter"')[2].partition("</nav>")[0]
    choices = re.findall(r'<a href="(\?[^"]+)"', sidebar)
    assert choices or not sidebar
    for query in choices[:40]:
        answer = browser.get(f"/admin/{name}/{query.replace('&amp;', '&')}")
        assert (answer.status_code, "e=1" in answer.headers.get("Location", "")) == (200, False), query


@pytest.mark.parametrize("name", NAMES)
def test_every_list_is_bounded_and_can_be_searched(name: str, rf: Any, admin: Any) -> None:
    model_admin = admin_of(name)
    request = rf.get("/")
    request.user = admin
    assert model_admin.show_full_result_count is False
    assert model_admin.show_facets == django_admin.ShowFacets.NEVER
    assert issubclass(model_admin.paginator, CappedPaginator)
    assert not model_admin.date_hierarchy, "it reads the whole table for its days"
    if name != "users/securitysettings":
        assert model_admin.get_search_fields(request)
        # A filter named by a text column would read the whole table for its values.
        for one in model_admin.get_list_filter(request):
            if isinstance(one, str):
                column = model_admin.model._meta.get_field(one)
                assert column.choices or column.get_internal_type() in {
                    "BooleanField", "DateTimeField", "ForeignKey",
                }, one  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_form_offers_a_whole_table(name: str, client_for: Any, admin: Any, world: None) -> None:
    model_admin = admin_of(name)
    answer = client_for(admin).get(f"/admin/{name}/{sample(model_admin).pk}/change/")
    inlines = [one.formset.empty_form for one in answer.context.get("inline_admin_formsets", ())]
    for form in [answer.context["adminform"].form, *inlines]:
        for key, field in form.fields.items():
            if not isinstance(field, forms.ModelChoiceField) or field.queryset is None:
                continue
            widget = field.widget.widget if isinstance(field.widget, RelatedFieldWidgetWrapper) else field.widget
            hidden = isinstance(widget, forms.HiddenInput)
            bounded = isinstance(widget, AutocompleteSelect | ForeignKeyRawIdWidget)
            assert hidden or bounded or field.queryset.model._meta.label in FEW, key


def test_every_record_type_is_in_the_admin() -> None:
    missing = [one.key for one in registry.code_types() if one.model not in django_admin.site._registry]
    assert missing == []


def test_lists_cost_the_same_for_few_and_many(
    client_for: Any, admin: Any, olga: Any, make_user: Any, world: None
) -> None:
    browser = client_for(admin)

    def queries(address: str) -> int:
        browser.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(address).status_code == 200
        return len(caught)

    pages = (
        "contacts/company", "users/user", "users/role", "users/team", "users/share", "jobs/job", "jobs/ledgerentry",
        "events/event", "events/eventwork", "records/note", "records/choiceset",
    )  # fmt: skip
    few = {page: queries(f"/admin/{page}/") for page in pages}
    with change(by=None, source=Source.SYSTEM) as opened:
        for number in range(6):
            person = make_user(f"person{number}", role="viewer", team=olga.team)
            company = Company._base_manager.create(name=f"Company {number}", owner=person)
            add_note(registry.get("company"), company, body="Hi", private=False, user=olga, change=opened)
            Share.objects.create(record_type="company", record_id=company.pk, user=person, shared_by=olga)
            job = Job.objects.create(kind="records.bulk_edit", title="A job", by=person, state="done")
            LedgerEntry.objects.create(
                job=job, position=1, action="updated", record_type="company", record_id=company.pk
            )
    assert {page: queries(f"/admin/{page}/") for page in pages} == few
    assert max(few.values()) <= 14, few
    company = Company._base_manager.order_by("name")[0]
    assert queries(f"/admin/contacts/company/{company.pk}/change/") <= 24


def test_headings_are_in_our_words(admin: Any, client_for: Any) -> None:
    """No package gives its own name to a part of the admin."""
    client = client_for(admin)
    for address in ("/admin/", "/admin/allauth_idp_oidc/client/", "/admin/axes/accesslog/"):
        page = client.get(address).content.decode()
        assert not [word for word in ("OpenID Connect IdP", "Axes", "User Sessions") if word in page], address
    assert "Programs that call the API" in client.get("/admin/").content.decode()
