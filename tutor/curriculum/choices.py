"""What there is to choose among, and which of it was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.explanations import denies
from tutor.curriculum.narration import fill
from tutor.curriculum.steps import Question
from tutor.curriculum.words import as_typed, folded, forms_of, same_words, without_lead
from tutor.errors import AuthorError

MOST_CHOICES = 9
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_COUNT = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_PLACE = re.compile(
    rf"(?:the\s+)?(?:number\s+|option\s+|choice\s+|answer\s+)?({'|'.join((*_PLACES, *_COUNT, 'last'))})"
    r"(?:\s+(?:one|choice|option|answer))?"
)
"""'the third one', 'number two', 'the last'."""


@dataclass(frozen=True)
class Option:
    """A choice as it stands on the screen."""

    say: str
    right: bool = False
    reply: str = ""
    value: str = ""
    """What is meant where `say` had to be told apart from another: the token itself."""
    also: tuple[str, ...] = ()
    """Other wordings of it."""

    @property
    def meant(self) -> str:
        """The answer that choosing this one gives."""
        return self.value or self.say


def options_of(question: Question, fields: Mapping[str, Any]) -> tuple[Option, ...]:
    """The choices on the screen: the lesson's own, or tokens of the live result in the order they stand."""
    if question.choices_from:
        tokens: Sequence[str] = fields[question.choices_from]
        answer = str(evaluate(question.answer, fields))
        if answer not in tokens:
            raise AuthorError(f"the answer '{answer}' is not among '{question.choices_from}'; choose among others")
        shown = _some(tokens, question, fields, answer)
        if question.sorted:
            shown.sort(key=str.casefold)
        return tuple(Option(_told_apart(token, shown, tokens), token == answer, "", token) for token in shown)
    options = [
        Option(
            fill(choice.say, fields),
            bool(choice.when) and holds(choice.when, fields),
            choice.reply,
            also=tuple(fill(text, fields) for text in choice.also),
        )
        for choice in question.choices
    ]
    return tuple(sorted(options, key=lambda option: option.say.casefold()) if question.sorted else options)


def _some(tokens: Sequence[str], question: Question, fields: Mapping[str, Any], answer: str) -> list[str]:
    """All tokens, or as many as fit: the answer, the query, those ranked highest, and those ranked lowest."""
    distinct = list(dict.fromkeys(tokens))
    if len(distinct) <= MOST_CHOICES:
        return distinct
    ranking: Sequence[float] = fields[question.choices_by] if question.choices_by else [0.0] * len(tokens)
    ranked = [tokens[i] for i in sorted(range(len(tokens)), key=ranking.__getitem__, reverse=True)]
    names = dict.fromkeys([answer, str(fields.get("query_token", answer)), *ranked[:3], *reversed(ranked)])
    return sorted(list(names)[:MOST_CHOICES], key=distinct.index)


def _told_apart(token: str, shown: Sequence[str], tokens: Sequence[str]) -> str:
    """The token, with its place where another differs from it only in case: 'the (token 6)'."""
    if sum(folded(other) == folded(token) for other in shown if folded(token)) < 2:
        return token
    places = [str(place) for place, other in enumerate(tokens, 1) if other == token]
    return f"{token} (token{'s' * (len(places) > 1)} {', '.join(places)})"


def chosen_plainly(text: str, options: Sequence[Option]) -> Option | None:
    """The option that `text` names and nothing else: its words, its number, letter or place."""
    exact = as_typed(text)
    for option in options:
        if exact & {option.say, option.meant}:
            return option
    same = [option for option in options if same_words(text, option.say) or same_words(text, option.meant)]
    if len(same) == 1:
        return same[0]
    place = re.fullmatch(r"\(?#?([1-9]|[a-h])[.):]?", without_lead(text.casefold()))
    if place:
        index = int(place[1]) - 1 if place[1].isdigit() else ord(place[1]) - ord("a")
        return options[index] if index < len(options) else None
    named = _PLACE.fullmatch(folded(without_lead(text)))
    if named and options:
        index = _PLACES.index(named[1]) if named[1] in _PLACES else _COUNT.index(named[1]) if named[1] in _COUNT else -1
        return options[index] if index < len(options) else None
    return None


def chosen(text: str, options: Sequence[Option]) -> Option | None:
    """The option that `text` means: named plainly, or the one that it clearly speaks of."""
    plainly = chosen_plainly(text, options)
    if plainly:
        return plainly
    flat = folded(without_lead(text))
    if not flat or denies(text):
        return None
    inside = [option for option in options if any(f" {form} " in f" {flat} " for form in forms_of(option.meant))]
    if len(inside) == 1:
        return inside[0]
    begun = [option for option in options if folded(option.say).startswith(flat)]
    if len(begun) == 1 and len(flat) > 2:
        return begun[0]
    part_of = [option for option in options if f" {flat}" in f" {folded(option.say)}"]
    return part_of[0] if len(part_of) == 1 and len(flat) > 2 else None
