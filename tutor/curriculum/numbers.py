"""Numbers as people type them: '5,1', '41/8 = 5.125', 'about 64 %', 'two point four', '0.369 * 0.75', '√64', 'e^0'."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from tutor.calculations.expressions import value_at, variables
from tutor.calculations.parsing import cleaned, parse
from tutor.curriculum.words import folded, without_lead
from tutor.errors import LearnerError

RELATIVE_TOLERANCE = 0.02
_NUMBER = r"[-+]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:e[-+]?\d+)?"
_NUMBER_WORDS: Mapping[str, float] = {
    **{"zero": 0, "nothing": 0, "nil": 0, "none": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "half": 0.5, "a half": 0.5, "one half": 0.5, "a third": 1 / 3},
    **{"one third": 1 / 3, "a quarter": 0.25, "one quarter": 0.25, "quarter": 0.25, "three quarters": 0.75},
    **{"a fifth": 0.2, "a tenth": 0.1, "all": 1, "everything": 1, "nought": 0, "oh": 0, "eleven": 11, "twelve": 12},
    **{"thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19},
}
_TENS = {word: 10.0 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_LARGE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
COARSEST = 0.25
"""What rounding may hide, as a part of the right number: 0.1 is not 0.068 rounded, it is another number."""


@dataclass(frozen=True)
class Reading:
    """One way to read a typed number."""

    value: float
    rounding: float = 0.0
    """Half a unit of the last digit typed; 0 where it was not rounded."""


def read_number(text: str, share: bool = False) -> tuple[Reading, ...]:
    """Every way in which `text` may be meant as a number; none where it is not one number.

    Of '41 / 8 = 5.125' the last part counts; '0.369 * 0.75' is what it comes to; '0.37 (37 %)' says one thing twice.
    With `share`, '64' may be meant as 64 %.
    """
    flat = _tidied(text)
    return _in_words(flat) or _written(flat, share) or _worked_out(flat) or _said_twice(flat)


def _in_words(flat: str) -> tuple[Reading, ...]:
    """'minus two point four', 'a half', 'twenty-five per cent'."""
    words = folded(without_lead(flat.replace("-", " minus " if flat.startswith("-") else " ")))
    words = re.sub(r"^(?:about|roughly|around|nearly|almost)\s+", "", words)
    bare = re.sub(r"^(?:minus|negative)\s+", "", words)
    value = _NUMBER_WORDS.get(bare)
    if value is None:
        whole, point, digits = bare.partition(" point ")
        value = _counted(whole.split())
        after = [_NUMBER_WORDS.get(word, 10.0) for word in digits.split()]
        if value is None or (point and not (after and all(digit < 10 and digit == int(digit) for digit in after))):
            return ()
        value += sum(digit * 10.0 ** -(place + 1) for place, digit in enumerate(after))
    value = value / 100 if "%" in flat else value
    return (Reading(-value if bare != words else value),)


def _counted(words: list[str]) -> float | None:
    """'one hundred and twenty five' as a number; None where it is none."""
    total = part = 0.0
    for word in words if words else ["?"]:
        if word in _LARGE:
            part = (part or 1) * _LARGE[word]
            total, part = (total + part, 0.0) if word != "hundred" else (total, part)
        elif word in _TENS or (word in _NUMBER_WORDS and float(_NUMBER_WORDS[word]).is_integer()):
            part += _TENS.get(word, 0.0) or _NUMBER_WORDS.get(word, 0.0)
        elif word != "and":
            return None
    return total + part


def _worked_out(flat: str) -> tuple[Reading, ...]:
    """What an expression in a line comes to: '0.369 * 0.75', '√64', 'e^0', 'exp(-1) / 3'."""
    text = re.sub(r"(?<=\d),(?=\d)", ".", flat)
    spans = re.findall(r"(?:sqrt|exp|ln|log|e(?=\s*\^)|[\d.+\-*/^()√²³\s])+", text)
    found = max((span.strip(" .") for span in spans), key=len, default="")
    if not re.search(r"[*/^√²³+]|sqrt|exp|ln|log|\d\s*-", found) or not re.search(r"\d", found):
        return ()
    value = worked_out(found)
    return () if value is None else (Reading(value),)


def worked_out(text: str) -> float | None:
    """The value of an expression in digits, such as '3 × (1 − 0.25)'; None where it is none."""
    if re.search(r"[\d)]\s+[\d.]", text):  # '3 4' is no product
        return None
    try:
        expression = parse(cleaned(re.sub(r"√\s*([\d.]+)", r"√(\1)", text)))
        return None if variables(expression) else value_at(expression, 0.0)
    except (LearnerError, ArithmeticError, ValueError, RecursionError):
        return None


def _said_twice(flat: str) -> tuple[Reading, ...]:
    """One number in two forms: '0.369 (36.9 %)', '1/4, so 25 %'."""
    apart = re.split(r"[(;]|,\s|\bor\b|\bso\b|\bi\.?e\.?\b", flat)
    parts = [_written(part, False) for part in apart if part.strip(" )")]
    if len(parts) != 2 or not all(parts):
        return ()
    one, other = (part[0] for part in parts)
    finer = min(one, other, key=lambda reading: reading.rounding)
    return (finer,) if abs(one.value - other.value) <= max(one.rounding, other.rounding) + 1e-6 else ()


def _written(flat: str, share: bool) -> tuple[Reading, ...]:
    """One number in digits, or one fraction, and no other beside it."""
    fraction = re.search(rf"({_NUMBER})\s*/\s*({_NUMBER})\s*(%?)", flat)
    others = flat.replace(fraction[0], " ", 1) if fraction else flat
    if re.search(r"[√^²³]|\d\s*\*|\b(?:sqrt|exp|ln|log)\b", others):
        return ()
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
    raised = text.replace("²", "^2").replace("³", "^3")  # which would become plain digits
    flat = unicodedata.normalize("NFKC", raised).casefold()
    flat = re.sub(r"[−–—]", "-", flat).replace("÷", "/").replace("∕", "/").replace("⁄", "/").replace("×", "*")
    flat = flat.rsplit("=", 1)[-1]
    flat = re.sub(r"(?<=\d)[ '’_](?=\d{3}\b)", "", flat)
    flat = re.sub(r"\b(?:minus|negative)\s+(?=[\d.,√])", "-", flat)
    flat = re.sub(r"\s(?:times|multiplied by)\s", " * ", flat)
    flat = re.sub(r"\sdivided by\s", " / ", flat)
    flat = re.sub(r"(?<=\d)\s+squared\b", "^2", flat)
    flat = re.sub(r"(?<=\d)\s*x\s*(?=\d)", " * ", flat)
    flat = re.sub(r"(?<![\d)]\s)(?<![\d)])([-+])\s+(?=[\d.,])", r"\1", flat)
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


def rounds_to(reading: Reading, wanted: float) -> bool:
    """Whether the right number, rounded as it was typed, is what was typed."""
    near = abs(reading.value - wanted) <= reading.rounding + 1e-9
    return bool(reading.rounding) and near and reading.rounding <= COARSEST * abs(wanted) + 1e-9


def numbers_in(text: str) -> list[float]:
    """Every number that is printed in a text; 36.9 % is 0.369."""
    flat = re.sub(r"(?<=\d),(?=\d{3})", "", unicodedata.normalize("NFKC", text).replace("−", "-"))
    found = re.findall(r"(-?\d+(?:\.\d+)?)\s*(%?)", flat)
    return [float(digits) / (100 if percent else 1) for digits, percent in found]
