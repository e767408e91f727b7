"""Answering a question: the node that it words, else the one for its concepts and facet, else an honest no."""

from __future__ import annotations

import re

from tutor.chat import replies
from tutor.chat.answering import fresh, heading, hold_against, led, point_of, retell, show_of, tell, tell_in
from tutor.chat.asking import (
    asks_for_alternative,
    asks_for_proof,
    asks_for_steps,
    asks_for_the_role,
    asks_openly,
    asks_plainly_for,
    asks_to_compare,
    asks_to_introduce,
    asks_whether,
    asks_why,
    asks_yes_or_no,
    echoes,
    points_back,
    states,
    wants_text,
)
from tutor.chat.beliefs import has_verdict, open_belief, owner_of, refuted
from tutor.chat.offers import nearest, others_asked, starters
from tutor.chat.parts import questions_in, several
from tutor.chat.state import Draft, State
from tutor.chat.tellings import FACET_PHRASES, Found, find_node, tellings
from tutor.curriculum.tree import Misconception, Node, Show
from tutor.understanding.patterns import UNREAD
from tutor.understanding.text import sentences
from tutor.understanding.types import Understood

SURE_OF_TEXT = 0.5
"""Confidence below which 'take a text and show it' is taken to name no concept."""

SURE_ENOUGH = 0.3
"""Confidence below which a reading is a guess, and asking back is better than a lecture on something else."""

MAP_AT = 2
"""The how many-th text of ours is shown as a map."""

_LATELY = 4
"""Turns back to which "that" reaches."""

_NO_VERDICT = ("what", "how", "math", "example", "limits", "history", "code")
"""Facets whose answers seldom say yes or no to anything."""


SURE_OF_TWO = 0.35
"""Confidence below which a comparison that no lesson makes is not set side by side: the second one was a guess."""


def question(state: State, text: str, understood: Understood) -> Draft:
    """The answer to a question; a wrong belief in it is put right first."""
    asked = questions_in(text)
    if len(asked) == 1 and any(asks_for_proof(sentence) for sentence in sentences(text)):
        # "Are you sure? Might it not be …?": the second one says what is doubted.
        text, understood = asked[0], state.reader.read(asked[0], state.context)
    answered = None if wants_text(text) else several(state, text, asked, understood) or _echo(state, text, understood)
    if answered:
        return answered
    belief = open_belief(state, text, understood)
    concepts, facet = understood.concepts, "what" if asks_to_introduce(text) else understood.facet
    text_of_ours = ""
    if wants_text(text):
        facet = "example"
        if understood.confidence < SURE_OF_TEXT:  # "apply all the steps": of what was spoken of last
            spoken_of = (*state.concepts, "attention")
            concepts = (*(concept for concept in spoken_of if _worked_through(state, concept)), *spoken_of, *concepts)
        elif "attention" in state.named_in(text) and len(state.named_in(text)) > 1:
            concepts = ("attention", *concepts)  # "keys, queries and all of attention": the whole way, not one stop
        if not understood.sentence:
            state.own_sentence(replies.TEXTS)
            text_of_ours = replies.TEXT_OF_OURS.format(sentence=state.sentence)
    if belief:
        return put_right(state, belief, text, understood)
    meant = _other_way(state, text) or _role(state, text, understood) or state.meant(text, understood)
    guessed = understood.confidence < SURE_ENOUGH and facet not in ("compare", "relation", "example")
    if concepts[:1] == state.concepts[:1] and (asks_why(text) or asks_plainly_for(facet, text) or points_back(text)):
        guessed = False  # "but why does it need that": of what was spoken of, for want of another
    if guessed and not meant:
        asked_back = did_you_mean(state, understood)
        if asked_back:
            return asked_back
    wants_run = facet == "example" and (wants_text(text) or asks_plainly_for(facet, text))
    last = state.last_node
    found = Found(meant) if meant and not wants_run else find_node(state.library, concepts, facet)
    if not found and len(concepts) > 1 and facet in ("compare", "relation"):
        if understood.confidence < SURE_OF_TWO:
            draft = _one_of_them(state, text, understood)
        elif not asks_to_compare(text):
            # Nobody asked for two things side by side: the one that was asked about is answered for itself.
            draft = _one_alone(state, text, understood)
        else:
            draft = side_by_side(state, understood)
    elif not found:
        return no_lesson(state, understood)
    elif last and last.math and asks_plainly_for("math", text) and not state.named_in(text) and fresh(state, last):
        draft = retell(state, last, text, prefer="math")  # "show me the math": of what was told last
    else:
        draft = tell(state, found.node, prefer=found.variant, question=text)
        missing = found.missing and draft.node is found.node
        if missing and asks_plainly_for(found.missing, text):
            title = state.title(found.node.concept)
            phrase = FACET_PHRASES.get(found.missing, "that")
            line = f"I have nothing on {phrase} for {title}; the nearest that I have is this."
            draft.paragraphs.insert(0, line)
    if draft.node:
        _fitted(state, text, draft, draft.node, exact=meant is not None)
    draft.whole = bool(draft.node) and facet == "example" and asks_for_steps(text)
    if draft.whole and text_of_ours:
        draft.paragraphs = [state.memory.reply("every step")]
    elif text_of_ours and state.memory.times("text of ours") % MAP_AT == 0:
        # All of its words at once, after one at a time.
        draft.paragraphs, draft.shows = [state.memory.reply("as a map")], (Show("attention", {"layer": 2}),)
    if text_of_ours:
        draft.paragraphs.insert(0, text_of_ours)
    draft.offers += others_asked(state, understood, draft.node)
    return draft


