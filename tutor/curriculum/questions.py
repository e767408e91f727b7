"""What a step of a guided lesson asks, from YAML: choices, numbers, shapes, words, explanations, sentences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from tutor.curriculum.conditions import parse
from tutor.curriculum.document import Fields
from tutor.curriculum.steps import Choice, Idea, Mistake, Question
from tutor.curriculum.tree import Branch
from tutor.errors import AuthorError

ACCEPTS = ("choice", "number", "shape", "word", "free", "sentence")
_T = TypeVar("_T")
_N = TypeVar("_N", int, float)


def load_question(fields: Fields, id: str) -> Question:
    """What a step asks, and how it is graded. Raises `AuthorError`."""
    accept = fields.text("accept")
    if accept not in ACCEPTS:
        raise AuthorError(f"{fields.at('accept')} (step {id}): unknown '{accept}'; one of {', '.join(ACCEPTS)}")
    ideas = _each(fields, "ideas", ("forms", "said", "missing"), _idea)
    source = fields.part("choices_from") or Fields(fields.file, fields.line)
    source.only(("from", "by"))
    question = Question(
        ask=fields.text("ask"),
        accept=accept,
        choices=_each(fields, "choices", ("say", "also", "when", "reply"), _choice),
        choices_from=source.text("from", ""),
        choices_by=source.text("by", ""),
        sorted=fields.get("sorted") is True,
        answer=condition(fields, "answer"),
        shape=_sizes(fields),
        answers=fields.texts("answers"),
        fails=fields.texts("fails"),
        tolerance=numeric(fields, "tolerance", 0.0),
        share=fields.get("share") is True,
        ideas=ideas,
        needs=numeric(fields, "needs", len(ideas)),
        mistakes=_each(fields, "mistakes", ("value", "when", "forms", "said", "shape", "say"), _mistake),
        hints=fields.texts("hints"),
        solution=fields.texts("solution"),
        smaller=_smaller(fields),
        requires=_each(fields, "requires", ("when", "say"), lambda p: Branch(condition(p, "when"), p.text("say"))),
    )
    missing = {
        "choice": not (question.choices or question.choices_from) and "choices",
        "number": not question.answer and "answer",
        "shape": len(question.shape) < 2 and "shape' with two sizes or more",
        "word": not (question.answer or question.answers) and "answers",
        "free": not (ideas and question.answers) and "ideas' and 'answers",
        "sentence": False,
    }[accept]
    if question.choices_from and not question.answer:
        missing = "answer"
    for mistake in question.mistakes:
        _check_mistake(mistake, accept, f"{fields.at('mistakes')} (step {id})")
    if missing:
        raise AuthorError(f"{fields.where} (step {id}): an answer of kind {accept} needs '{missing}'; add it")
    return question


def _check_mistake(mistake: Mistake, accept: str, where: str) -> None:
    """A mistake that could never be recognised in an answer of this kind is refused."""
    fits = {"free": bool(mistake.forms), "number": bool(mistake.value or mistake.when), "shape": bool(mistake.shape)}
    known = {"free": "'forms:'", "number": "'value:' or 'when:'", "shape": "'shape:'"}
    if not fits.get(accept, not mistake.shape):
        told = known.get(accept, "'value:', 'when:' or 'forms:'")
        raise AuthorError(f"{where}: a mistake in a {accept} answer takes {told}")


def _each(fields: Fields, key: str, known: tuple[str, ...], read: Callable[[Fields], _T]) -> tuple[_T, ...]:
    found = []
    for part in fields.parts(key):
        part.only(known)
        found.append(read(part))
    return tuple(found)


def _choice(part: Fields) -> Choice:
    return Choice(part.text("say"), condition(part, "when"), part.text("reply", ""), part.texts("also"))


def _idea(part: Fields) -> Idea:
    return Idea(part.texts("forms"), part.text("missing"), part.texts("said"))


def _mistake(part: Fields) -> Mistake:
    if sum(key in part for key in ("value", "when", "forms", "shape")) != 1:
        raise AuthorError(f"{part.where}: a mistake has one of 'value:', 'when:', 'forms:' and 'shape:'; keep one")
    value, when = condition(part, "value"), condition(part, "when")
    return Mistake(value, when, part.text("say"), part.texts("forms"), _sizes(part), part.texts("said"))


def _sizes(fields: Fields) -> tuple[str, ...]:
    """The sizes of a shape, each an expression."""
    sizes = fields.texts("shape")
    for size in sizes:
        try:
            parse(size)
        except AuthorError as error:
            raise AuthorError(f"{fields.at('shape')}: {error}") from error
    return sizes


def condition(fields: Fields, key: str) -> str:
    """An expression or a condition; empty where there is none. Raises `AuthorError`."""
    text = fields.text(key, "")
    if text:
        try:
            parse(text)
        except AuthorError as error:
            raise AuthorError(f"{fields.at(key)}: {error}") from error
    return text


def numeric(fields: Fields, key: str, default: _N) -> _N:
    """A number of the kind of `default`. Raises `AuthorError`."""
    value: Any = fields.get(key, default)
    kind = type(default)
    if isinstance(value, bool) or not isinstance(value, (int, kind)):
        raise AuthorError(f"{fields.at(key)}: '{key}' takes a {'whole ' * (kind is int)}number, not '{value}'")
    if not math.isfinite(value):
        raise AuthorError(f"{fields.at(key)}: '{key}' takes a number with an end, not '{value}'")
    return kind(value)


def _smaller(fields: Fields) -> dict[str, float | str]:
    held: dict[str, Any] = fields.part("smaller") or {}
    for name, value in held.items():
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise AuthorError(f"{fields.at('smaller')}: '{name}' takes a number or a word, not '{value}'")
    return dict(held)
