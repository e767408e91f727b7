"""Reading a turn: its act, the nodes whose question it may be, and what a request means, in one pass of the encoder.

Nothing here decides: every reading gets a probability, and the dialogue chooses.

M nodes, D width
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tutor.curriculum.loader import lessons_root
from tutor.curriculum.tree import Library
from tutor.understanding import encoder, index
from tutor.understanding.encoder import Encoder, Read
from tutor.understanding.forms import (
    halves,
    named_numbers,
    number_of_offer,
    numbers_in,
    sentences,
    vectors_in,
)
from tutor.understanding.going_on import GoingOn
from tutor.understanding.index import Index
from tutor.understanding.intent import NO_RUN, Context, Intent, Ranked, Slot
from tutor.understanding.lexical import Lexical
from tutor.understanding.wishes import Wishes

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

SHARPNESS = 28.0
"""Turns differences of scores into ratios of probabilities. Fitted on kept-back writers."""
ALONE = 0.3
"""What a turn read without the one before counts, where there is one before."""
BY_ITSELF = 0.4
"""What act and run of a turn read alone count beside those in its context: 'test me' asks for a quiz anywhere."""
IN_PARTS = 0.4
"""What the best of its sentences counts, where a turn has several: people ramble, and ask in one of them."""
WORDS = 0.07
"""What the node counts that shares most of the turn's telling words."""
OF_PART = 0.7
"""What a sentence counts beside the whole turn where its own node is sought."""
KEPT = 12
"""Nodes, acts and runs that an intent names."""
NO_SLOT = "-"
COURTESIES, WANTS = frozenset({"thanks", "greet", "feedback", "yes", "no"}), 0.6
"""Acts that may stand before what a turn wants, and the probability from which another sentence wants something."""
ORDERS = frozenset({"request", "objection", "back", "no", "yes"})
"""Acts of turns that may hold two orders."""


class Found(NamedTuple):
    """The nodes that a turn may ask for."""

    ranked: tuple[Ranked, ...]
    parts: tuple[Ranked, ...]
    """The best node of each sentence."""
    likeness: float


class Reader:
    """Reads turns against one library."""

    def __init__(self, library: Library, root: Path | None = None) -> None:
        folder = (root or lessons_root()) / "understanding"
        self._library = library
        self._encoder = Encoder(folder / encoder.FILE)
        self._encoder.correct(library.wordings())
        self._index = Index(
            {node.id: node.wordings for node in library.nodes.values()}, self._encoder, folder / index.FILE
        )
        self._going_on = GoingOn(library)
        self._lexical = Lexical(list(library.nodes.values()))
        self._wishes = Wishes(library.wishes, self._encoder, self._index)
        self._legends: dict[str, list[tuple[int, Array]]] = {}

    def warm_up(self) -> None:
        """Load everything now rather than at the first question. Raises `BrokenFileError`."""
        self._encoder.warm_up()
        self._index.warm_up()
        self._lexical.warm_up()

    def read(self, text: str, context: Context) -> Intent:
        """What `text`, already cleaned, asks for after `context`."""
        before, told = context.before, context.told
        # What is asked goes on from the answer; the picture beside it only tells what is wanted of the picture.
        asked = [(told, text), ("", text)] if told else [("", text)]
        said = sentences(text)
        # A sentence goes on from the one before it, as a turn goes on from an answer.
        turns = [(before, text), *asked, *zip((told, *said), said, strict=False)]
        once = list(dict.fromkeys(turns))
        by_turn = dict(zip(once, self._encoder.read(once), strict=True))
        whole, *reads = (by_turn[turn] for turn in turns)
        parts = reads[len(asked) :]
        found = self._nodes(text, reads[: len(asked)], parts, told)
        asking = [number for number, part in enumerate(said) if part.endswith("?")]
        heard = _heard(_weighed(whole, reads[len(asked) - 1]) if before else whole, parts)
        return Intent(
            text=text,
            acts=_ranked(heard.labels["act"]),
            wish=_ranked(whole.labels["wish"])[0].id,
            nodes=found.ranked,
            parts=tuple(found.parts[number] for number in asking),
            likeness=found.likeness,
            runs=tuple(run for run in _ranked(heard.labels["run"]) if run.id != NO_RUN),
            slots=_slots(text, whole),
            numbers=numbers_in(text),
            vectors=vectors_in(text),
            named=named_numbers(text),
            marks=self._marks(reads[len(asked) - 1].vector, context.picture) if context.picture else (),
            halves=self._halves(text, before) if _ranked(heard.labels["act"])[0].id in ORDERS else (),
            picked=number_of_offer(text, context.offered),
            lost=self._index.lost(reads[len(asked) - 1].vector) if self._library.left_out else "",
        )

    def _halves(self, text: str, before: str) -> tuple[tuple[Intent, Intent], ...]:
        """The turn taken for two orders, wherever it may be parted: what each half is, and its slots."""
        pairs = halves(text)
        reads = self._encoder.read([(before, part) for pair in pairs for part in pair]) if pairs else []
        own = iter(reads)
        return tuple((_order(first, next(own)), _order(second, next(own))) for first, second in pairs)

    def wish(self, text: str) -> Ranked:
        """What `text`, said inside a lesson, would want of the lesson, and how near it is to saying that, -1 to 1."""
        return self._wishes.nearest(text)

    def _nodes(self, text: str, reads: list[Read], parts: list[Read], told: str) -> Found:
        """The nodes for a turn, read as a whole after what was told and alone, and sentence by sentence."""
        import numpy as np

        if not self._index.nodes:  # no file of answers can be read
            return Found((), (), 0.0)
        scores, nearest = self._index.scores(reads[0].vector)  # (M,) each
        for alone in reads[1:]:
            own, near = self._index.scores(alone.vector)
            scores, nearest = (1 - ALONE) * scores + ALONE * own, np.maximum(nearest, near)
        by_part = [self._index.scores(part.vector)[0] for part in parts]
        in_parts = tuple(self._ranked(OF_PART * own + (1 - OF_PART) * scores, 1)[0] for own in by_part)
        if by_part:
            scores = (1 - IN_PARTS) * scores + IN_PARTS * np.max(by_part, 0)
        scores = scores + WORDS * self._lexical.scores(text)
        nearer = self._going_on.scores(told)
        scores = scores if nearer is None else scores + nearer
        ranked = self._ranked(scores, KEPT)
        return Found(ranked, in_parts, float(nearest[int(np.argmax(scores))]) if len(scores) else 0.0)

    def _ranked(self, scores: Array, count: int) -> tuple[Ranked, ...]:
        """The best nodes with their probabilities among all."""
        import numpy as np

        shares = np.exp(SHARPNESS * (scores - scores.max()))
        shares /= shares.sum()
        best = np.argsort(-scores)[:count].tolist()
        return tuple(Ranked(self._index.nodes[place], float(shares[place])) for place in best)

    def _marks(self, vector: Array, picture: str) -> tuple[Ranked, ...]:
        """The marks of a picture, the likest to what was asked first; the number is the cosine."""
        found = [(f"{picture}#{number}", float((rows @ vector).max())) for number, rows in self._legend(picture)]
        return tuple(Ranked(name, cosine) for name, cosine in sorted(found, key=lambda entry: -entry[1]))

    def _legend(self, picture: str) -> list[tuple[int, Array]]:
        """Of each mark of a picture, its number and the vectors of the ways to ask for it."""
        if picture not in self._legends:
            narration = self._library.narrations.get(picture)
            marks = narration.legend if narration else ()
            self._legends[picture] = [(number, self._index.vectors(one.wordings)) for number, one in enumerate(marks)]
        return self._legends[picture]


