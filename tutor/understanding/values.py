"""What the words in a slot stand for: 'the reading side' is the encoder, 'the last one' is layer 3 of 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tutor.understanding import forms
from tutor.understanding.forms import file_named, fractions_in, numbers_in, product_in, quoted, whole_numbers
from tutor.understanding.intent import Slot

_POINTING = frozenset(
    "it its that this these those same the one ones there here word head layer link heads again and of in just".split()
)
"""Words that point at what stands on the screen, and those that may stand beside them."""
_LITTLE = frozenset(
    "a about an and before earlier in it last my of on one previous sentence that the this to with".split()
)
"""Words that do not tell one sentence from another."""
_ALL = frozenset("all both each every whole entire everything".split())
_LEAST = frozenset("least lowest bottom last weakest smallest".split())
_MORE = frozenset("more further other additional new".split())
_BEFORE = frozenset("before beginning start front".split())
LONG_ENOUGH = 4
"""Letters of a word that is named without quotation marks: 'the' of a request is not *the* of the sentence."""
_PARTS: Mapping[str, tuple[str, ...]] = {
    "cross": ("cross", "between", "translation looks"),
    "decoder": ("decod", "writ", "french", "output", "translation"),
    "encoder": ("encod", "read", "english", "input", "source"),
}


def part(text: str) -> str:
    """'encoder', 'decoder' or 'cross'; '' where the words name none."""
    folded = text.casefold()
    return next((name for name, signs in _PARTS.items() if any(sign in folded for sign in signs)), "")


def place(text: str, among: int) -> int:
    """The number that the words name, counted from 1; 'last' is `among`; 0 where they name none."""
    found = whole_numbers(text)
    return 0 if not found else among if found[0] == -1 else found[0]


def places(texts: Sequence[str], among: int) -> tuple[int, ...]:
    """All numbers that several slots name, each once; where a text only points, there is none in it."""
    found = [among if number == -1 else number for text in texts if not points(text) for number in whole_numbers(text)]
    return tuple(dict.fromkeys(found))


def count(text: str) -> int:
    """How many the words say: 'the top five' are 5; 0 where they say nothing."""
    return next((number for number in whole_numbers(text) if number > 0), 0)


def number(text: str) -> float | None:
    """The number in the words; None where there is none."""
    found = numbers_in(text)
    return found[0] if found else None


def word(text: str) -> str:
    """The bare word of a slot, without quotation marks and what stands around it."""
    marked = quoted(text)
    return (marked[0] if marked else text).strip(" .,;:!?\"'“”‘’«»*`()[]")


def words_named(text: str, sentence: str, tells: Callable[[str], bool] | None = None) -> tuple[str, ...]:
    """The words of the sentence that a turn names: those in quotation marks, else those that `tells` finds telling.

    Where none is, those of four letters and more.
    """
    own = {word(token).casefold(): word(token) for token in sentence.split()}
    marked = [own[word(one).casefold()] for one in quoted(text) if word(one).casefold() in own]
    plain = [own[word(one).casefold()] for one in text.split() if word(one).casefold() in own]
    telling = [one for one in plain if tells and tells(one)]
    return tuple(dict.fromkeys(marked or telling or [one for one in plain if len(one) >= LONG_ENOUGH]))


def words_in(text: str, sentence: str) -> tuple[str, ...]:
    """The words of a text that stand in the sentence too, as they stand there: 'SOEUR' as *sœur*, each once."""
    own = {forms.folded(one): one for one in (*map(word, sentence.split()), *forms.words_of(sentence))}
    named = [forms.folded(one) for token in text.split() for one in (word(token), *forms.words_of(token))]
    return tuple(dict.fromkeys(own[one] for one in named if own.get(one)))


def apart(text: str, first: int, second: int) -> bool:
    """Whether a sentence ends between two places of a turn."""
    between = text[min(first, second) : max(first, second)]
    return any(mark in between for mark in (". ", "! ", "? ", "; "))


def sentences_of(text: str) -> tuple[str, ...]:
    """All sentences of a turn, short ones too."""
    return forms.every_sentence(text)


def alike(text: str, sentence: str) -> bool:
    """Whether two sentences share more than half of their words, in any order."""
    one, other = _words(text), _words(sentence)
    return 2 * len(one & other) > max(len(one), len(other))


def asks_whether(text: str) -> bool:
    """Whether a turn ends in a question for yes or no."""
    return forms.asks_whether(text)


def in_place_of(text: str, new: str, sentence: str) -> str:
    """The word of the sentence that `new` is clearly to replace, since the same word stands before both.

    'my sister instead' on *my brother ate* names *brother*. '' where there is none such, or several.
    """
    typed = [word(token).casefold() for token in text.split()]
    own = [word(token) for token in sentence.split()]
    before = {typed[at - 1] for at in range(1, len(typed)) if typed[at] == new.casefold()}
    found = {own[at] for at in range(1, len(own)) if own[at - 1].casefold() in before} - {new}
    return found.pop() if len(found) == 1 else ""


def word_at(text: str, sentence: str) -> str:
    """The word of the sentence at the place that the words name: 'the second word', 'the last one'; '' for none."""
    words = [word(token) for token in sentence.split()]
    found = place(text, len(words))
    return words[found - 1] if 1 <= found <= len(words) else ""


def whole_of(fragment: str, text: str) -> str:
    """The sentence that a fragment is of: all that stands behind the turn's colon, where the fragment stands there."""
    _, colon, behind = text.partition(": ")
    whole = behind.strip()
    return whole if colon and fragment in whole and len(fragment.split()) < len(whole.split()) else fragment


