"""Templates are indented for those who write them; what is sent needs no indentation, a tenth of a page's weight."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.template import Origin
from django.template.loaders import filesystem

INDENTATION = re.compile(r"\n[ \t]+(?=[<{\n])")
OWN = Path(settings.BASE_DIR) / "templates"


class Loader(filesystem.Loader):
    """Reads our own templates without the spaces before tags; lines stay, so that errors name the right ones."""

    def get_contents(self, origin: Origin) -> str:
        contents = super().get_contents(origin)
        return INDENTATION.sub("\n", contents) if Path(origin.name).is_relative_to(OWN) else contents
