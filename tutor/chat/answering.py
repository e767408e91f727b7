"""From a node to its telling: plainly, then in other ways, then one level down, at last that all has been told."""

from __future__ import annotations

from collections.abc import Iterable

from tutor.chat import replies
from tutor.chat.asking import asks_plainly_for, asks_why, wants_detail, wants_plain
from tutor.chat.beliefs import without_lead
from tutor.chat.offers import worded
from tutor.chat.same import on_the_same
from tutor.chat.state import Draft, State
from tutor.chat.tellings import BESIDE_A_PICTURE, PORTION, Telling, find_node, portion, siblings, tellings
from tutor.curriculum.tree import Node, Show
from tutor.understanding.types import Understood

SHORT_SENTENCE = "I see a cat."

THIN = 120
"""Characters below which a retelling does not stand alone."""

AMPLE = 600
"""Characters from which there is room for the exact words beside the plain ones."""

_AGAIN = ("simpler", "analogy", "say", "math")
_AGAIN_IN_DETAIL = ("math", "say", "analogy", "simpler")
"""In which order what is left of a node is told, when it comes up again."""


def tell(state: State, node: Node, prefer: str = "say", question: str = "") -> Draft:
    """Tell `node` in a way that it has not been told; when there is none, go down; then say so."""
    if not touched(state, node):
        first, *others = sorted(tellings(node), key=lambda way: way.variant != prefer)
        draft = tell_in(state, node, first)
        simpler_too = [way for way in others if way.variant == "simpler"]
        if wants_plain(question) and simpler_too and len(draft.paragraphs) > 1:
            # The exact version waits until it is asked for.
            draft.paragraphs = [draft.paragraphs[0], *said(state, node, simpler_too[0])[:1]]
        return draft
    if node.facet == "why" and asks_why(question) and state.memory.was_told(node.id):
        below = node_below(state, node)
        if below:
            return _one_down(state, below)
    if "both" in question.casefold().split() and wants_detail(question):
        details = _parts_untold(state, node)
        if details:
            return _both(state, details)
    return retell(state, node, question, prefer)


def retell(state: State, node: Node, question: str = "", prefer: str = "say") -> Draft:
    """What is left of a node that was told before, led in by what is new about it, and never a scrap alone."""
    detail = wants_detail(question)
    order: list[str] = [] if prefer == "say" else [prefer]
    order += _AGAIN_IN_DETAIL if detail else _AGAIN
    ways = sorted(fresh(state, node), key=lambda way: order.index(way.variant))
    if not ways:
        below = node_below(state, node) if node.facet == "why" or asks_why(question) else None
        if below:
            return _one_down(state, below)
        return told_all(state, node, aside=not asks_why(question))
    how = state.library.node_for(node.concept, "how")
    stepped = node.facet == "what" and how is not None and state.memory.was_told(how.id)  # the exact words say no more
    if state.memory.was_told(node.id, "point") and not state.memory.was_told(node.id) and not stepped:
        ways.sort(key=lambda way: way.variant != "say")  # only its point was told, among others
    lead = "" if ways[0].variant == "say" else state.memory.reply(f"again {ways[0].variant}")
    paragraphs = led(state, lead, _filled(state, node, ways, detail))
    if sum(map(len, paragraphs)) < THIN and node.facet != "example":  # there the run is what is told
        paragraphs += _aside(state, node, ("how", "math", "example") if detail else ())
    return Draft(paragraphs, node=node, shows=(show_of(state, node),))


def tell_in(state: State, node: Node, way: Telling) -> Draft:
    """Tell `node` in this very way."""
    return Draft(said(state, node, way), node=node, shows=(show_of(state, node),))


def said(state: State, node: Node, way: Telling) -> list[str]:
    """What is told of `node` in this way at one go, noted as told."""
    state.memory.tell(node.id, way.variant)
    unread = state.memory.unprinted(way.paragraphs)
    whole = bool(unread) and any(text.startswith("`") for text in way.paragraphs)
    room = BESIDE_A_PICTURE if state.live else PORTION
    return list(way.paragraphs if whole else portion(unread, room))  # a program stays whole, whatever it shares


