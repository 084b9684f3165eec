"""What can happen to any record, and the sentences for it."""

from django.utils.translation import gettext_lazy as _

from apps.core.events import EventKind

KINDS = (
    EventKind("record.created", _("%(actor)s created %(record)s"), icon="plus"),
    EventKind("record.changed", _("%(actor)s changed %(record)s"), icon="pencil"),
    EventKind("record.deleted", _("%(actor)s put %(record)s into the bin"), icon="trash-2"),
    EventKind("record.restored", _("%(actor)s took %(record)s out of the bin"), icon="undo-2"),
    EventKind("record.undone", _("%(actor)s undid a change of %(record)s"), icon="undo-2"),
    EventKind("note.added", _("%(actor)s wrote a note on %(record)s"), icon="sticky-note"),
    EventKind("records.exported", _("%(actor)s exported %(rows)s rows as %(format)s"), icon="download"),
    EventKind("record.purged", _("%(record)s was deleted for good"), icon="trash-2"),
)
