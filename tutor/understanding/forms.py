"""Tokens of fixed form inside a turn: numbers, ordinals, an offer's number, a program, quoted words.

The only patterns of this room. They find what has a form of its own; none of them chooses an act, an answer or a run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_PER_CENT = re.compile(r"(?<=\d)\s?(?:per\s?cent|pct)\b", re.I)
"""The sign in letters."""
_AUXILIARIES = frozenset(
    "is are was were am do does did can could will would has have had should isn't aren't doesn't don't didn't".split()
)
"""With one of these in front an English clause is a question for yes or no."""
_DIGITS = r"(?:(?:\d+(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?"
_NUMBER = re.compile(rf"(?<![\w.])[-−+]?{_DIGITS}\s?%?", re.I)
_NAMED = re.compile(
    rf"(?<!['’])\b([a-z][a-z_]*)\s*(?:(?:=|:|\bis\b)\s*([-−+]?)|\bof\b)?\s*({_DIGITS})\s*([kmb](?![a-z])|%)?", re.I
)
_TWO_WORDS = re.compile(
    r"\b(head|kv|vocab|vocabulary|hidden|batch|seq|sequence|context|intermediate|learning|step)"
    r"[ -](dim|dimension|size|width|length|len|rate|heads?)\b",
    re.I,
)
"""Names of sizes that are written as two words: 'head dim' is not any dim."""
_NAME_AFTER = re.compile(rf"(?<![\w.])({_DIGITS})\s*([kmb](?![a-z])|%)?[\s-]+([a-z][a-z_]*)", re.I)
_SMALL = frozenset("a about after and at by for has have in is my of only over the than to used using with".split())
"""Words before a number that name it only for want of a better word behind it."""
_BETWEEN = re.compile(r"[\s,;]*")
_AND = re.compile(r"\s*,?\s*and\s*", re.I)
_NAME_OF = re.compile(r"([a-z]\w*)\s*(?:=|:|\bis\b|\bare\b)?\s*[\[(]*\s*$", re.I)
_OPEN = re.compile(r"[\[(]\s*$")
_QUOTED = re.compile(r"[\"“«]([^\"”»]+)[\"”»]|(?<!\w)['‘]([^'’]+(?:['’]\w+[^'’]*)?)['’](?!\w)|(?<!\w)\*([^*]+)\*")
_END = re.compile(r"(?<=[.?!;:])\s+|\.\.+\s*")
SHORTEST, MOST = 4, 5
"""Words of a sentence that can ask something, and how many sentences of a turn are read by themselves."""
_WORD = re.compile(r"[^\W_]+")
_JOINT = re.compile(r"\s*[,;]\s+(?:(?:and|then|but|now)\s+)*|\s+(?:and|then|but)\s+(?:(?:then|now)\s+)*", re.I)
"""Where a turn may hold two orders: at a comma or semicolon, and at the words that join clauses."""
LONGEST_ORDERS, MOST_HALVES = 24, 4
"""Words of a turn that is parted, and the places at which that is tried."""
_PRODUCT = re.compile(r"\b[qk]\s?[·.*×⋅]?\s?[qk](?:\^?[tᵀ])?(?!\w)|\w\s?[·⋅]\s?\w", re.I)
_FILE = re.compile(r"(?<!\S)[\w./~-]+\.(?:md|html|txt|svg|png)\b")
_OFFER = re.compile(r"\W*#?(\d)\W*")
_ORDINALS = {
    **dict.fromkeys(("first", "1st", "one"), 1),
    **dict.fromkeys(("second", "2nd", "two"), 2),
    **dict.fromkeys(("third", "3rd", "three"), 3),
    **dict.fromkeys(("fourth", "4th", "four"), 4),
    **dict.fromkeys(("fifth", "5th", "five"), 5),
    **dict.fromkeys(("sixth", "6th", "six"), 6),
    **dict.fromkeys(("seventh", "7th", "seven"), 7),
    **dict.fromkeys(("eighth", "8th", "eight"), 8),
    **dict.fromkeys(("ninth", "9th", "nine"), 9),
    **dict.fromkeys(("tenth", "10th", "ten"), 10),
    **dict.fromkeys(("last", "final", "top", "highest", "deepest"), -1),
    **dict.fromkeys(("lowest", "bottom"), 1),
}
_ORDINAL = re.compile(r"\b(?:" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + r")\b|\b\d+\b", re.I)
_PRONOUN = re.compile(r"\b(?!(?:layer|head|number|block|word|position|sentence|and|or|to)\b)[a-z]+\s+$", re.I)
"""A word after which 'one' stands for a thing, not for a number."""
_UNITS = {"k": 1e3, "m": 1e6, "b": 1e9, "%": 0.01}


def numbers_in(text: str) -> tuple[float, ...]:
    """All numbers of a text in their order; '40 %' is 0.4, '1,000' a thousand and '10k' ten thousand."""
    found = ((_value(at[0]), text[at.end() : at.end() + 2].casefold()) for at in _NUMBER.finditer(text))
    return tuple(
        number * 1000 if behind[:1] == "k" and not behind[1:].isalpha() else number for number, behind in found
    )


def vectors_in(text: str) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Numbers that stand together, each group with the name before it.

    'q=[1,0], keys [1,0] and [0,2]' -> ('q', (1, 0)), ('keys', (1, 0)), ('keys', (0, 2)): what has no name of its own
    goes on from the group before. '2, 1 and 0' is one group; of '1 2 and 3 4' there are two.
    """
    groups: list[tuple[int, list[float]]] = []
    end, closed = 0, True
    for at in _NUMBER.finditer(text):
        between, stop = text[end : at.start()], at.start() + len(at[0].rstrip())
        last = bool(_AND.fullmatch(between)) and not _goes_on(text, stop)
        if not closed and (last or _BETWEEN.fullmatch(between)):
            groups[-1][1].append(_value(at[0]))
        else:
            groups.append((at.start(), [_value(at[0])]))
        end, closed = stop, last  # what follows '… and 3' is no more of the list
    found: list[tuple[str, tuple[float, ...]]] = []
    for start, numbers in groups:
        if len(numbers) > 1 or _OPEN.search(text[:start]):
            name = _NAME_OF.search(text[:start])
            own = name[1].casefold() if name else ""
            if own in {"", "and"}:
                own = found[-1][0] if found else ""
            found.append(("" if own in _SMALL else own, tuple(numbers)))
    return tuple(found)


