"""Reading an explanation: which of the wanted thoughts it holds, which it denies, which wrong ones it holds.

A form is the beginnings of one or more words in a row, small words passed over: 'mix value' finds 'mixing all
the values'. It is denied where an odd number of denials stands before it in its clause: 'it does not look at the
others' denies 'look', 'it does not ignore them' denies nothing. A form may hold a denial itself: 'not yet'. No
grammar: where a clause is read wrongly, the reply quotes it, so that the learner can say it in another way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import shorten

from tutor.curriculum.steps import Question
from tutor.curriculum.words import folded

_SMALL = {"the", "a", "an", "all", "of", "its", "their", "those", "these", "each", "every", "very", "been", "together"}
_NOT = re.compile(r"(?:do|does|did|is|are|was|were|wo|would|ca|could|should|has|have)nt|cannot")
_DENIAL = re.compile(
    r"\b(?:not|no|never|neither|nor|none|nothing|nobody|without|hardly|instead|rather than|ignor\w*|fail\w*|refus\w*"
    r"|avoid\w*|lack\w*)\b"
)
_NO_DENIAL = re.compile(
    r"\bnot (?:only|just|merely|simply|sure|certain)\b|\bno (?:matter|doubt)\b|\bi (?:do )?not know\b"
)
_NOBODY = re.compile(r"\b(?:no|none|nothing|nobody)\b")
"""These deny what stands before them too: 'it looks at nothing'."""
_CLAUSE = re.compile(
    r"[.,;:!?()\n]|\s[-–—]\s"
    r"|\b(?:but|because|although|though|while|whereas|then|therefore|so)\b|\binstead\b(?! of)|\b(?=nor\b)"
    # a new subject, but not in 'I do not think it …'; or a new verb after 'and', but not in 'keys and values'
    r"|(?<!think )(?<!believe )(?<!that )\b(?=(?:it|they|we)\b)"
    r"|\band (?=(?:it|they|also)\b"
    r"|\w+s (?:the|a|an|all|at|into|them|their|its|what|those|these|each|every|it|up|which|how)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """A form that was found in an explanation."""

    denied: bool
    clause: str
    """The clause that holds it, as typed."""


@dataclass(frozen=True)
class Verdict:
    """What an explanation came to."""

    right: bool
    reply: str = ""


def judge(question: Question, text: str) -> Verdict:
    """Right where enough of the ideas are affirmed, none is denied only, and no mistake is made."""
    for mistake in question.mistakes:
        if says(mistake.forms, text):
            return Verdict(False, mistake.say)
    missing = [(idea, found) for idea in question.ideas if not (found := find(idea.forms, text)) or found.denied]
    for idea, found in missing:
        if found:
            return Verdict(
                False, f"“{shorten(found.clause, 60, placeholder=' …')}” says that it is not so. {idea.missing}"
            )
    if len(question.ideas) - len(missing) >= question.needs:
        return Verdict(True)
    return Verdict(False, missing[0][0].missing)


def says(forms: tuple[str, ...], text: str) -> bool:
    """Whether `text` says one of `forms` and does not deny it."""
    found = find(forms, text)
    return found is not None and not found.denied


def find(forms: tuple[str, ...], text: str) -> Found | None:
    """Where `text` holds one of `forms`: a clause that affirms it, else one that denies it; None for neither."""
    patterns = [r"\b" + r"\w* ".join(_kept(form)) for form in forms if _kept(form)]
    found = None
    for clause, words in _clauses(text):
        for place in (match.start() for pattern in patterns for match in re.finditer(pattern, words)):
            found = Found(_denied(words[:place], words[place:]), clause)
            if not found.denied:
                return found
    return found


def denies(text: str) -> bool:
    """Whether there is a denial in `text`."""
    return any(_denied(words) for _, words in _clauses(text))


def _clauses(text: str) -> Iterator[tuple[str, str]]:
    """Each clause as typed, and its words without the small ones."""
    for clause in _CLAUSE.split(text):
        if clause and clause.strip():
            yield clause.strip(), " ".join(_kept(clause))


def _kept(text: str) -> list[str]:
    return ["not" if _NOT.fullmatch(word) else word for word in folded(text).split() if word not in _SMALL]


def _denied(before: str, after: str = "") -> bool:
    before, after = (_NO_DENIAL.sub(" ", words) for words in (before, after))
    return (len(_DENIAL.findall(before)) + len(_NOBODY.findall(after))) % 2 == 1
