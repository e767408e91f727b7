"""Shapes as people type them, '(7, 64)', '7 x 64', '7 by 64', and what a wrong one tells: transposed above all."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from tutor.curriculum.conditions import evaluate
from tutor.curriculum.numbers import read_number
from tutor.curriculum.steps import Question
from tutor.curriculum.words import without_lead

MOST_SIZES = 6
_APART = re.compile(r"\s*(?:(?<=\d)x(?=\d)|\bx\b|[×*,;]|\bby\b|\btimes\b|\band\b)\s*", re.IGNORECASE)
"""What may stand between two sizes, besides a space."""
_AROUND = re.compile(r"^[\s(\[{]*(?:(?:torch\.size|shape)[\s:=(\[]*)?|[\s)\]}.?!]*$", re.IGNORECASE)
_UNITS = re.compile(r"\b(?:tokens?|rows?|columns?|cols?|numbers?|wide|long|high|heads?|of)\b", re.IGNORECASE)

Shape = tuple[int, ...]


def read_shape(text: str) -> Shape:
    """The sizes that were typed, in order; empty where these are no sizes.

    '(7, 64)', '[7,64]', '7x64', '7 × 64', '7 by 64', 'seven by 64', '7 rows and 64 columns', 'torch.Size([7, 64])'.
    """
    bare = _AROUND.sub("", _UNITS.sub(" ", without_lead(text)))
    parts = [part for part in _APART.split(bare) if part]
    parts = parts if len(parts) > 1 else bare.split()
    sizes: list[int] = []
    for part in parts if len(parts) <= MOST_SIZES else ():
        readings = read_number(part)
        if not readings or readings[0].value < 1 or not float(readings[0].value).is_integer():
            return ()
        sizes.append(int(readings[0].value))
    return tuple(sizes)


def wanted_shape(sizes: tuple[str, ...], fields: Mapping[str, Any]) -> Shape:
    """The shape that a question or a mistake names. Raises `AuthorError`."""
    return tuple(round(float(evaluate(size, fields))) for size in sizes)


def shown_shape(shape: Shape) -> str:
    """A shape as it is written in a text: '(7, 64)'."""
    return f"({', '.join(str(size) for size in shape)})"


def same_shape(given: Shape, wanted: Shape) -> bool:
    """Whether it is this shape; a batch of one in front changes nothing."""
    return given == wanted or given == (1, *wanted)


def slip_of(given: Shape, question: Question, fields: Mapping[str, Any]) -> str:
    """What went wrong with a shape, by the mistake that leads to it."""
    wanted = wanted_shape(question.shape, fields)
    if sorted(given) == sorted(wanted):
        return _in_another_order(given, wanted)
    if len(given) == 1 and given[0] == math.prod(wanted):
        return f"That is how many numbers there are in all. A shape names each of the {len(wanted)} sizes."
    if len(given) != len(wanted):
        return f"You named {len(given)} size{'s' * (len(given) != 1)}; there are {len(wanted)} here."
    right = [place for place, size in enumerate(given) if size == wanted[place]]
    if right:
        wrong = next(place for place in range(len(given)) if place not in right)
        return f"The {_ORDINAL[right[0]]} size is right. Look at the {_ORDINAL[wrong]} again."
    if any(size in wanted for size in given):
        return "One of the sizes belongs here, at another place. Rows come first, then columns."
    return ""


_ORDINAL = ("first", "second", "third", "fourth", "fifth", "sixth")


def _in_another_order(given: Shape, wanted: Shape) -> str:
    if len(wanted) == 2:
        return (
            "Transposed: rows and columns are exchanged. A row stands for what there are several of, and its columns "
            "are the numbers of one."
        )
    return "The right sizes in another order: some axes are exchanged."
