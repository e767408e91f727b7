"""Times as the record keeps them."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """A time as it is kept: of two, the earlier comes first in the alphabet too."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def now() -> str:
    """This moment as it is kept."""
    return stamp(datetime.now(UTC))