def _role(state: State, text: str, understood: Understood) -> Node | None:
    """'What is the role of the context vector in attention?': what the one is to the other."""
    if not asks_for_the_role(text) or not understood.concepts:
        return None
    others = (concept for concept in understood.concepts[1:] if concept in state.named_in(text))
    found = (state.library.node_for(understood.concepts[0], "relation", other) for other in others)
    return next((node for node in found if node), None)


def _other_way(state: State, text: str) -> Node | None:
    """'Was there nothing better?': the alternatives to what was spoken of last."""
    if not state.concepts or state.named_in(text) or not asks_for_alternative(text):
        return None
    return state.library.nodes.get(f"{state.concepts[0]}.limits.alternatives")


def _fitted(state: State, text: str, draft: Draft, node: Node, *, exact: bool) -> None:
    """Make the beginning of the answer one to what was asked: yes or no, a reason as well, or neither."""
    verdict = re.match(r"(Yes|No)\b", node.say[0])
    if not has_verdict(draft.paragraphs):
        if verdict and asks_yes_or_no(text) and draft.paragraphs and not state.memory.was_told(node.id, "refute"):
            draft.paragraphs[0] = f"{verdict[1]}. {draft.paragraphs[0]}"  # its first sentence was read before
        elif (
            not exact and node.facet in _NO_VERDICT and (asks_whether(text) or (states(text) and asks_yes_or_no(text)))
        ):
            hold_against(state, draft)  # nothing known says yes or no to it, and must not pass for an answer
        elif asks_yes_or_no(text) and asks_openly(node.ask) and draft.paragraphs[:1] == list(node.say[:1]):
            draft.paragraphs = led(state, heading(node), draft.paragraphs)  # or its "because" hangs in the air
    if node.facet == "compare" and asks_why(text):
        draft.paragraphs += _why_too(state, node)
    elif node.facet == "what" and asks_for_the_role(text):
        draft.paragraphs[1:] = _why_too(state, node)
    if asks_openly(text):
        _without_yes(state, draft)


def recognised(state: State, text: str, understood: Understood) -> bool:
    """The turn words a known question or a known belief, however little its single words say."""
    return bool(state.meant(text, understood) or open_belief(state, text, understood))


def _without_yes(state: State, draft: Draft) -> None:
    """Take the "Yes" or "No" off an answer whose own question was another one, where nobody asked whether."""
    found = re.match(r"(?:Yes|No|Partly)[:,.] (\w)", draft.paragraphs[0]) if draft.paragraphs else None
    if found:
        state.memory.cover(draft.paragraphs[:1])
        draft.paragraphs[0] = found[1].upper() + draft.paragraphs[0][found.end() :]


def _worked_through(state: State, concept: str) -> bool:
    """The concept has an example that runs on whatever sentence is in force."""
    node = state.library.node_for(concept, "example")
    return bool(node and node.show and node.show.experiment != "parameters")


def _why_too(state: State, node: Node) -> list[str]:
    """The point of the why, where a turn asks for a comparison and for the reason at once."""
    why = state.library.node_for(node.concept, "why")
    if not why or state.memory.was_told(why.id) or state.memory.was_printed(why.say[0]):
        return []
    return [f"{heading(why)} {point_of(state, why)}"]


def put_right(state: State, belief: Misconception, text: str, understood: Understood) -> Draft:
    """A belief put right first; then the question that was asked besides, where there is one."""
    node = _about(state, belief)
    shows = (belief.show or show_of(state, node),) if node else ()
    draft = Draft([refuted(state, belief, text)], node=node, belief=belief, shows=shows)
    presupposed = asks_openly(text) and len(sentences(text)) == 1
    besides = understood.act == "question" and not asks_yes_or_no(text) and not presupposed
    found = find_node(state.library, understood.concepts, understood.facet) if besides else None
    meant = state.meant(text, understood) or (found.node if found else None)
    if besides and meant and fresh(state, meant):
        draft.node = meant
        draft.paragraphs.append(f"{heading(meant)} {point_of(state, meant)}")
    return draft


