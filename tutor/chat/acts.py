"""One function for each act of a turn, found in one table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from model.errors import ModelError
from tutor.chat import replies
from tutor.chat.answering import deeper, node_in_view, show_of, simpler, tell
from tutor.chat.asking import asks_for_analogy, asks_for_proof, asks_to_keep
from tutor.chat.clean import clean, plain
from tutor.chat.mistakes import asks_for_mistakes, mistakes
from tutor.chat.offers import starters, untold, worded
from tutor.chat.own_words import about_words
from tutor.chat.questions import did_you_mean, outside, question, recognised
from tutor.chat.quiz import ask_about_belief, ask_about_weights
from tutor.chat.remarks import complaint, feedback, proof
from tutor.chat.runs import trouble
from tutor.chat.same import on_the_same
from tutor.chat.state import Draft, State
from tutor.chat.turn import Offer
from tutor.chat.wording import stems_of
from tutor.curriculum.tree import Show
from tutor.errors import LearnerError
from tutor.experiments.base import Run
from tutor.understanding.patterns import ENGLISH, OTHER_TONGUE
from tutor.understanding.text import fold
from tutor.understanding.types import Clue, Understood

SHOWABLE = ("what", "why", "how", "example", "math", "compare", "relation")
"""Facets of which a run is an example; who invented a thing cannot be run."""

_ONE = re.compile(r"\b(?:the|that|this) (?=.*\b(?:one|question|offer)\b)|\b(?:one|question|offer)\W*$")

_NUMBER = re.compile(r"(?:number |no\.? ?|offer |#)?(-?\d{1,12}(?:[.,]\d+)?)\W*", re.IGNORECASE)

FIRST_LOOK = (Show("tokens"), Show("attention"))
"""What a sentence of the learner's own is greeted with."""


def draft_for(state: State, text: str, understood: Understood) -> Draft:
    """The answer to a turn that has been understood."""
    if understood.sentence and understood.act != "set_sentence":
        state.sentence = clean(understood.sentence) or state.sentence
    if 1 <= understood.picked <= len(state.offers):
        return accept(state, state.offers[understood.picked - 1], text)
    if understood.picked:
        return no_such_offer(state, understood.picked)
    rest = text.replace(understood.sentence, "").strip(" '\"“”«»‘’") if understood.sentence else text
    of_words = about_words(state, rest) if understood.sentence else None
    if of_words:
        return of_words[1]
    complained = complaint(state, rest, understood)
    if complained:
        return complained
    if understood.unsure and understood.act == "question" and not recognised(state, text, understood):
        asked_back = did_you_mean(state, understood)
        if asked_back:
            return asked_back
    if asks_for_proof(rest) and state.last_node:
        return proof(state, state.last_node)
    if asks_to_keep(rest):
        return Draft([replies.SAVE], small=True)
    wrong = mistakes(state, understood) if asks_for_mistakes(rest) else None
    if wrong:
        return wrong
    act = ACTS.get(understood.act)
    if understood.act == "question" and asks_for_analogy(rest):
        act = simpler
        if not state.named_in(rest):
            understood = replace(understood, concepts=())  # of what was told last
    if act:
        return act(state, text, understood)
    leaves = understood.act == "bye"
    return Draft([state.memory.reply(understood.act)], leave=leaves, only_these_offers=leaves, small=True)


def number_typed(state: State, text: str) -> tuple[Understood, Draft] | None:
    """A bare number that none of the offers has."""
    found = _NUMBER.fullmatch(text.strip())
    if not found or (found[1].isdecimal() and 1 <= int(found[1]) <= len(state.offers)):
        return None
    understood = Understood("out_of_scope", confidence=1.0, clues=(Clue(text, "a number"),))
    return understood, no_such_offer(state, found[1])


def no_such_offer(state: State, number: int | str) -> Draft:
    """That there is no offer of this number, and which there are."""
    last = len(state.offers)
    there = f"There is no offer {number}, only " + (f"1 to {last}." if last > 1 else "1.")
    draft = _keeping_offers(state, there if last else "A number takes up an offer, and none is open. Ask something.")
    draft.outside = True
    return draft


