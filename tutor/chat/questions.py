"""Answering a question: the node that it words, else the one for its concepts and facet, else an honest no."""

from __future__ import annotations

from model.errors import ModelError
from tutor.chat import replies
from tutor.chat.answering import show_of, tell, tell_in
from tutor.chat.asking import asks_plainly_for, asks_to_compare, asks_why, asks_yes_or_no, wants_text
from tutor.chat.offers import nearest, others_asked, starters
from tutor.chat.state import Draft, State
from tutor.chat.tellings import FACET_PHRASES, Found, find_node, misconception, tellings
from tutor.chat.wording import ALIKE, CLOSE
from tutor.chat.words import WORD_ANSWERS, asked_of_words, may_ask_of_words
from tutor.curriculum.tree import Node
from tutor.errors import LearnerError
from tutor.understanding.types import Clue, Understood

SURE_OF_TEXT = 0.5
"""Confidence below which 'take a text and show it' is taken to name no concept."""

SURE_ENOUGH = 0.3
"""Confidence below which a reading is a guess, and asking back is better than a lecture on something else."""

SURE_OF_TWO = 0.35
"""Confidence below which a comparison that no lesson makes is not set side by side: the second one was a guess."""


def question(state: State, text: str, understood: Understood) -> Draft:
    """The answer to a question; a wrong belief in it is put right first."""
    belief = misconception(state.library, understood.misconception)
    concepts, facet = understood.concepts, understood.facet
    text_of_ours = ""
    if wants_text(text):
        facet = "example"
        if understood.confidence < SURE_OF_TEXT:  # "apply all the steps": of what was spoken of last
            spoken_of = (*state.concepts, "attention")
            concepts = (*(concept for concept in spoken_of if _worked_through(state, concept)), *spoken_of, *concepts)
        if not understood.sentence:
            state.own_sentence()
            text_of_ours = replies.TEXT_OF_OURS.format(sentence=state.sentence)
    meant = meant_node(state, text, understood)
    guessed = understood.confidence < SURE_ENOUGH and facet not in ("compare", "relation", "example")
    if guessed and not meant and not belief:
        asked_back = did_you_mean(state, understood)
        if asked_back:
            return asked_back
    found = Found(meant) if meant and facet != "example" else find_node(state.library, concepts, facet)
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
    else:
        draft = tell(state, found.node, prefer=found.variant, question=text)
        missing = found.missing and draft.node is found.node and not belief
        if missing and asks_plainly_for(found.missing, text):
            title = state.title(found.node.concept)
            phrase = FACET_PHRASES.get(found.missing, "that")
            line = f"I have nothing on {phrase} for {title}; the nearest that I have is this."
            draft.paragraphs.insert(0, line)
    if belief and not state.memory.was_told(belief.belief, "refute"):
        state.memory.tell(belief.belief, "refute")
        # "…, right?" is answered by the correction; what follows from another facet would seem to take it back.
        draft.paragraphs = [belief.refute] if asks_yes_or_no(text) else [belief.refute, *draft.paragraphs]
        draft.shows = (belief.show,) if belief.show else draft.shows
    if draft.node and draft.node.facet == "compare" and asks_why(text):
        draft.paragraphs += _why_too(state, draft.node)
    if text_of_ours:
        draft.paragraphs.insert(0, text_of_ours)
    draft.offers += others_asked(state, understood, draft.node)
    return draft


def _worked_through(state: State, concept: str) -> bool:
    """The concept has an example that runs on whatever sentence is in force."""
    node = state.library.node_for(concept, "example")
    return bool(node and node.show and node.show.experiment != "parameters")


def _why_too(state: State, node: Node) -> list[str]:
    """The point of the why, where a turn asks for a comparison and for the reason at once."""
    why = state.library.node_for(node.concept, "why")
    if not why or state.memory.was_told(why.id) or state.memory.was_printed(why.say[0]):
        return []
    return [f"“{why.ask}”", why.say[0]]


def _one_of_them(state: State, text: str, understood: Understood) -> Draft:
    """'Was there nothing better?': what the last topic is compared with; else the likeliest concept alone."""
    spoken_of = set(state.concepts[:1]) or set(understood.concepts[:1])
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


def meant_node(state: State, text: str, understood: Understood) -> Node | None:
    """A node below a facet that the text words: nearly word for word, or else of a concept that was understood."""
    match = state.wording.closest(text)
    if not match or match.canonical or match.node.other or match.score < CLOSE:
        return None
    return match.node if match.score >= ALIKE or match.node.concept in understood.concepts else None


def about_words(state: State, text: str) -> tuple[Understood, Draft] | None:
    """A question about words of the sentence in force, which only a run on them can answer."""
    if not state.live or not may_ask_of_words(text) or " because " in text.casefold():
        return None  # with a "because" the learner states a belief, which is to be met first
    try:
        reading = state.runner.models.read(state.sentence)
    except (LearnerError, ModelError):
        return None  # said when the answer is shown
    show = asked_of_words(text, (*reading.source_tokens, *reading.target_tokens))
    if show is None:
        return None
    concept, facet, name = WORD_ANSWERS[show.experiment]
    clues = tuple(Clue(word, f"a word of your sentence: {option}") for option, word in show.options.items())
    understood = Understood("question", (concept,), facet, confidence=1.0, clues=clues)
    node = state.library.nodes.get(name)
    fresh = [way for way in tellings(node) if not state.memory.was_told(node.id, way.variant)] if node else []
    draft = tell_in(state, node, fresh[0]) if node and fresh else Draft(node=node)
    draft.shows = (show,)
    return understood, draft


def did_you_mean(state: State, understood: Understood) -> Draft | None:
    """A question back, where at least two readings are left."""
    offers = nearest(state, understood, with_reading=True)
    if len(offers) < 2:
        return None
    heard = f" (from {', '.join(f'“{clue.words}”' for clue in understood.clues[:3])})" if understood.clues else ""
    line = f"I am not sure which of these you mean{heard}; a number picks one."
    return Draft([line], offers=offers, only_these_offers=True, small=True)


def no_lesson(state: State, understood: Understood) -> Draft:
    """What was understood, that no lesson covers it, and the nearest that one does."""
    names = " and ".join(name.replace("-", " ") for name in understood.concepts[:2]) or "that"
    line = f"I understood that you ask about {names}, and I have no lesson on it yet. The nearest that I have:"
    offers = [*nearest(state, understood), *starters(state)]
    return Draft([line], offers=offers, only_these_offers=True, outside=True, small=True)


def outside(state: State, text: str, understood: Understood) -> Draft:
    """That this is not taught here, and what is nearest to it."""
    offers = [*nearest(state, understood), *starters(state)]
    line = state.memory.reply("outside")
    return Draft([line], offers=offers, only_these_offers=True, outside=True, small=True)


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
