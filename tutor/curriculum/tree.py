"""The typed form of a lesson: what the YAML says, checked and with its places remembered.

Plain frozen dataclasses; no YAML, no torch, no rich. `where` is 'file:line', for messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FACETS = ("what", "why", "how", "example", "math", "history", "compare", "relation", "uses", "limits", "code")
FLOORS = ("definition", "theorem", "convention", "found by trying", "open question")
"""What ends a chain of whys."""


@dataclass(frozen=True)
class Branch:
    """One way a run can come out: the first whose `when` holds is said."""

    when: str
    """A condition on the result's fields; empty for the otherwise-branch, which comes last."""
    say: str
    """Text with {field} or {field:.2f}; fields of the result dataclass, nothing else."""


@dataclass(frozen=True)
class Show:
    """The experiment that shows a claim, with its options."""

    experiment: str
    options: Mapping[str, Any] = field(default_factory=dict)
    narrate: tuple[Branch, ...] = ()
    """How it is told; empty: as the experiment's own narration tells it."""


@dataclass(frozen=True)
class Analogy:
    """A picture, and where it stops being true."""

    say: str
    breaks: str


@dataclass(frozen=True)
class Evidence:
    """A live run that proves a node's point, the claim that it supports, and when it does."""

    show: Show
    claim: str
    when: str
    """A condition on the result's fields; empty where the run always supports the claim."""
    say: str
    """One sentence with fields of the result."""
    sentence: str = ""
    """A sentence of ours on which it holds, for when it does not on the learner's; empty: then it is left out."""


@dataclass(frozen=True)
class Case:
    """What an answer says of a learner's own numbers: the rule worked out on them."""

    numbers: Mapping[str, tuple[str, ...]]
    """Variable -> the quantities it may be, by the names that `tutor.calculations.asked` gives them."""
    given: Mapping[str, float]
    """Variables that have a value where none is given."""
    made: Mapping[str, str]
    """Further variables, as expressions in those before them."""
    branches: tuple[Branch, ...]
    """What is said, with the variables as fields."""


@dataclass(frozen=True)
class Node:
    """One question and its answer: the unit of knowledge."""

    id: str
    """'scaling.why', 'attention.compare.memory', 'softmax.why.saturation'."""
    concept: str
    facet: str
    other: str
    """The second concept of a relation or comparison; empty otherwise."""
    ask: str
    """The question that this answers, as a learner would put it: the text of a follow-up offer."""
    asked: tuple[str, ...]
    """Further wordings of the same question."""
    line: str
    """The answer in one sentence."""
    say: tuple[str, ...]
    """Paragraphs; the first sentence answers."""
    simpler: str
    analogies: tuple[Analogy, ...]
    math: tuple[str, ...]
    code: str
    """A program that runs as pasted and prints something; empty where there is none."""
    evidence: Evidence | None
    case: Case | None
    below: str
    """Id of the node that answers the next why; empty where this is the ground or no why follows."""
    floor: str
    """What kind of ground this is, where the chain of whys ends; empty otherwise."""
    next: tuple[str, ...]
    """Ids of nodes to offer next."""
    where: str

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every wording of the question, the canonical one first."""
        return tuple(dict.fromkeys((self.ask, *self.asked)))


@dataclass(frozen=True)
class Concept:
    """One concept file."""

    id: str
    subject: str
    title: str
    names: tuple[str, ...]
    """Noun phrases that people use for it."""
    shows: tuple[str, ...]
    """Experiments that show something of it, best first."""
    nodes: tuple[Node, ...]
    where: str


@dataclass(frozen=True)
class Mark:
    """One thing on a picture, how people ask about it, and what it means."""

    of: str
    asked: tuple[str, ...]
    means: str
    """Text with fields of the result."""

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every way to ask for it."""
        return (self.of, *self.asked)


@dataclass(frozen=True)
class Narration:
    """How an experiment's result is told when no lesson says otherwise: `lessons/experiments/<name>.yaml`."""

    experiment: str
    title: str
    ask: str
    """The question that the picture answers, as an offer words it."""
    branches: tuple[Branch, ...]
    legend: tuple[Mark, ...]
    next: tuple[str, ...]
    """Things worth trying next: commands or questions."""
    where: str


@dataclass(frozen=True)
class LeftOut:
    """A file that cannot be used."""

    name: str
    """Its concept, experiment or kind: the file's name without its ending."""
    why: str
    """Where, what is wrong, what to do."""


@dataclass(frozen=True, eq=False)
class Library:
    """Everything under `lessons/`, loaded once and the same only as itself."""

    concepts: Mapping[str, Concept]
    nodes: Mapping[str, Node]
    narrations: Mapping[str, Narration]
    replies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What is said around answers, by occasion: several wordings each, told in turn."""
    wishes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What a learner may want of a lesson while in it: wish -> wordings."""
    left_out: tuple[LeftOut, ...] = ()
    """Files that cannot be used; everything else is here."""

    @property
    def fault(self) -> str:
        """One line on the files that are left out; '' where none is."""
        if not self.left_out:
            return ""
        first, *more = self.left_out
        others = f" ({len(more)} more; `attention-tutor lessons check` names all)" if more else ""
        return f"left out: {first.why}{others}"

    def why_lost(self, node: str) -> str:
        """Why the answer of that id is not here."""
        of_concept = [one.why for one in self.left_out if one.name == node.partition(".")[0]]
        return next(iter(of_concept), self.left_out[0].why if self.left_out else "")

    def wordings(self) -> tuple[str, ...]:
        """Every wording that a turn is compared with: of nodes, of marks on pictures, of wishes in a lesson."""
        asked = [text for node in self.nodes.values() for text in node.wordings]
        marks = [text for one in self.narrations.values() for mark in one.legend for text in mark.wordings]
        wishes = [text for texts in self.wishes.values() for text in texts]
        return tuple(dict.fromkeys((*asked, *marks, *wishes)))
