"""What a head does with a sentence: its habit, its sharpest link, and which head is worth a first look.

`rows[q][k]` is the share of query q's attention on key k. In self-attention rows and keys are the same tokens, so
that a row may look at itself; in cross-attention no key is the row itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.experiments.base import Matrix, entropy_bits, matrix
from tutor.experiments.pieces import is_content
from tutor.experiments.places import ENGLISH, attention_at

if TYPE_CHECKING:
    from tutor.experiments.models import Models, Reading

HABITUAL = 0.4
"""A place that gets this share of the weight, averaged over the rows, is a head's habit."""


def where(part: str, layer: int, head: int = 0) -> str:
    """How a place is named inside a sentence: 'encoder layer 3, head 2'."""
    stack = {"cross": "cross-attention", ENGLISH: "the English model's"}.get(part, part)
    return f"{stack} layer {layer}" + (f", head {head}" if head else "")


def habit(rows: Matrix, part: str) -> tuple[str, float]:
    """The place that gets most of a head's weight and its share, averaged over rows, if any gets at least 40 %.

    'previous', 'next', 'self', 'first' or 'end'; without one 'spread', with how even the rows are (1 quite even), or
    'mixed', with the share of the best place. In cross-attention only 'first' and 'end' are places.
    """
    keys = len(rows[0])
    places: dict[str, Callable[[int], int]] = {"first": lambda query: 0, "end": lambda query: keys - 1}
    if part in ("decoder", ENGLISH):
        del places["end"]  # what writes never reads the end mark
    if part != "cross":
        places |= {"previous": lambda query: query - 1, "self": lambda query: query, "next": lambda query: query + 1}
    shares = {}
    for name, place in places.items():
        # A row where the place does not exist (before the first, after the last) says nothing of it.
        found = [rows[query][place(query)] for query in range(len(rows)) if 0 <= place(query) < keys]
        shares[name] = fmean(found) if len(found) > 1 else 0.0
    best = max(shares, key=shares.__getitem__)
    if shares[best] >= HABITUAL:
        return best, shares[best]
    evenness = fmean(
        entropy_bits(row) / math.log2(sum(w > 0 for w in row)) for row in rows if sum(w > 0 for w in row) > 1
    )
    return ("spread", evenness) if evenness >= 0.8 else ("mixed", shares[best])


def repeats(ids: Sequence[int], names: Sequence[str]) -> list[tuple[int, int]]:
    """(query, key) for each word or piece that stood before: where it stands again, and what followed it last time."""
    found, last = [], dict[int, int]()
    for at, (id_, name) in enumerate(zip(ids, names, strict=True)):
        if id_ in last and last[id_] + 1 < at and any(letter.isalnum() for letter in name):
            found.append((at, last[id_] + 1))
        last[id_] = at
    return found


def favourite(rows: Matrix) -> tuple[int, float]:
    """The key that gets most of the weight of all rows together, and its share."""
    shares = [fmean(row[key] for row in rows) for key in range(len(rows[0]))]
    best = max(range(len(shares)), key=shares.__getitem__)
    return best, shares[best]


def elsewhere(row: Sequence[float], query: int, part: str) -> tuple[int, float]:
    """Where a row looks most outside itself, and how much: (key, weight)."""
    others = [key for key in range(len(row)) if part == "cross" or key != query] or [query]
    best = max(others, key=row.__getitem__)
    return best, row[best]


def sharpness(rows: Matrix, part: str) -> float:
    """The largest weight that a row gives to one token other than itself, averaged over the rows."""
    return fmean(elsewhere(row, query, part)[1] for query, row in enumerate(rows))


def telling_row(rows: Sequence[Sequence[float]], queries: Sequence[str], keys: Sequence[str]) -> int:
    """The row to point out where nobody named one, by what its query is and what gets its largest share.

    Best is a content word that looks most at another content word, then one that looks at a function word, then at a
    mark or a piece; then a function word that looks at another word; last what looks at itself or at the same spelling
    (film, film), and pieces and marks. Among equals the largest share decides. `queries` and `keys` are named as in
    `pieces.named`.
    """

    def rank(query: int) -> tuple[bool, int, int, float]:
        weight = max(rows[query])
        looks, seen = queries[query], keys[list(rows[query]).index(weight)]
        apart = looks.casefold() != seen.casefold()
        return looks.isalpha() and apart, _content(looks), _content(seen), weight

    return max(range(len(rows)), key=rank)


def _content(name: str) -> int:
    """2 for a content word, 1 for another whole word, 0 for a mark or a piece."""
    return name.isalpha() + is_content(name)


def strongest_link(rows: Matrix, part: str, queries: Sequence[str], keys: Sequence[str]) -> tuple[int, int]:
    """(query, key): the largest weight from one word to another; of any two tokens where there are no two words."""

    def rank(query: int) -> tuple[bool, float]:
        key, weight = elsewhere(rows[query], query, part)
        return queries[query].isalpha() and keys[key].isalpha(), weight

    best = max(range(len(rows)), key=rank)
    return best, elsewhere(rows[best], best, part)[0]


def liveliest(
    models: Models, reading: Reading, part: str, layer: int = 0, head: int = 0, query: int | None = None
) -> tuple[int, int, int]:
    """(layer, head, how many were compared): the head that looks most sharply elsewhere, of those left open by 0.

    With `query`, the head in which that row does.
    """
    config = models.model.config
    layers = config.encoder_layers if part == "encoder" else config.decoder_layers
    places = [
        (n, h)
        for n in ([layer] if layer else range(1, layers + 1))
        for h in ([head] if head else range(1, config.heads + 1))
    ]
    if len(places) == 1:
        return (*places[0], 1)

    def rank(place: tuple[int, int]) -> float:
        rows = matrix(attention_at(reading.trace, part, place[0]).weights[0, place[1] - 1])
        return sharpness(rows, part) if query is None else elsewhere(rows[query], query, part)[1]

    return (*max(places, key=rank), len(places))
