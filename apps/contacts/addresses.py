"""Addresses as they are written in their country."""

from __future__ import annotations

from typing import Any


def one_line(address: Any) -> str:
    """An address (an object with street, postcode, city, region and country) in one line."""
    pieces = (address.street, address.postcode, address.city, address.region, address.country)
    return ", ".join(piece for piece in pieces if piece)
