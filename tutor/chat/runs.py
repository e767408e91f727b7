"""Choosing what to run, running it, and never showing the same run twice where another would do."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from model.errors import ModelError
from tutor.curriculum.tree import Branch, Library, Show
from tutor.errors import LearnerError, TutorError
from tutor.experiments.base import Run, plain_values

if TYPE_CHECKING:
    from tutor.experiments.models import Models

PLACES = ("part", "layer", "head")


class Runner:
    """Runs experiments for one conversation and remembers which it has shown."""

    def __init__(self, library: Library, models: Models) -> None:
        self.library = library
        self.models = models
        self.place: dict[str, Any] = {}
        """Part, layer and head that the learner has chosen; empty where the lesson may choose."""
        self._shown: set[tuple[str, str, str]] = set()
        self._done: dict[tuple[str, str, str], Run] = {}

    def run(self, show: Show, sentence: str, *, fresh: bool = True, vary: bool = True) -> tuple[Run, bool]:
        """Run `show`; with `fresh` and `vary`, on another head, word or layer if this very run was shown before.

        Such a variation is passed over where its result says that it does not show what the experiment is about.

        The learner's choice of place goes before the lesson's; without `fresh` the options are the learner's own
        words and go before both. Returns the run and whether it is new. Raises `LearnerError` or `ModelError`.
        """
        fields = self._fields(show)
        given = {name.replace("-", "_"): value for name, value in show.options.items()}
        place = {name: value for name, value in self.place.items() if name in fields}
        base = given | place if fresh else place | given
        first = self._once(show.experiment, sentence, base)
        if self._is_new(first, sentence, base) or not fresh:
            return first, True
        for options in self._variations(fields, base, sentence) if vary else ():
            try:
                done = self._once(show.experiment, sentence, options)
            except LearnerError:
                continue  # a variation may not exist, such as a word that is cut into pieces
            if getattr(done.result, "shows", True) and self._is_new(done, sentence, options):
                return done, True
        return first, False

    def _fields(self, show: Show) -> list[str]:
        from tutor.experiments.registry import find

        return [field.name for field in dataclasses.fields(find(show.experiment).options)]

    def _is_new(self, run: Run, sentence: str, options: Mapping[str, Any]) -> bool:
        """Neither these options nor what a default chose by itself were shown before; from now on they were."""
        keys = {
            (run.experiment, sentence, repr(sorted(options.items()))),
            (run.experiment, sentence, repr(plain_values(run.result))),
        }
        new = not keys & self._shown
        self._shown |= keys
        return new

    def peek(self, show: Show, sentence: str) -> Run:
        """The run of `show`, which does not count as shown. Raises `LearnerError` or `ModelError`."""
        return self._once(show.experiment, sentence, dict(show.options))

    def _once(self, experiment: str, sentence: str, options: Mapping[str, Any]) -> Run:
        """Run an experiment; the same run again comes from memory, since it would give the same numbers."""
        from tutor.experiments.registry import run

        key = (experiment, sentence, repr(sorted(options.items())))
        if key not in self._done:
            self._done[key] = run(experiment, self.models, sentence, options)
        return self._done[key]

    def _variations(self, fields: list[str], base: Mapping[str, Any], sentence: str) -> Iterator[dict[str, Any]]:
        """The options with what was left open changed: head, then content word, then layer."""
        config = self.models.model.config
        heads = range(1, config.heads + 1)
        if "head" in fields and "head" not in base:
            yield from ({**base, "head": head} for head in heads)
        if "word" in fields and "word" not in base:
            words = dict.fromkeys(word.strip(".,;:!?\"'()«»") for word in sentence.split())
            yield from ({**base, "word": word} for word in words if self._stands_whole(word, sentence))
        if "output" in fields and "output" not in base:
            words = dict.fromkeys(re.findall(r"\w{4,}", self.models.read(sentence).translation))
            yield from ({**base, "output": word} for word in words)
        layers = min(config.encoder_layers, config.decoder_layers) or max(config.encoder_layers, config.decoder_layers)
        if "layer" in fields and "layer" not in self.place:
            pairs = itertools.product(range(1, layers + 1), range(1, config.heads + 1) if "head" in fields else [None])
            for layer, head in pairs:
                yield {**base, "layer": layer} | ({"head": head} if head else {})

    def _stands_whole(self, word: str, sentence: str) -> bool:
        """Whether it is a content word that the model reads in one piece."""
        from tutor.experiments.pieces import is_content

        return is_content(word) and word in self.models.read(sentence).source_tokens

    def narrate(self, run: Run, branches: Sequence[Branch] = ()) -> str:
        """What the run shows, from a lesson's own branches or from the experiment's."""
        from tutor.curriculum.narration import narrate_run

        try:
            return narrate_run(self.library, run, branches)
        except TutorError as error:
            return str(error)


def trouble(error: LearnerError | ModelError) -> str:
    """The one line that a learner reads where a run was not possible."""
    return f"I could not run this: {error}"