def example(state: State, text: str, understood: Understood) -> Draft:
    """What is being spoken of, run on the sentence in force or on one of ours; which one is said first."""
    node = node_in_view(state, understood)
    own_choice = re.search(r"\b(random|some|any|another|different|other|your)\b", text.casefold())
    if own_choice and not understood.sentence:
        state.own_sentence()
    if node and node.facet not in SHOWABLE:
        node = state.library.node_for(node.concept, "what") or node
    if node:
        about = [f"This is what “{node.ask}” comes down to, on *{state.sentence}*"]
        shows: tuple[Show, ...] = (on_the_same(state, show_of(state, node)),)
    else:
        about = [f"*{state.sentence}* First cut into tokens, then one word's way through one head."]
        shows = (Show("tokens"), Show("attention-steps"))
    return Draft(state.memory.unprinted(about) if state.live else about, node=node, shows=shows, again=True)


def set_sentence(state: State, text: str, understood: Understood) -> Draft:
    """A sentence comes into force and is looked at once; one that cannot be read leaves the old one."""
    before, state.sentence = state.sentence, clean(understood.sentence or text)
    asks = [state.library.node_for(concept, facet) for concept, facet in replies.STARTERS]
    offers = list(untold(state, (node for node in asks if node)))[:1]
    offers = [worded("/show attention-steps"), worded("/show translate"), *offers]
    again = "again " if state.memory.was_told(state.sentence, "sentence") else ""
    state.memory.tell(state.sentence, "sentence")
    draft = Draft([f"Your sentence is {again}in force: *{state.sentence}*"], offers=offers, small=True)
    draft.shows, draft.again = FIRST_LOOK, True
    if state.live and not again:
        try:
            run, _ = state.runner.run(FIRST_LOOK[0], state.sentence)
        except (LearnerError, ModelError) as error:
            state.sentence = before
            return _keeping_offers(state, str(error))
        doubt = _doubt_about(state.sentence, run)
        if doubt and not state.memory.was_told(doubt):
            state.memory.tell(doubt)
            draft.paragraphs.append(doubt)
        draft.paragraphs.append(f"The model reads it as {' · '.join(run.result.tokens)}")
        draft.runs, draft.shows, draft.unpictured = (run,), FIRST_LOOK[1:], ("tokens",)
    return draft


def _doubt_about(sentence: str, tokens: Run) -> str:
    """What to say of a sentence that is in another language, or of which the vocabulary has hardly a word whole."""
    folded, result = fold(sentence), tokens.result
    ours = len(ENGLISH.findall(folded))
    if len(OTHER_TONGUE.findall(folded)) > ours or 2 * result.byte_tokens > result.token_count:
        return replies.NOT_ENGLISH
    return replies.IN_PIECES if not ours and 2 * len(result.split_words) > result.word_count else ""


def accept(state: State, offer: Offer, text: str) -> Draft:
    """Take up an offer: its node, its command, or its words read as a question."""
    if offer.node in state.library.nodes:
        return tell(state, state.library.nodes[offer.node], question=text)
    if offer.command.startswith("/show "):
        return _show_command(state, offer.command)
    if offer.command:
        return Draft([f"That is the command `{offer.command}`."], command=offer.command, small=True)
    understood = state.reader.read(offer.text, replace(state.context, offered=(), offered_nodes=()))
    if understood.picked or understood.act == "yes":
        return menu(state, text, understood)
    return draft_for(state, offer.text, understood)


