"""Photos of people: judged by content and size, kept small, without what the camera wrote into them."""

from __future__ import annotations

import io
import warnings
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_BYTES = 5 * 1024 * 1024
LARGEST_PIXELS = 40_000_000
SIDE = 256
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def clean_photo(upload: Any) -> ContentFile[bytes]:
    """A square WebP of ``SIDE`` pixels. Raises ``ValidationError`` for anything that isn't a picture of ours."""
    if upload.size > LARGEST_BYTES:
        raise ValidationError(_("The photo is larger than 5 MB."), code="too_large")
    upload.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(upload, formats=FORMATS) as picture:
                if picture.width * picture.height > LARGEST_PIXELS:
                    raise ValidationError(_("The photo has too many pixels."), code="too_large")
                turned = ImageOps.exif_transpose(picture)
                square = ImageOps.fit(turned.convert("RGB"), (SIDE, SIDE))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError,
            Image.DecompressionBombWarning):  # fmt: skip
        raise ValidationError(_("Choose a photo: JPEG, PNG, WebP or GIF."), code="not_a_picture") from None
    out = io.BytesIO()
    square.save(out, "WEBP", quality=85)
    return ContentFile(out.getvalue(), name="photo.webp")
