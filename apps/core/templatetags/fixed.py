"""Parts of pages that many requests share: made once, and kept by everything that they depend on."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from apps.core import access
from apps.core.workspace import current_schema

register = template.Library()

SHELL = ("nav", "quick_create", "workspace_name", "nav_state", "dir")
"""What a part that is kept by role may know of its page."""
KEPT = 500
_kept: dict[tuple[Any, ...], SafeString] = {}


@register.simple_tag
def constant(name: str) -> SafeString:
    """The template ``name``, which is given no context: nobody's name, role, token or data can get into it."""
    return _constant(name, translation.get_language() or "", settings.STATIC_URL)


@lru_cache(maxsize=100)
def _constant(name: str, _language: str, _static_url: str) -> SafeString:
    return render_to_string(name)


@register.simple_tag(takes_context=True)
def by_role(context: Context, name: str) -> SafeString:
    """The template ``name``, which knows of its page only what everybody of the same roles sees at the same place.

    It is kept by workspace, version of its set-up, roles, kind of person and place, as definitions are.
    """
    user: Any = getattr(context.get("request"), "user", None)
    given = {key: context.get(key) for key in SHELL}
    if not given["nav"]:  # nobody of the staff: nothing is asked for her, and there is little to make
        return render_to_string(name, given)
    here = tuple(entry.url for group in given["nav"] for entry in group.entries if entry.current)
    key = (
        name,
        current_schema(),
        access.definition_version(),
        access.role_key(user),
        getattr(user, "kind", ""),
        translation.get_language(),
        settings.STATIC_URL,
        here,
        *(given[part] for part in ("workspace_name", "nav_state", "dir")),
    )
    if key not in _kept:
        if len(_kept) >= KEPT:
            _kept.clear()
        _kept[key] = render_to_string(name, given)
    return _kept[key]