def _about(state: State, belief: Misconception) -> Node | None:
    """What there is to say about the thing that a belief is about."""
    found = find_node(state.library, (owner_of(state, belief),), "what")
    return found.node if found else state.last_node


def _echo(state: State, text: str, understood: Understood) -> Draft | None:
    """'So this is the mask?': whether it is, and the same once more in other words."""
    kind = echoes(text)
    named = state.named_in(text)
    topic = next((concept for concept in understood.concepts if concept in named), "")
    node = state.library.node_for(topic, "what")
    if not kind or not node or understood.misconception:
        return None
    if topic not in {concept for concepts in state.history[-_LATELY:] for concept in concepts}:
        return None
    draft = tell(state, node, question=text)
    draft.paragraphs = led(state, state.memory.reply(kind).format(topic=state.title(topic)), draft.paragraphs)
    return draft


def _one_of_them(state: State, text: str, understood: Understood) -> Draft:
    """'Was there nothing better?': what the last topic is compared with; else the likeliest concept alone."""
    spoken_of = set(state.concepts[:1]) or set(understood.concepts[:1])
    if asks_for_alternative(text):
        limits = find_node(state.library, tuple(spoken_of), "limits")
        return tell(state, limits.node, question=text) if limits else no_lesson(state, understood)
    for node in state.library.nodes.values():
        if node.facet == "compare" and node.concept in spoken_of and not state.memory.was_told(node.id):
            return tell_in(state, node, tellings(node)[0])
    found = find_node(state.library, (*state.concepts[:1], *understood.concepts), "limits")
    return tell(state, found.node, question=text) if found else no_lesson(state, understood)


def _one_alone(state: State, text: str, understood: Understood) -> Draft:
    """What is said of the first concept that a lesson of its own can answer: what it is, its way, or its reason."""
    for facet in ("what", "how", "why") if asks_yes_or_no(text) else ("why", "how", "what"):
        for concept in understood.concepts[:2]:
            node = state.library.node_for(concept, facet)
            if node and not state.memory.was_told(node.id):
                return tell(state, node, question=text)
    return side_by_side(state, understood)


def did_you_mean(state: State, understood: Understood) -> Draft | None:
    """A question back, where at least two readings are left."""
    offers = nearest(state, understood, with_reading=True)
    if len(offers) < 2:
        return None
    line = "I am not sure which of these you mean; its number or a word of it picks one."
    return Draft([line], offers=offers, only_these_offers=True, small=True, asks_back=True)


def no_lesson(state: State, understood: Understood) -> Draft:
    """What was understood, that no lesson covers it, and the nearest that one does."""
    names = " and ".join(name.replace("-", " ") for name in understood.concepts[:2]) or "that"
    line = f"I understood that you ask about {names}, and I have no lesson on it yet. The nearest that I have:"
    offers = [*nearest(state, understood), *starters(state)]
    return Draft([line], offers=offers, only_these_offers=True, outside=True, small=True)


def outside(state: State, text: str, understood: Understood) -> Draft:
    """That this is not taught here, and what is nearest to it."""
    unread = any(clue.speaks_for == UNREAD for clue in understood.clues)
    offers = [*(state.offers if unread else nearest(state, understood)), *starters(state)]
    lines = [state.memory.reply("not understood" if unread else "outside")]
    if len(text.split()) > 2 and text.strip()[-1].isalpha() and not asks_openly(text):
        lines.append(replies.A_SENTENCE)
    return Draft(lines, offers=offers, only_these_offers=True, outside=True, small=True)


def side_by_side(state: State, understood: Understood) -> Draft:
    """Two concepts that no lesson connects: each on its own, and honest about it."""
    nodes = [state.library.node_for(concept, "what") for concept in understood.concepts[:2]]
    known = [node for node in nodes if node]
    if len(known) < 2:
        return no_lesson(state, understood)
    one, two = known
    titles = f"{state.title(one.concept)} and {state.title(two.concept)}"
    paragraphs = [f"I have no lesson that sets {titles} against each other. This is what each is."]
    for node in known:
        for way in tellings(node):
            if not state.memory.was_told(node.id, way.variant):
                state.memory.tell(node.id, way.variant)
                paragraphs.append(way.paragraphs[0])
                break
    if len(paragraphs) == 1:
        paragraphs = [f"I have no lesson that sets {titles} against each other, and each has been told in full."]
    return Draft(paragraphs, node=one, shows=(show_of(state, one),))
