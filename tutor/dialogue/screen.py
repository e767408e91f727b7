"""Questions about the screen: what a mark means, what is large and small, with the number that stands there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tutor.curriculum.narration import fill, scalar_fields
from tutor.curriculum.tree import Library, Mark
from tutor.dialogue import offers
from tutor.dialogue.question import question
from tutor.dialogue.stands import whose
from tutor.dialogue.tell import reply
from tutor.dialogue.types import Plan, State, Status
from tutor.errors import AuthorError
from tutor.experiments.base import Run
from tutor.understanding import values
from tutor.understanding.intent import Intent

MEANT = 0.45
"""Cosine from which a mark of the legend is what was asked about."""
FEW = 2
"""Marks that explain a picture to somebody who is lost."""
CLEAR = 0.4
"""Probability of a node from which a turn that names no mark is a question about the subject."""
BESIDE = 0.06
"""What another mark may be behind the best one and still be told with it."""


def screen(library: Library, intent: Intent, state: State) -> Plan:
    """The meaning of what was asked about, from the legend of the last picture; else the whole legend."""
    run = state.last_run
    if run is None:
        return question(library, intent, state)
    narration = library.narrations.get(run.experiment)
    legend = narration.legend if narration else ()
    meant = [mark for mark in intent.marks if mark.probability >= MEANT]
    best = [mark for mark in meant if mark.probability >= meant[0].probability - BESIDE][:2]
    standing = whose(intent.text, run.result) or marks_with(library, intent, run)
    if not meant and not standing and intent.nodes and intent.nodes[0].probability >= CLEAR:
        return question(library, intent, state)
    numbers = [int(mark.id.partition("#")[2]) for mark in best if legend] or range(len(legend))
    named = marks_with(library, intent, run)
    if named and not best:
        return _explained(library, state, _means(legend, named[:1], run))
    if not meant and whose(intent.text, run.result):
        numbers = range(min(1, len(legend)))  # what the numbers of the picture are
    told = _means(legend, numbers, run)
    owner = whose(intent.text, run.result)
    told = [owner, *told] if owner else told
    if not told:
        return Plan(Status.SMALL, paragraphs=(reply(library, state, "no legend"),), replied=("no legend",))
    return _explained(library, state, told)


def _explained(library: Library, state: State, told: Sequence[str]) -> Plan:
    node = library.nodes.get(state.node)
    further = offers.after(library, state, node, see=False) if node else state.offers
    return Plan(Status.ANSWERED, telling="legend", paragraphs=tuple(told), offers=further)


def marks_with(library: Library, intent: Intent, run: Run) -> list[int]:
    """The marks of a picture in whose meaning a number of the turn stands as it was typed, the likest first."""
    narration = library.narrations.get(run.experiment)
    legend = narration.legend if narration else ()
    typed = {number for number, _, _ in values.numbers_typed(intent.text)}
    told = {
        at: {word.strip(".,;:()") for word in " ".join(_means(legend, [at], run)).split()} for at in range(len(legend))
    }
    found = [at for at, words in told.items() if typed & words]
    order = [int(mark.id.partition("#")[2]) for mark in intent.marks]
    return sorted(found, key=lambda at: order.index(at) if at in order else len(order))


def explained(library: Library, state: State, *, whole: bool = False) -> Plan:
    """The last picture in a few plain sentences: its first marks, or all of them."""
    run = state.last_run
    narration = library.narrations.get(run.experiment) if run else None
    legend = narration.legend if narration else ()
    told = _means(legend, range(len(legend) if whole else min(FEW, len(legend))), run) if run else []
    if not told:
        return Plan(Status.SMALL, paragraphs=(reply(library, state, "no legend"),), replied=("no legend",))
    return Plan(Status.ANSWERED, telling="legend", paragraphs=tuple(told), offers=state.offers)


def _means(legend: Sequence[Mark], numbers: Iterable[int], run: Run) -> list[str]:
    fields = scalar_fields(run.result)
    told = []
    for number in numbers:
        try:
            told.append(fill(legend[number].means, fields))
        except AuthorError:  # the linter finds it; the other marks are told
            continue
    return told
