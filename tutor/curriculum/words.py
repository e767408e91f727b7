"""A learner's words: the many ways to type the same one, to say yes, no, or that one does not know."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

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
    r"^(?:(?:i|we)\s+(?:think|guess|bet|say|would say|choose|pick)\s+(?:that\s+)?(?:it\s+is\s+|it['’]?s\s+)?"
    r"|(?:is\s+it|could\s+it\s+be|might\s+it\s+be|would\s+it\s+be|it\s+is|it['’]?s|it\s+will\s+be"
    r"|maybe|probably|perhaps|answer|option|number|choice)\s+)+",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|a|an|to|on|at)\s+(?:word\s+|token\s+)?")
_QUOTES = " '\"“”‘’"
_GIVEN_UP = re.compile(
    r"^(?:i\s+)?(?:have\s+)?(?:really\s+)?(?:no idea|idk|dont know|do not know|dunno|not sure|give up|no clue|help"
    r"|stuck|im stuck|i am stuck|hint|im not sure)\b"
)
_YES = {"yes", "y", "yeah", "yep", "sure", "ok", "okay", "please", "yes please", "go on", "oui", "of course", "1"}
_NO = {"no", "n", "nope", "nah", "no thanks", "not now", "later", "no thank you", "", "2"}
_KEEP = {"", "keep", "keep it", "yes", "y", "ok", "okay", "same", "this one", "next", "continue", "go on"}


def folded(text: str) -> str:
    """`text` without case, accents, punctuation and doubled spaces."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    flat = "".join(letter for letter in flat if not unicodedata.combining(letter))
    flat = re.sub(r"['’`]", "", flat)
    return " ".join(re.sub(r"[^\w]+|_", " ", flat).split())


def forms_of(answer: str) -> set[str]:
    """The folded forms in which a word or mark may be typed."""
    return {folded(answer), *(folded(name) for name in _NAMED_MARKS.get(answer.strip(), ()))} - {""}


def without_lead(text: str) -> str:
    """`text` without its opening words: 'I think it's the cat' -> 'the cat'."""
    return _LEAD.sub("", text.strip())


def as_typed(text: str) -> set[str]:
    """`text` with and without opening words and quotes, its case kept: 'The' and 'the' may be two tokens."""
    bare = without_lead(text)
    return {text.strip(), bare, bare.strip(' "“”'), bare.strip(_QUOTES)} - {""}


def same_words(text: str, answer: str) -> bool:
    """Whether `text` says `answer`, whatever its case, spaces, punctuation and opening words."""
    if text.strip() == answer.strip():
        return True
    flat = folded(text)
    bare = without_lead(flat)
    return bool({flat, bare, _ARTICLE.sub("", flat), _ARTICLE.sub("", bare)} & forms_of(answer))


def gave_up(text: str) -> bool:
    """Whether `text` opens by saying that the learner does not know."""
    return bool(_GIVEN_UP.match(folded(text)))


def said_yes(text: str) -> bool | None:
    """Yes, no, or neither; an empty line is no."""
    flat = folded(text)
    return True if flat in _YES else False if flat in _NO else None


def keeps(text: str) -> bool:
    """Whether `text`, where a sentence may be typed, means the present one; marks alone are a sentence."""
    return folded(text) in _KEEP and bool(folded(text) or not text.strip())
