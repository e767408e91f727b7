"""Grading an answer: the many forms in which a right one is right, and what a wrong one tells.

    grade(question, text, fields) -> Grade

Pure functions over a question, what was typed, and the fields of a live result. An answer that cannot be
read is neither right nor wrong: `Grade.right` is None, the learner is told what is wanted, and no try is spent.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.course import GIVEN, Idea, Question
from tutor.curriculum.narration import fill
from tutor.errors import AuthorError

MOST_CHOICES = 9
RELATIVE_TOLERANCE = 0.02


@dataclass(frozen=True)
class Option:
    """A choice as it stands on the screen."""

    say: str
    right: bool
    reply: str
    value: str = ""
    """What is meant where `say` had to be told apart from another: the token itself."""

    @property
    def meant(self) -> str:
        """The answer that choosing this one gives."""
        return self.value or self.say


@dataclass(frozen=True)
class Grade:
    """What came of an answer."""

    right: bool | None
    """None: could not be read, and does not count."""
    given: str
    """The answer as understood: a choice's own words, a number, or the text."""
    reply: str
    """What the mistake was, or what to type instead; may be empty."""


# --- words ---------------------------------------------------------------------------------------------------


def folded(text: str) -> str:
    """`text` without case, accents, punctuation and doubled spaces."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    flat = "".join(letter for letter in flat if not unicodedata.combining(letter))
    flat = re.sub(r"['’`]", "", flat)
    return " ".join(re.sub(r"[^\w]+|_", " ", flat).split())


_NAMED_MARKS: Mapping[str, tuple[str, ...]] = {
    ".": ("full stop", "fullstop", "period", "dot", "point"),
    ",": ("comma",),
    "?": ("question mark",),
    "!": ("exclamation mark",),
    "'": ("apostrophe", "quote"),
    "-": ("dash", "hyphen"),
    "‹end›": ("end", "end mark", "the end", "the end mark", "eos"),
}
_LEAD = re.compile(
    r"^(?:(?:i|we)\s+(?:think|guess|bet|say|would say|choose|pick)\s+(?:that\s+)?(?:it\s+is\s+|its\s+)?"
    r"|(?:it\s+is|its|it\s+will\s+be|maybe|probably|perhaps|answer|option|number|choice)\s+)+"
)
_SPOKEN = re.compile(
    r"^(?:(?:i|we)\s+(?:think|guess|bet|say|choose|pick)\s+(?:that\s+)?)?"
    r"(?:(?:it\s+is|it['’]?s|maybe|probably|perhaps)\s+)*",
    re.IGNORECASE,
)
"""The same in text as it was typed, where 'The' and 'the' differ."""
_QUOTES = " '\"“”‘’"
_ARTICLE = re.compile(r"^(?:the|a|an|to|on|at)\s+(?:word\s+|token\s+)?")
_NEGATED = re.compile(r"\b(?:not|no|never|neither|isnt|doesnt|wont|dont|cant)\b")
_GIVEN_UP = re.compile(
    r"^(?:i\s+)?(?:have\s+)?(?:really\s+)?(?:no idea|idk|dont know|do not know|dunno|not sure|give up|no clue|help"
    r"|stuck|im stuck|i am stuck|hint|im not sure)\b"
)


def forms_of(answer: str) -> set[str]:
    """The folded forms in which a word or mark may be typed."""
    return {folded(answer), *(folded(name) for name in _NAMED_MARKS.get(answer.strip(), ()))} - {""}


def same_words(text: str, answer: str) -> bool:
    """Whether `text` says `answer`, whatever its case, spaces, punctuation and opening words."""
    if text.strip() == answer.strip():
        return True
    flat, forms = folded(text), forms_of(answer)
    bare = _LEAD.sub("", flat)
    return bool({flat, bare, _ARTICLE.sub("", flat), _ARTICLE.sub("", bare)} & forms)


# --- numbers -------------------------------------------------------------------------------------------------

_NUMBER = r"[-+]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:e[-+]?\d+)?"
_NUMBER_WORDS: Mapping[str, float] = {
    **{"zero": 0, "nothing": 0, "nil": 0, "none": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "half": 0.5, "a half": 0.5, "one half": 0.5, "a third": 1 / 3},
    **{"one third": 1 / 3, "a quarter": 0.25, "one quarter": 0.25, "quarter": 0.25, "three quarters": 0.75},
    **{"a fifth": 0.2, "a tenth": 0.1, "all": 1, "everything": 1},
}


@dataclass(frozen=True)
class Reading:
    """One way to read a typed number."""

    value: float
    rounding: float
    """Half a unit of the last digit typed; 0 where it was not rounded."""


def read_number(text: str, share: bool = False) -> tuple[Reading, ...]:
    """Every way in which `text` may be meant as a number; none where it is not one number.

    '5.1', '5,1', '≈ 5.1', 'about 5.1', '41/8', '41 / 8 = 5.125', '64%', 'a half', '−3'. With `share`, '64' may be
    meant as 64 %.
    """
    flat = unicodedata.normalize("NFKC", text).casefold()
    flat = re.sub(r"[−–—]", "-", flat).replace("÷", "/").replace("∕", "/").replace("⁄", "/").replace("×", "*")
    flat = flat.rsplit("=", 1)[-1]
    words = folded(flat)
    if words in _NUMBER_WORDS:
        return (Reading(_NUMBER_WORDS[words], 0.0),)
    flat = re.sub(r"(?<=\d)[ '’_](?=\d{3}\b)", "", flat)
    flat = re.sub(r"([-+])\s+(?=[\d.,])", r"\1", flat)
    flat = re.sub(r"per\s?cent", "%", flat)
    fraction = re.search(rf"({_NUMBER})\s*/\s*({_NUMBER})\s*(%?)", flat)
    found = re.findall(rf"(?<![\w.,/])({_NUMBER})\s*(%?)", flat)
    if fraction:
        found = [pair for pair in found if pair[0] not in fraction.group(0)]
        if found:
            return ()
        readings = [
            Reading(above / below, 0.0) for above in _decimals(fraction[1]) for below in _decimals(fraction[2]) if below
        ]
        percent = bool(fraction[3])
        digits = 0
    elif len(found) == 1:
        readings = [Reading(value, 0.0) for value in _decimals(found[0][0])]
        percent = bool(found[0][1])
        after = re.split(r"[.,]", found[0][0].split("e")[0])
        digits = len(after[-1]) if len(after) == 2 else 0
    else:
        return ()
    if percent:
        return tuple(Reading(one.value / 100, 0.5 * 10 ** -(digits + 2)) for one in readings)
    rounding = 0.5 * 10**-digits if digits else 0.0
    plain = [Reading(one.value, rounding) for one in readings]
    if share:
        hundredths = [Reading(one.value / 100, 0.5 * 10 ** -(digits + 2)) for one in readings if abs(one.value) > 1]
        plain += hundredths
    return tuple(plain)


def _decimals(text: str) -> list[float]:
    """'1,5' is one and a half; '1,500' may be either; '1,234.5' has a comma between thousands."""
    sign = -1.0 if text.startswith("-") else 1.0
    bare = text.lstrip("+-")
    candidates = []
    if "," in bare and "." in bare:
        last = max(bare.rfind(","), bare.rfind("."))
        other = "," if bare[last] == "." else "."
        candidates.append(bare.replace(other, "").replace(",", "."))
    elif bare.count(",") == 1 or bare.count(".") == 1:
        candidates.append(bare.replace(",", "."))
        if "," in bare and re.fullmatch(r"[1-9]\d{0,2},\d{3}", bare):
            candidates.append(bare.replace(",", ""))
    else:
        candidates.append(bare.replace(",", "").replace(".", "") if re.search(r"[.,]", bare) else bare)
    values = []
    for candidate in candidates:
        try:
            value = sign * float(candidate)
        except ValueError:
            continue
        if math.isfinite(value):
            values.append(value)
    return values


def close(value: float, wanted: float, tolerance: float, share: bool = False) -> bool:
    """Within the question's tolerance or, but for a share, within two hundredths of the right number."""
    return abs(value - wanted) <= max(tolerance, 0.0 if share else RELATIVE_TOLERANCE * abs(wanted)) + 1e-9