def led(state: State, lead: str, paragraphs: list[str]) -> list[str]:
    """The paragraphs with a lead before the first of them, on the same line."""
    if not paragraphs or not lead:
        return paragraphs
    state.memory.cover(paragraphs[:1])
    return [f"{lead} {paragraphs[0]}", *paragraphs[1:]]


def hold_against(state: State, draft: Draft) -> None:
    """Say that what follows does not judge the learner's sentence, and which question it answers."""
    asked = f" {heading(draft.node)}" if draft.node and draft.paragraphs[:1] == list(draft.node.say[:1]) else ""
    draft.paragraphs[:1] = [without_lead(text) for text in draft.paragraphs[:1]]
    draft.paragraphs = led(state, state.memory.reply("hold against") + asked, draft.paragraphs)


def point_of(state: State, node: Node, room: int = 2 * THIN) -> str:
    """The point of `node` in one paragraph that has not been read, for use behind a lead; '' where none is left.

    A short first paragraph takes the second one with it, where both have room; so does any where there is much room.
    """
    for way in fresh(state, node):
        state.memory.tell(node.id, "point" if way.variant == "say" else way.variant)
        first, *rest = state.memory.unprinted(way.paragraphs)
        state.memory.cover([first])
        if rest and len(first) + len(rest[0]) < room and (len(first) < THIN or room >= AMPLE):
            state.memory.cover(rest[:1])
            return f"{first} {rest[0]}"
        return first
    return ""


def fresh(state: State, node: Node) -> list[Telling]:
    """The tellings of `node` that would not repeat anything; of the first one, what is left of it."""
    memory = state.memory
    return [
        way
        for way in tellings(node)
        if memory.unprinted(way.paragraphs) and (way.variant == "say" or not memory.was_told(node.id, way.variant))
    ]


def touched(state: State, node: Node) -> bool:
    """Some telling of `node` has been given."""
    return any(state.memory.was_told(node.id, variant) for variant in ("point", *_AGAIN))


def told_all(state: State, node: Node, *, aside: bool = False) -> Draft:
    """One honest line in place of words that were given before, and the point of a neighbour; the run is new."""
    if node.facet == "example":  # the run is the example, and that is another one
        return Draft(
            [state.memory.reply("another example")], node=node, shows=(show_of(state, node),), other_offers=True
        )
    beside = _aside(state, node, ("how", "what")) if aside else []
    line = told_all_line(state, node)
    return Draft([line, *beside], node=node, shows=(show_of(state, node),), other_offers=True)


def told_all_line(state: State, node: Node) -> str:
    """That all on `node` has been told; another line each time."""
    count = state.memory.times(f"all of {node.id}")
    lines = [line.format(ask=node.ask, count=count) for line in replies.TOLD_ALL[count - 1 :] or replies.TOLD_ALL[-1:]]
    return (state.memory.unprinted(lines) or lines)[0]


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
    """One level down from what was told last: what is left of it, the how or the next why, the formulas, the ground."""
    node = node_in_view(state, understood)
    if not node:
        return Draft([state.memory.reply("nothing to simplify")], small=True)
    why, how, math = (state.library.node_for(node.concept, facet) for facet in ("why", "how", "math"))
    below = node_below(state, node)
    if asks_plainly_for("math", question) and node.math and not state.memory.was_told(node.id, "math"):
        return retell(state, node, question, prefer="math")
    asks_how = "how" in question.casefold().split()
    if not asks_why(question) and not (asks_how and how and not touched(state, how)):
        rest = [way for way in fresh(state, node) if way.variant == "say" and state.memory.was_told(node.id)]
        if rest:
            return tell_in(state, node, rest[0])
    if asks_how or wants_detail(question):
        order = [how, math, below, why]
    elif asks_why(question):
        order = [below if node.facet == "why" or below else why, why, below]
    else:
        order = [how if node.facet == "what" else None, below, math, how]
    for candidate in order:
        if candidate and not state.memory.was_told(candidate.id):
            return (
                _one_down(state, candidate) if candidate is below else tell_in(state, candidate, tellings(candidate)[0])
            )
    if not asks_why(question):
        for candidate in (node, why, how, math):
            if candidate and candidate.math and not state.memory.was_told(candidate.id, "math"):
                return retell(state, candidate, question, prefer="math")
    return _at_the_ground(state, node)


