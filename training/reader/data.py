"""What the reader learns from: `training/data/`, one file a hand, and the wordings in the lessons.

    phrasings/<hand>.tsv   node, wording
    followups/<hand>.tsv   node told before, wording, node
    turns/<hand>.tsv       question told before, picture on the screen, turn, act, wish
    requests/<hand>.tsv    question told before, picture on the screen, turn with {slot:words}, run
    outside/<hand>.tsv     turn, 'far' or 'near'

Fields are separated by tabs; '-' stands for none. Hands named in `kept.txt` are never trained on: they measure.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tutor.curriculum.tree import Library
from tutor.understanding.intent import ACTS, NO_RUN, SLOTS, WISHES, Context
from tutor.understanding.reader import NO_SLOT

DATA = Path(__file__).parent.parent / "data"
SLOT_LABELS = (NO_SLOT, *SLOTS)
_SLOT = re.compile(r"\{([a-z]+):([^{}]*)\}")
RUNS = ("request", "calculate", "set_sentence")
"""Acts that want something run, or may."""
AFTER_OTHER = 0.2
"""Share of the wordings that are also read after an answer about something else: the subject may change."""
BY_THEMSELVES = 0.5
"""Share of the turns that are no questions which are also read with nothing before them: acts are weighed so, too."""


@dataclass(frozen=True)
class Example:
    """One turn and what it is; an empty label is not learned from."""

    text: str
    told: str = ""
    act: str = ""
    wish: str = ""
    node: str = ""
    run: str = ""
    slots: tuple[tuple[int, int, str], ...] | None = None
    """(start, end, slot) in characters; None where the words carry no labels."""
    hand: str = ""


def kept_hands() -> frozenset[str]:
    """Names of the files that are kept back for measuring."""
    return frozenset((DATA / "kept.txt").read_text("utf-8").split())


def load(library: Library) -> list[Example]:
    """All examples of all hands, those of the lessons as hand 'lessons'."""
    return [
        *lessons(library),
        *phrasings(library),
        *followups(library),
        *turns(library),
        *requests(library),
        *outside(),
    ]


def split(examples: Iterable[Example]) -> tuple[list[Example], list[Example]]:
    """Those to train on, and those of the kept hands."""
    kept = kept_hands()
    learned: list[Example] = []
    measured: list[Example] = []
    for example in examples:
        (measured if example.hand in kept else learned).append(example)
    return learned, measured


def replayed(examples: Iterable[Example], fresh: Collection[str], share: float, seed: int) -> list[Example]:
    """All examples of the fresh hands and a share of the others: going on from earlier weights without forgetting."""
    dice = random.Random(seed)
    return [one for one in examples if one.hand in fresh or dice.random() < share]


def lessons(library: Library) -> Iterator[Example]:
    """The wordings that the lessons list."""
    for node in library.nodes.values():
        for text in node.wordings:
            yield Example(text, act="question", wish="none", node=node.id, run=NO_RUN, hand="lessons")


def phrasings(library: Library) -> Iterator[Example]:
    """Wordings by many hands."""
    for hand, (node, text) in _rows("phrasings", 2):
        if node in library.nodes:
            yield Example(text, act="question", node=node, run=NO_RUN, hand=hand)


def followups(library: Library) -> Iterator[Example]:
    """Questions that go on from an answer."""
    for hand, (before, text, node) in _rows("followups", 3):
        if node in library.nodes and before in library.nodes:
            told = library.nodes[before].ask
            yield Example(text, told=told, act="question", node=node, run=NO_RUN, hand=hand)


def turns(library: Library) -> Iterator[Example]:
    """Turns of every act, in context."""
    for hand, (told, picture, text, act, wish) in _rows("turns", 5):
        if act not in ACTS:
            continue
        asked = wish if wish in WISHES else "none"
        before, asked = _before(library, told, picture), asked if act == "question" else ""
        yield Example(text, before, act, asked, run=NO_RUN if act not in RUNS else "", hand=hand)


def requests(library: Library) -> Iterator[Example]:
    """Requests to the instrument and calculations, with their slots."""
    for hand, (told, picture, marked, run) in _rows("requests", 4):
        text, slots = without_marks(marked)
        act = "calculate" if run.startswith("calc.") else "request"
        yield Example(text, _before(library, told, picture), act, run=run, slots=slots, hand=hand)


def outside() -> Iterator[Example]:
    """What is not taught here."""
    for hand, (text, _) in _rows("outside", 2):
        yield Example(text, act="out_of_scope", run=NO_RUN, hand=hand)


def after_others(examples: Iterable[Example], library: Library, seed: int) -> Iterator[Example]:
    """Some of the questions once more, after an answer about something else: the subject may change."""
    dice = random.Random(seed)
    nodes = list(library.nodes.values())
    for example in examples:
        if example.node and not example.told and dice.random() < AFTER_OTHER:
            yield replace(example, told=dice.choice(nodes).ask)


def by_themselves(examples: Iterable[Example], seed: int) -> Iterator[Example]:
    """Some of the turns that are no questions once more, with nothing before them: 'simpler please' is what it is."""
    dice = random.Random(seed)
    for example in examples:
        if example.told and example.act and example.act != "question" and dice.random() < BY_THEMSELVES:
            yield replace(example, told="")


def without_marks(marked: str) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """'show {layer:layer 2}' -> 'show layer 2' and where the slot stands in it."""
    text, slots, end = "", [], 0
    for found in _SLOT.finditer(marked):
        text += marked[end : found.start()]
        if found[1] in SLOTS:
            slots.append((len(text), len(text) + len(found[2]), found[1]))
        text += found[2]
        end = found.end()
    return text + marked[end:], tuple(slots)


def fingerprint(library: Library) -> str:
    """A hash of everything that the reader is trained on."""
    digest = hashlib.sha256()
    for node in library.nodes.values():
        digest.update("\n".join((node.id, *node.wordings)).encode())
    for path in sorted(DATA.rglob("*.t*")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _before(library: Library, told: str, picture: str) -> str:
    narration = library.narrations.get(picture)
    title = narration.title if narration else ""
    return Context(told="" if told == "-" else told, picture_title=title).before


def _rows(kind: str, fields: int) -> Iterator[tuple[str, list[str]]]:
    for path in sorted((DATA / kind).glob("*.tsv")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            row = line.split("\t")
            if len(row) != fields:
                raise ValueError(f"{path}:{number}: {len(row)} fields, not {fields}; separate them by tabs")
            yield f"{kind}/{path.stem}", row
