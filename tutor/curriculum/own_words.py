"""A choice in the learner's own words: “the far one” is “found, the far word”, 3.8 is “from 2 to 4 bits”.

Numbers are compared by value and range, everything else by how near its meaning comes to each choice. A line that
denies what the nearest choice affirms is asked about: the encoder hears “not” badly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.curriculum.choices import Option
from tutor.curriculum.explanations import Likeness, denies
from tutor.curriculum.numbers import numbers_in
from tutor.curriculum.ranges import Range, one_number, range_in
from tutor.curriculum.words import folded, without_lead

LEAST = 0.33
"""Nearness from which a line may mean a choice."""
LEAD = 0.05
"""By how much the nearest choice must be nearer than the next, or it is asked which of the two is meant."""
QUOTED = 3
"""Words from which a line that stands word for word in a choice is that choice."""
SHORT = 5
"""Words up to which a line with a number in it is about that number."""
_PARTS = re.compile(r"[:;]\s")


@dataclass(frozen=True)
class Meant:
    """What a line at a choice may mean: one option, two of which to ask which, or none."""

    options: tuple[Option, ...] = ()
    nearness: float = 0.0
    """Of the first; 1 where it is named by a number or word for word."""


@dataclass(frozen=True)
class _Near:
    option: Option
    wording: str
    likeness: float


def meant_by(text: str, options: Sequence[Option], likeness: Likeness) -> Meant:
    """The options that a line in the learner's own words means."""
    plainly = quoted(text, options) or by_number(text, options)
    if plainly:
        return Meant(plainly[:2], 1.0)
    own = [option for option in options if not option.value]
    if len(own) < 2 or not any(map(str.isalpha, text)):
        return Meant()
    near = sorted((_nearest(text, option, likeness) for option in own), key=lambda one: -one.likeness)
    best, second = near[:2]
    if best.likeness < LEAST:
        return Meant((), best.likeness)
    clear = best.likeness - second.likeness >= LEAD and denies(text) == denies(best.wording)
    return Meant((best.option,) if clear else (best.option, second.option), best.likeness)


def quoted(text: str, options: Sequence[Option]) -> tuple[Option, ...]:
    """The option whose words the line is, or a good part of them; of a choice in parts, one part whole."""
    flat = folded(without_lead(text))
    parts = {one: {folded(without_lead(part)) for part in (*_PARTS.split(one.say), *one.also)} for one in options}
    whole = [one for one in options if flat and flat in parts[one]]
    if len(whole) == 1:
        return (whole[0],)
    inside = [option for option in options if f" {flat} " in f" {folded(option.say)} "]
    return (inside[0],) if len(inside) == 1 and len(flat.split()) >= QUOTED else ()


def by_number(text: str, options: Sequence[Option]) -> tuple[Option, ...]:
    """The options whose number or range holds what was typed: none, one, or two at their common border."""
    if len(text.split()) > SHORT:
        return ()
    value, between = one_number(text), range_in(text)
    if between is None and value is not None:
        between = Range(value, value)
    if between is None:
        row = numbers_in(text)
        return _only([option for option in options if len(row) > 1 and numbers_in(option.say) == row])
    held = [(option, range_in(option.say)) for option in options]
    found = [option for option, own in held if own and own.holds(between)]
    if not found and value is not None:
        found = [option for option, own in held if own is None and one_number(option.say) == value]
    return tuple(found) if len(found) < 3 else ()


def _only(found: list[Option]) -> tuple[Option, ...]:
    return (found[0],) if len(found) == 1 else ()


def _nearest(text: str, option: Option, likeness: Likeness) -> _Near:
    """What of a choice the line comes nearest to: the whole, a part of it, or another wording of it."""
    parts = [part for part in _PARTS.split(option.say) if len(part.split()) > 1]
    wordings = list(dict.fromkeys((option.say, *parts, *option.also)))
    found, place = max((near, -place) for place, near in enumerate(likeness(text, wordings)))
    return _Near(option, wordings[-place], found)