def _goes_on(text: str, end: int) -> bool:
    """Whether another number stands right behind this place."""
    between = _BETWEEN.match(text, end)
    return bool(between and between.end() > end and _NUMBER.match(text, between.end()))


def fractions_in(text: str) -> tuple[tuple[str, float, float], ...]:
    """The numbers with a point or a per cent sign, as typed, with their value and half of their last digit."""
    found = []
    for at in _NUMBER.finditer(_PER_CENT.sub("%", text)):
        typed = at[0].strip()
        digits = len(typed.rstrip("% ").partition(".")[2])
        if digits or typed.endswith("%"):
            found.append((typed, _value(typed), 0.5000001 * 10.0**-digits / (100 if typed.endswith("%") else 1)))
    return tuple(found)


def _value(text: str) -> float:
    bare = text.replace("−", "-").replace(",", "").strip()
    return float(bare.rstrip("% ")) / (100 if bare.endswith("%") else 1)


def named_numbers(text: str) -> dict[str, float]:
    """Numbers with the name beside them: 'd_model=512, 8 heads' -> {'d_model': 512.0, 'heads': 8.0}.

    In '32 heads of 128' the second is 'heads_of'.
    """
    text = _TWO_WORDS.sub(r"\1_\2", text)
    before = [(at[1].casefold(), at.start(3), _sized((at[2] or "") + at[3], at[4])) for at in _NAMED.finditer(text)]
    behind = [(at[3].casefold(), at.start(1), _sized(at[1], at[2])) for at in _NAME_AFTER.finditer(text)]
    named_by = {place: name for name, place, _ in before}
    first = min((place for _, place, _ in (*before, *behind)), default=0)
    # Who begins with '12 heads' goes on with '768 wide'; who begins with 'heads 12' with 'width 768'.
    numbers_first = named_by.get(first, "") in {*_SMALL, ""}
    bound = {
        place: (name, value)
        for name, place, value in behind
        if name not in _SMALL and (numbers_first or named_by.get(place, "") in {*_SMALL, ""})
    }
    found = {name: value for name, value in bound.values()}
    for name, place, value in before:
        if place not in bound:
            found[f"{name}_of" if name in found else name] = value
    return found


