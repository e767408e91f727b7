"""What to offer next: the node's own continuations, its neighbours, and places to start."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tutor.chat import replies
from tutor.chat.shown import SHOWN
from tutor.chat.state import Draft, State
from tutor.chat.tellings import find_node, siblings
from tutor.chat.turn import Offer
from tutor.curriculum.tree import Node
from tutor.understanding.types import Understood

OFFERS = 3


def worded(text: str) -> Offer:
    """An offer as a question in plain words, with the command behind it where there is one."""
    found = re.search(r"/[a-z].*", text.replace("`", ""))
    if not found:
        return Offer(text)
    command = found[0]
    name, *words = command.split()
    question = ""
    if name == "/show" and words:
        question = SHOWN.get(words[0], "")
    elif name == "/sentence" and words:
        question = f"What does it make of *{' '.join(words)}*"
        return Offer(question.rstrip(".* ") + "*?", command=command)
    elif name == "/lesson":
        question = "Shall we take it step by step, in the guided lesson?"
    return Offer(question or text, command=command)


def starters(state: State) -> list[Offer]:
    """Places to start that have not been visited."""
    nodes = [state.library.node_for(concept, facet) for concept, facet in replies.STARTERS]
    return list(untold(state, (node for node in nodes if node)))


def others_asked(state: State, understood: Understood, told: Node | None) -> list[Offer]:
    """Offers for what a rambling turn also asked about."""
    heard = {clue.speaks_for for clue in understood.clues}
    nodes = []
    for concept in understood.concepts[1:]:
        if concept not in heard or (told and concept in (told.concept, told.other)):
            continue
        facet = understood.facet if understood.facet not in ("compare", "relation") else "what"
        other = find_node(state.library, (concept,), facet)
        if other:
            nodes.append(other.node)
    return list(untold(state, nodes))[: OFFERS - 1]


def nearest(state: State, understood: Understood, *, with_reading: bool = False) -> list[Offer]:
    """Offers for the readings that came close, the chosen one among them where `with_reading` says so."""
    near = [find_node(state.library, understood.concepts, understood.facet)] if with_reading else []
    near += [find_node(state.library, (guess.concept,), guess.facet) for guess in understood.guesses[:OFFERS]]
    return distinct(Offer(found.node.ask, found.node.id) for found in near if found)[:OFFERS]


def follow_ups(state: State, draft: Draft) -> tuple[Offer, ...]:
    """Three offers at most: the draft's own, then what follows its node, then places to start."""
    offers = list(draft.offers)
    if not draft.only_these_offers:
        if draft.node:
            ids = [*draft.node.next, draft.node.why_below]
            nodes = [state.library.nodes[name] for name in ids if name in state.library.nodes]
            offers += untold(state, [*nodes, *siblings(state.library, draft.node)])
        offers += starters(state)
        if draft.other_offers or len(distinct(offers)) < OFFERS:
            offers += untold(state, state.library.nodes.values())
    if draft.other_offers:
        others = [offer for offer in distinct(offers) if offer not in state.offers]
        offers = [*others, *offers]
    return tuple(distinct(offers)[:OFFERS])


def untold(state: State, nodes: Iterable[Node]) -> Iterator[Offer]:
    """An offer for each node of which not even the point has been told."""
    told = state.memory.was_told
    return (Offer(node.ask, node.id) for node in nodes if not told(node.id) and not told(node.id, "point"))


def distinct(offers: Iterable[Offer]) -> list[Offer]:
    """Each offer once, in order."""
    kept: dict[str, Offer] = {}
    for offer in offers:
        kept.setdefault(offer.node or offer.text, offer)
    return list(kept.values())
