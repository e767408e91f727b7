"""Running experiments for one conversation: the learner's place goes before the lesson's, and nothing runs twice."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tutor.curriculum.conditions import holds
from tutor.curriculum.narration import fill, narrate_run, scalar_fields
from tutor.curriculum.tree import Evidence, Library, Show
from tutor.errors import TutorError
from tutor.experiments.base import Run

if TYPE_CHECKING:
    from tutor.experiments.models import Models

PLACES = ("part", "layer", "head")
KEPT = 64
"""Runs that are remembered."""


class Runner:
    """Runs experiments and keeps the last ones."""

    def __init__(self, library: Library, models: Models) -> None:
        self.library = library
        self.models = models
        self.place: dict[str, Any] = {}
        """Part, layer and head that the learner has chosen; empty where the experiment may choose."""
        self._done: OrderedDict[tuple[str, str, str], Run] = OrderedDict()

    def run(self, show: Show, sentence: str) -> Run:
        """The run of `show`. Options in it go before the place that was chosen. Raises `LearnerError`, `ModelError`."""
        from tutor.experiments.registry import find, run

        fields = {field.name for field in dataclasses.fields(find(show.experiment).options)}
        given = {name.replace("-", "_"): value for name, value in show.options.items()}
        options = {name: value for name, value in self.place.items() if name in fields} | given
        key = (show.experiment, sentence, repr(sorted(options.items())))
        if key not in self._done:
            self._done[key] = run(show.experiment, self.models, sentence, options)
            while len(self._done) > KEPT:
                self._done.popitem(last=False)
        self._done.move_to_end(key)
        return self._done[key]

    def narrate(self, run: Run) -> str:
        """What the run shows, as the experiment's own narration tells it."""
        try:
            return narrate_run(self.library, run)
        except TutorError as error:
            return str(error)


def proves(evidence: Evidence, run: Run) -> bool:
    """Whether the run supports the claim."""
    return not evidence.when or holds(evidence.when, scalar_fields(run.result))


def told(evidence: Evidence, run: Run) -> str:
    """The sentence that tells what the run proves. Raises `AuthorError`."""
    return fill(evidence.say, fields_of(run))


def fields_of(run: Run) -> Mapping[str, Any]:
    """What a text can name of a run."""
    return scalar_fields(run.result)
