"""From a node to its telling: plainly, then in other ways, then one level down, at last that all has been told."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.chat import replies
from tutor.chat.asking import asks_why, wants_detail
from tutor.chat.state import Draft, State
from tutor.chat.tellings import Telling, find_node, siblings, tellings
from tutor.curriculum.tree import Node, Show
from tutor.understanding.types import Understood

SHORT_SENTENCE = "I see a cat."

_LEVELS = {"say": "plainly", "simpler": "simpler", "analogy": "as a picture", "math": "the mathematics"}
_GROUNDS = {"definition": "a definition", "theorem": "a theorem", "open question": "an open question"}


def tell(state: State, node: Node, prefer: str = "say", question: str = "") -> Draft:
    """Tell `node` in a way that it has not been told; when there is none, go down; then say so."""
    ways = sorted(tellings(node), key=lambda way: way.variant != prefer)
    again = any(state.memory.was_told(node.id, way.variant) for way in ways)
    if again and node.facet == "why" and asks_why(question):
        below = node_below(state, node)
        if below:
            return tell_in(state, below, tellings(below)[0])
    if again and wants_detail(question):
        detail = _detail(state, node)
        if detail:
            return _both(state, detail) if "both" in question.casefold().split() else tell_in(state, *detail[0])
    for way in _fresh(state, node, ways):
        return tell_in(state, node, way)
    below = node_below(state, node)
    if not below:
        return told_all(state, node)
    draft = tell_in(state, below, tellings(below)[0])
    if node.facet != "why" and not asks_why(question):
        line = f"“{node.ask}” has been told: {levels(state, node)}. One level below it: “{below.ask}”"
        draft.paragraphs.insert(0, line)
    return draft


def tell_in(state: State, node: Node, way: Telling) -> Draft:
    """Tell `node` in this very way."""
    state.memory.tell(node.id, way.variant)
    return Draft(list(way.paragraphs), node=node, shows=(show_of(state, node),))


def told_all(state: State, node: Node) -> Draft:
    """One honest line in place of words that were given before; the run and the offers are new."""
    return Draft([told_all_line(state, node)], node=node, shows=(show_of(state, node),), other_offers=True)


def told_all_line(state: State, node: Node) -> str:
    """That all on `node` has been told, and in which ways; another line each time."""
    count = state.memory.times(f"all of {node.id}")
    line = replies.TOLD_ALL[min(count, len(replies.TOLD_ALL)) - 1]
    return line.format(ask=node.ask, levels=levels(state, node), count=count)


def levels(state: State, node: Node) -> str:
    """In which ways `node` has been told, down to the ground where that was reached."""
    told = [_LEVELS[way.variant] for way in tellings(node) if state.memory.was_told(node.id, way.variant)]
    ground = ground_of(state, node)
    at_ground = state.memory.was_told(ground.id, "floor") or (ground is not node and state.memory.was_told(ground.id))
    if ground.floor and at_ground:
        told.append(f"and down to the ground, {_GROUNDS[ground.floor]}")
    return ", ".join(told) or "plainly"


def node_below(state: State, node: Node) -> Node | None:
    """The first node down the chain of whys that has not been told."""
    seen = {node.id}
    below = state.library.nodes.get(node.why_below)
    while below and below.id not in seen:
        if not state.memory.was_told(below.id):
            return below
        seen.add(below.id)
        below = state.library.nodes.get(below.why_below)
    return None


def ground_of(state: State, node: Node) -> Node:
    """The last node of the chain of whys that starts at `node`."""
    seen = {node.id}
    while node.why_below in state.library.nodes and node.why_below not in seen:
        seen.add(node.why_below)
        node = state.library.nodes[node.why_below]
    return node


def deeper(state: State, question: str, understood: Understood) -> Draft:
    """One level down from what was told last: the how or the next why, the formulas, then the ground."""
    node = node_in_view(state, understood)
    if not node:
        return Draft([state.memory.reply("nothing to simplify")], small=True)
    why, how, math = (state.library.node_for(node.concept, facet) for facet in ("why", "how", "math"))
    folded = question.casefold()
    below = node_below(state, node)
    if "how" in folded.split() or wants_detail(question):
        order = [how, math, below, why]
    elif asks_why(question):
        order = [below if node.facet == "why" or below else why, why, below]
    else:
        order = [how if node.facet == "what" else None, below, math, how]
    for candidate in order:
        if candidate and not state.memory.was_told(candidate.id):
            draft = tell_in(state, candidate, tellings(candidate)[0])
            if asks_why(question) and candidate is below and node.facet == "why":
                # A level down is another question: say which, or its "because" hangs in the air.
                draft.paragraphs.insert(0, f"One level down: *{candidate.ask}*")
            return draft
    if not asks_why(question):
        for candidate in (node, why, how, math):
            if candidate and candidate.math and not state.memory.was_told(candidate.id, "math"):
                return tell_in(state, candidate, Telling("math", candidate.math))
    ground = ground_of(state, node)
    if ground.floor and not state.memory.was_told(ground.id, "floor"):
        state.memory.tell(ground.id, "floor")
        line = replies.FLOORS[ground.floor].format(ask=ground.ask)
        return Draft([line], node=ground, shows=(show_of(state, ground),))
    if node.math and not state.memory.was_told(node.id, "math"):
        return tell_in(state, node, Telling("math", node.math))
    return told_all(state, node)


def simpler(state: State, question: str, understood: Understood) -> Draft:
    """The simpler telling, then the picture, then a run that is short enough to check by eye."""
    node = node_in_view(state, understood)
    if not node:
        return Draft([state.memory.reply("nothing to simplify")], small=True)
    ways = [way for way in tellings(node) if way.variant in ("simpler", "analogy")]
    if "analogy" in question.casefold() or "picture" in question.casefold():
        ways.reverse()
    for way in _fresh(state, node, ways):
        return tell_in(state, node, way)
    what = state.library.node_for(node.concept, "what")
    if what and what.id != node.id:
        for way in _fresh(state, what, tellings(what)):
            if way.variant in ("simpler", "analogy"):
                return tell_in(state, what, way)
    if state.live and not state.memory.was_told(node.id, "short run"):
        state.memory.tell(node.id, "short run")
        return Draft([replies.SIMPLER_RUN], node=node, shows=(show_of(state, node),), on=SHORT_SENTENCE)
    return told_all(state, node)


def node_in_view(state: State, understood: Understood) -> Node | None:
    """The node that a follow-up speaks of: the last one told, unless the turn names another concept."""
    last = state.last_node
    named = [
        concept
        for concept in understood.concepts
        if last and concept not in (last.concept, last.other, *state.concepts)
    ]
    if last and not named:
        return last
    found = find_node(state.library, tuple(named) or understood.concepts, understood.facet or "what")
    return found.node if found else last


def show_of(state: State, node: Node) -> Show:
    """The node's experiment; else its concept's, else the attention map."""
    if node.show:
        return node.show
    for other in siblings(state.library, node):
        if other.show and not other.other:
            return other.show
    return Show("attention")


def _fresh(state: State, node: Node, ways: tuple[Telling, ...] | list[Telling]) -> Iterator[Telling]:
    """The tellings that would not repeat anything."""
    for way in ways:
        if not state.memory.was_told(node.id, way.variant) and state.memory.unprinted(way.paragraphs):
            yield way


def _detail(state: State, node: Node) -> list[tuple[Node, Telling]]:
    """The formulas of `node`, and the parts of it that say how, as far as they are untold."""
    found = [(node, Telling("math", node.math))] if node.math and not state.memory.was_told(node.id, "math") else []
    for name in node.next:
        part = state.library.nodes.get(name)
        if part and part.facet in ("how", "math") and not state.memory.was_told(part.id):
            found.append((part, tellings(part)[0]))
    return found


def _both(state: State, details: list[tuple[Node, Telling]]) -> Draft:
    """Two parts at once, each by its first two paragraphs: 'the inner working of both'."""
    parts = [detail for detail in details if detail[1].variant == "say"][:2] or details[:1]
    paragraphs: list[str] = []
    for part, way in parts:
        state.memory.tell(part.id, way.variant)
        paragraphs += [f"“{part.ask}” {way.paragraphs[0]}", *way.paragraphs[1:2]]
    shows = tuple({repr(show): show for show in (show_of(state, part) for part, _ in parts)}.values())
    return Draft(paragraphs, node=parts[0][0], shows=shows)
