"""Whether a bet is one: what comes out of it differs from sentence to sentence and cannot be known beforehand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tutor.curriculum.choices import options_of
from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.steps import Question

ENOUGH = 16
"""Sentences from which on it shows whether a bet is open."""
MOST = 0.8
"""The part of all sentences on which one answer may be right."""


def outcome_of(question: Question, fields: Mapping[str, Any]) -> str:
    """What is right on one sentence: the token pointed at, the number or word, or the choice before it is filled in.

    Where the choices stand in alphabetical order, it is the place that can be known beforehand.
    """
    if question.accept != "choice":
        return str(evaluate(question.answer, fields)) if question.answer else ""
    if question.choices_from:
        return next((option.meant for option in options_of(question, fields) if option.right), "")
    if question.sorted:
        places = [place for place, option in enumerate(options_of(question, fields), 1) if option.right]
        return f"choice {places[0]}" if places else ""
    return next((one.say for one in question.choices if one.when and holds(one.when, fields)), "")


def foregone(outcomes: Counter[str]) -> str:
    """Why a bet with these outcomes is none; empty where it is one, or where there are too few to tell."""
    count = outcomes.total()
    if count < ENOUGH:
        return ""
    answer, often = outcomes.most_common(1)[0]
    if often == count:
        return f"“{answer}” is right on all {count} sentences"
    if often > MOST * count:
        return f"“{answer}” is right on {often} of {count} sentences"
    return ""