def _sized(digits: str, unit: str | None) -> float:
    return _value(digits) * _UNITS.get((unit or "").casefold(), 1)


def whole_numbers(text: str) -> tuple[int, ...]:
    """Whole numbers and ordinals of a text in their order; 'last' is −1. In 'the other one' there is none."""
    return tuple(
        _ORDINALS.get(at[0].casefold(), int(at[0]) if at[0].isdigit() else 0)
        for at in _ORDINAL.finditer(text)
        if at[0].casefold() != "one" or not _PRONOUN.search(text[: at.start()])
    )


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a turn that has several; none where it is one, or where a part is too short to ask anything."""
    parts = [part.strip() for part in _END.split(text)]
    long = [part for part in parts if len(part.split()) >= SHORTEST]
    return tuple(long[:MOST]) if len(parts) > 1 else ()


def every_sentence(text: str) -> tuple[str, ...]:
    """All sentences of a turn, the short ones too; no more than are read by themselves."""
    return tuple(part.strip() for part in _END.split(text) if _WORD.search(part))[:MOST]


def halves(text: str) -> tuple[tuple[str, str], ...]:
    """The ways to part a turn in two, from the front; none in a long one. Whether both are orders is read from them."""
    if len(text.split()) > LONGEST_ORDERS:
        return ()
    found = [(text[: at.start()].strip(), text[at.end() :].strip()) for at in _JOINT.finditer(text)]
    return tuple(pair for pair in found if all(pair))[:MOST_HALVES]


def quoted(text: str) -> tuple[str, ...]:
    """What stands in quotation marks or between stars."""
    return tuple(next(filter(None, at.groups())).strip() for at in _QUOTED.finditer(text))


def product_in(text: str) -> bool:
    """Whether a product stands in the text as a formula: 'q·k', 'QKᵀ'."""
    return bool(_PRODUCT.search(text))


def words_of(text: str) -> list[str]:
    """The words of a text: letters and digits without what stands between them."""
    return _WORD.findall(text)


def asks_whether(text: str) -> bool:
    """Whether the last sentence of a text has the form of a question for yes or no."""
    last = [part for part in _END.split(text.strip()) if part.strip()][-1:]
    return bool(last) and last[0].split()[0].casefold().strip(",.\"'") in _AUXILIARIES


def folded(text: str) -> str:
    """The text in small letters without accents: 'sœur' and 'SOEUR' are one word."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def file_named(text: str) -> str:
    """The name of a file that can be written, in the turn; '' for none."""
    found = _FILE.search(text)
    return found[0] if found else ""


def number_of_offer(text: str, offered: int) -> int:
    """The offer that a bare number picks, counted from 1; 0 for none."""
    found = _OFFER.fullmatch(text)
    return int(found[1]) if found and 1 <= int(found[1]) <= offered else 0


def places_of(word: str, tokens: Sequence[str]) -> list[int]:
    """Where a word stands among the words of a sentence, in any capitals."""
    folded = word.casefold().strip(" .,;:!?\"'“”‘’«»*")
    return [place for place, token in enumerate(tokens) if token.casefold().strip(".,;:!?\"'") == folded]
