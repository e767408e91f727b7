"""What to offer next: up to three, two of them deeper or beside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tutor.curriculum.tree import Library, Node
from tutor.dialogue.tell import untold
from tutor.dialogue.types import Offer, Plan, State, Status

MOST = 3
STARTERS = ("attention.what", "embedding.what", "backpropagation.what", "transformer.what", "softmax.why")
"""Places to begin."""


def to_ask(node: Node) -> Offer:
    """An offer to answer a node's question."""
    return Offer(node.ask, node.id)


def to_see(library: Library, experiment: str) -> Offer:
    """An offer to run an experiment, in a learner's words."""
    narration = library.narrations.get(experiment)
    return Offer(f"See it: {narration.ask}" if narration else f"/show {experiment}", command=f"/show {experiment}")


def after(library: Library, state: State, node: Node, *, see: bool) -> tuple[Offer, ...]:
    """What follows a node: its why, what it names as next, a run where none was shown."""
    found = [to_ask(one) for one in untold(library, state, (node.below, *node.next)) if one.id != node.id]
    shows = library.concepts[node.concept].shows
    if see and shows and state.live:
        found = [*found[: MOST - 1], to_see(library, node.evidence.show.experiment if node.evidence else shows[0])]
    beside = untold(library, state, tuple(one.id for one in library.concepts[node.concept].nodes))
    return distinct([*found, *(to_ask(one) for one in beside if one.id != node.id)])


def starters(library: Library, state: State) -> tuple[Offer, ...]:
    """Places to begin that have not been visited."""
    return distinct(to_ask(node) for node in untold(library, state, STARTERS))


def with_exercise(library: Library, plan: Plan, state: State) -> Plan:
    """The plan, with an exercise as its last offer where it answers something that touches what is weak."""
    node = library.nodes.get(plan.node)
    if node is None or plan.status is not Status.ANSWERED:
        return plan
    weak = [concept for concept in (node.concept, node.other) if concept in state.weak]
    if not weak:
        return plan
    exercise = Offer(f"Practise it: {library.concepts[weak[0]].title}", command=f"/review {weak[0]}")
    return replace(plan, offers=(*plan.offers[: MOST - 1], exercise))


def distinct(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """The first few, each once."""
    kept: dict[str, Offer] = {}
    for offer in offers:
        kept.setdefault(offer.node or offer.text, offer)
    return tuple(kept.values())[:MOST]
