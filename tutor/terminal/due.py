"""How many exercises are due, for the first screen: nothing may stand between it and the prompt."""

from __future__ import annotations

from tutor.errors import LearnerError
from tutor.learner.folder import FILE, data_folder


def first_line() -> tuple[str, ...]:
    """A line on what is due, where something is."""
    try:
        kept = (data_folder() / FILE).is_file()
    except (OSError, LearnerError):  # no home: said where something is to be kept
        kept = False
    if not kept:
        return ()
    from tutor.learner.due import count_due

    count = count_due()
    return (due_line(count),) if count else ()


def due_line(count: int) -> str:
    """How many exercises wait, and how long they take."""
    if count == 1:
        return "One exercise is due, about a minute: `/review`."
    return f"{count} exercises are due, about {count} minutes: `/review`."
