"""The tags of the workspace."""

from __future__ import annotations

import zlib

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.core.history import history
from apps.core.ids import uuid7
from apps.core.kinds.tags import MAX_LABEL, NEW


class TagColour(models.TextChoices):
    """What a tag is drawn in, beside its name."""

    GREY = "grey", _("Grey")
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    YELLOW = "yellow", _("Yellow")
    GREEN = "green", _("Green")
    TEAL = "teal", _("Teal")
    BLUE = "blue", _("Blue")
    INDIGO = "indigo", _("Indigo")
    PURPLE = "purple", _("Purple")
    PINK = "pink", _("Pink")


class Tag(models.Model):
    """A tag. Its key is what records hold, so it never changes; the label, the colour and the category may.

    A row is never deleted: a merged tag leads to the one that took its place, a deleted one may come back.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(_("Key"), max_length=MAX_LABEL, unique=True, editable=False)
    label = models.CharField(_("Name"), max_length=MAX_LABEL)
    colour = models.CharField(_("Colour"), max_length=10, choices=TagColour, default=TagColour.GREY)
    category = models.CharField(
        _("Category"), max_length=MAX_LABEL, blank=True, help_text=_("Tags of one category stand together.")
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="merged")
    deleted_at = models.DateTimeField(null=True, editable=False)
    history = history()

    class Meta:
        ordering = ["category", "label"]
        constraints = [
            models.UniqueConstraint(
                Lower("label"),
                condition=models.Q(merged_into=None, deleted_at=None),
                name="tag_label_once",
                violation_error_message=_("There is a tag of this name already."),
            )
        ]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.label

    @property
    def living(self) -> bool:
        """Is it offered, or was it merged or deleted?"""
        return self.merged_into_id is None and self.deleted_at is None

    def clean(self) -> None:
        """Refuse names that couldn't be written in a file or would mean another tag."""
        super().clean()
        self.label = " ".join(self.label.split())
        self.category = " ".join(self.category.split())
        if ";" in self.label or self.label.startswith(NEW):
            raise ValidationError({"label": _("The name of a tag has no semicolon and doesn't begin with a plus.")})
        for other in Tag.objects.exclude(pk=self.pk).select_related("merged_into"):
            # A key is the first name of a tag, by which files and programs still call it.
            if self.label.casefold() not in (other.key, other.label.casefold()):
                continue
            if other.living:
                raise ValidationError({"label": _("The tag “%(tag)s” goes by this name.") % {"tag": other}})
            if other.merged_into is not None:
                words = _("This is the name of a tag that was merged into “%(tag)s”.")
                raise ValidationError({"label": words % {"tag": other.merged_into}})


def colour_of(key: str) -> str:
    """The colour that a tag gets before somebody chooses one: the same for the same name, and not grey."""
    colours = TagColour.values[1:]
    return colours[zlib.crc32(key.encode()) % len(colours)]
