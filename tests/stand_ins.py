"""A small library, a reader that follows a script, and models and runs that answer at once."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from tutor.curriculum.loader import REPLIES, lessons_root, load_each, load_replies
from tutor.curriculum.tree import Analogy, Branch, Concept, Evidence, Library, Mark, Narration, Node, Show
from tutor.dialogue.conversation import Conversation
from tutor.dialogue.policy import decide
from tutor.dialogue.types import Answer, Plan
from tutor.errors import LearnerError
from tutor.experiments.attention import Attention, AttentionOptions
from tutor.experiments.base import Run, make_options, registered
from tutor.experiments.registry import NAMES
from tutor.understanding.encoder import Encoder, Read
from tutor.understanding.forms import number_of_offer
from tutor.understanding.intent import Context, Intent, Ranked, Slot

PROVING = ("The dog sleeps.", "My dog sleeps.")
"""Sentences on which the evidence of the small library holds; it does not on the default one."""


def node(id: str, **given: Any) -> Node:
    """A node; what is not given is short and tells of its id."""
    concept, facet, *_ = id.split(".")
    values: dict[str, Any] = {
        "id": id, "concept": concept, "facet": facet, "other": "", "ask": f"Ask {id}?", "asked": (),
        "line": f"Line of {id}.", "say": (f"Say {id}.", f"More of {id}."), "simpler": "", "analogies": (), "math": (),
        "code": "", "evidence": None, "case": None, "below": "", "floor": "", "next": (), "where": "test:1",
    }  # fmt: skip
    return Node(**(values | given))


def evidence(experiment: str, when: str = "", sentence: str = "") -> Evidence:
    """A proof by `experiment`."""
    return Evidence(Show(experiment), "It does.", when, "On your sentence {query_word} has {weight:.0%}.", sentence)


NODES = (
    node("attention.what", below="attention.why", next=("attention.how",), simpler="Simply attention.",
         analogies=(Analogy("A library.", "no librarian."), Analogy("A spotlight.", "many beams.")),
         math=("softmax(QKᵀ/√d)V",), evidence=evidence("attention", "weight > 0.5", PROVING[0])),
    node("attention.why", below="attention.why.path", simpler="Simply why."),
    node("attention.why.path", floor="theorem"),
    node("attention.how", evidence=evidence("attention", "weight > 0.5")),
    node("attention.example"),
    node("attention.math"),
    node("attention.code", code="print(1)"),
    node("softmax.what", below="softmax.why"),
    node("softmax.why", floor="definition"),
    node("softmax.limits", floor="definition", math=("eˣ",), code="print(2)"),
    node("scaling.what", floor="definition"),
    node("embedding.what", evidence=evidence("attention")),
    node("attention.relation.softmax", other="softmax"),
    node("backpropagation.what"),
    node("transformer.what"),
)  # fmt: skip
SHOWS = {"attention": ("attention", "attention-steps"), "softmax": ("softmax",)}
LEGEND = (
    Mark("dark cell", ("the black ones",), "Dark: {weight:.0%}."),
    Mark("the arrow", (), "The arrow marks {query_word}."),
)
NARRATIONS = (
    Narration("attention", "Who looks at whom", "Who looks at whom?",
              (Branch("", "{query_word} looks at {key_word}."),), LEGEND,
              ("`/show softmax`", "Ask attention.how?", "`/lesson`"), "test:1"),
    Narration("softmax", "Scores into shares", "How do scores become shares?",
              (Branch("", "Shares on {key_word}."),), (), ("`/show attention`",), "test:1"),
    *(Narration(name, name.capitalize(), f"What does {name} show?", (), (), (), "test:1")
      for name in NAMES if name not in ("attention", "softmax")),
)  # fmt: skip


@functools.cache
def replies() -> Mapping[str, tuple[str, ...]]:
    """The bundled small replies."""
    return {kind: told for held in load_each(lessons_root(), REPLIES, load_replies) for kind, told in held.items()}


def small_library(*more: Node) -> Library:
    """A library of `NODES` and of `more`, which go before those of the same id."""
    nodes = {entry.id: entry for entry in (*NODES, *more)}
    concepts = {}
    for name in dict.fromkeys(entry.concept for entry in nodes.values()):
        own = tuple(entry for entry in nodes.values() if entry.concept == name)
        concepts[name] = Concept(name, "subject", name.capitalize(), (name,), SHOWS.get(name, ()), own, "test:1")
    return Library(concepts, nodes, {entry.experiment: entry for entry in NARRATIONS}, replies())


# --- intents ------------------------------------------------------------------------------------------


def act(name: str, text: str = "", **more: Any) -> Intent:
    """A turn that is surely this act."""
    return Intent(text or name, (Ranked(name, 0.95), Ranked("feedback", 0.05)), **more)


def asks(*nodes: str | tuple[str, float], likeness: float = 0.9, **more: Any) -> Intent:
    """A question; nodes with their probabilities, 0.9 where none is given."""
    ranked = tuple(Ranked(*entry) if isinstance(entry, tuple) else Ranked(entry, 0.9) for entry in nodes)
    return act("question", more.pop("text", "a question?"), nodes=ranked, likeness=likeness, **more)


def wants(run: str, text: str = "", **slots: str | tuple[str, ...]) -> Intent:
    """A request; a slot with several texts stands there several times."""
    found = [
        Slot(kind, one, at)
        for at, (kind, texts) in enumerate(slots.items())
        for one in ((texts,) if isinstance(texts, str) else texts)
    ]
    return act("request", text or run, runs=(Ranked(run, 0.9),), slots=tuple(found))


SCRIPT = {
    "what is attention": asks("attention.what"),
    "why attention": asks("attention.why"),
    "how does attention work": asks("attention.how", ("attention.what", 0.05)),
    "what is softmax": asks("softmax.what"),
    "fuzzy": asks(("attention.what", 0.15), ("softmax.what", 0.1), likeness=0.3),
    "but why?": act("why"),
    "simpler please": act("simpler"),
    "more detail": act("deeper"),
    "test me": act("quiz"),
    "start the lesson": act("lesson"),
    "thanks": act("thanks"),
    "bye": act("bye"),
    "My dog sleeps.": act("set_sentence", "My dog sleeps."),
    "the weights in numbers": wants("numbers"),
}


class ScriptedReader:
    """Knows the turns of `SCRIPT` and whatever a test adds; a number picks an offer; the rest is a greeting."""

    def __init__(self) -> None:
        self.script = dict(SCRIPT)
        self.contexts: list[Context] = []

    def read(self, text: str, context: Context) -> Intent:
        self.contexts.append(context)
        picked = number_of_offer(text, context.offered)
        return act("yes", text, picked=picked) if picked else self.script.get(text) or act("greet", text)

    def wish(self, text: str) -> Ranked:
        """None: what is said in a lesson is not in the script."""
        return Ranked("", 0.0)

    def likeness(self, text: str, others: Sequence[str]) -> tuple[float, ...]:
        """1 for the same text."""
        return tuple(float(text == other) for other in others)


class ReadAhead:
    """An encoder that reads many turns in a few passes beforehand, since one by one they take five times as long."""

    def __init__(self, encoder: Encoder, turns: Sequence[tuple[str, str]]) -> None:
        self._encoder = encoder
        self._read: dict[tuple[str, str], Read] = {}
        shortest_first = sorted(set(turns), key=lambda turn: len(turn[0]) + len(turn[1]))
        for at in range(0, len(shortest_first), 16):
            some = shortest_first[at : at + 16]
            self._read |= dict(zip(some, encoder.read(some), strict=True))

    def read(self, turns: Sequence[tuple[str, str]]) -> list[Read]:
        """What was read beforehand, else read now."""
        return [self._read.get(turn) or self._encoder.read([turn])[0] for turn in turns]


# --- runs ---------------------------------------------------------------------------------------------


class FakeModels:
    """Enough of `Models` to check where to look; nothing is computed."""

    def __init__(self) -> None:
        self.model = SimpleNamespace(config=SimpleNamespace(heads=4, encoder_layers=3, decoder_layers=3))
        self.touched = True

    def warm_up(self) -> None:
        """Nothing to load."""

    def load_rest(self) -> None:
        """Nothing either."""

    def read(self, sentence: str) -> Any:
        return SimpleNamespace(source_tokens=tuple(sentence.rstrip(".").split()), translation="")

    def altered(self, edits: Sequence[Any]) -> FakeModels:
        return self

    def source_ids(self, sentence: str) -> tuple[int, ...]:
        if len(sentence.split()) > 128:
            raise LearnerError("That sentence is 201 tokens long and the model reads 128; shorten it or split it.")
        return tuple(range(len(sentence.split())))


@dataclass(frozen=True)
class Stand:
    """Stands in for the result of an experiment."""

    query_word: str
    key_word: str
    weight: float


RAN: list[tuple[str, str]] = []
"""Every (experiment, sentence) that was run, for tests that count; they empty it first."""


def fake_run(name: str, models: Any, sentence: str, options: Mapping[str, Any] | None = None) -> Run:
    """Runs nothing, and refuses what the real one would: wrong options, long sentences, words that are not there."""
    models.source_ids(sentence)
    chosen = make_options(registered()[name], options or {})
    words = tuple(sentence.rstrip(".").split())
    for given in filter(None, (getattr(chosen, one, "") for one in ("word", "query", "key"))):
        if given not in words:
            raise LearnerError(f"there is no word '{given}' in that sentence; it has {', '.join(words)}")
    RAN.append((name, sentence))
    weight = 0.6 if sentence in PROVING else 0.3
    if not isinstance(chosen, AttentionOptions):
        return Run(name, sentence, chosen, Stand(words[-1], words[0], weight))
    second = min(1, len(words) - 1)
    rows = ((weight, 1 - weight, *(0.0 for _ in words[2:])),) * len(words)
    result = Attention(
        part=chosen.part, layer=chosen.layer or 2, head=chosen.head or 1, layers=3, heads=4, query_tokens=words,
        key_tokens=words, weights=rows, entropies_bits=(1.0,) * len(words), query_position=second,
        query_token=words[second], query_word=words[second], key_position=0, key_token=words[0], key_word=words[0],
        weight=weight, entropy_bits=1.2,
        uniform_weight=0.2, second_key_token=words[second], second_key_word=words[second], second_weight=0.3,
    )  # fmt: skip
    return Run(name, sentence, chosen, result)


class Talk(Conversation):
    """A conversation whose turns are intents."""

    def __init__(self, *more: Node, sentence: str = "The cat is on the mat.") -> None:
        super().__init__(small_library(*more), ScriptedReader(), FakeModels(), sentence)  # type: ignore[arg-type]

    def __call__(self, intent: Intent, *, live: bool = True) -> Answer:
        """Say it, and hear the answer."""
        assert isinstance(self.reader, ScriptedReader)
        self.reader.script[intent.text] = intent
        return self.turn(intent.text, live)

    def plan(self, intent: Intent) -> Plan:
        """What would be done."""
        return decide(self.library, intent, self.state)

    def replies(self, kind: str) -> tuple[str, ...]:
        """The small replies of that kind."""
        return self.library.replies[kind]
