"""What a learner who calculates with the numbers on the screen comes to: held against what the lesson computes.

A number behind the print has more digits than the print. Whatever a step computes of numbers that it shows, and
whichever answer it calls right, must come out the same from what is shown: `rounded:` makes it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tutor.curriculum.choices import options_of
from tutor.curriculum.conditions import evaluate, names_in, put_in
from tutor.curriculum.steps import Question, Step
from tutor.errors import AuthorError

_PRINTED = re.compile(r"\{(\w+):,?\.(\d+)([f%])\}")
CERTAIN = (0.0, 1.0)
"""A share that only rounds to one of these is told as <1% or >99%, and counts as what it is."""


def as_printed(value: Any, digits: int) -> Any:
    """A number, or each of a list or table, with so many digits behind the point; anything else as it is."""
    if isinstance(value, tuple | list):
        return tuple(as_printed(one, digits) for one in value)
    if isinstance(value, bool) or not isinstance(value, float):
        return value
    found = round(value, digits)
    return value if digits == 2 and found in CERTAIN and 0 < value < 1 else found


def printed_digits(texts: tuple[str, ...]) -> dict[str, int]:
    """Field -> the most digits behind the point with which these texts print it; a share in per cent has two more."""
    found: dict[str, int] = {}
    for text in texts:
        for name, digits, kind in _PRINTED.findall(text):
            found[name] = max(found.get(name, 0), int(digits) + 2 * (kind == "%"))
    return found


def disagreements(step: Step, texts: tuple[str, ...], fields: Mapping[str, Any]) -> Iterator[str]:
    """What comes out otherwise when it is worked out from the numbers that the step prints."""
    digits = printed_digits(texts)
    made = {name: let for name, let in step.let.items() if isinstance(let, str) and name not in step.rounded}
    shown = {**fields, **{name: as_printed(fields[name], digits[name]) for name in digits if name in fields}}
    for name, let in made.items():
        if name not in digits:
            continue
        by_hand = _value(put_in(let, made), shown)
        if by_hand is not None and f"{by_hand:.{digits[name]}f}" != f"{fields[name]:.{digits[name]}f}":
            places = digits[name]
            yield f"'{name}' is another by hand: {fields[name]:.{places}f} is printed, {by_hand:.{places}f} comes out"


def undecided(question: Question, texts: tuple[str, ...], fields: Mapping[str, Any]) -> str:
    """What is right by the numbers as printed, where that is another choice; empty where it is the same."""
    if not question.choices:
        return ""
    digits = printed_digits(texts)
    named = {name for choice in question.choices if choice.when for name in names_in(choice.when)} & digits.keys()
    shown = {**fields, **{name: as_printed(fields[name], digits[name]) for name in named}}
    right = [one.say for one in options_of(question, fields) if one.right]
    by_eye = [one.say for one in options_of(question, shown) if one.right]
    if right == by_eye:
        return ""
    values = ", ".join(f"{name} {fields[name]:.4f}" for name in sorted(named))
    told, seen = ("” and “".join(says) for says in (right, by_eye))
    return f"by what is printed another choice is right: “{seen}”, and not “{told}” ({values})"


def _value(expression: str, fields: Mapping[str, Any]) -> float | None:
    try:
        return float(evaluate(expression, fields))
    except (AuthorError, TypeError, ValueError):
        return None