# --- explanations --------------------------------------------------------------------------------------------


def missing_ideas(question: Question, text: str) -> tuple[Idea, ...]:
    """The ideas not found in an explanation; none where enough of them are there."""
    flat = f" {folded(text)}"
    absent = [idea for idea in question.ideas if not any(f" {folded(form)}" in flat for form in idea.forms)]
    return tuple(absent) if len(question.ideas) - len(absent) < question.needs else ()


# --- grading -------------------------------------------------------------------------------------------------


def options_of(question: Question, fields: Mapping[str, Any]) -> tuple[Option, ...]:
    """The choices on the screen: the lesson's own, or tokens of the live result in the order they stand."""
    if question.choices_from:
        tokens: Sequence[str] = fields[question.choices_from]
        answer = str(evaluate(question.answer, fields))
        shown = _some(tokens, question, fields, answer)
        return tuple(Option(_told_apart(token, shown, tokens), token == answer, "", token) for token in shown)
    return tuple(
        Option(fill(choice.say, fields), bool(choice.when) and holds(choice.when, fields), choice.reply)
        for choice in question.choices
    )


def _some(tokens: Sequence[str], question: Question, fields: Mapping[str, Any], answer: str) -> list[str]:
    distinct = list(dict.fromkeys(tokens))
    if len(distinct) <= MOST_CHOICES:
        return distinct
    ranking: Sequence[float] = fields[question.choices_by] if question.choices_by else [0.0] * len(tokens)
    ranked = sorted(range(len(tokens)), key=ranking.__getitem__, reverse=True)
    names = list(dict.fromkeys([answer, str(fields.get("query_token", answer)), *(tokens[i] for i in ranked[:3])]))
    for position in reversed(ranked):
        if len(names) >= MOST_CHOICES:
            break
        if tokens[position] not in names:
            names.append(tokens[position])
    return sorted(names[:MOST_CHOICES], key=list(tokens).index)


