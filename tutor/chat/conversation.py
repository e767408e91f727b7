"""One conversation: each turn of the learner's is understood, answered from the lessons, and shown live.

Nothing here knows a terminal. The same object answers in the chat, in `ask`, and in tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tutor.chat.acts import draft_for, number_typed, set_sentence, worded_pick
from tutor.chat.asking import follows, goes_on
from tutor.chat.clean import LONGEST_TURN, clean
from tutor.chat.finishing import finish
from tutor.chat.followups import follow_up
from tutor.chat.offers import worded
from tutor.chat.own_words import about_words
from tutor.chat.quiz import grade
from tutor.chat.remarks import followed
from tutor.chat.runs import PLACES, Runner
from tutor.chat.state import Draft, ReadsTurns, State
from tutor.chat.tellings import FACET_PHRASES
from tutor.chat.turn import Offer, Turn
from tutor.curriculum.tree import Library, Show
from tutor.understanding.types import Clue, Context, Understood

if TYPE_CHECKING:
    from tutor.experiments.models import Models

DEFAULT_SENTENCE = "The cat is on the mat."


class Conversation:
    """A conversation and where it stands. Not for use from two threads at once."""

    def __init__(self, library: Library, reader: ReadsTurns, models: Models, sentence: str = DEFAULT_SENTENCE) -> None:
        self.state = State(library, reader, Runner(library, models), clean(sentence) or DEFAULT_SENTENCE)
        self.turns: list[Turn] = []

    @property
    def library(self) -> Library:
        """The lessons that it answers from."""
        return self.state.library

    @property
    def runner(self) -> Runner:
        """What runs its experiments, and where in the model."""
        return self.state.runner

    @property
    def sentence(self) -> str:
        """The example sentence in force."""
        return self.state.sentence

    @sentence.setter
    def sentence(self, sentence: str) -> None:
        self.state.sentence = sentence

    @property
    def context(self) -> Context:
        """What has been established so far, for the reader."""
        return self.state.context

    def turn(self, text: str, live: bool = True) -> Turn:
        """Answer one turn. What the learner types never raises: it is answered, if only with one clear line."""
        self.state.live = live
        question = clean(text)
        if len(question) > LONGEST_TURN:
            line = f"That is {len(question):,} characters long and I read {LONGEST_TURN:,}; ask it in fewer words."
            draft = Draft([line], outside=True, small=True)
            return self._finish(question[:200] + " …", Understood("out_of_scope"), draft)
        if not question:
            line = "There was nothing to read in that line. Type a sentence or a question."
            return self._finish("", Understood("menu"), Draft([line], small=True))
        answered = (
            self._graded(question)
            or worded_pick(self.state, question)
            or number_typed(self.state, question)
            or about_words(self.state, question)
            or follow_up(self.state, question)
            or self._next_step(question)
        )
        if answered:
            return self._finish(question, *answered)
        understood = self._read(question)
        return self._finish(question, understood, draft_for(self.state, question, understood))

    def show(self, experiment: str, options: Mapping[str, Any] | None = None, sentence: str = "") -> Turn:
        """Run an experiment that the learner named. Raises `LearnerError` or `ModelError` where that cannot be."""
        if sentence:
            self.sentence = clean(sentence)
        show = Show(experiment, dict(options or {}))
        run, _ = self.runner.run(show, self.sentence, fresh=False)
        narration = self.library.narrations.get(experiment)
        offers = [worded(text) for text in (narration.next if narration else ())]
        words = [f"--{name} {value}" for name, value in (options or {}).items()]
        question = " ".join(["/show", experiment, *words])
        draft = Draft(runs=(run,), offers=offers, small=True)
        return self._finish(question, Understood("example_request", confidence=1.0), draft)

    def use_sentence(self, text: str, live: bool = True) -> Turn:
        """Put a sentence in force, whatever it looks like."""
        self.state.live = live
        understood = Understood("set_sentence", confidence=1.0, sentence=clean(text))
        return self._finish(clean(text), understood, set_sentence(self.state, text, understood))

    def explain_understanding(self) -> str:
        """What was understood of the last question, and from which words."""
        understood = self.turns[-1].understood if self.turns else Understood("greet")
        lines = [f"act        {understood.act}  (confidence {understood.confidence:.2f})"]
        if understood.concepts:
            lines.append(f"concepts   {', '.join(understood.concepts)}")
        if understood.facet:
            lines.append(f"facet      {understood.facet}: {FACET_PHRASES.get(understood.facet, '')}")
        if understood.misconception:
            lines.append(f"belief     {understood.misconception}")
        if understood.clues:
            wide = max(len(clue.words) for clue in understood.clues)
            lines.append("from these words:")
            lines += [f"  {clue.words:{wide}}  -> {clue.speaks_for}" for clue in understood.clues]
        if understood.guesses:
            lines.append("next best readings:")
            lines += [
                f"  {guess.concept}, {guess.facet or 'no facet'}  ({guess.score:.2f})" for guess in understood.guesses
            ]
        return "\n".join(lines)

    def set_place(self, **place: Any) -> None:
        """Put a part, layer or head in force. Raises `LearnerError` where there is none such."""
        from tutor.experiments.places import check_place

        wanted = {name: value for name, value in (self.runner.place | place).items() if name in PLACES}
        check_place(self.runner.models, wanted.get("part", "encoder"), wanted.get("layer", 1), wanted.get("head"))
        self.runner.place = wanted

    def _read(self, question: str) -> Understood:
        """What the reader understands; a question that a lesson words is never outside."""
        understood = self.state.reader.read(question, self.context)
        node = self.state.worded_in(question) if understood.act == "out_of_scope" else None
        if not node:
            return understood
        concepts = tuple(concept for concept in (node.concept, node.other) if concept)
        return Understood("question", concepts, node.facet, confidence=0.9, clues=(Clue(question[:60], node.id),))

    def _graded(self, question: str) -> tuple[Understood, Draft] | None:
        """The grade, where a question of ours is open and this answers it."""
        quiz, self.state.quiz = self.state.quiz, None
        graded = grade(quiz, question) if quiz else ""
        if not quiz or not graded:
            return None
        draft = Draft([graded], runs=quiz.runs, shows=quiz.shows, offers=[Offer("Ask me another")], small=True)
        return Understood("quiz", self.state.concepts, confidence=1.0), draft

    def _next_step(self, question: str) -> tuple[Understood, Draft] | None:
        """One level down, where the learner says no more than to be following, or to go on."""
        if not self.state.last_node:
            return None
        clues = (Clue(question, "following so far"),)
        if follows(question):
            understood = Understood("feedback", self.state.concepts, confidence=1.0, clues=clues)
            return understood, followed(self.state, question)
        if goes_on(question):
            understood = Understood("deeper", self.state.concepts, confidence=1.0, clues=clues)
            return understood, draft_for(self.state, question, understood)
        return None

    def _finish(self, question: str, understood: Understood, draft: Draft) -> Turn:
        turn = finish(self.state, question, understood, draft)
        self.turns.append(turn)
        return turn
