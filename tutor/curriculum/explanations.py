"""Reading an explanation: which of the wanted thoughts it holds, which it denies, which wrong ones it holds.

A form is the beginnings of one or more words in a row, small words passed over: 'mix value' finds 'mixing all
the values'. It is denied where an odd number of denials stands before it in its clause: 'it does not look at the
others' denies 'look', 'it does not ignore them' denies nothing. A form may hold a denial itself: 'not yet'. No
grammar: where a clause is read wrongly, the reply quotes it, so that the learner can say it in another way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import shorten

from tutor.curriculum.steps import Idea, Mistake, Question
from tutor.curriculum.words import folded

Likeness = Callable[[str, Sequence[str]], Sequence[float]]
"""(text, others) -> the cosine of `text` with each of the others, -1 to 1."""
NEAR = 0.6
"""Nearness from which a line may say what a sentence says."""
LEAD = 0.05
"""By how much a line must be nearer to a mistake than to what is right, or the other way round."""
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


def judge(question: Question, text: str, likeness: Likeness | None = None) -> Verdict:
    """Right where enough of the ideas are affirmed, none is denied only, and no mistake is made.

    Of several lines the ideas count together; mistakes count in the last, which is the new one. With `likeness` what
    comes near enough to a sentence that holds an idea, or makes a mistake, does so too.
    """
    lines = text.splitlines() or [""]
    if told := mistaken(question, lines[-1], likeness):
        return Verdict(False, told)
    missing = [(idea, found) for idea in question.ideas if not (found := find(idea.forms, text)) or found.denied]
    open_ones = [(idea, found) for idea, found in missing if not _held(question, idea, lines, likeness)]
    enough = len(question.ideas) - len(open_ones) >= question.needs
    if enough and len(open_ones) < len(missing):  # by meaning: a denied form may deny the opposite
        return Verdict(True)
    for idea, found in open_ones:
        if found:
            return Verdict(
                False, f"“{shorten(found.clause, 60, placeholder=' …')}” says that it is not so. {idea.missing}"
            )
    return Verdict(True) if enough else Verdict(False, open_ones[0][0].missing)


def together(question: Question, earlier: str, line: str, likeness: Likeness | None) -> str:
    """What was said so far and fell short, without the lines that made a mistake, and the new line last."""
    kept = [one for one in earlier.splitlines() if not mistaken(question, one, likeness)]
    complete = bool(kept) and judge(question, "\n".join(kept), likeness).right
    return "\n".join([*([] if complete else kept), line])


def mistaken(question: Question, line: str, likeness: Likeness | None) -> str:
    """What to say to the mistake that a line makes; nothing where it makes none."""
    for mistake in question.mistakes:
        if says(mistake.forms, line):
            return mistake.say
    if likeness is None:
        return ""
    wrong = {sentence: mistake.say for mistake in question.mistakes for sentence in _making(mistake, question)}
    sentence, near = _nearest(line, tuple(wrong), likeness)
    alike = near >= NEAR and near - _nearest(line, _right(question), likeness)[1] > LEAD
    return wrong[sentence] if alike else ""


def _making(mistake: Mistake, question: Question) -> tuple[str, ...]:
    return (*mistake.said, *(one for one in question.fails if says(mistake.forms, one)))


def _right(question: Question) -> tuple[str, ...]:
    return (*question.answers, *(sentence for idea in question.ideas for sentence in idea.said))


def _held(question: Question, idea: Idea, lines: Sequence[str], likeness: Likeness | None) -> bool:
    """Whether a line comes near to a sentence that holds the idea, and nearer than to any that is wrong."""
    if likeness is None or not idea.said:
        return False
    wrong = [sentence for one in question.mistakes for sentence in _making(one, question)]
    near = [(line, _nearest(line, idea.said, likeness)[1]) for line in lines]
    return any(found >= NEAR and found - _nearest(line, wrong, likeness)[1] > LEAD for line, found in near)


def _nearest(line: str, sentences: Sequence[str], likeness: Likeness) -> tuple[str, float]:
    """The sentence that a line comes nearest to, of those that deny as it does, and how near; -1 for none."""
    alike = [sentence for sentence in sentences if denies(sentence) == denies(line)]
    if not alike:
        return "", -1.0
    found, place = max((near, -place) for place, near in enumerate(likeness(line, alike)))
    return alike[-place], found


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