def quoted_in(text: str) -> tuple[str, ...]:
    """What stands in quotation marks in a turn."""
    return quoted(text)


def file(text: str) -> str:
    """The name of a file to write, in a turn; '' for none."""
    return file_named(text)


def says_more(text: str, parts: Sequence[str]) -> bool:
    """Whether a text says anything beside these parts of it and little words."""
    return bool(_words(text) - _LITTLE - {one for part in parts for one in _words(part)})


def stands_in(text: str, sentence: str) -> bool:
    """Whether a word is one of the sentence's."""
    return text.casefold() in {word(token).casefold() for token in sentence.split()}


def points(text: str) -> bool:
    """Whether the words only point: 'that head', 'the same word'."""
    found = [word(token).casefold() for token in text.split()]
    return bool(found) and set(found) <= _POINTING


def sharing_words(text: str, sentences: Sequence[str]) -> list[str]:
    """The sentences that share a telling word with the text."""
    clues = _words(text) - _LITTLE
    return [sentence for sentence in sentences if clues & _words(sentence)]


def _words(text: str) -> set[str]:
    return {word(token).casefold() for token in text.split()}


def says_before(text: str) -> bool:
    """Whether a turn says that something comes before, and not after."""
    return bool(_words(text) & _BEFORE)


def begins_with_number(text: str) -> bool:
    """Whether the first word is a number: a half of a turn that begins so goes on with a list."""
    first = text.split()[0] if text.split() else ""
    return bool(whole_numbers(first))


def says_all(text: str) -> bool:
    """Whether a turn speaks of all of its kind, and not of one."""
    return bool(_words(text) & _ALL)


def says_least(text: str) -> bool:
    """Whether a turn speaks of the end of a ranking, and not of its top."""
    return bool(_words(text) & _LEAST)


def says_top(text: str) -> bool:
    """Whether a turn asks for the top so many."""
    return "top" in _words(text)


def numbers_typed(text: str) -> tuple[tuple[str, float, float], ...]:
    """The numbers of a turn that may be read off a screen: as typed, the value, and what rounding may hide."""
    return fractions_in(text)


def has_product(text: str) -> bool:
    """Whether a turn writes a product with its sign, as in 'q·k'."""
    return product_in(text)


def behind(text: str, slots: Sequence[Slot]) -> str:
    """The word that stands behind a slot: 'words' in 'six more words'; '' for none."""
    if not slots:
        return ""
    after = [word(token).casefold() for token in text[slots[-1].start + len(slots[-1].text) :].split()]
    return next((token for token in after if token not in _MORE), "")


def added(sentence: str, new: str, beside: str, *, before: bool) -> str:
    """The sentence with a word put before or after another, or at an end of it; '' where `beside` is not in it."""
    tokens = sentence.split()
    places = [at for at, token in enumerate(tokens) if word(token).casefold() == beside.casefold()]
    if beside and not places:
        return ""
    at = places[0] if beside else 0 if before else len(tokens) - 1
    if before:
        own = tokens[at] if at or not tokens[at][1:].islower() else tokens[at][:1].lower() + tokens[at][1:]
        put = f"{new[:1].upper()}{new[1:]}" if at == 0 else new
        return " ".join([*tokens[:at], put, own, *tokens[at + 1 :]])
    bare = word(tokens[at])
    begin, _, end = tokens[at].partition(bare)
    return " ".join([*tokens[:at], f"{begin}{bare}", f"{new}{end}", *tokens[at + 1 :]])


def exchanged(sentence: str, old: str, new: str) -> str:
    """The sentence with a word exchanged, or left out where `new` is empty; '' where the word is not in it."""
    tokens = sentence.split()
    for at, token in enumerate(tokens):
        if word(token).casefold() == old.casefold():
            begin, _, end = token.partition(word(token))
            if new:
                put = new[:1].upper() + new[1:] if token[:1].isupper() and at == 0 else new
                return " ".join([*tokens[:at], f"{begin}{put}{end}", *tokens[at + 1 :]])
            rest = [*tokens[:at], *tokens[at + 1 :]]
            if not rest:
                return ""
            if end and at == len(tokens) - 1:
                rest[-1] += end
            left = " ".join(rest)
            return left[:1].upper() + left[1:] if at == 0 else left
    return ""
