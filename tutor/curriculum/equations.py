"""Equations in a text hold as they are printed: where the result has more digits behind it, more are shown.

'0.313 × 1.62 ≈ 0.50' is false for whoever checks it, though the numbers behind the print are right. The digits of what
stands before the sign are increased until what is printed comes to what is printed behind it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tutor.curriculum.numbers import numbers_in, worked_out

MOST_DIGITS = 4
"""Digits that may be added."""
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?%?"
_SIDE = rf"[-−(√]*{_NUMBER}(?:[\s()+\-−×·*/√²³]*{_NUMBER})*[)²³]*"
_EQUATION = re.compile(rf"(?<![\w.,])(?P<left>{_SIDE})\s*[≈=]\s*(?P<right>{_SIDE})")
_FIXED = re.compile(r"(.*\.)(\d+)([f%])")


@dataclass
class _Piece:
    """Words of a text, or a field in its form."""

    text: str
    name: str = ""
    form: str = ""
    start: int = 0


@dataclass(frozen=True)
class Equation:
    """Two sides as they are printed."""

    left: str
    right: str
    start: int
    end: int
    """Where the left side stands."""

    @property
    def holds(self) -> bool:
        """Whether the left side comes to the right one, rounded as that is; true where a side is no number."""
        left, right = _value(self.left), _value(self.right)
        if left is None or right is None:
            return True
        return abs(left - right) <= _half_a_unit(self.right) + 1e-9


def equations(text: str) -> Iterator[Equation]:
    """Every equation between numbers in a text; of 'a = b ≈ c' both."""
    at = 0
    while match := _EQUATION.search(text, at):
        left, right = match["left"], match["right"]
        yield Equation(left, right, match.start("left"), match.end("left"))
        at = match.start("right")


def values_in(text: str) -> Iterator[float]:
    """Every number in a text, and what the sides of its equations come to."""
    yield from numbers_in(text)
    for one in equations(text):
        yield from (value for value in (_value(one.left), _value(one.right)) if value is not None)
    for fraction in re.findall(r"\d+\s*/\s*\d+", text):
        value = _value(fraction)
        yield from () if value is None else (value,)


def filled(template: str, render: Callable[[str, str], str]) -> str:
    """`template` with its fields as `render(name, form)` writes them, and its equations true as printed."""
    pieces = [
        piece
        for words, name, form, _ in string.Formatter().parse(template)
        for piece in (_Piece(words), *([_Piece("", name, form or "")] if name else []))
    ]
    for _ in range(MOST_DIGITS):
        text = _printed(pieces, render)
        wrong = [one for one in equations(text) if not one.holds]
        if not wrong or not any([_sharpen(pieces, one) for one in wrong]):
            break
    return _printed(pieces, render)


def _printed(pieces: list[_Piece], render: Callable[[str, str], str]) -> str:
    text = ""
    for piece in pieces:
        piece.start = len(text)
        text += render(piece.name, piece.form) if piece.name else piece.text
    return text


def _sharpen(pieces: list[_Piece], equation: Equation) -> bool:
    """One digit more for each number on the left; whether there was any that could have one."""
    changed = False
    for piece in pieces:
        form = _FIXED.fullmatch(piece.form)
        if form and equation.start <= piece.start < equation.end:
            piece.form = f"{form[1]}{int(form[2]) + 1}{form[3]}"
            changed = True
    return changed


def _value(side: str) -> float | None:
    bare = re.sub(r"([\d.]+)\s*%", r"(\1/100)", re.sub(r"(?<=\d),(?=\d{3})", "", side.strip(" .,")))
    return worked_out(bare)


def _half_a_unit(side: str) -> float:
    """Half a unit of the last digit of a number; nothing where the side is more than one number."""
    number = re.fullmatch(r"[-−]?[\d,]+(?:\.(\d+))?\s*(%?)", side.strip(" .,"))
    if not number:
        return 0.0
    return 0.5 * 10.0 ** -(len(number[1] or "") + 2 * bool(number[2])) if "." in side or number[2] else 0.5