def _one_down(state: State, below: Node) -> Draft:
    """A level down is another question: say which, or its "because" hangs in the air."""
    draft = tell_in(state, below, tellings(below)[0])
    draft.paragraphs = led(state, heading(below), draft.paragraphs)
    return draft


def _at_the_ground(state: State, node: Node) -> Draft:
    ground = ground_of(state, node)
    if ground.floor and not state.memory.was_told(ground.id, "floor"):
        state.memory.tell(ground.id, "floor")
        line = replies.FLOORS[ground.floor].format(ask=ground.ask)
        return Draft([line], node=ground, shows=(show_of(state, ground),))
    if node.math and not state.memory.was_told(node.id, "math"):
        return retell(state, node, prefer="math")
    return told_all(state, node)


def simpler(state: State, question: str, understood: Understood) -> Draft:
    """The simpler telling, then the picture, on the words and the sentence that were spoken of."""
    node = node_in_view(state, understood)
    if not node:
        return Draft([state.memory.reply("nothing to simplify")], small=True)
    told = state.last_belief
    if told and state.memory.unprinted(told.simpler):  # "what do you mean?": what was said against the belief
        draft = Draft(list(told.simpler), node=node, shows=(told.show or show_of(state, node),))
    else:
        draft = _simpler(state, question, node)
    draft.shows = tuple(on_the_same(state, show) for show in draft.shows)
    draft.stays = True
    return draft


def _simpler(state: State, question: str, node: Node) -> Draft:
    picture_first = "analogy" in question.casefold() or "picture" in question.casefold()
    for about in (node, state.library.node_for(node.concept, "what")):
        ways = [way for way in fresh(state, about) if way.variant in ("simpler", "analogy")] if about else []
        if not about or not ways:
            continue
        paragraphs = _filled(state, about, ways[::-1] if picture_first else ways, False)
        used = state.library.node_for(about.concept, "uses") if asks_plainly_for("uses", question) else None
        if used and not touched(state, used):
            return Draft(
                [*paragraphs, f"{heading(used)} {point_of(state, used)}"], node=about, shows=(show_of(state, used),)
            )
        if sum(map(len, paragraphs)) < THIN:
            paragraphs += _aside(state, about, ("what", "how"))
        return Draft(paragraphs, node=about, shows=(show_of(state, about),))
    draft = told_all(state, node, aside=True)
    if state.live and state.sentence != SHORT_SENTENCE:
        draft.offers.append(worded(f"/sentence {SHORT_SENTENCE}"))  # short enough to check by eye
    return draft


def heading(node: Node) -> str:
    """What `node` answers, as a sentence to put before its answer."""
    return f"*{node.ask}*" if node.ask.endswith(("?", ".", "!")) else f"*{node.ask}.*"


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


def _filled(state: State, node: Node, ways: Iterable[Telling], detail: bool) -> list[str]:
    """The first of the ways, and further ones while what stands there is too thin."""
    paragraphs: list[str] = []
    for way in ways:
        if paragraphs and (sum(map(len, paragraphs)) >= THIN or (way.variant == "math" and not detail)):
            break
        paragraphs += said(state, node, way)
    return paragraphs


def _aside(state: State, node: Node, facets: tuple[str, ...] = ()) -> list[str]:
    """The point of the nearest node that has not been told, under its question."""
    nearby = [state.library.node_for(node.concept, facet) for facet in facets]
    nearby += [state.library.nodes.get(name) for name in (node.why_below, *node.next)]
    for other in (*nearby, *siblings(state.library, node)):
        if other and other.id != node.id and not touched(state, other):
            return [f"{heading(other)} {point_of(state, other)}"]
    return []


def _parts_untold(state: State, node: Node) -> list[Node]:
    """The parts of `node` that say how, as far as they are untold."""
    parts = [state.library.nodes.get(name) for name in node.next]
    return [part for part in parts if part and part.facet in ("how", "math") and not state.memory.was_told(part.id)]


def _both(state: State, parts: list[Node]) -> Draft:
    """Two parts at once, each by the fuller of its first two paragraphs, and one run: 'what goes on inside both?'."""
    paragraphs: list[str] = []
    for part in parts[:2]:
        state.memory.tell(part.id)
        paragraphs += led(state, heading(part), [max(state.memory.unprinted(part.say)[:2], key=len)])
    return Draft(paragraphs, node=parts[0], shows=(show_of(state, parts[0]),))