def worded_pick(state: State, text: str) -> tuple[Understood, Draft] | None:
    """The offer that is typed out, or that these few words can mean after a question back: 'the encoder one'."""
    typed = [offer for offer in state.offers if plain(offer.text).casefold() == text.casefold() and offer.command]
    if typed:
        return Understood("yes", state.concepts, confidence=1.0), accept(state, typed[0], text)
    stems = stems_of(_ONE.sub("", text.casefold()))
    named = _ONE.search(text.casefold())
    if not stems or len(text.split()) > 6 or not (state.asked_back or named):
        return None
    meant = [offer for offer in state.offers if stems <= stems_of(offer.text)]
    if len(meant) != 1:
        return None
    understood = Understood("yes", state.concepts, confidence=1.0, clues=(Clue(text, f"offer “{meant[0].text}”"),))
    node = state.library.nodes.get(meant[0].node)
    if node:
        concepts = tuple(concept for concept in (node.concept, node.other) if concept)
        understood = replace(understood, act="question", concepts=concepts, facet=node.facet)
    return understood, accept(state, meant[0], text)


def yes(state: State, text: str, understood: Understood) -> Draft:
    """The first offer, or a run where one is asked for."""
    if re.match(r"(ok(ay)?,? |yes,? |please,? )*(can you |could you )?(show|demonstrate)\b", text.casefold()):
        return example(state, text, understood)
    if state.offers:
        return accept(state, state.offers[0], text)
    return Draft([state.memory.reply("nothing to accept")], small=True)


def no(state: State, text: str, understood: Understood) -> Draft:
    """Other places to go than those declined."""
    declined = {offer.node for offer in state.offers}
    fresh = [offer for offer in starters(state) if offer.node not in declined]
    return Draft([state.memory.reply("no")], offers=fresh, only_these_offers=True, small=True)


def menu(state: State, text: str, understood: Understood) -> Draft:
    """What can be asked: in full the first time, in one line after that."""
    paragraphs = [state.memory.reply("menu")]
    if not state.memory.was_told("menu"):
        state.memory.tell("menu")
        paragraphs.append(replies.MENU_MORE)
    return Draft(paragraphs, offers=starters(state), only_these_offers=True, small=True)


def lesson(state: State, text: str, understood: Understood) -> Draft:
    """The guided lesson, which the terminal starts."""
    offers = [worded("/lesson"), *starters(state)]
    line = state.memory.reply("lesson")
    return Draft([line], command="/lesson", offers=offers, only_these_offers=True, small=True)


def start_quiz(state: State, text: str, understood: Understood) -> Draft:
    """A bet on a live run; without the model, a belief to judge."""
    memory = state.memory
    if state.live:
        try:
            run, _ = state.runner.run(Show("attention"), state.sentence)
        except (LearnerError, ModelError) as error:
            return Draft([trouble(error)], small=True)
        state.quiz = ask_about_weights(run, state.runner.narrate(run))
    else:
        asked = memory.told_of("quiz") | memory.told_of("refute")
        state.quiz = ask_about_belief(state.library, understood.concepts or state.concepts, asked)
        if state.quiz:
            memory.tell(state.quiz.key, "quiz")
            memory.tell(state.quiz.key, "refute")  # said with the grade
    if not state.quiz:
        line = "I have no question left to test you with; a lesson has more."
        return Draft([line], offers=[worded("/lesson")], small=True)
    choices = [Offer(choice) for choice in state.quiz.choices]
    return Draft([state.quiz.question], offers=choices, only_these_offers=True, small=True)


def _show_command(state: State, command: str) -> Draft:
    words = command.split()[1:]
    options = dict(zip((word.lstrip("-") for word in words[1::2]), words[2::2], strict=False))
    found = state.library.narrations.get(words[0])
    return Draft(shows=(Show(words[0], options),), offers=[worded(text) for text in (found.next if found else ())])


def _keeping_offers(state: State, line: str) -> Draft:
    return Draft([line], offers=list(state.offers), only_these_offers=True, small=True)


ACTS: dict[str, Callable[[State, str, Understood], Draft]] = {
    "question": question,
    "simpler": simpler,
    "deeper": deeper,
    "example_request": example,
    "set_sentence": set_sentence,
    "yes": yes,
    "no": no,
    "menu": menu,
    "lesson": lesson,
    "quiz": start_quiz,
    "feedback": feedback,
    "out_of_scope": outside,
}
"""Act -> what answers it; the others get a small reply of their own kind."""
