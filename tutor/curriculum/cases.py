"""An answer told for a learner's own numbers: what a node's `case:` says, worked out on what they gave.

A number belongs to the variable whose quantity it is named by, '12 heads' or 'd_model=512'; numbers without a name
that is known go, in their order, to the variables that are left. Where they do not come out even, nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping

from tutor.calculations.asked import NAMES, Asked, plain
from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.narration import fill
from tutor.curriculum.tree import Case
from tutor.errors import AuthorError

BITS = frozenset({"fp", "float", "bf", "bfloat", "int"})
"""What stands before a number of bits: fp16 is 2 bytes."""
IN_BITS = (4, 8, 16, 32, 64)
BROKEN = frozenset({"temperature", "probability", "loss", "weight", "gradient", "learning rate", "number"})
"""Quantities that need not be whole and positive."""
LARGEST = 1e13
SIZES = (1, 1e6, 1e9)
"""What M and B behind a number make of it where its name is known; else '7B' is 7, and its rule says of what."""
MODELS = frozenset("gpt llama gemma qwen phi claude gemini palm falcon mistral rtx gtx".split())
"""Names with a number that counts nothing: llama 3, rtx 3060."""


def told_for(case: Case, asked: Asked) -> str:
    """What is said of the numbers of this turn; '' where they are not those of the case."""
    found = bound(case, asked)
    if found is None:
        return ""
    try:
        return said_of(case, found)
    except AuthorError:
        return ""  # such as a division by zero: the answer is whole without it


def said_of(case: Case, values: Mapping[str, float]) -> str:
    """The text of the first branch that holds for these values. Raises `AuthorError` where it cannot be filled in."""
    fields = {name: _neat(value) for name, value in values.items()}
    for name, expression in case.made.items():
        fields[name] = _neat(evaluate(expression, fields))
    for branch in case.branches:
        if holds(branch.when, fields):
            return fill(branch.say, fields)
    return ""


def bound(case: Case, asked: Asked) -> dict[str, float] | None:
    """The value of each variable, or None where this turn does not give just what the case takes."""
    found: dict[str, float] = {}
    loose = list(asked.numbers)
    for typed, number in asked.named.items():
        name, value = plain(typed), number
        if name in BITS and number in IN_BITS:
            name, value = "bytes", number / 8
        if name in MODELS:
            return None
        variable = next((one for one in case.numbers if one not in found and _is_named(case, one, name)), None)
        if variable is None and name != "bytes":
            if len(name) > 1 and any(name in known.synonyms for known in NAMES.values()):
                return None  # of a quantity that has no part in this
            continue
        if variable is not None:
            found[variable] = value
        typed_as = next((one for one in (number / size for size in SIZES) if one in loose), None)
        if typed_as is not None:
            loose.remove(typed_as)
    needed = [name for name in case.numbers if name not in found and name not in case.given]
    if len(loose) != len(needed) or not (found or loose):
        return None
    found |= dict(zip(needed, loose, strict=True))
    if not all(_possible(case, name, value) for name, value in found.items()):
        return None
    return {**case.given, **found}


def _is_named(case: Case, variable: str, name: str) -> bool:
    return name == variable or any(
        name in NAMES[quantity].synonyms for quantity in case.numbers[variable] if quantity in NAMES
    )


def _possible(case: Case, variable: str, value: float) -> bool:
    whole = value >= 1 and value == int(value)
    return abs(value) <= LARGEST and (whole or any(quantity in BROKEN for quantity in case.numbers[variable]))


def _neat(value: float) -> float:
    """A whole number without its point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
