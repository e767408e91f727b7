"""The typed form of a guided lesson: steps that say, show, ask for a prediction or a deed, check, exercise, step aside.

Plain frozen dataclasses; no YAML, no torch, no rich. `where` is 'file:line', for messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tutor.curriculum.tree import Branch, Show

ASKING = ("predict", "check", "exercise", "do")
"""The kinds of step that ask something which has an answer."""
GIVEN = "given"
"""What the learner answered, in the conditions of a question's mistakes."""
PREDICTED = "predicted"
"""What the learner predicted, in the texts of the step that settles it."""


@dataclass(frozen=True)
class Pick:
    """One thing made of a list in a result: an entry, the sum of all, or how many there are."""

    source: str
    """The list field that the entry is taken from."""
    by: str = ""
    """The list field that is ranked; empty: `source` itself."""
    rank: int = 0
    """The entry that is 1 the largest, 2 the next, -1 the smallest."""
    at: int = 0
    """The entry at this place, counted from 1."""
    column: int = 0
    """Where `source` is a table: the column, counted from 1."""
    each: str = ""
    """Where `source` holds rows with names: this of each row, as a list."""
    total: bool = False
    count: bool = False
    softmax: bool = False
    """Whether softmax is taken of the list first."""


@dataclass(frozen=True)
class Choice:
    """One thing to choose; right when its condition holds."""

    say: str
    when: str
    reply: str
    """Said when it is chosen and wrong."""
    also: tuple[str, ...] = ()
    """Other wordings of it, which a line in the learner's own words is held against."""


@dataclass(frozen=True)
class Mistake:
    """A way of going wrong, and what to say to it. It is recognised by one of the others."""

    value: str
    """An expression over the result's fields whose value the learner gave."""
    when: str
    """A condition, which may speak of `given`."""
    say: str
    forms: tuple[str, ...] = ()
    """For words and explanations: what is said, in any of these forms, and not denied."""
    shape: tuple[str, ...] = ()
    """For shapes: the sizes that were given, each as an expression."""
    said: tuple[str, ...] = ()
    """For explanations: sentences that make this mistake, for whoever can compare meanings."""


@dataclass(frozen=True)
class Idea:
    """A thought that an explanation in one's own words should hold, in any of these forms."""

    forms: tuple[str, ...]
    """Beginnings of words, or of several in a row: 'mix value' finds 'mixing the values'."""
    missing: str
    """What to ask where it is not there."""
    said: tuple[str, ...] = ()
    """Sentences that hold it, for whoever can compare meanings."""


@dataclass(frozen=True)
class Wants:
    """What is to be done to the model, or shown of it, by a request in the learner's own words."""

    changes: tuple[str, ...] | None = None
    """The changes that are to stand in the model, in their short forms; None where something is to be shown."""
    shows: tuple[Show, ...] = ()
    """The experiments of which one is to be shown, each with the options that count."""


@dataclass(frozen=True)
class Question:
    """What a step asks and how an answer is graded."""

    ask: str
    accept: str
    """choice, number, shape, word, free, sentence or request."""
    choices: tuple[Choice, ...] = ()
    choices_from: str = ""
    """A list of tokens in the result to choose among; where there are many, picked by `choices_by`."""
    choices_by: str = ""
    sorted: bool = False
    """Whether the choices stand in alphabetical order, so that their places tell nothing."""
    answer: str = ""
    """An expression over the result's fields."""
    shape: tuple[str, ...] = ()
    """For a shape: its sizes in order, each an expression over the result's fields."""
    worked: str = ""
    """The same with what it is made of put in, where `let` names that: how the number is worked out."""
    answers: tuple[str, ...] = ()
    """Right forms of a word; for free text model answers, the first of which is shown afterwards."""
    fails: tuple[str, ...] = ()
    """Free text: explanations that must not pass, for the linter to try."""
    tolerance: float = 0.0
    share: bool = False
    """A number between 0 and 1, so that 49 may stand for 49 %."""
    ideas: tuple[Idea, ...] = ()
    needs: int = 0
    """How many of the ideas are enough."""
    mistakes: tuple[Mistake, ...] = ()
    hints: tuple[str, ...] = ()
    solution: tuple[str, ...] = ()
    smaller: Mapping[str, float | str] = field(default_factory=dict)
    """Number: field -> what it is where the same is shown with smaller numbers."""
    wants: Wants | None = None
    """For a request: what it must come to."""
    requires: tuple[Branch, ...] = ()
    """For a sentence: each condition on its tokens must hold, or its text is said."""


@dataclass(frozen=True)
class Step:
    """One step. Which fields count depends on `kind`."""

    id: str
    kind: str
    where: str
    places: Mapping[str, str] = field(default_factory=dict)
    """Key -> 'file:line', for the linter."""
    say: tuple[str, ...] = ()
    use: Show | None = None
    """The experiment whose fields the texts and answers speak of."""
    shown: bool = False
    """Whether its picture is on the screen; never before the answer."""
    parts: tuple[int, ...] = ()
    """Which parts of the picture, counted from 1 and told apart by empty lines; all of it where none is named."""
    rounded: Mapping[str, int] = field(default_factory=dict)
    """Field, or what `let` makes -> digits behind the point with which the step counts, as it prints it."""
    let: Mapping[str, Pick | str] = field(default_factory=dict)
    narrate: tuple[Branch, ...] = ()
    recap: str = ""
    of: str = ""
    """observe: the prediction that it settles."""
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    question: Question | None = None
    concepts: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    """What is said instead of `say` where the question is asked by itself; empty: the same."""
    topic: str = ""
    """What was asked, in two or three words for the recap."""
    study: str = ""
    """A question for the chat, for those who got it wrong."""
    when: str = ""
    """branch, detour: taken when it holds; speaks of `<step>_right`, 1 for right at the first try without a hint, and
    of `<step>_tries`, the wrong answers."""
    goto: str = ""
    steps: tuple[Step, ...] = ()
    """detour: what happens aside; afterwards the lesson goes on where it was left."""

    @property
    def outcome(self) -> str:
        """How conditions name what came of this step: 'scale-it' -> 'scale_it_right'."""
        return self._named("right")

    @property
    def tried(self) -> str:
        """How conditions name the number of wrong answers to this step: 'scale-it' -> 'scale_it_tries'."""
        return self._named("tries")

    def _named(self, what: str) -> str:
        return f"{self.id.replace('-', '_')}_{what}"


@dataclass(frozen=True)
class GuidedLesson:
    """One file of the course."""

    id: str
    title: str
    about: str
    minutes: int
    """About how long it takes."""
    sentence: str
    """Used until the learner types another."""
    steps: tuple[Step, ...]
    next: tuple[str, ...]
    """What to try afterwards."""
    number: int = 0
    """Its place in the course, as its file says."""

    def walk(self) -> Iterator[Step]:
        """Every step, those of detours included."""
        for step in self.steps:
            yield step
            yield from step.steps

    @property
    def total(self) -> int:
        """How many screens there are on the main way."""
        return sum(step.kind not in ("branch", "detour") for step in self.steps)
