"""Steps that are done by a request in the learner's own words: whether what was done is what the step asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutor.curriculum.screens import Deed
from tutor.curriculum.steps import Wants
from tutor.curriculum.tree import Show
from tutor.experiments.changes import read_changes, told


def done(wants: Wants, deed: Deed) -> bool:
    """Whether exactly the wanted changes stand, or the wanted picture was shown."""
    if wants.shows:
        return any(_is(show, name, options) for show in wants.shows for name, options in deed.shown)
    return set(deed.changes) == set(wants.changes or ())


def _is(wanted: Show, name: str, options: Mapping[str, Any]) -> bool:
    asked = {key.replace("-", "_"): value for key, value in wanted.options.items()}
    return name == wanted.experiment and all(options.get(key) == value for key, value in asked.items())


def missing(wants: Wants, deed: Deed) -> str:
    """How what was done differs from what is wanted; empty where it is not to be told apart."""
    if wants.shows:
        return "That is not the picture that is asked for." if deed.shown else ""
    wanted = set(wants.changes or ())
    extra = [change for change in deed.changes if change not in wanted]
    if extra:
        return f"Not yet: {told(read_changes(', '.join(extra)))}, and that is not asked for. Take it back: “undo”."
    lacking = [change for change in wanted if change not in deed.changes]
    return f"Not yet: {len(lacking)} of {len(wanted)} changes to go." if deed.changes and lacking else ""
