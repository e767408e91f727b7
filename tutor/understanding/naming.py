"""Finds the concepts that a text names, longest name first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tutor.understanding.text import stem

_PREPOSITIONS = frozenset(
    "in inside of for within on with as during from into at when while using behind through via".split()
)
_FILLERS = frozenset("a an the my your our any some deep big modern artificial ai its this that each such real".split())
_OPENERS = frozenset(
    "is are was were does do did explain define describe about use uses need why how understand have without can "
    "invent invented call called".split()
)
_NOUNS_OF = frozenset(
    "role purpose point meaning formula code drawback drawbacks idea concept definition reason limits history equation "
    "advantage advantages benefit benefits use uses example analogy math maths shape gist intuition inventor downside "
    "downsides problem problems working workings explanation importance need steps details implementation size output "
    "weakness weaknesses basics notion principle sense part parts cost math function job summary".split()
)
_JOINING = frozenset(
    "difference differences relation relationship connection link distinction distinguish choose compare similarity "
    "comparison decide switch interplay similarities".split()
)
CONTAINERS = frozenset(
    "transformer neural-network language-model gpt bert t5 training encoder decoder encoder-decoder attention "
    "vision-and-speech next-token-prediction self-attention rnn cnn weights".split()
)
"""Concepts that are often only the place where another one is asked about."""


@dataclass(frozen=True)
class Hit:
    """A name found in the text."""

    concept: str
    weight: float
    start: int
    end: int
    words: str
    place: bool
    """It follows a preposition: 'in transformers', 'of the decoder'."""
    focus: bool
    """A question word or a noun of asking leads up to it: 'what is …', 'the role of …'."""


@lru_cache(maxsize=20_000)
def name_key(word: str) -> str:
    """Long words by stem, short ones by their singular: 'stops' is not 'stopping', 'performs' no 'performer'."""
    if len(word) >= 9:
        return stem(word)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


class Names:
    """A table of names, each a sequence of stems."""

    def __init__(self) -> None:
        self._table: dict[str, dict[tuple[str, ...], dict[str, float]]] = defaultdict(dict)
        self._longest = 1

    def add(self, words: Sequence[str], concept: str, weight: float) -> None:
        """Learn a name; a name that another concept already has stays mainly that concept's."""
        key = tuple(name_key(word) for word in words)
        if not key:
            return
        owners = self._table[key[0]].setdefault(key, {})
        owners[concept] = max(owners.get(concept, 0.0), weight)
        self._longest = max(self._longest, len(key))

    def owns(self, words: Sequence[str]) -> frozenset[str]:
        """The concepts that have exactly this name."""
        key = tuple(name_key(word) for word in words)
        return frozenset(self._table[key[0]].get(key, ())) if key and key[0] in self._table else frozenset()

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Names in the text, left to right; the longest wins where they overlap."""
        stems = [name_key(word) for word in words]
        hits: list[Hit] = []
        at = 0
        while at < len(stems):
            length = self._match(stems, at)
            if not length:
                at += 1
                continue
            before = at - 1
            while before >= 0 and words[before] in _FILLERS:
                before -= 1
            place = before >= 0 and words[before] in _PREPOSITIONS
            if before > 0 and (words[before - 1], words[before]) in (
                ("context", "of"),
                ("such", "as"),
                ("setting", "of"),
            ):
                place = True
            if before > 0 and words[before] == "between" and words[before - 1] not in _JOINING:
                place = True
            asked = place and before > 0 and words[before - 1] in _NOUNS_OF and words[before] in ("of", "for", "behind")
            focus = asked or (before >= 0 and words[before] in _OPENERS)
            place = place and not asked
            for concept, weight in self._table[stems[at]][tuple(stems[at : at + length])].items():
                hits.append(Hit(concept, weight, at, at + length, " ".join(words[at : at + length]), place, focus))
            at += length
        return hits

    def _match(self, stems: Sequence[str], at: int) -> int:
        table = self._table.get(stems[at])
        if not table:
            return 0
        for length in range(min(self._longest, len(stems) - at), 0, -1):
            if tuple(stems[at : at + length]) in table:
                return length
        return 0


def blanked(words: Sequence[str], hits: Iterable[Hit]) -> str:
    """The text with every name replaced by `@`, for patterns that speak of concepts."""
    covered: dict[int, int] = {hit.start: hit.end for hit in hits if hit.weight >= 0.6}
    out: list[str] = []
    at = 0
    while at < len(words):
        if at in covered:
            out.append("@")
            at = covered[at]
        else:
            out.append(words[at])
            at += 1
    return " ".join(out)
