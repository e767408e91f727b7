"""Finding the view of a result: one slug for an experiment and its view.

Views load when first asked for, so that a program which shows none pays for none.
"""

from __future__ import annotations

import importlib


def load(result: object) -> None:
    """Import the view for this kind of result, found by the module its type is declared in."""
    room, _, slug = type(result).__module__.rpartition(".")
    if room == "tutor.experiments":
        importlib.import_module(f"tutor.views.{slug}")


def load_all() -> None:
    """Import every view."""
    from tutor.experiments.registry import NAMES

    for name in NAMES:
        importlib.import_module(f"tutor.views.{name.replace('-', '_')}")
