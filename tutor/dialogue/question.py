"""A question: which node answers it, how it is told, and what is said where the reader is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tutor.curriculum.tree import Library, Node
from tutor.dialogue import offers
from tutor.dialogue.tell import beside_its_question, of_facet, reply, tell, tellings, untold, words
from tutor.dialogue.types import Plan, State, Status
from tutor.understanding.intent import Intent

SURE, LIKE = 0.12, 0.6
"""Below both, in probability and in likeness to a known wording, the tutor asks back."""
CLOSE, LIKELY, ASKED_TOO, MOST_BESIDE = 0.3, 0.15, 0.35, 2
"""From this share of the best node's probability on, and this probability, others are answered in a line as well; from
this probability on, what another sentence of the turn asks; and how many lines there are at most."""
DOUBTED = 0.5
"""Probability of the best node below which it stands beside its question: the learner sees what is being answered."""
OWN_WORDS = 0.85
"""Likeness to a wording of the node below which its question may not be the learner's, word for word."""
OTHERWISE = 0.06
"""From this share on, the second node is taken where the first was told a moment ago."""
OFFERED = 0.33
"""From this share of the best node's probability on, one that is offered on the screen is likelier."""
RECENT = 3
EXACTLY = ("history", "math", "code", "example")
"""Facets whose answer is names, numbers or lines: simpler words would leave out what was asked for."""
WISHED = {"shorter": "line", "simpler": "simpler", "exact": "math", "code": "code", "analogy": "analogy 0"}
"""Wish -> the telling that fulfils it."""
ROOM, PROOF, WIDTH = 17, 4, 80
"""Rows of the usual screen that an answer has, those of them that go to a proof, and its columns: others are told
beside it while they fit."""


def question(library: Library, intent: Intent, state: State) -> Plan:
    """Answer with the best node, or say between which the question may lie."""
    if intent.lost:
        line = f"The answer to this is in a file that cannot be used. {library.why_lost(intent.lost)}"
        return Plan(Status.REFUSED, paragraphs=(line,), broken=True)
    ranked = [(library.nodes[entry.id], entry.probability) for entry in intent.nodes if entry.id in library.nodes]
    if not ranked:
        return Plan(Status.ASKED_BACK, paragraphs=(reply(library, state, "unread"),), replied=("unread",))
    (node, best), *others = _offered_first(ranked, state)
    if best < SURE and intent.likeness < LIKE:
        return unsure(library, state, tuple(one for one, _ in ranked))
    second, share = (others[0][0], others[0][1] / best) if others and best else (None, 0.0)
    if second and share >= OTHERWISE and node.id in state.path[-RECENT:] and not state.was_told(second.id):
        node, second = second, None
    plan = told_as_wished(library, intent, state, node)
    if plan.node == node.id and plan.telling == "say" and intent.likeness < OWN_WORDS:
        plan = replace(plan, paragraphs=beside_its_question(node, plan.paragraphs, always=best < DOUBTED))
    close = [one.id for one, probability in others if probability >= max(CLOSE * best, LIKELY)]
    asked = [entry.id for entry in intent.parts if entry.probability >= ASKED_TOO]
    others_told = (one for one in untold(library, state, (*asked, *close)) if one.id not in (node.id, plan.node))
    beside = list(others_told)[:MOST_BESIDE]
    if plan.telling == "say":
        for one in beside:
            longer = (*plan.paragraphs, f"*{one.ask}* {one.line}")
            if rows(longer) + PROOF * len(plan.wanted) <= ROOM:
                plan = replace(plan, paragraphs=longer, also=(*plan.also, one.id))
    rest = offers.after(library, state, node, see=not plan.wanted)
    return replace(plan, offers=offers.distinct([*(offers.to_ask(one) for one in beside), *rest]))


def _offered_first(ranked: Sequence[tuple[Node, float]], state: State) -> Sequence[tuple[Node, float]]:
    """The readings, one that stands on the screen as an offer in front where none is sure and it is not far behind."""
    offered = {offer.node for offer in state.offers}
    best = ranked[0][1]
    likely = [one for one in ranked if one[0].id in offered and one[1] >= OFFERED * best]
    return [*likely[:1], *(one for one in ranked if one not in likely[:1])] if best < DOUBTED else ranked


def rows(paragraphs: tuple[str, ...]) -> int:
    """How many rows of the usual screen these take, with an empty one between them."""
    rows = (-(-max(1, len(line)) // WIDTH) for text in paragraphs for line in text.split("\n"))
    return sum(rows) + len(paragraphs) - 1


def told_as_wished(library: Library, intent: Intent, state: State, node: Node) -> Plan:
    """The node in the form that was asked for, or that the conversation has settled on; never in words read before."""
    plainly = state.register == "plain" and node.facet not in EXACTLY
    wish = intent.wish if intent.wish != "none" else "simpler" if plainly else "none"
    if wish in ("exact", "code") and node.facet != {"exact": "math", "code": "code"}[wish]:
        own = node.math if wish == "exact" else node.code
        other = None if own else of_facet(library, node.concept, "math" if wish == "exact" else "code")
        if other and not state.was_told(other.id):
            return tell(other, state)
    telling = WISHED.get(wish, "say")
    if telling not in (*tellings(node), "line"):
        telling = "say"
    if state.was_told(node.id, telling):
        return told_again(library, state, node)
    plan = tell(node, state, telling)
    if telling == "simpler" and node.analogies:
        plan = replace(plan, paragraphs=(*plan.paragraphs, *words(node, "analogy 0")))
    if telling == "math":
        plan = replace(plan, paragraphs=(*plan.paragraphs, *node.say[:1]))
    return plan


def told_again(library: Library, state: State, node: Node) -> Plan:
    """The same question once more: in words that were not read yet, or a line and where to go from it."""
    left = [kind for kind in tellings(node) if not state.was_told(node.id, kind)]
    if not left:
        lead = reply(library, state, "told before")
        return Plan(node=node.id, telling="line", paragraphs=(lead, node.line), replied=("told before",))
    return tell(node, state, left[0])


def unsure(library: Library, state: State, near: tuple[Node, ...]) -> Plan:
    """Say that it is not sure, and answer the nearest questions in a line each."""
    lead = reply(library, state, "unsure")
    nearest = near[: offers.MOST]
    lines = [f"*{node.ask}* {node.line}" for node in nearest]
    first = offers.distinct(offers.to_ask(node) for node in nearest)
    return Plan(Status.ASKED_BACK, paragraphs=(lead, *lines), offers=first, replied=("unsure",))