def _order(text: str, read: Read) -> Intent:
    """Half a turn, as far as an order is read: no node is sought for it."""
    return Intent(
        text=text,
        acts=_ranked(read.labels["act"]),
        runs=tuple(run for run in _ranked(read.labels["run"]) if run.id != NO_RUN),
        slots=_slots(text, read),
        numbers=numbers_in(text),
        named=named_numbers(text),
    )


def _weighed(whole: Read, alone: Read) -> Read:
    """A turn read in its context, its act and run weighed with what they are by themselves."""
    both = {head: _mixed(whole.labels[head], alone.labels[head]) for head in ("act", "run")}
    return replace(whole, labels={**whole.labels, **both})


def _mixed(placed: Mapping[str, float], alone: Mapping[str, float]) -> dict[str, float]:
    names = dict.fromkeys((*placed, *alone))
    return {name: (1 - BY_ITSELF) * placed.get(name, 0.0) + BY_ITSELF * alone.get(name, 0.0) for name in names}


def _heard(whole: Read, parts: list[Read]) -> Read:
    """What says what the turn is: after a courtesy or a remark, the sentence that wants something."""
    if max(whole.labels["act"].items(), key=lambda entry: entry[1])[0] not in COURTESIES:
        return whole
    for part in reversed(parts):
        act, probability = max(part.labels["act"].items(), key=lambda entry: entry[1])
        if act not in COURTESIES and probability >= WANTS:
            return part
    return whole


def _ranked(labels: Mapping[str, float]) -> tuple[Ranked, ...]:
    best = sorted(labels.items(), key=lambda entry: -entry[1])[:KEPT]
    return tuple(Ranked(name, probability) for name, probability in best)


def _slots(text: str, read: Read) -> tuple[Slot, ...]:
    """Words that stand together and fill the same slot, joined."""
    found: list[tuple[str, int, int]] = []
    last = NO_SLOT
    for start, end, kind in read.words:
        if kind != NO_SLOT:
            if kind == last:
                _, begun, _ = found.pop()
                found.append((kind, begun, end))
            else:
                found.append((kind, start, end))
        last = kind
    return tuple(Slot(kind, text[start:end], start) for kind, start, end in found)
