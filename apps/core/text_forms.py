"""Form field of a label in several languages: one line for each language of the product."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.text import TranslatedText


class TranslatedTextWidget(forms.MultiWidget):
    """A text line for each language, named by the language."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {
                code: forms.TextInput({"lang": code, "placeholder": name, "aria-label": name})
                for code, name in settings.LANGUAGES
            },
            attrs,
        )

    def decompress(self, value: Any) -> list[str]:
        texts = value if isinstance(value, dict) else {}
        return [texts.get(code, "") for code, _name in settings.LANGUAGES]


class TranslatedTextFormField(forms.MultiValueField):
    """Gives a ``TranslatedText`` without empty lines; required means that one language is enough."""

    widget = TranslatedTextWidget

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        fields = [forms.CharField(required=False, max_length=max_length) for _language in settings.LANGUAGES]
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> TranslatedText:
        texts = {
            code: text.strip() for (code, _name), text in zip(settings.LANGUAGES, data_list, strict=False) if text
        }
        if self.required and not any(texts.values()):
            raise ValidationError(_("Give a text in one language at least."), code="required")
        return TranslatedText({code: text for code, text in texts.items() if text})
