"""Talk about the talk: the last answer shorter, simpler, deeper, again, as a formula, as code, with another picture."""

from __future__ import annotations

from dataclasses import replace

from tutor.curriculum.tree import Library, Node
from tutor.dialogue import offers
from tutor.dialogue.question import question
from tutor.dialogue.tell import of_facet, reply, tell, tellings, untold, words
from tutor.dialogue.types import Offer, Plan, State, Status
from tutor.understanding import values
from tutor.understanding.intent import Intent, Slot

COVERED = 8
"""Answers that a summary lists."""
LOOKED = "link"
"""The experiment that shows why one word looked at another."""


def _last(library: Library, state: State) -> Node | None:
    return library.nodes.get(state.node)


def _said(library: Library, state: State, kind: str, *more: str, **rest: object) -> Plan:
    plan = Plan(Status.SMALL, paragraphs=(reply(library, state, kind), *more), replied=(kind,))
    return replace(plan, **rest)  # type: ignore[arg-type]


def _going_on(library: Library, state: State, plan: Plan, node: Node) -> Plan:
    return replace(plan, offers=offers.after(library, state, node, see=not plan.wanted))


def why(library: Library, intent: Intent, state: State) -> Plan:
    """One level down; at the ground, what kind of ground it is. After a picture alone: why it looked there."""
    node = _last(library, state)
    if node is None and state.picture_last and state.live:
        from tutor.dialogue.request import experiment

        shown = state.last_run.result if state.last_run else None
        ends = [getattr(shown, name, "") for name in ("query_token", "key_token")]
        whole = all(values.stands_in(values.word(end), state.sentence) for end in ends) and all(ends)
        slots = (Slot("word", ends[0], 0), Slot("key", ends[1], 1)) if whole else ()
        return experiment(library, replace(intent, slots=slots), state, LOOKED)
    if node is None and not intent.nodes:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    if node is None:
        return question(library, intent, state)
    below = library.nodes.get(node.below)
    if below is None and not node.floor and node.facet != "why":
        below = of_facet(library, node.concept, "why")
    if below is not None and below.id != node.id and not state.was_told(below.id):
        return _going_on(library, state, tell(below, state), below)
    if below is not None and below.id != node.id:
        deeper = library.nodes.get(below.below)
        if deeper is not None and not state.was_told(deeper.id):
            return _going_on(library, state, tell(deeper, state), deeper)
    kind = f"floor {node.floor}" if node.floor else "no deeper"
    return _said(library, state, kind, offers=offers.after(library, state, node, see=True))


def deeper(library: Library, intent: Intent, state: State) -> Plan:
    """More of it: the long form if only the line was told, then the mathematics, then what comes next."""
    node = _last(library, state)
    if node is None and not intent.nodes:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    if node is None:
        return question(library, intent, state)
    if not state.was_told(node.id):
        return _going_on(library, state, tell(node, state), node)
    left = [kind for kind in ("math", "code") if kind in tellings(node) and not state.was_told(node.id, kind)]
    if left and state.register != "plain":
        return _going_on(library, state, tell(node, state, left[0]), node)
    onward = untold(library, state, (*node.next, node.below))
    onward = onward or untold(library, state, tuple(one.id for one in library.concepts[node.concept].nodes))
    if onward:
        return _going_on(library, state, tell(onward[0], state), onward[0])
    return _said(library, state, "no deeper", offers=offers.starters(library, state))


def shorter(library: Library, intent: Intent, state: State) -> Plan:
    """The last answer in one sentence."""
    node = _last(library, state)
    if node is None:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    if state.telling == "line":
        return _said(library, state, "no shorter", offers=offers.after(library, state, node, see=True))
    return _going_on(library, state, tell(node, state, "line"), node)


def simpler(library: Library, intent: Intent, state: State) -> Plan:
    """The last answer in easier words, then in a picture; the tutor stays plain from then on."""
    node = _last(library, state)
    if node is None and not intent.nodes:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    if node is None:
        return question(library, intent, state)
    kinds = ["simpler"] if node.simpler else []
    kinds += [kind for kind in tellings(node) if kind.startswith("analogy")]
    left = [kind for kind in kinds if not state.was_told(node.id, kind)]
    if left:
        return replace(_going_on(library, state, tell(node, state, left[0]), node), register="plain")
    what = of_facet(library, node.concept, "what")
    if what and what.id != node.id and what.simpler and not state.was_told(what.id, "simpler"):
        return replace(_going_on(library, state, tell(what, state, "simpler"), what), register="plain")
    return _said(
        library, state, "no simpler", node.line, register="plain", offers=offers.after(library, state, node, see=True)
    )


def exact(library: Library, intent: Intent, state: State) -> Plan:
    """The mathematics of the last answer."""
    return _of_kind(library, intent, state, "math", "math")


def code(library: Library, intent: Intent, state: State) -> Plan:
    """The last answer as a program."""
    return _of_kind(library, intent, state, "code", "code")


