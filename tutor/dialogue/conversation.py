"""One conversation: each turn is read, decided and carried out. Knows no terminal: the chat, `ask` and tests use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from tutor.curriculum.tree import Library, Show
from tutor.dialogue import alter
from tutor.dialogue.carry_out import carry_out, unplaced
from tutor.dialogue.orders import of_its_sentences, orders, together
from tutor.dialogue.policy import decide
from tutor.dialogue.request import further
from tutor.dialogue.runner import PLACES, Runner
from tutor.dialogue.screen import explained
from tutor.dialogue.sentence import use
from tutor.dialogue.types import DEFAULT_SENTENCE, Answer, Plan, Shown, State, Status
from tutor.experiments.changes import read_changes
from tutor.memory import EVERY, give_back
from tutor.text.clean import LONGEST_TURN, clean
from tutor.understanding import values
from tutor.understanding.intent import Context, Intent, Ranked

if TYPE_CHECKING:
    from tutor.experiments.models import Models

KEPT = 200
"""Turns that are remembered, so that a long conversation does not fill the memory."""
UNCLEAR = 0.6
"""Probability of the best act below which the sentences of a turn are read by themselves."""
EXPLAIN = "?"
"""Typed after a picture, has all of it explained."""
NOTHING = Intent("", ())
"""What a command says beside its name."""


class ReadsTurns(Protocol):
    """Whatever turns text and context into an intent."""

    def read(self, text: str, context: Context) -> Intent: ...

    def wish(self, text: str) -> Ranked: ...

    def likeness(self, text: str, others: Sequence[str]) -> tuple[float, ...]: ...


class Conversation:
    """A conversation and where it stands. Not for use from two threads at once."""

    def __init__(self, library: Library, reader: ReadsTurns, models: Models, sentence: str = DEFAULT_SENTENCE) -> None:
        first = clean(sentence) or DEFAULT_SENTENCE
        self.library = library
        self.reader = reader
        self.runner = Runner(library, models)
        self.state = State(first, (first,))
        self.answers: list[Answer] = []
        """The last turns."""
        self._turns = 0

    @property
    def sentence(self) -> str:
        """The example sentence in force."""
        return self.state.sentence

    @sentence.setter
    def sentence(self, sentence: str) -> None:
        known = sentence in self.state.sentences
        sentences = self.state.sentences if known else (*self.state.sentences, sentence)
        self.state = replace(self.state, sentence=sentence, sentences=sentences)

    @property
    def weak(self) -> tuple[str, ...]:
        """Concepts that an answer offers an exercise on where it touches them."""
        return self.state.weak

    @weak.setter
    def weak(self, concepts: tuple[str, ...]) -> None:
        self.state = replace(self.state, weak=concepts)

    @property
    def context(self) -> Context:
        """What has been established so far, for the reader."""
        state = self.state
        node = self.library.nodes.get(state.node)
        run = state.last_run
        narration = self.library.narrations.get(run.experiment) if run else None
        return Context(
            told=node.ask if node else "",
            picture=run.experiment if run else "",
            picture_title=narration.title if narration and state.runs else "",
            offered=len(state.offers),
            quizzed=state.quiz is not None,
        )

    def turn(self, text: str, live: bool = True) -> Answer:
        """Answer one turn. What the learner types never raises: it is answered, if only with one clear line."""
        self.state = replace(self.state, live=live)
        question = clean(text)
        if len(question) > LONGEST_TURN:
            line = f"That is {len(question):,} characters long and I read {LONGEST_TURN:,}; ask it in fewer words."
            return self._finish(Plan(Status.OUTSIDE, paragraphs=(line,)), question[:200] + " …", None)
        if not question:
            line = "There was nothing to read in that line. Type a sentence or a question."
            return self._finish(Plan(Status.SMALL, paragraphs=(line,)), "", None)
        if question == EXPLAIN and self.state.last_run:
            return self._finish(explained(self.library, self.state, whole=True), question, None)
        intent = self.reader.read(question, self.context)
        offer = self.state.offers[intent.picked - 1] if intent.picked and not self.state.quiz else None
        if offer and not (offer.node or offer.command):  # a question in words, as if it had been typed
            intent = self.reader.read(offer.text, self.context)
        wanted = self._by_sentence(intent) or orders(intent)
        if len(wanted) == 1:
            return self._finish(decide(self.library, wanted[0], self.state), question, wanted[0])
        done = [self._finish(decide(self.library, one, self.state), one.text, one) for one in wanted]
        answer = replace(together(done), question=question, intent=intent)
        self.answers[-len(done) :] = [answer]
        return answer

    def _by_sentence(self, intent: Intent) -> tuple[Intent, ...]:
        """What a turn that asks or is not clear wants, by what its sentences are; none where there is one only."""
        unclear = intent.act == "question" or intent.acts[0].probability < UNCLEAR
        parts = values.sentences_of(intent.text) if unclear and not intent.picked else ()
        read = [self.reader.read(part, self.context) for part in parts] if len(parts) > 1 else []
        wanted = of_its_sentences(intent, read)
        return () if wanted == (intent,) else wanted

    def act(self, act: str, text: str) -> Answer:
        """Do what a command such as `/why` stands for; nothing is read."""
        intent = Intent(text, (Ranked(act, 1.0),))
        return self._finish(decide(self.library, intent, self.state), text, intent)

    def show(self, experiment: str, options: Mapping[str, Any] | None = None, sentence: str = "") -> Answer:
        """Run an experiment that the learner named. Raises `LearnerError` or `ModelError` where that cannot be."""
        on = clean(sentence) or self.sentence
        run = self.runner.run(Show(experiment, dict(options or {})), on)
        words = [f"--{name} {value}" for name, value in (options or {}).items()]
        plan = Plan(Status.SMALL, sentence=on, offers=further(self.library, experiment))
        answer, state = carry_out(
            plan, " ".join(["/show", experiment, *words]), None, self.state, self.library, self.runner
        )
        shown = (Shown(run, self.runner.narrate(run), whole=True),)
        answer = replace(answer, shown=shown, notes=tuple(unplaced(run)))
        self.state = replace(state, runs=(run,), last_run=run, picture_last=True)
        return self._kept(answer)

    def use_sentence(self, text: str, live: bool = True) -> Answer:
        """Put a sentence in force, whatever it looks like."""
        self.state = replace(self.state, live=live)
        return self._finish(use(self.library, self.state, clean(text)), clean(text), None)

    def change(self, text: str) -> Answer:
        """Put changes in force, given in their short forms. Raises `LearnerError`."""
        changes = read_changes(text)
        plan = alter.stand(self.state, changes) if changes else alter.in_force(self.library, NOTHING, self.state)
        return self._finish(plan, text, None)

    def undo(self) -> Answer:
        """Take the last change back."""
        return self._finish(alter.undo(self.library, NOTHING, self.state), "/undo", None)

    def set_place(self, **place: Any) -> None:
        """Put a part, layer or head in force. Raises `LearnerError` where there is none such."""
        from tutor.experiments.places import check_place

        wanted = {name: value for name, value in (self.runner.place | place).items() if name in PLACES}
        check_place(self.runner.models, wanted.get("part", "encoder"), wanted.get("layer", 1), wanted.get("head"))
        self.runner.place = wanted

    def _finish(self, plan: Plan, question: str, intent: Intent | None) -> Answer:
        answer, self.state = carry_out(plan, question, intent, self.state, self.library, self.runner)
        return self._kept(answer)

    def _kept(self, answer: Answer) -> Answer:
        self.answers = [*self.answers[1 - KEPT :], answer]
        self._turns += 1
        if self._turns % EVERY == 0:
            give_back()
        return answer
