"""A number that the learner states is worked out: conceded where it is right, answered with the arithmetic if not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tutor.calculations.claims import Claim, claim
from tutor.dialogue.types import Plan, State, Status
from tutor.understanding.intent import CALCULATIONS, Intent

SURELY = 0.9
"""Probability from which something is to be worked out on the numbers, or a sentence is given: nothing is stated."""


def checked(intent: Intent, state: State) -> Plan | None:
    """The verdict on an arithmetical statement, and where its numbers stand on the screen; None where there is none."""
    if intent.is_sentence or intent.of_act("set_sentence") >= SURELY or intent.of_run(*CALCULATIONS) >= SURELY:
        return None
    found = claim(intent.text)
    if found is None:
        return None
    on_screen = _on_screen(found, intent, state)
    paragraphs = (found.line, on_screen) if on_screen else (found.line,)
    return Plan(Status.ANSWERED, telling="checked", paragraphs=paragraphs, offers=state.offers)


def _on_screen(found: Claim, intent: Intent, state: State) -> str:
    """What the numbers are in the last picture; '' where they do not stand there."""
    result = state.last_run.result if state.last_run else None
    tokens: Sequence[str] = getattr(result, "key_tokens", ())
    word = getattr(result, "query_word", "")
    row = _row(result)
    if not (row and tokens and word and len(row) == len(tokens)):
        return ""
    named = _named(found.addends, row, tokens)
    if named:
        left = len(row) - len(named)
        listed = " and ".join(f"“{token}”" for token in named)
        rest = f"; with the other {left} they make {sum(row):.0%}" if left else ""
        return f"In the row of “{word}” these are the shares of {listed}{rest}."
    bits: float | None = getattr(result, "entropy_bits", None)
    if bits is not None and any(round(bits, 2) == round(number, 2) for number in intent.numbers):
        return f"Spread evenly, the row of “{word}” would have log2 {len(row)} ≈ {math.log2(len(row)):.2f} bits."
    return ""


def _row(result: Any) -> Sequence[float]:
    """The row of shares that the picture points out."""
    weights, at = getattr(result, "weights", ()), getattr(result, "query_position", None)
    row: Sequence[float] = getattr(result, "row", ()) or (weights[at] if weights and at is not None else ())
    return row


def _named(addends: Sequence[float], row: Sequence[float], tokens: Sequence[str]) -> list[str]:
    """The tokens whose shares these are, as they are printed; none where one of them is nobody's."""
    left = list(range(len(row)))
    found: list[str] = []
    for number in addends:
        at = next((place for place in left if abs(row[place] - number) <= 0.005), None)
        if at is None:
            return []
        left.remove(at)
        found.append(tokens[at])
    return found