def _told_apart(token: str, shown: Sequence[str], tokens: Sequence[str]) -> str:
    """The token, with its place where another differs from it only in case: 'the (token 6)'."""
    if sum(folded(other) == folded(token) for other in shown if folded(token)) < 2:
        return token
    places = [str(place) for place, other in enumerate(tokens, 1) if other == token]
    return f"{token} (token{'s' * (len(places) > 1)} {', '.join(places)})"


def chosen(text: str, options: Sequence[Option]) -> Option | None:
    """The option that `text` means: its words, its number or letter, or the one that it clearly speaks of."""
    asked = text.strip()
    spoken = _SPOKEN.sub("", asked)
    exact = {asked, spoken, spoken.strip(' "“”'), spoken.strip(_QUOTES)} - {""}
    for option in options:
        if exact & {option.say, option.meant}:
            return option
    same = [option for option in options if same_words(text, option.say) or same_words(text, option.meant)]
    if len(same) == 1:
        return same[0]
    place = re.fullmatch(r"\(?#?([1-9]|[a-h])[.):]?", _LEAD.sub("", text.strip().casefold()))
    if place:
        index = int(place[1]) - 1 if place[1].isdigit() else ord(place[1]) - ord("a")
        return options[index] if index < len(options) else None
    flat = folded(text)
    if not flat or _NEGATED.search(flat):
        return None
    inside = [option for option in options if any(f" {form} " in f" {flat} " for form in forms_of(option.meant))]
    if len(inside) == 1:
        return inside[0]
    part_of = [option for option in options if f" {flat}" in f" {folded(option.say)}"]
    return part_of[0] if len(part_of) == 1 and len(flat) > 2 else None


_YES = ("yes", "y", "yeah", "yep", "sure", "ok", "okay", "please", "yes please", "go on", "oui", "of course")
_NO = ("no", "n", "nope", "nah", "no thanks", "not now", "later", "no thank you", "")


def said_yes(text: str) -> bool | None:
    """Yes, no, or neither."""
    flat = folded(text)
    if flat in _YES or flat == "1":
        return True
    return False if flat in _NO or flat == "2" else None


