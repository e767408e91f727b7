"""What is no question about the subject: greetings, remarks, offers taken up or declined, other subjects."""

from __future__ import annotations

from dataclasses import replace

from tutor.curriculum.tree import Library
from tutor.dialogue import offers
from tutor.dialogue.question import question
from tutor.dialogue.quiz import make_quiz
from tutor.dialogue.tell import reply, tell, untold
from tutor.dialogue.types import Offer, Plan, State, Status
from tutor.understanding.intent import Intent

KNOWN = 0.9
"""Probability of a node from which it answers who asks what can be done here."""
ASKS_AFTER_ALL = 0.55
"""Probability of a node from which a remark is heard as asking for it: 'big deal' after an answer wants to know why."""
NEAR = 0.45
"""Cosine with a wording from which a node is near enough to be named where the subject is another."""


def _said(library: Library, state: State, kind: str, status: Status = Status.SMALL) -> Plan:
    node = library.nodes.get(state.node)
    further = offers.after(library, state, node, see=True) if node else offers.starters(library, state)
    return Plan(status, paragraphs=(reply(library, state, kind),), replied=(kind,), offers=further)


def greet(library: Library, intent: Intent, state: State) -> Plan:
    """Hello, and where to begin."""
    return _said(library, state, "greet")


def thanks(library: Library, intent: Intent, state: State) -> Plan:
    """Thanks."""
    return _said(library, state, "thanks")


def bye(library: Library, intent: Intent, state: State) -> Plan:
    """Goodbye."""
    return replace(_said(library, state, "bye", Status.LEAVING), offers=())


def stop(library: Library, intent: Intent, state: State) -> Plan:
    """The quiz ends, never the program."""
    return _said(library, state, "stopped quiz" if state.quiz else "stopped")


def feedback(library: Library, intent: Intent, state: State) -> Plan:
    """A remark: it is heard. Where it holds a claim that a node is about, or asks after all, that node answers it."""
    if intent.nodes and intent.nodes[0].probability >= ASKS_AFTER_ALL:
        return question(library, intent, state)
    return _said(library, state, "remark")


def yes(library: Library, intent: Intent, state: State) -> Plan:
    """The offer that the words speak of, else the first one."""
    if not state.offers:
        return _said(library, state, "nothing offered")
    named = {entry.id: entry.probability for entry in intent.nodes}
    best = max(state.offers, key=lambda offer: named.get(offer.node, 0.0))
    return taken(library, state, best if named.get(best.node, 0.0) > 0.2 else state.offers[0])


def taken(library: Library, state: State, offer: Offer) -> Plan:
    """What an offer promises."""
    node = library.nodes.get(offer.node)
    if node is None:
        return Plan(Status.SMALL, command=offer.command, paragraphs=() if offer.command else (offer.text,))
    telling = "simpler" if state.register == "plain" and node.simpler else "say"
    plan = tell(node, state, telling)
    return replace(plan, offers=offers.after(library, state, node, see=not plan.wanted))


def no(library: Library, intent: Intent, state: State) -> Plan:
    """Declined: other places to go."""
    plan = _said(library, state, "no")
    places = (offers.to_ask(node) for node in untold(library, state, offers.STARTERS))
    fresh = offers.distinct(offer for offer in places if offer not in state.offers)
    return replace(plan, offers=fresh or plan.offers)


def menu(library: Library, intent: Intent, state: State) -> Plan:
    """What one can do here: the answer that says so, where that is sure and not told yet, else a few lines."""
    best = intent.nodes[0] if intent.nodes else None
    if best and best.probability >= KNOWN and best.id in library.nodes and not state.was_told(best.id):
        return question(library, intent, state)
    return replace(_said(library, state, "menu"), offers=offers.starters(library, state))


def lesson(library: Library, intent: Intent, state: State) -> Plan:
    """The guided lessons, which the terminal plays."""
    named = [f"{number:g}" for number in intent.numbers if number > 0 and number == int(number)]
    return Plan(Status.SMALL, command=f"/lesson {named[0]}" if len(named) == 1 else "/lesson")


def quiz(library: Library, intent: Intent, state: State) -> Plan:
    """A question to the learner about what was told, else about where to begin."""
    if not library.nodes:  # no file of answers can be read
        return Plan(Status.REFUSED, paragraphs=(f"There is nothing to ask you about. {library.fault}".strip(),))
    node = library.nodes.get(intent.node)
    made = make_quiz(library, state, node.concept if node and _names(library, intent, node.concept) else "")
    lines = [made.question, *(f"{number}. {choice}" for number, choice in enumerate(made.choices, 1))]
    return Plan(Status.SMALL, paragraphs=tuple(lines), quiz=made)


def _names(library: Library, intent: Intent, concept: str) -> bool:
    """Whether a turn names a concept by one of its names."""
    text = intent.text.casefold()
    return any(name.casefold() in text for name in library.concepts[concept].names)


def outside(library: Library, intent: Intent, state: State) -> Plan:
    """Not taught here, and the nearest thing that is."""
    plan = _said(library, state, "outside", Status.OUTSIDE)
    near = [library.nodes[entry.id] for entry in intent.nodes[:3] if entry.id in library.nodes]
    if near and intent.likeness >= NEAR:
        plan = replace(plan, offers=offers.distinct(offers.to_ask(node) for node in near))
    return plan
