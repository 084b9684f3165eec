"""Parts of pages that say the same to everybody: made once a language and process."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def constant(name: str) -> SafeString:
    """The template ``name``, which is given no context: nobody's name, role, token or data can get into it."""
    return _constant(name, translation.get_language() or "", settings.STATIC_URL)


@lru_cache(maxsize=100)
def _constant(name: str, _language: str, _static_url: str) -> SafeString:
    return render_to_string(name)
