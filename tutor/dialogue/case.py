"""The last answer, or the one asked for now, on the numbers that this turn gives."""

from __future__ import annotations

from dataclasses import replace

from tutor.curriculum.tree import Library, Node
from tutor.dialogue import offers
from tutor.dialogue.types import Plan, State
from tutor.understanding.intent import Intent

GOES_ON = frozenset(
    {"question", "calculate", "request", "screen", "example", "exact", "again", "deeper", "feedback", "objection"}
)
"""Acts of turns whose numbers may be meant for the last answer."""
RUN_MEANT = 0.4
"""Probability of a run from which a request's numbers are those of the request."""
ELSEWHERE, ELSEWHERE_THOUGH_NAMED = 0.6, 0.9
"""Probability of another node from which it is that one which is asked; and where numbers are named as the last answer
takes them."""


def case_of(node: Node | None, intent: Intent) -> str:
    """What the node says of the numbers of this turn; '' where it says nothing of them."""
    if node is None or node.case is None or not intent.numbers:
        return ""
    from tutor.calculations.asked import Asked
    from tutor.curriculum.cases import told_for

    return told_for(node.case, Asked(intent.numbers, intent.named, {}))


def case_again(library: Library, intent: Intent, state: State) -> Plan | None:
    """The rule of the last answer on these numbers; None where the turn is about something else."""
    node = library.nodes.get(state.node)
    if node is None or state.picture_last or intent.act not in GOES_ON or _orders(intent):
        return None
    best = intent.nodes[0] if intent.nodes else None
    elsewhere = ELSEWHERE_THOUGH_NAMED if intent.named else ELSEWHERE
    if best and intent.act == "question" and best.id != node.id and best.probability >= elsewhere:
        return None
    text = case_of(node, intent)
    if not text:
        return None
    return Plan(node=node.id, telling="line", paragraphs=(text,), offers=offers.after(library, state, node, see=True))


def _orders(intent: Intent) -> bool:
    """Whether something is to be run, whose numbers say where: 'show me layer 3 head 2'."""
    return intent.act == "request" and bool(intent.runs) and intent.runs[0].probability >= RUN_MEANT


def with_case(library: Library, intent: Intent, plan: Plan, room: int) -> Plan | None:
    """The answer of this plan with its rule on the turn's numbers in front; None where it has none for them."""
    from tutor.dialogue.question import rows

    node = library.nodes.get(plan.node)
    text = case_of(node, intent)
    if node is None or not text or plan.telling != "say":
        return None
    whole = (text, *plan.paragraphs)
    if rows(whole) <= room:
        return replace(plan, paragraphs=whole, wanted=())
    return replace(plan, telling="line", paragraphs=(text, node.line), wanted=())
