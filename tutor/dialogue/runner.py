"""Running experiments for one conversation: the learner's place goes before the lesson's, and nothing runs twice."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tutor.curriculum.conditions import holds
from tutor.curriculum.narration import fill, narrate_run, scalar_fields
from tutor.curriculum.tree import Evidence, Library, Show
from tutor.dialogue.tell import program
from tutor.errors import LearnerError, TutorError
from tutor.experiments.base import Run
from tutor.experiments.changes import Change, edits_of, fitting, written
from tutor.experiments.changes import told as told_changes

if TYPE_CHECKING:
    from tutor.experiments.models import Models

PLACES = ("part", "layer", "head")
EFFECT = "effect"
"""The experiment that compares the model as trained with what is changed: it makes the changes itself."""
PLACE = "#"
"""Before the number of a word of the translation, which is known only when it is written."""
KEPT = 64
"""Runs that are remembered."""


class Runner:
    """Runs experiments and keeps the last ones."""

    def __init__(self, library: Library, models: Models) -> None:
        self.library = library
        self.models = models
        self.place: dict[str, Any] = {}
        """Part, layer and head that the learner has chosen; empty where the experiment may choose."""
        self._done: OrderedDict[tuple[str, ...], Run] = OrderedDict()

    def run(self, show: Show, sentence: str, changes: tuple[Change, ...] = ()) -> Run:
        """The run of `show`, with `changes` standing in the translator.

        Options in it go before the place that was chosen. Raises `LearnerError`, `ModelError`.
        """
        from tutor.experiments.registry import find

        fields = {field.name for field in dataclasses.fields(find(show.experiment).options)}
        given = {name.replace("-", "_"): self._word(value, sentence) for name, value in show.options.items()}
        place = {name: value for name, value in self.place.items() if name in fields and name not in given}
        key = (show.experiment, sentence, repr((sorted(place.items()), sorted(given.items()))), written(changes))
        if key not in self._done:
            self._done[key] = self._placed(show.experiment, sentence, place, given, changes)
            while len(self._done) > KEPT:
                self._done.popitem(last=False)
        self._done.move_to_end(key)
        return self._done[key]

    def _word(self, value: Any, sentence: str) -> Any:
        """'#2' as the second word of the translation. Raises `LearnerError` where it has no so many."""
        if not (isinstance(value, str) and value[:1] == PLACE and value[1:].lstrip("-").isdecimal()):
            return value
        words = self.translation(sentence).split()
        at = int(value[1:])
        if not -len(words) <= at <= len(words):
            raise LearnerError(f"the translation has {len(words)} words: {' '.join(words)}")
        return words[at - 1 if at > 0 else at].strip(".,;:!?«»")

    def translation(self, sentence: str) -> str:
        """What the model writes for it. Raises `LearnerError`."""
        return self.models.read(sentence).translation

    def _placed(
        self,
        name: str,
        sentence: str,
        place: Mapping[str, Any],
        given: Mapping[str, Any],
        changes: tuple[Change, ...],
    ) -> Run:
        """The run at the place that was chosen; where the experiment cannot use it, at its own, which the run says."""
        try:
            return self._run(name, sentence, {**place, **given}, changes)
        except LearnerError:
            if not place:
                raise
            run = self._run(name, sentence, given, changes)
            return dataclasses.replace(run, unplaced=" ".join(f"{kind} {value}" for kind, value in place.items()))

    def _run(self, name: str, sentence: str, options: Mapping[str, Any], changes: tuple[Change, ...]) -> Run:
        from tutor.experiments.registry import run

        if not changes or name == EFFECT:
            return run(name, self.models, sentence, options)
        reading = self.models.read(sentence)
        made = fitting(reading, changes)
        if not made:
            return run(name, self.models, sentence, options)
        altered = self.models.altered(edits_of(self.models, reading, made))
        found = run(name, altered, sentence, options)
        return dataclasses.replace(found, changes=told_changes(made) if altered.touched else "")

    def code_of(self, run: Run) -> tuple[str, ...]:
        """The lines of the model that computed a picture, and what went through them. Raises `LearnerError`."""
        from tutor.experiments.plain_pytorch import plain_pytorch
        from tutor.experiments.source import source

        found = source(self.models, run)
        plain = plain_pytorch(self.models, run, found.where)
        lead = f"From `{found.file}`, line {found.line}. The shapes at the line ends are those of this run."
        rows = [
            f"  {value.name:16} {'×'.join(map(str, value.shape)):16} {'  '.join(f'{n:.4f}' for n in value.first)} …"
            for value in found.values
        ]
        told = [f"What went through it at `{found.where}`: the shape and the first numbers of each value.", *rows]
        went = ["\n".join(told)] if rows else []
        again = ["The same in plain PyTorch; it reads the numbers of this run and compares:", program(plain)]
        return lead, program("\n".join(found.lines)), *went, *(again if plain else [])

    def narrate(self, run: Run) -> str:
        """What the run shows, as the experiment's own narration tells it."""
        try:
            return narrate_run(self.library, run)
        except TutorError as error:
            return str(error)

    def said_of(self, run: Run, says: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """The first of these texts whose condition holds of the run; none where none does, or it cannot be filled."""
        fields = fields_of(run)
        try:
            return tuple(fill(text, fields) for when, text in says if holds(when, fields))[:1]
        except TutorError:  # a reply's file was altered
            return ()


def proves(evidence: Evidence, run: Run) -> bool:
    """Whether the run supports the claim."""
    return not evidence.when or holds(evidence.when, scalar_fields(run.result))


def told(evidence: Evidence, run: Run) -> str:
    """The sentence that tells what the run proves. Raises `AuthorError`."""
    return fill(evidence.say, fields_of(run))


def fields_of(run: Run) -> Mapping[str, Any]:
    """What a text can name of a run."""
    return scalar_fields(run.result)
