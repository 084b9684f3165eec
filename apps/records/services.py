"""The verbs of records that are no plain saving: notes, external ids, drafts, and the names behind a hand-over."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.access import RecordQuerySet
from apps.core.change import Change
from apps.core.registry import RecordType, registry
from apps.core.saving import delete_records
from apps.core.search import refresh_search
from apps.records.models import Draft, ListState, Note
from apps.users.models import Share

MAX_DRAFT = 400_000
"""Characters of one draft: the longest texts of a form, several times over."""
NOT_DRAFTED = frozenset({"csrfmiddlewaretoken", "idempotency_token", "hand_over", "and_new"})


# --- notes ------------------------------------------------------------------------------------------------


def add_note(about_type: RecordType, record: Any, *, body: str, private: bool, user: Any, change: Change) -> Note:
    """Write a note on a record that ``user`` sees.

    Raises ``PermissionDenied``, or ``ValidationError`` for an empty or over-long text.
    """
    access.require(user, "add", Note.record_type_key)
    note_type = registry.get(Note.record_type_key)
    text = note_type.index["body"].clean(body)
    if not text:
        raise ValidationError({"body": [_("Write something first.")]})
    note = Note(
        about_type=about_type.key,
        about_id=record.pk,
        body=text,
        private=private,
        owner=user,
        team_id=user.team_id,
        created_at=change.at,
        created_by=user,
        updated_at=change.at,
        updated_by=user,
    )
    note.save(force_insert=True)
    refresh_search(note_type, [note.pk])
    # The event names the record, which its readers see; the text of a private note is nobody else's business.
    if not private:
        change.record("note.added", record, data={"note": str(note.pk)})
    return note


def note_about(about_type: RecordType, record: Any, note_id: uuid.UUID, user: Any) -> Note:
    """The note, as somebody sees it who sees the record. Raises ``Http404``."""
    note = (
        Note.objects.get_queryset()
        .filter(pk=note_id, about_type=about_type.key, about_id=record.pk, deleted_at=None)
        .first()
    )
    if note is None or (note.private and note.owner_id != user.pk):
        raise Http404
    return note


def notes_about(about_type: RecordType, record: Any, user: Any) -> RecordQuerySet[Note]:
    """The notes on a record, as somebody sees them who sees the record: private ones only her own."""
    notes: RecordQuerySet[Note] = Note.objects.get_queryset().filter(
        about_type=about_type.key, about_id=record.pk, deleted_at=None
    )
    return notes.filter(Q(private=False) | Q(owner=user))


def pin_note(note: Note, *, pinned: bool, user: Any, change: Change) -> Note:
    """Keep a note at the top of the timeline, or no longer. Raises ``PermissionDenied``."""
    note = _own_note(note, user, "change")
    if note.pinned != pinned:
        note.pinned = pinned
        note.save(update_fields=["pinned"])
        change.record("record.changed", note, ["pinned"])
    return note


def delete_note(note: Note, *, user: Any, change: Change) -> None:
    """Put a note into the bin. Raises ``PermissionDenied`` for one that is somebody else's business."""
    note = _own_note(note, user, "delete")
    delete_records(registry.get(Note.record_type_key), [note.pk], user=user, change=change)


def _own_note(note: Note, user: Any, action: str) -> Note:
    rows = Note.objects.visible_to(user, action).filter(pk=note.pk)
    found = rows.select_for_update(of=("self",)).first()
    if found is None:
        raise PermissionDenied(_("Only the person who wrote a note, or her manager, may do this."))
    return found


# --- external ids -------------------------------------------------------------------------------------------


def taken_external_ids(record_type: RecordType, external_ids: Iterable[str]) -> set[str]:
    """Those that some record has, whoever may see it: a new record can't have them. Says no more than a refusal."""
    rows = record_type.rows().filter(deleted_at=None, external_id__in=list(external_ids))
    return set(rows.values_list("external_id", flat=True))


# --- drafts and lists ---------------------------------------------------------------------------------------


def keep_draft(type_key: str, record_id: uuid.UUID | None, sent: QueryDict, *, user: Any) -> Draft:
    """Keep what somebody typed. Raises ``ValidationError`` for what can't be kept."""
    data = {name: values for name, values in sent.lists() if name not in NOT_DRAFTED}
    texts = [text for values in data.values() for text in values]
    if sum(len(text) for text in texts) > MAX_DRAFT or any("\x00" in text for text in (*texts, *data)):
        raise ValidationError(_("This draft is too long to be kept, or holds characters that can't be."))
    draft, _made = Draft.objects.update_or_create(
        user=user, type_key=type_key, record_id=record_id, defaults={"data": data}
    )
    return draft


def draft_of(type_key: str, record_id: uuid.UUID | None, *, user: Any) -> Draft | None:
    """What somebody typed here and didn't save."""
    return Draft.objects.filter(user=user, type_key=type_key, record_id=record_id).first()


def drop_draft(type_key: str, record_id: uuid.UUID | None, *, user: Any) -> None:
    """Forget a draft."""
    Draft.objects.filter(user=user, type_key=type_key, record_id=record_id).delete()


def drafted(draft: Draft) -> QueryDict:
    """A draft as the form sent it."""
    query = QueryDict(mutable=True)
    for name, values in draft.data.items():
        query.setlist(name, values)
    return query


def list_state(type_key: str, *, user: Any) -> dict[str, Any]:
    """How somebody left the list of a type."""
    row = ListState.objects.filter(user=user, type_key=type_key).first()
    return dict(row.state) if row is not None else {}


def keep_list_state(type_key: str, state: Mapping[str, Any], *, user: Any) -> None:
    """Remember how somebody left a list."""
    row = ListState(user=user, type_key=type_key, state=dict(state))
    # One statement: this is asked for while a list is shown.
    ListState.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["user", "type_key"], update_fields=["state"]
    )


# --- placing -----------------------------------------------------------------------------------------------


def who_will_see(record: Any) -> list[str]:
    """Names of those whose record this is by its placing: owner, team, territory, shares."""
    names = [str(record.owner)] if record.owner_id else []
    if record.team_id:
        names.append(_("team %(team)s") % {"team": record.team})
    if record.territory_id:
        names.append(_("territory %(territory)s") % {"territory": record.territory})
    shares = Share.objects.filter(record_type=record.record_type_key, record_id=record.pk)
    names += [str(share.user or share.team) for share in shares.select_related("user", "team").order_by("shared_at")]
    return names
