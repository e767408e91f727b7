"""What passes between deciding, carrying out and printing: plans, answers, offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tutor.curriculum.tree import Evidence, Show
from tutor.experiments.base import Run
from tutor.experiments.changes import Change
from tutor.text.clean import plain, starred
from tutor.understanding.intent import Intent

DEFAULT_SENTENCE = "The cat is on the mat."
"""In force until the learner gives one."""


class Status(StrEnum):
    """How a turn came out."""

    ANSWERED = "answered"
    ASKED_BACK = "asked back"
    """It is not sure what was meant, and says between what."""
    OUTSIDE = "outside"
    """Understood to be outside what this tutor teaches."""
    SMALL = "small"
    """Small talk, or the state of things."""
    REFUSED = "refused"
    """A request that cannot be carried out as worded; the answer says why."""
    LEAVING = "leaving"


@dataclass(frozen=True)
class Offer:
    """A follow-up: a question that a node answers, or a command."""

    text: str
    node: str = ""
    """Id of the node behind it; empty for a command."""
    command: str = ""


@dataclass(frozen=True)
class Wanted:
    """A run that a plan asks for."""

    show: Show
    evidence: Evidence | None = None
    """The evidence that it is to be; none where the run itself was asked for, and nothing else may be shown."""
    sentence: str = ""
    """The sentence to run on; empty for the one in force."""
    says: tuple[tuple[str, str], ...] = ()
    """(condition on the result, text with its fields): the first that holds is told beside what the run shows."""
    first: bool = False
    """It is told before what the run shows."""


@dataclass(frozen=True)
class Quiz:
    """One open question to the learner."""

    question: str
    choices: tuple[str, ...]
    right: int
    """Place of the right choice."""
    reveal: str
    """Said with the grade."""
    node: str = ""


@dataclass(frozen=True)
class Sum:
    """A calculation that was worked out, as it was asked for."""

    kind: str
    """'softmax', 'descent', …"""
    numbers: tuple[float, ...]
    named: Mapping[str, float]
    slots: Mapping[str, str]
    vectors: tuple[tuple[str, tuple[float, ...]], ...] = ()


@dataclass(frozen=True)
class Plan:
    """What to do about an intent. Nothing has been run or remembered yet."""

    status: Status = Status.ANSWERED
    node: str = ""
    telling: str = ""
    """Which telling of the node: 'say', 'line', 'simpler', 'math', 'code', 'analogy 0'."""
    paragraphs: tuple[str, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    offers: tuple[Offer, ...] = ()
    sentence: str = ""
    """Comes into force with the answer."""
    replied: tuple[str, ...] = ()
    """Kinds of the small replies that were used."""
    register: str | None = None
    """'plain' or 'exact' from now on; None leaves it."""
    also: tuple[str, ...] = ()
    """Further (node) lines that were told."""
    command: str = ""
    quiz: Quiz | None = None
    changes: tuple[Change, ...] | None = None
    """Stand in the translator from now on; None leaves those that do."""
    edited: bool = False
    """The sentence that comes into force is the one before with a word changed."""
    undone: bool = False
    """The last change, of the model or of the sentence, is taken back by this."""
    sum: Sum | None = None
    """What is worked out in it."""
    prints: str = ""
    """A program that is to be run: what it prints is told."""
    code_of: Run | None = None
    """The lines of the model that computed this are to be shown."""
    whole: bool = False
    """Pictures are drawn whole: they are what was asked for."""
    broken: bool = False
    """What was asked for cannot be done because a file is damaged."""


@dataclass(frozen=True)
class Shown:
    """A run and what it showed."""

    run: Run
    told: str
    whole: bool = False
    pictured: bool = True
    """False where the same picture stands on the screen already."""


@dataclass(frozen=True)
class Answer:
    """One question and everything that was answered."""

    question: str
    intent: Intent | None
    status: Status
    sentence: str
    """The example sentence in force after this turn."""
    node: str = ""
    telling: str = ""
    concepts: tuple[str, ...] = ()
    facet: str = ""
    paragraphs: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    notes: tuple[str, ...] = ()
    """Why something could not be shown."""
    offers: tuple[Offer, ...] = ()
    command: str = ""
    """A command that the terminal is asked to carry out, such as '/lesson'."""
    broken: bool = False
    """A run was asked for and could not be made, or a file that the answer needs is damaged."""

    @property
    def runs(self) -> tuple[Run, ...]:
        """What was run and shown."""
        return tuple(shown.run for shown in self.shown)

    @property
    def text(self) -> str:
        """Plain text: the paragraphs, what the runs showed, and what could not be shown."""
        told = [shown.told for shown in self.shown]
        return "\n\n".join(starred(text) for text in (*self.paragraphs, *told, *self.notes) if text)

    def plain(self) -> dict[str, Any]:
        """The object that `ask --json` prints."""
        intent = self.intent
        return {
            "question": self.question,
            "sentence": self.sentence,
            "understood": {
                "act": intent.act if intent else "",
                "concepts": list(self.concepts),
                "facet": self.facet,
                "confidence": round(_confidence(intent), 4) if intent else 1.0,
                "request": _request(self),
                "candidates": [
                    {"node": entry.id, "confidence": round(entry.probability, 4)}
                    for entry in (intent.nodes[:5] if intent else ())
                ],
            },
            "node": self.node,
            "answer": self.text,
            "evidence": [run.plain() for run in self.runs],
            "follow_ups": [plain(offer.text) for offer in self.offers],
        }


def _confidence(intent: Intent) -> float:
    if intent.act == "question" and intent.nodes:
        return intent.nodes[0].probability
    return intent.acts[0].probability if intent.acts else 0.0


def _request(answer: Answer) -> Mapping[str, Any] | None:
    intent = answer.intent
    if intent is None or intent.act not in ("request", "calculate") or not intent.runs:
        return None
    slots: dict[str, Any] = {}
    for slot in intent.slots:
        slots.setdefault(slot.kind, slot.text)
    return {"experiment": intent.runs[0].id, "slots": slots}


@dataclass(frozen=True)
class State:
    """Where a conversation stands. Deciding reads it, carrying out replaces it."""

    sentence: str
    """The example sentence in force."""
    sentences: tuple[str, ...] = ()
    """All that were in force, the first one first."""
    told: frozenset[tuple[str, str]] = frozenset()
    """(node, telling) that the learner has read."""
    path: tuple[str, ...] = ()
    """Nodes in the order they were told."""
    node: str = ""
    """The node that was told last."""
    telling: str = ""
    runs: tuple[Run, ...] = ()
    """What stands on the screen."""
    changes: tuple[Change, ...] = ()
    """What stands in the translator that is otherwise than it was trained."""
    before: tuple[tuple[str, tuple[Change, ...]], ...] = ()
    """Sentence and changes before each change of either, the last one last."""
    last_run: Run | None = None
    """What was shown last, though it may have scrolled off."""
    place: tuple[str, int] | None = None
    """Part and layer of the last picture that was of one: where a head is looked for that is named alone."""
    head: int = 0
    """The head of that picture; 0 for none."""
    picture_last: bool = False
    """The last answer was a picture and no text of a node: what is said of it is about the picture."""
    whole: bool = False
    """The last picture was drawn with all its rows."""
    translation: str = ""
    """Of the sentence in force, as far as a picture has shown it."""
    sum: Sum | None = None
    """What was worked out last, as long as nothing else was shown or told since."""
    last_sum: Sum | None = None
    """The same, whatever came since."""
    offers: tuple[Offer, ...] = ()
    rivals: tuple[str, ...] = ()
    """The other nodes that the last question may have meant, best first."""
    quiz: Quiz | None = None
    register: str = ""
    said: Mapping[str, int] = field(default_factory=dict)
    """How often each kind of small reply has been given."""
    live: bool = True
    """Experiments may be run."""
    weak: tuple[str, ...] = ()
    """Concepts that the learner has answered wrongly in lessons, the weakest first."""

    def was_told(self, node: str, telling: str = "say") -> bool:
        """Whether the learner has read this telling of the node."""
        return (node, telling) in self.told
