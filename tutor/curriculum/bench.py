"""What the steps of a lesson use: experiments run on the learner's sentence, and the fields made of their results."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tutor.curriculum.conditions import evaluate
from tutor.curriculum.printed import as_printed
from tutor.curriculum.screens import Live
from tutor.curriculum.state import State
from tutor.curriculum.steps import ASKING, PREDICTED, GuidedLesson, Pick, Step
from tutor.errors import AuthorError

Runner = Callable[[str, str, Mapping[str, Any]], Any]
"""(experiment, sentence, options) -> its result, a dataclass."""


class Bench:
    """Runs each thing once."""

    def __init__(self, lesson: GuidedLesson, run: Runner) -> None:
        self.run = run
        self._asking = [step for step in lesson.walk() if step.kind in ASKING]
        self._results: dict[tuple[str, str, str], Any] = {}

    def live(self, step: Step, sentence: str) -> Live | None:
        """The run of what `step` uses; nothing where it uses nothing."""
        if step.use is None:
            return None
        key = (step.use.experiment, sentence, repr(sorted(step.use.options.items())))
        if key not in self._results:
            self._results[key] = self.run(step.use.experiment, sentence, step.use.options)
        return Live(self._results[key], step.parts)

    def fields(self, step: Step, state: State) -> dict[str, Any]:
        """What texts and conditions of `step` may name."""
        fields: dict[str, Any] = {one.outcome: int(state.outcomes.get(one.id, False)) for one in self._asking}
        fields |= {one.tried: state.tries.get(one.id, 0) for one in self._asking}
        fields["sentence"] = state.sentence
        live = self.live(step, state.sentence)
        if live is not None:
            fields |= fields_of(live.result)
        for name in step.rounded.keys() & fields.keys():
            fields[name] = as_printed(fields[name], step.rounded[name])
        for name, let in step.let.items():
            value = evaluate(let, fields) if isinstance(let, str) else picked(let, fields)
            fields[name] = as_printed(value, step.rounded[name]) if name in step.rounded else value
        if step.of:
            fields[PREDICTED] = state.answers.get(step.of, "")
        return fields


def fields_of(result: Any) -> dict[str, Any]:
    """Every field of a result, lists included."""
    return {one.name: getattr(result, one.name) for one in dataclasses.fields(result)}


def picked(pick: Pick, fields: Mapping[str, Any]) -> Any:
    """What `pick` makes of a list: an entry, a number or a list. Raises `AuthorError` where there is no such entry."""
    source: Sequence[Any] = fields[pick.source]
    if pick.each:
        source = [getattr(row, pick.each) for row in source]
    if pick.column:
        source = [row[pick.column - 1] for row in source]
    if pick.softmax:
        powers = [math.exp(score - max(source)) for score in source]
        source = [power / sum(powers) for power in powers]
    if pick.total or pick.count:
        return sum(source) if pick.total else len(source)
    if not (pick.rank or pick.at):
        return list(source)
    place = pick.at - 1
    if pick.rank:
        ranking: Sequence[Any] = fields[pick.by] if pick.by else source
        ranked = sorted(range(len(ranking)), key=ranking.__getitem__, reverse=True)
        place = pick.rank - 1 if pick.rank > 0 else len(ranked) + pick.rank
        if not 0 <= place < len(ranked):
            raise AuthorError(f"'{pick.source}' has {len(ranked)} entries and no rank {pick.rank}")
        place = ranked[place]
    if not 0 <= place < len(source):
        raise AuthorError(f"'{pick.source}' has {len(source)} entries and no entry {pick.at}")
    return source[place]
