"""What a word of the sentence is in a request: the one that looks or the one looked at, and which of several alike."""

from __future__ import annotations

from dataclasses import replace

from tutor.understanding import values
from tutor.understanding.forms import places_of, whole_numbers
from tutor.understanding.intent import Intent, Slot

OCCURRENCE = "#"
"""Before the number of a word among its like: 'dog#2'."""
_AT = frozenset("at to on onto towards toward".split())
"""Words before one that is looked at."""
_OF_A_WORD = ("word", "key")


def looked_at(intent: Intent) -> str:
    """The one word of a turn that is looked at, where no word that looks is named; '' for none."""
    keys = intent.texts("key")
    lookers = [slot for slot in intent.slots if slot.kind == "word"]
    if keys and not any(not _asks(slot.text) for slot in lookers):
        return keys[0]
    if len(lookers) == 1 and not keys and _before(intent.text, lookers[0]) in _AT:
        return lookers[0].text
    return ""


def paired(intent: Intent) -> Intent:
    """Of two words named alike the first looks and the second is looked at."""
    words = [slot for slot in intent.slots if slot.kind == "word"]
    if len(words) != 2 or intent.texts("key"):
        return intent
    slots = tuple(replace(slot, kind="key") if slot is words[1] else slot for slot in intent.slots)
    return replace(intent, slots=slots)


def only_named(intent: Intent) -> Intent:
    """The turn with its one word as that of a row, unless something looks at it: 'no, I meant pizza'."""
    words = [slot for slot in intent.slots if slot.kind in _OF_A_WORD]
    if len(words) != 1 or words[0].kind != "key" or _before(intent.text, words[0]) in _AT:
        return intent
    slots = tuple(replace(slot, kind="word") if slot is words[0] else slot for slot in intent.slots)
    return replace(intent, slots=slots)


def only_looked_at(intent: Intent) -> Intent:
    """The turn with the word that is looked at as its one word."""
    text = looked_at(intent)
    kept = [slot for slot in intent.slots if slot.kind not in _OF_A_WORD]
    return replace(intent, slots=(*kept, Slot("word", text, intent.text.find(text.partition(OCCURRENCE)[0]))))


def _asks(text: str) -> bool:
    return text.casefold() in {"who", "what", "which", "which words", "which word"}


def rest(intent: Intent) -> str:
    """The turn without the words that fill a slot: 'last' of 'the last layer' is no word of the sentence."""
    text = intent.text
    for slot in intent.slots:
        text = f"{text[: slot.start]}{' ' * len(slot.text)}{text[slot.start + len(slot.text) :]}"
    return text


def with_occurrences(intent: Intent, sentence: str) -> Intent:
    """'The second *dog*' as 'dog#2', where the sentence has several; the number is then no head and no place."""
    slots = list(intent.slots)
    for slot in intent.slots:
        if slot.kind not in _OF_A_WORD or len(places_of(slot.text, sentence.split())) < 2:
            continue
        before = _before(intent.text, slot)
        number = next(iter(whole_numbers(before)), 0)
        if not number:
            continue
        start = intent.text.rfind(before, 0, slot.start) if before else -1
        slots = [one for one in slots if not one.start <= start < one.start + len(one.text) or one == slot]
        slots[slots.index(slot)] = replace(slot, text=_numbered(slot.text, number, sentence))
    return replace(intent, slots=tuple(slots))


def _before(text: str, slot: Slot) -> str:
    """The word that stands before a slot, without a 'the'."""
    words = [word for word in text[: slot.start].casefold().split() if word not in ("the", "word", "*", '"')]
    return values.word(words[-1]) if words else ""


def _numbered(text: str, number: int, sentence: str) -> str:
    count = len(places_of(text, sentence.split()))
    return f"{values.word(text)}{OCCURRENCE}{count if number == -1 else number}"


def word_at(text: str, sentence: str) -> str:
    """The word at a place: 'the second word'; 'the second dog' is the second of that name. '' for none."""
    tokens = sentence.split()
    last = values.word(text.split()[-1]) if text.split() else ""
    own = last if len(places_of(last, tokens)) > 1 else ""
    number = next(iter(whole_numbers(text)), 0)
    if own and number:
        return _numbered(own, number, sentence)
    found = values.word_at(text, sentence)
    if not found or len(places_of(found, tokens)) < 2:
        return found
    at = values.place(text, len(tokens)) - 1
    return f"{found}{OCCURRENCE}{[*places_of(found, tokens)].index(at) + 1}"


def another(word: str, text: str, sentence: str) -> str:
    """The same word at another place among its like: 'and the first?' after 'dog#2'; '' where there is one only."""
    bare = word.partition(OCCURRENCE)[0]
    number = next(iter(whole_numbers(text)), 0)
    return _numbered(bare, number, sentence) if number and len(places_of(bare, sentence.split())) > 1 else ""
