"""What the encoder is fine-tuned on: phrasings alone, the same after an answer about something, lessons' sentences."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from benchmarks.train_reader import PHRASINGS, Example, rambled, typed, written
from tutor.curriculum.tree import Library
from tutor.understanding.concepts import told_before
from tutor.understanding.knowledge import Turn
from tutor.understanding.lexicon import Lexicon, default_root
from tutor.understanding.naming import Hit
from tutor.understanding.paraphrase import FOREIGN
from tutor.understanding.reader import Reader

CONVERSATIONS = "conversations.yaml"
_BOTH = ("compare", "relation")
_AFTER, _TEMPLATE, _SAID, _TAUGHT = 0.7, 0.5, 2.0, 0.25
"""What an example counts: a question after an answer, a made-up one, one of a conversation, a lesson's sentence."""
_ELLIPSES = (
    "and the {}|what about {}|and {}|how about {}|what about the {} then|ok and {}|no i meant {}|i mean {}|{}"
    "|sorry i meant the {}|so what is {} then|and what is {}|then what is {}|wait what is {}"
).split("|")
_COMPARED = (
    "compared to {}|versus {}|how is that different from {}|is it the same as {}|is that better than {}"
    "|and how does it differ from {}|so is that just {}|is {} the same thing"
).split("|")
_RELATED = (
    "does it help {}|what has that to do with {}|how does that connect to {}|does {} need that|is that used in {}"
    "|how does it fit with {}|does {} have one too|does that matter for {}"
).split("|")
_LEADS = ("", "", "", "and ", "but ", "ok but ", "so ")


@dataclass(frozen=True)
class Item:
    """Text as the encoder meets it, what was told before it, and what is right."""

    told: str
    text: str
    concepts: tuple[str, ...]
    facets: tuple[str, ...]
    weight: float
    both: bool = False
    """Both concepts are asked about; otherwise any of them is right."""


def both(concepts: Sequence[str], facets: Sequence[str]) -> bool:
    """A question with these labels is about two things."""
    return len(concepts) == 2 and any(facet in _BOTH for facet in facets)


class Items:
    """Makes the examples; `dice` decides what is told before a question."""

    def __init__(self, lexicon: Lexicon, library: Library, seed: int = 11) -> None:
        self._lexicon, self._library = lexicon, library
        self._reader = Reader(library, lexicon)
        self._dice = random.Random(seed)
        self._known = sorted({name.concept for name in lexicon.names} | {ask.concept for ask in lexicon.asks})

    def every(self) -> list[Item]:
        """All of them."""
        questions = list(typed(default_root() / PHRASINGS))
        known = {e.text: e for e in written(self._lexicon, self._library)} | {e.text: e for e in questions}
        found = [item for e in known.values() for item in self._of(e)]
        for e in rambled(questions, self._dice):
            if self._dice.random() < 0.5:
                found.append(Item("", self._reader.prepare(e.text).corrected, e.concepts, e.facets, e.weight))
        found += [*self._made_up(), *self._taught(), *self._said()]
        return [item for item in found if item.text]

    def _of(self, e: Example) -> Iterator[Item]:
        turn = self._reader.prepare(e.text)
        text, strong = turn.corrected, [hit for hit in turn.hits if hit.weight >= 0.6]
        if e.follows:
            for _ in range(3):
                concept = self._dice.choice(self._known)
                concepts = tuple(dict.fromkeys((concept, *(hit.concept for hit in strong))))
                yield Item(told_before((concept,)), text, concepts, e.facets, _AFTER)
            return
        alone = Item("", text, e.concepts, e.facets, e.weight, both(e.concepts, e.facets))
        yield alone
        own = [concept for concept in e.concepts if concept != FOREIGN]
        after_it = replace(alone, weight=e.weight * _AFTER)
        other = self._dice.choice(self._known)
        if (strong or len(turn.words) >= 8) and other not in e.concepts and self._dice.random() < 0.12:
            yield replace(after_it, told=told_before((other,)))
        if own and self._dice.random() < 0.08:
            yield replace(after_it, told=told_before((self._dice.choice(own),)))
        named = [hit for hit in strong if hit.concept in own]
        if named and len(turn.segments) == 1 and self._dice.random() < 0.6:
            yield self._pointing(turn, self._dice.choice(named), alone)

    def _pointing(self, turn: Turn, hit: Hit, alone: Item) -> Item:
        """The question with a pronoun for the name, after an answer about the thing named."""
        words, start = list(turn.words), hit.start
        while start > 0 and words[start - 1] in ("the", "a", "an"):
            start -= 1
        words[start : hit.end] = [self._dice.choice(("it", "it", "that", "this"))]
        text = self._dice.choice(_LEADS) + " ".join(words) + ("?" if alone.text.endswith("?") else "")
        concepts = alone.concepts if alone.both else (hit.concept,)
        return replace(alone, told=told_before((hit.concept,)), text=text, concepts=concepts)

    def _made_up(self) -> Iterator[Item]:
        """'And the …?' after an answer about something else, for every name in turn."""
        for concept in self._known:
            names = [n.text for n in self._lexicon.names if n.concept == concept and n.weight >= 0.8]
            for templates, count, facet in ((_ELLIPSES, 7, ""), (_COMPARED, 2, "compare"), (_RELATED, 2, "relation")):
                for _ in range(count):
                    other = self._dice.choice([one for one in self._known if one != concept])
                    template = self._dice.choice(templates)
                    text = template.format(self._dice.choice(names or [told_before((concept,))]))
                    text = " ".join(self._reader.prepare(text).words) + self._dice.choice(("?", "?", ""))
                    facets = (facet,) if facet else ("what",) if "what is" in template else ()
                    concepts = (other, concept) if facet else (concept,)
                    yield Item(told_before((other,)), text, concepts, facets, _TEMPLATE, bool(facet))

    def _taught(self) -> Iterator[Item]:
        """Sentences of the lessons: how a thing is described without its name."""
        told: list[tuple[str, tuple[str, ...]]] = []
        for node in self._library.nodes.values():
            concepts = tuple(concept for concept in (node.concept, node.other) if concept)
            analogy = (node.analogy.say,) if node.analogy else ()
            told += [(said, concepts) for said in (*node.say, *node.simpler, *analogy)]
        for known in self._library.concepts.values():
            for belief in known.misconceptions:
                told += [(said, (known.id,)) for said in (belief.belief, *belief.phrased)]
        for said, concepts in told:
            for sentence in re.split(r"(?<=[.?!])\s+", re.sub(r"[*{}_`]", "", said)):
                if len(sentence.split()) >= 6:
                    yield Item("", self._reader.prepare(sentence).corrected, concepts, (), _TAUGHT)

    def _said(self) -> Iterator[Item]:
        """Turns of conversations, with what the answer before them was about."""
        entries: list[dict[str, Any]] = yaml.safe_load((default_root() / CONVERSATIONS).read_text("utf-8"))
        for entry in entries:
            concepts, facets = tuple(entry["concepts"]), tuple(entry["facets"])
            text = self._reader.prepare(entry["asks"]).corrected
            yield Item(told_before(entry["after"]), text, concepts, facets, _SAID, entry.get("both", False))
