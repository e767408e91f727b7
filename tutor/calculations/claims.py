"""An arithmetical statement inside a turn, worked out: '0.8 + 0.3 is not 1', '2.13 bits is about four tokens'.

Only numbers, signs and units are read, in the forms below; whatever else a turn says is left to its reader.

sum of numbers   0.8 + 0.3 is 1.1       44% and 39% make 83%
bits             2.13 bits is about four tokens, four tokens are 2 bits: n that are equally likely have log2 n bits
nats             0.31 nats is 73%: a loss of x is a probability of e^-x
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from tutor.calculations.expressions import value_at
from tutor.calculations.parsing import cleaned, parse
from tutor.errors import LearnerError

ROUGH = 0.15
"""How far off, as a share, a number may be that is called 'about' so much."""
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER = rf"(?:\d+(?:\.\d+)?|\.\d+)\s?%?|\b(?:{'|'.join(_WORDS)})\b"
_DIGITS = r"(?:\d+(?:\.\d+)?|\.\d+)\s?%?"
_IS = (
    r"\s*(?P<is>=|≠|!=|≈|\bis\b|\bare\b|\bisn[’']?t\b|\baren[’']?t\b|\bmakes?\b|\bequals?\b|\bgives?\b|\bmeans?\b"
    r"|\bwould be\b|\bcomes to\b|\badds? up to\b|\bdon[’']?t make\b|\bdoesn[’']?t make\b)"
    r"\s*(?P<not>\bnot\b)?\s*(?P<about>about|around|roughly|nearly|almost|approximately|≈|~)?\s*(?:only\s+)?"
)
_SUM = re.compile(
    rf"(?<![\w.(,])(?P<left>{_DIGITS}(?:\s*(?:[-+*/×·−^]|\band\b|\bplus\b)\s*{_DIGITS})+){_IS}(?P<right>{_DIGITS})",
    re.I,
)
_NOT = re.compile(r"n[’']?t\b", re.I)
_AND = re.compile(r"\band\b", re.I)
_ADDS = re.compile(r"make|add", re.I)
"""What says of two numbers joined by 'and' that they are added."""
_COUNT = r"(?:equally likely |likely |different )?(?:tokens|words|keys|choices|options|possibilities|pieces)"
_BITS = re.compile(rf"(?P<left>{_DIGITS})\s*bits{_IS}(?P<right>{_NUMBER})\s*{_COUNT}", re.I)
_TOKENS = re.compile(rf"(?P<left>{_NUMBER})\s*{_COUNT}{_IS}(?P<right>{_DIGITS})\s*bits", re.I)
_NATS = re.compile(rf"(?P<left>{_DIGITS})\s*nats?{_IS}(?:a probability of\s+)?(?P<right>{_DIGITS})", re.I)


@dataclass(frozen=True)
class Claim:
    """A statement and what comes out."""

    shown: str
    """The arithmetic: '0.8 + 0.3 = 1.1'."""
    said: str
    """The number that was stated."""
    holds: bool
    """What the learner says is so, the 'not' included."""
    negated: bool
    addends: tuple[float, ...] = ()
    """The numbers that were added, where it was a sum."""

    @property
    def line(self) -> str:
        """The verdict with the arithmetic."""
        if self.holds:
            return f"Right: {self.shown}."
        return f"It is: {self.shown}." if self.negated else f"Not quite: {self.shown}, not {self.said}."


def claim(text: str) -> Claim | None:
    """The first statement in the text that can be worked out; None where there is none."""
    kinds: tuple[tuple[re.Pattern[str], Callable[[str], tuple[float, str, tuple[float, ...]]]], ...] = (
        (_BITS, _of_bits), (_TOKENS, _of_tokens), (_NATS, _of_nats), (_SUM, _of_sum),
    )  # fmt: skip
    for pattern, work_out in kinds:
        found = pattern.search(text)
        if found and (_ADDS.search(found["is"]) or not _AND.search(found["left"])):
            try:
                return _judged(found, *work_out(found["left"].strip()))
            except (LearnerError, ArithmeticError, ValueError):
                continue
    return None


def _judged(found: re.Match[str], value: float, shown: str, addends: tuple[float, ...]) -> Claim:
    said = found["right"].strip()
    about = bool(found["about"]) or found["is"] == "≈"
    stated = _number(said)
    negated = bool(found["not"]) or found["is"] in ("≠", "!=") or bool(_NOT.search(found["is"]))
    so = abs(value - stated) <= (ROUGH * abs(value) if about else _last_digit(said))
    return Claim(shown, said, so is not negated, negated, addends)


def _number(typed: str) -> float:
    if typed.casefold() in _WORDS:
        return float(_WORDS.index(typed.casefold()))
    return float(typed.rstrip("% ")) / (100 if typed.endswith("%") else 1)


def _last_digit(typed: str) -> float:
    """Half of the last digit that was given: what is within it is rounding."""
    if typed.casefold() in _WORDS:
        return 0.5
    digits = len(typed.rstrip("% ").partition(".")[2])
    half = (0.5 + 1e-9) * 10.0**-digits
    if typed.endswith("%"):
        return half / 100
    return half if digits else 1e-9  # a whole number is meant as it stands


def _of_sum(left: str) -> tuple[float, str, tuple[float, ...]]:
    percent = left.rstrip().endswith("%")
    plain = re.sub(r"\band\b|\bplus\b", "+", left, flags=re.I).replace("%", "").replace("  ", " ")
    value = value_at(parse(cleaned(plain)), 0.0)
    joined = re.sub(r"\band\b|\bplus\b", "+", left, flags=re.I)
    shown = " ".join(re.sub(r"([-+*/×·−^])", r" \1 ", joined).split())
    numbers = tuple(_number(one.strip()) for one in re.findall(_DIGITS, left))
    only_added = not re.search(r"[-*/×·−^]", plain)
    written = f"{value:.4g}%" if percent else f"{value:.4g}"
    return value / (100 if percent else 1), f"{shown} = {written}", numbers if only_added else ()


def _of_bits(left: str) -> tuple[float, str, tuple[float, ...]]:
    value = 2 ** _number(left)
    return value, f"{left} bits are as spread out as 2^{left} ≈ {value:.1f} equally likely tokens", ()


def _of_tokens(left: str) -> tuple[float, str, tuple[float, ...]]:
    value = math.log2(_number(left))
    return value, f"{left} equally likely tokens have log2({_number(left):g}) ≈ {value:.2f} bits", ()


def _of_nats(left: str) -> tuple[float, str, tuple[float, ...]]:
    value = math.exp(-_number(left))
    return value, f"a loss of {left} nats is a probability of e^−{left} ≈ {value:.0%}", ()
