"""What one turn asks for, as data: what understanding hands to the dialogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ACTS = (
    "question",  # about a concept: a node answers it
    "screen",  # about what stands on the screen: a mark, a number, why this row
    "request",  # do or show something with the model
    "calculate",  # work something out on given numbers
    "set_sentence",  # a sentence to work on
    "why",  # but why? one level down
    "deeper",  # more, longer, go on
    "shorter",  # in fewer words, in one sentence
    "simpler",  # easier words; I do not follow
    "exact",  # the mathematics of it
    "code",  # as a program
    "example",  # another example of it
    "analogy",  # a picture, an analogy, another one
    "again",  # say it once more
    "back",  # return to something told before
    "summary",  # what have we covered
    "not_asked",  # that is not what I asked
    "objection",  # you are wrong, that contradicts
    "feedback",  # praise, complaint or remark that wants a reply
    "greet",
    "thanks",
    "bye",
    "stop",  # end this quiz or lesson
    "yes",  # takes up what was offered
    "no",  # declines it
    "menu",  # what can you do, what can I ask
    "lesson",
    "quiz",
    "out_of_scope",
)
"""What a turn can be. A label of the reader's training data, and a row of the dialogue's table."""

WISHES = ("none", "simpler", "shorter", "longer", "exact", "code", "example", "analogy")
"""How a question wants to be answered, said in the same breath: 'softmax, but simply please'."""
SLOTS = (
    *("part", "layer", "head", "word", "key", "new", "position", "count", "temperature", "sentence", "earlier"),
    *("number", "expression"),
)
"""What words of a request may say: where, which word looks, which is looked at, what replaces it, how many."""

ACTIONS = (
    "same",  # what was shown last, for another word, layer, head or part
    "numbers",  # the last picture as plain numbers
    "swap",  # one word of the sentence for another
    "remove",  # a word of the sentence left out
    "earlier",  # an earlier sentence again
    "add",  # a word put in
    "head-off",  # heads switched off, until that is undone
    "mask-off",  # the causal mask
    "positions-off",  # word order
    "forbid",  # a word may not look at another
    "force",  # a word looks at nothing but another
    "undo",  # the last change taken back
    "in-force",  # what is otherwise than it was trained, and which sentence
    "reset",  # nothing changed any more, no chosen part, layer and head
    "whole",  # the last picture with all its rows
    "save",
    "code-of",  # the lines of the model that computed it
)
"""What a request may want beside an experiment, which is called by its own name."""
CHANGING = frozenset(
    {
        *("head-off", "mask-off", "positions-off", "forbid", "force", "undo", "reset"),
        *("swap", "remove", "add", "earlier"),
    }
)
"""The actions that change the model or the sentence."""
CALCULATIONS = tuple(
    f"calc.{name}"
    for name in (
        *("softmax", "dot", "attention", "cross-entropy", "perplexity", "derivative", "descent", "positions"),
        *("parameters", "shapes", "cache", "bpe"),
    )
)
"""What can be worked out on numbers that the learner gives."""
LEAST_WORDS = 3
"""Words of a sentence that is given without a word about it."""
NO_RUN = "none"
"""The label of a turn that wants none of all these."""


@dataclass(frozen=True)
class Ranked:
    """A label and how probable it is, 0 to 1."""

    id: str
    probability: float


@dataclass(frozen=True)
class Slot:
    """Words of the turn that fill a place of a request: 'layer' -> 'layer 2'."""

    kind: str
    text: str
    start: int
    """Where the words begin in the turn, in characters."""


@dataclass(frozen=True)
class Context:
    """What the conversation has established before this turn, as far as reading needs it."""

    told: str = ""
    """The question that was answered last; '' for none."""
    picture: str = ""
    """The experiment whose picture stands on the screen."""
    picture_title: str = ""
    offered: int = 0
    """How many numbered offers stand on the screen."""
    quizzed: bool = False
    """A question to the learner is open."""

    @property
    def before(self) -> str:
        """The context as the encoder reads it in front of the turn."""
        parts = [self.told, f"picture: {self.picture_title}" if self.picture_title else ""]
        return " | ".join(part for part in parts if part)


@dataclass(frozen=True)
class Intent:
    """One turn, read. Every reading has a probability, and all of them were heard."""

    text: str
    acts: tuple[Ranked, ...]
    """Best first."""
    wish: str = "none"
    nodes: tuple[Ranked, ...] = ()
    """Nodes whose question this may be, best first; probabilities among nodes."""
    parts: tuple[Ranked, ...] = ()
    """The best node for each question of a turn that asks several, in their order."""
    likeness: float = 0.0
    """Cosine with the likest wording of the best node, -1 to 1."""
    runs: tuple[Ranked, ...] = ()
    """Experiments, actions and calculations that a request may mean, best first; probabilities among all turns."""
    slots: tuple[Slot, ...] = ()
    numbers: tuple[float, ...] = ()
    """All numbers of the turn in their order, for a calculation."""
    vectors: tuple[tuple[str, tuple[float, ...]], ...] = ()
    """Those that stand together, each group with the name before it."""
    named: Mapping[str, float] = field(default_factory=dict)
    """Numbers with their names: 'd_model=512' -> 512."""
    marks: tuple[Ranked, ...] = ()
    """Marks of the picture on the screen that a question about it may mean, as 'experiment#0', best first."""
    halves: tuple[tuple[Intent, Intent], ...] = ()
    """The ways to take the turn for two, each read by itself."""
    picked: int = 0
    """The numbered offer that was picked, counted from 1; 0 for none."""
    lost: str = ""
    """The node that is likelier than all others and whose file could not be read; '' for none."""

    @property
    def act(self) -> str:
        """The most probable act."""
        return self.acts[0].id if self.acts else "question"

    @property
    def node(self) -> str:
        """The most probable node; '' for none."""
        return self.nodes[0].id if self.nodes else ""

    def of_act(self, act: str) -> float:
        """How probable an act is."""
        return next((entry.probability for entry in self.acts if entry.id == act), 0.0)

    def slot(self, kind: str) -> str:
        """The first words that fill a slot; '' where nothing does."""
        return next((slot.text for slot in self.slots if slot.kind == kind), "")

    def of_run(self, *names: str) -> float:
        """How probable it is that one of these runs is wanted."""
        return sum(entry.probability for entry in self.runs if entry.id in names)

    @property
    def is_sentence(self) -> bool:
        """Whether the whole turn, and nothing beside it, was read as a sentence to work on."""
        bare = self.text.strip(" .!?\"'“”‘’…")
        given = " ".join(self.texts("sentence")).strip(" .!?\"'“”‘’…")
        return len(bare.split()) >= LEAST_WORDS and given == bare

    def texts(self, kind: str) -> tuple[str, ...]:
        """All words that fill slots of a kind, in their order."""
        return tuple(slot.text for slot in self.slots if slot.kind == kind)
