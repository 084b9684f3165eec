"""Forms of the settings page of tags."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.records.models import Tag
from apps.records.models.tags import TagColour


class TagForm(forms.ModelForm):
    """What a tag is called, how it is drawn, and with which others it stands."""

    class Meta:
        model = Tag
        fields = ("label", "colour", "category")
        widgets = {
            "colour": forms.RadioSelect,
            "category": forms.TextInput({"list": "tag-categories", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colour: Any = self.fields["colour"]
        colour.choices = TagColour.choices

    @property
    def categories(self) -> list[str]:
        """Those that there are."""
        rows = Tag.objects.exclude(category="").order_by("category")
        return list(rows.values_list("category", flat=True).distinct())


class MergeForm(forms.Form):
    """Which tag takes the place of another one."""

    target = forms.ModelChoiceField(
        Tag.objects.none(),
        label=_("Tag that stays"),
        empty_label="—",
        to_field_name="key",
        help_text=_("Its name, colour and category hold. The other name still finds it."),
    )

    def __init__(self, *args: Any, tag: Tag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target: Any = self.fields["target"]
        target.queryset = Tag.objects.filter(merged_into=None, deleted_at=None).exclude(pk=tag.pk)