def _of_kind(library: Library, intent: Intent, state: State, telling: str, facet: str) -> Plan:
    node = _last(library, state)
    if node is None and not intent.nodes:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    if node is None:
        return question(library, intent, state)
    if telling in tellings(node) and not state.was_told(node.id, telling):
        return replace(_going_on(library, state, tell(node, state, telling), node), register="exact")
    other = of_facet(library, node.concept, facet)
    if other and other.id != node.id and not state.was_told(other.id):
        return replace(_going_on(library, state, tell(other, state), other), register="exact")
    return _said(library, state, f"no {telling}", offers=offers.after(library, state, node, see=True))


def example(library: Library, intent: Intent, state: State) -> Plan:
    """An example of the last answer: worked by hand, else a run."""
    node = _last(library, state)
    if node is None and not intent.nodes:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    if node is None:
        return question(library, intent, state)
    concept = library.concepts[node.concept]
    worked = [one.id for one in concept.nodes if one.facet == "example" and one.id != node.id]
    for one in untold(library, state, tuple(worked)):
        return _going_on(library, state, tell(one, state), one)
    from tutor.dialogue.request import experiment

    shown = {run.experiment for run in state.runs}
    left = [name for name in concept.shows if name not in shown]
    if left and state.live:
        return replace(experiment(library, replace(intent, slots=()), state, left[0]), node=node.id, telling="run")
    return _said(library, state, "no example", offers=offers.after(library, state, node, see=True))


def analogy(library: Library, intent: Intent, state: State) -> Plan:
    """A picture of the last answer that was not told yet, else one of its concept's."""
    node = _last(library, state)
    if node is None and not intent.nodes:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    if node is None:
        return question(library, intent, state)
    for one in (node, *library.concepts[node.concept].nodes):
        for number in range(len(one.analogies)):
            if not state.was_told(one.id, f"analogy {number}"):
                return _going_on(library, state, tell(one, state, f"analogy {number}"), one)
    return _said(library, state, "no analogy", offers=offers.after(library, state, node, see=True))


def again(library: Library, intent: Intent, state: State) -> Plan:
    """The last answer once more, since that is what was asked for."""
    node = _last(library, state)
    if node is None:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    return _going_on(library, state, tell(node, state, state.telling or "say"), node)


def back(library: Library, intent: Intent, state: State) -> Plan:
    """An earlier answer: the one that the words speak of, else the one before the last."""
    told = [name for name in dict.fromkeys(reversed(state.path)) if name in library.nodes]
    if not told:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    told = [name for name in told if name != state.node] or told
    concepts = {library.nodes[name].concept for name in told}
    for entry in intent.nodes:
        found = library.nodes.get(entry.id)
        if entry.id in told or (found and found.concept in concepts and entry.id != state.node):
            node = library.nodes[entry.id if entry.id in told else _of_concept(library, told, found)]
            break
    else:
        node = library.nodes[told[0]]
    lead = f"Back to “{node.ask}”"
    plan = tell(node, state, "line", lead=(lead,))
    return replace(_going_on(library, state, plan, node), offers=offers.after(library, state, node, see=True))


def _of_concept(library: Library, told: list[str], found: Node | None) -> str:
    return next(name for name in told if found and library.nodes[name].concept == found.concept)


def summary(library: Library, intent: Intent, state: State) -> Plan:
    """What was covered, a line each."""
    told = [library.nodes[name] for name in dict.fromkeys(state.path) if name in library.nodes]
    if not told:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    lines = [f"- {node.line}" for node in told[-COVERED:]]
    last = told[-1]
    return _said(library, state, "summary", *lines, offers=offers.after(library, state, last, see=False))


def not_asked(library: Library, intent: Intent, state: State) -> Plan:
    """The last answer is withdrawn, and the other readings of the question are offered."""
    return withdrawn(library, state)


def withdrawn(library: Library, state: State, more: tuple[Offer, ...] = ()) -> Plan:
    """The last answer is taken back; the other readings of what was asked are offered behind `more`."""
    near = [library.nodes[name] for name in state.rivals if name in library.nodes and name != state.node]
    if not near:
        places = offers.distinct((*more, *offers.starters(library, state)))
        return _said(library, state, "not asked, nothing near", offers=places)
    first = offers.distinct((*more, *(offers.to_ask(node) for node in near)))
    return _said(library, state, "not asked", status=Status.ASKED_BACK, offers=first)


def objection(library: Library, intent: Intent, state: State) -> Plan:
    """Somebody holds that the last answer is wrong: a node about their claim answers; else the grounds are given."""
    if intent.nodes and intent.nodes[0].probability >= 0.4 and intent.node != state.node:
        return question(library, intent, state)
    node = _last(library, state)
    if node is None and not intent.nodes:
        return _said(library, state, "nothing told", offers=offers.starters(library, state))
    if node is None:
        return question(library, intent, state)
    left = [kind for kind in ("math", "simpler") if kind in tellings(node) and not state.was_told(node.id, kind)]
    more = words(node, left[0]) if left else (node.line,)
    plan = _said(library, state, "objection", *more, offers=offers.after(library, state, node, see=True))
    return replace(plan, node=node.id, telling=left[0] if left else "line")
