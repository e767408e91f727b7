"""Numbers as people type them: '5,1', '41/8 = 5.125', 'about 64 %', 'a half', '−3'."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from tutor.curriculum.words import folded

RELATIVE_TOLERANCE = 0.02
_NUMBER = r"[-+]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:e[-+]?\d+)?"
_NUMBER_WORDS: Mapping[str, float] = {
    **{"zero": 0, "nothing": 0, "nil": 0, "none": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "half": 0.5, "a half": 0.5, "one half": 0.5, "a third": 1 / 3},
    **{"one third": 1 / 3, "a quarter": 0.25, "one quarter": 0.25, "quarter": 0.25, "three quarters": 0.75},
    **{"a fifth": 0.2, "a tenth": 0.1, "all": 1, "everything": 1},
}


@dataclass(frozen=True)
class Reading:
    """One way to read a typed number."""

    value: float
    rounding: float = 0.0
    """Half a unit of the last digit typed; 0 where it was not rounded."""


def read_number(text: str, share: bool = False) -> tuple[Reading, ...]:
    """Every way in which `text` may be meant as a number; none where it is not one number.

    Of '41 / 8 = 5.125' the last part counts. With `share`, '64' may be meant as 64 %.
    """
    flat = _tidied(text)
    words = folded(flat)
    if words in _NUMBER_WORDS:
        return (Reading(_NUMBER_WORDS[words]),)
    fraction = re.search(rf"({_NUMBER})\s*/\s*({_NUMBER})\s*(%?)", flat)
    others = flat.replace(fraction[0], " ", 1) if fraction else flat
    found = re.findall(rf"(?<![\w.,/])({_NUMBER})\s*(%?)", others)
    if len(found) != (0 if fraction else 1):
        return ()
    if fraction:
        values = [above / below for above in _decimals(fraction[1]) for below in _decimals(fraction[2]) if below]
        percent, digits = bool(fraction[3]), 0
    else:
        values, percent = _decimals(found[0][0]), bool(found[0][1])
        after = re.split(r"[.,]", found[0][0].split("e")[0])
        digits = len(after[-1]) if len(after) == 2 else 0
    hundredths = [Reading(value / 100, 0.5 * 10 ** -(digits + 2)) for value in values]
    if percent:
        return tuple(hundredths)
    plain = [Reading(value, 0.5 * 10**-digits if digits else 0.0) for value in values]
    return (*plain, *(one for one in hundredths if share and abs(one.value) > 0.01))


def _tidied(text: str) -> str:
    """One sign for minus, one for division, no space inside a number; of an equation its last part."""
    flat = unicodedata.normalize("NFKC", text).casefold()
    flat = re.sub(r"[−–—]", "-", flat).replace("÷", "/").replace("∕", "/").replace("⁄", "/").replace("×", "*")
    flat = flat.rsplit("=", 1)[-1]
    flat = re.sub(r"(?<=\d)[ '’_](?=\d{3}\b)", "", flat)
    flat = re.sub(r"([-+])\s+(?=[\d.,])", r"\1", flat)
    return re.sub(r"per\s?cent", "%", flat)


def _decimals(text: str) -> list[float]:
    """'1,5' is one and a half; '1,500' may be either; '1,234.5' has a comma between thousands."""
    marks = [mark for mark in text if mark in ",."]
    if len(set(marks)) == 2:
        candidates = [text.replace("," if marks[-1] == "." else ".", "").replace(",", ".")]
    elif len(marks) == 1:
        candidates = [text.replace(",", ".")]
        if re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", text):
            candidates.append(text.replace(",", ""))
    else:
        candidates = [text.replace(",", "").replace(".", "")]
    values = []
    for candidate in candidates:
        try:
            values.append(float(candidate))
        except ValueError:  # '1.2,3.4'
            continue
    return [value for value in values if math.isfinite(value)]


def close(value: float, wanted: float, tolerance: float, share: bool = False) -> bool:
    """Within the question's tolerance or, but for a share, within two hundredths of the right number."""
    return abs(value - wanted) <= max(tolerance, 0.0 if share else RELATIVE_TOLERANCE * abs(wanted)) + 1e-9
