"""What every part of the reader shares: the lexicon, the names, the trained readings and the prepared turn."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tutor.curriculum.tree import Library
from tutor.understanding.alike import FILE as VECTORS
from tutor.understanding.alike import Alike
from tutor.understanding.encoder import FILE as ENCODER
from tutor.understanding.encoder import Encoder
from tutor.understanding.everyday import FILE as EVERYDAY
from tutor.understanding.everyday import Everyday
from tutor.understanding.features import Features
from tutor.understanding.hints import Hints
from tutor.understanding.lexicon import Lexicon, default_root, load_lexicon
from tutor.understanding.linear import FILE, Model, load_model, mark
from tutor.understanding.naming import CONTAINERS, Hit, Names
from tutor.understanding.paraphrase import FOREIGN, Phrasings
from tutor.understanding.patterns import ASKING, ASKING_INSIDE, ASKS_OPENLY, MANNER, NEGATED, POLITE
from tutor.understanding.text import Segment, Speller, fold, sentences, split_words

_BEFORE = 0.5
"""What the sentence before the one that asks counts."""
_OUTSIDE = 0.25
"""What any other sentence counts."""
_STATED = 0.63
"""How much alike a statement and the wording of a belief must be."""
_PRESUPPOSED = 0.8
"""How much of both must be in common, where the words stand in an open question."""

_HEDGES = frozenset(
    "but during right correct maybe perhaps bit really just guess think suppose probably basically kind sort somehow "
    "then".split()
)
"""Words that soften a belief and say nothing of it."""

_THINGS = frozenset("animal bird cat chat dog horse house king mat minister mouse queen river tree".split())
"""Things that examples speak of: which one it is says nothing of a belief about the network."""

_UNHEARD = 0.5
"""What a word counts that no belief has, beside the rarest that one has: it says little against all of them."""

_PAIR, _CLASS = 0.4, 0.7
"""What two neighbouring words and a class of words count in a belief, beside a word."""


@dataclass(frozen=True)
class Belief:
    """One wording of a belief."""

    features: frozenset[str]
    weight: float
    belief: str
    concept: str
    negated: bool
    """It says that something is not so."""


@dataclass(frozen=True)
class Turn:
    """A turn, prepared once for everything that looks at it."""

    raw: str
    segments: tuple[Segment, ...]
    words: tuple[str, ...]
    joined: str
    hits: tuple[Hit, ...]

    @property
    def asks(self) -> bool:
        return any(segment.asks for segment in self.segments)

    @property
    def corrected(self) -> str:
        """The corrected words with their sentences told apart: what the encoder reads."""
        marked = (segment.text + ("?" if segment.raw.rstrip().endswith("?") else "") for segment in self.segments)
        return ". ".join(marked).replace("?.", "?")


class Knowledge:
    """The parts of the reader rest on this."""

    def __init__(
        self,
        library: Library | None = None,
        lexicon: Lexicon | None = None,
        model: Model | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        """Merge the lexicon with the names and phrasings of the library's concepts."""
        self._lexicon = lexicon or load_lexicon()
        self._library = library
        self._model = model or load_model(default_root() / FILE)
        self._encoder = encoder or Encoder(default_root() / ENCODER)
        self._everyday = Everyday(self._encoder, default_root() / EVERYDAY)
        self._features = Features(self._lexicon.classes, self._lexicon.stop)
        self._names = Names()
        self._phrasings = Phrasings(self._lexicon.classes, self._lexicon.stop)
        self._foreign_names = Names()
        self._hints = Hints(self._lexicon.hints)
        self._beliefs: list[Belief] = []
        self._rarity: dict[str, float] = {}
        self._believed: list[tuple[str, str, str]] = []
        """Wordings of beliefs, told apart when first needed: a prompt need not wait for it."""
        self._topics = frozenset(singular(word) for word in self._lexicon.topics)
        self._beside: dict[str, frozenset[str]] = {}
        for key, words in self._lexicon.beside.items():
            one = singular(key)
            self._beside[one] = self._beside.get(one, frozenset()) | {singular(word) for word in words}
        counts: Counter[str] = Counter(self._model.words)
        self._load_names(counts)
        self._load_asks(counts)
        self._phrasings.train()
        self._speller = Speller(
            {word: n for word, n in counts.items() if len(word) >= 3}, self._lexicon.known | self._lexicon.topics
        )

        self._alike = (
            Alike(library, self._encoder, lambda text: self.prepare(text).corrected, default_root() / VECTORS)
            if library
            else None
        )

    def warm_up(self) -> None:
        """Load what the first question needs; a prompt need not wait for it."""
        self._encoder.warm_up()
        if self._alike:
            self._alike.warm_up()

    def alike(self, text: str) -> Mapping[str, float]:
        """Node id -> how like the turn is in meaning to the likest phrasing of that node's question, -1 to 1."""
        return self._alike.nodes(text) if self._alike else {}

    def _load_names(self, counts: Counter[str]) -> None:
        for name in self._lexicon.names:
            words = self._plain(name.text)
            self._names.add(words, name.concept, name.weight)
            counts.update({word: 3 for word in words})
        for concept in (self._library.concepts if self._library else {}).values():
            for text in concept.names:
                words = self._plain(text)
                owners = self._names.owns(words)
                if words and not owners and (len(words) > 1 or len(words[0]) > 2):
                    self._names.add(words, concept.id, 0.9 if len(words) > 1 else 0.7)
                    counts.update({word: 3 for word in words})
        for text in self._lexicon.neighbours:
            words = self._plain(text)
            self._foreign_names.add(words, FOREIGN, 1.0)
            counts.update(words)

    def _load_asks(self, counts: Counter[str]) -> None:
        asks: list[tuple[str, str, str]] = []
        if self._library:
            for concept in self._library.concepts.values():
                for facet, texts in concept.asks.items():
                    asks += [(text, concept.id, facet) for text in texts]
                for belief in concept.misconceptions:
                    for text in (belief.belief, *belief.phrased):
                        self._believed.append((text, belief.belief, concept.id))
                        counts.update(split_words(fold(text)))
            for node in self._library.nodes.values():
                if not node.other:
                    asks += [(text, node.concept, node.facet) for text in (node.ask, *node.phrased)]
        for text, concept_id, facet in dict.fromkeys(asks):
            if mark(text) in self._model.asks:
                continue
            words = self._plain(text)
            counts.update(words)
            self._phrasings.add(words, text, concept_id, facet)

    def _plain(self, text: str) -> list[str]:
        return self.spell(self._lexicon, text)

    @staticmethod
    def spell(lexicon: Lexicon, text: str) -> list[str]:
        """Folded words with short forms written out, without spelling correction."""
        out: list[str] = []
        for word in split_words(fold(text)):
            longer = lexicon.short_forms.get(word)
            out += longer.split() if longer else (word,)
        return out

    def prepare(self, text: str) -> Turn:
        segments = []
        bare = MANNER.sub("", text)
        for part in sentences(bare if len(bare.split()) > 1 else text):
            words = self._speller.correct(self._plain(part))
            words = [w for word in words for w in self._lexicon.short_forms.get(word, word).split()]
            if words:
                joined = " ".join(words)
                asks = part.rstrip("\"')”’ ").endswith("?") or bool(
                    ASKING.match(joined) or ASKING_INSIDE.search(joined)
                )
                asks = asks or any(ASKING.match(" ".join(self._plain(piece))) for piece in part.split(",")[1:])
                segments.append(Segment(part, tuple(words), asks))
        every = tuple(word for segment in segments for word in segment.words)
        return Turn(text, tuple(segments), every, " ".join(every), tuple(self._names.find(every)))

    def _weigh(self, text: Turn) -> list[tuple[Segment, float]]:
        """Sentences with how much each counts: the one that asks most, then the one before it."""
        if len(text.segments) == 1:
            return [(text.segments[0], 1.0)]
        marked = [n for n, s in enumerate(text.segments) if s.asks and s.raw.rstrip("\"') ").endswith("?")]
        asking = marked or [n for n, s in enumerate(text.segments) if s.asks] or [len(text.segments) - 1]
        first = asking[0]
        if len(text.segments[first].words) <= 4 and len(asking) > 1:
            first = max(asking[:2], key=lambda n: len(text.segments[n].words))
        near = {first: 1.0, first - 1: _BEFORE, first + 1: _BEFORE if first + 1 in asking else _OUTSIDE}
        return [(s, near.get(n, _OUTSIDE)) for n, s in enumerate(text.segments)]

    def _strong(self, hits: Sequence[Hit]) -> list[Hit]:
        return [hit for hit in hits if hit.weight >= 0.6]

    def _ordered(self, hits: Sequence[Hit]) -> tuple[str, ...]:
        best: dict[str, float] = {}
        for hit in self._strong(hits):
            value = hit.weight * (0.7 if hit.place and hit.concept in CONTAINERS else 1.0)
            best[hit.concept] = max(best.get(hit.concept, 0.0), value)
        return tuple(sorted(best, key=lambda concept: -best[concept]))

    def _foreign_words(self, text: Turn) -> list[str]:
        return [word for word in text.words if singular(word) in self._topics]

    def _misplaced(self, text: Turn) -> bool:
        """One of our words stands beside one that makes it another trade's: 'transformer' and 'pole'."""
        ours = {singular(word) for word in text.words}
        return any(ours & self._beside[one] for one in ours & self._beside.keys())

    def _belief(self, text: Turn) -> tuple[str, str]:
        """The belief that the turn states or takes for granted, and the concept whose lesson knows it."""
        self._load_beliefs()
        best, found = (0.0, False), ("", "")
        for features, openly, negated in self._claims(text):
            own = self._weight_of(features)
            for belief in self._beliefs:
                if belief.negated != negated:
                    continue
                shared = self._weight_of(features & belief.features)
                value = shared / (own * belief.weight) ** 0.5 if own else 0.0
                whole = shared >= _PRESUPPOSED * max(own, belief.weight)
                if value >= _STATED and (value, not openly) > best and (whole or not openly):
                    best, found = (value, not openly), (belief.belief, belief.concept)
        return found

    def _claims(self, text: Turn) -> Iterator[tuple[frozenset[str], bool, bool]]:
        """What each part of a turn claims: its features, whether inside an open question, and whether it denies.

        A belief may be one sentence of several; "why …?" and its like seldom take one for granted.
        """
        spoken = [text.words, *(segment.words for segment in text.segments)]
        for segment in text.segments:
            pieces = [self._plain(piece) for piece in segment.raw.split(",")]
            spoken += [tuple(words) for words in pieces if len(pieces) > 1 and len(words) > 3]
        for words in dict.fromkeys(spoken):
            bare = POLITE.sub("", " ".join(words))
            yield self._claim(words), bool(ASKS_OPENLY.match(bare)), bool(NEGATED.match(bare))

    def _claim(self, words: Sequence[str]) -> frozenset[str]:
        spoken = " ".join(words).replace(" at all", "").split()
        kept = [word for word in spoken if word not in _HEDGES and singular(word) not in _THINGS]
        return frozenset(self._phrasings.features(kept))

    def _load_beliefs(self) -> None:
        if self._beliefs:
            return
        counts: Counter[str] = Counter()
        worded = []
        for wording, belief, concept in self._believed:
            words = self._plain(wording)
            features = self._claim(words)
            counts.update(features)
            worded.append((features, belief, concept, bool(NEGATED.match(" ".join(words)))))
        self._rarity = {feature: math.log((len(worded) + 1) / n) for feature, n in counts.items()}
        self._beliefs = [Belief(f, self._weight_of(f), b, c, n) for f, b, c, n in worded if f]

    def _weight_of(self, features: frozenset[str]) -> float:
        """How much all of these say together: what few beliefs speak of says more."""
        rarest = _UNHEARD * math.log(len(self._believed) + 1)
        kinds = ((one, _PAIR if " " in one else _CLASS if one[0] == "@" else 1.0) for one in features)
        return math.fsum(kind * self._rarity.get(one, rarest) for one, kind in kinds)


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
