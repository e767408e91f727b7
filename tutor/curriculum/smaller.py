"""The same again with smaller numbers: a question's own solution, worked on numbers that can be done in the head."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tutor.curriculum.conditions import evaluate
from tutor.curriculum.equations import filled
from tutor.curriculum.narration import names_in_template
from tutor.curriculum.steps import Question, Step
from tutor.errors import AuthorError

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“{])")


def with_smaller(step: Step, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with the smaller numbers in, and what is computed from them. Raises `AuthorError`."""
    question = step.question
    given: dict[str, Any] = dict(question.smaller) if question else {}
    small = {**fields, **given}
    for name, let in step.let.items():
        if isinstance(let, str) and name not in given:
            small[name] = evaluate(let, small)
    return small


def smaller(step: Step, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """What is given, and how it goes, with the smaller numbers; nothing where the step has none."""
    question = step.question
    if question is None or not question.smaller:
        return ()
    small = with_smaller(step, fields)
    said = step.say or step.alone
    given = [text for text in said if set(names_in_template(text)) & question.smaller.keys()] or said[-1:]
    told = (_told(text, small) for text in (*given, *worked(question)))
    return ("The same with smaller numbers, made up:", *told)


def worked(question: Question) -> tuple[str, ...]:
    """The solution's arithmetic, without what it goes on to tell of the real numbers."""
    return tuple(_SENTENCE_END.split(text)[0] for text in question.solution)


def _told(text: str, fields: Mapping[str, Any]) -> str:
    """`text` with whole numbers written whole, and signs of equality where nothing is rounded."""
    return filled(text, lambda name, form: _plain(fields[name], form, name)).replace("≈", "=")


def _plain(value: Any, form: str, name: str) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float):
        raise AuthorError(f"'{name}' is no number; give it one in 'smaller:'")
    percent = form.endswith("%")
    digits = re.sub(r"\.?0+$", "", f"{value * (100 if percent else 1):.4f}")
    return ("0" if digits in ("-0", "") else digits) + ("%" if percent else "")