def grade(question: Question, text: str, fields: Mapping[str, Any]) -> Grade:
    """Grade what was typed. `fields` are those of the live result, lists included."""
    if not text.strip() or (_GIVEN_UP.match(folded(text)) and question.accept != "free"):
        return Grade(None, "", "No need to be sure. `/hint` helps you along, and `/skip` leaves this step out.")
    if question.accept == "free" and (_GIVEN_UP.match(folded(text)) and len(folded(text).split()) < 8):
        return Grade(None, "", "Try a sentence, however rough; `/hint` says where to begin.")
    return {"choice": _choice, "number": _number, "word": _word, "free": _free}[question.accept](question, text, fields)


def _choice(question: Question, text: str, fields: Mapping[str, Any]) -> Grade:
    options = options_of(question, fields)
    option = chosen(text, options)
    if option is None:
        alike = [option.say for option in options if option.value and same_words(text, option.value)]
        if alike:
            return Grade(None, "", f"Which one: {' or '.join(f'“{say}”' for say in alike)}? Its number will do.")
        tokens = fields[question.choices_from] if question.choices_from else ()
        option = chosen(text, [Option(token, False, "") for token in dict.fromkeys(tokens)])  # one not on the list
    if option is None:
        return Grade(None, "", f"Type one of them, or its number from 1 to {len(options)}.")
    if option.right:
        return Grade(True, option.meant, "")
    told = {**fields, GIVEN: option.meant}
    return Grade(False, option.meant, fill(option.reply, told) if option.reply else _diagnosed(question, told))


def _number(question: Question, text: str, fields: Mapping[str, Any]) -> Grade:
    readings = read_number(text, question.share)
    if not readings:
        return Grade(None, "", "Type one number, such as 2.5, −3, 1/4 or 25 %.")
    wanted = float(evaluate(question.answer, fields))
    for reading in readings:
        if close(reading.value, wanted, question.tolerance, question.share):
            return Grade(True, text.strip(), "")
    for reading in readings:
        reply = _computed(question, reading.value, wanted, fields)
        if reply:
            return Grade(False, text.strip(), reply)
    for reading in readings:
        if reading.rounding and abs(reading.value - wanted) <= reading.rounding + 1e-9:
            return Grade(True, text.strip(), "")
    first = readings[0].value
    if wanted and any(close(-reading.value, wanted, question.tolerance) for reading in readings):
        return Grade(False, text.strip(), "The size is right; look at the sign again.")
    told = _diagnosed(question, {**fields, GIVEN: first})
    size = "too large" if first > wanted else "too small"
    return Grade(False, text.strip(), told or f"That is {size}.")


def _computed(question: Question, value: float, wanted: float, fields: Mapping[str, Any]) -> str:
    tolerance = question.tolerance
    found: list[tuple[float, str]] = []
    for mistake in question.mistakes:
        if not mistake.value:
            continue
        try:
            error = float(evaluate(mistake.value, fields))
        except AuthorError:  # on this sentence the mistake cannot even be made: a division by nothing
            continue
        if not close(error, wanted, tolerance, question.share) and close(value, error, tolerance):
            found.append((abs(value - error), mistake.say))
    return fill(min(found)[1], {**fields, GIVEN: value}) if found else ""


def _diagnosed(question: Question, fields: Mapping[str, Any]) -> str:
    for mistake in question.mistakes:
        if mistake.when and holds(mistake.when, fields):
            return fill(mistake.say, fields)
        if mistake.value and isinstance(fields[GIVEN], str) and evaluate(mistake.value, fields) == fields[GIVEN]:
            return fill(mistake.say, fields)
    return ""


def _word(question: Question, text: str, fields: Mapping[str, Any]) -> Grade:
    answers = [*question.answers, *([str(evaluate(question.answer, fields))] if question.answer else [])]
    if any(same_words(text, answer) for answer in answers):
        return Grade(True, text.strip(), "")
    return Grade(False, text.strip(), _diagnosed(question, {**fields, GIVEN: folded(text)}))


def _free(question: Question, text: str, fields: Mapping[str, Any]) -> Grade:
    if len(folded(text).split()) < 3:
        return Grade(None, "", "Say it in a sentence.")
    missing = missing_ideas(question, text)
    return Grade(not missing, text.strip(), missing[0].missing if missing else "")
