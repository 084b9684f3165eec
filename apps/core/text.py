"""Labels that admins write in several languages: JSONB ``{language: text}``; keys never change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class TranslatedText(dict[str, str]):
    """A text in several languages; ``str()`` falls back from the viewer's to any that there is."""

    def __str__(self) -> str:
        language = get_language() or "en"
        for wanted in (language, language.partition("-")[0], "en"):
            if self.get(wanted):
                return self[wanted]
        return next((text for text in self.values() if text), "")


class TranslatedTextField(models.JSONField):
    """A ``TranslatedText`` column. A plain string given to it becomes the English text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", TranslatedText)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        loaded = super().from_db_value(value, expression, connection)
        return TranslatedText(loaded) if isinstance(loaded, Mapping) else loaded

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and not value.lstrip().startswith("{"):
            return TranslatedText(en=value)
        loaded = super().to_python(value)
        return TranslatedText(loaded) if isinstance(loaded, Mapping) else loaded

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value({"en": value} if isinstance(value, str) else value)

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, Mapping) or not all(
            isinstance(key, str) and isinstance(text, str) for key, text in value.items()
        ):
            raise ValidationError(_("Give a text for each language."))
