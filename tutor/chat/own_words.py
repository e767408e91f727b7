"""Questions about words of the learner's own sentence and of its translation, which only a run on them can answer."""

from __future__ import annotations

import re

from model.errors import ModelError
from tutor.chat.answering import tell_in
from tutor.chat.asking import asks_why
from tutor.chat.chosen import about_choice
from tutor.chat.state import Draft, State
from tutor.chat.tellings import tellings
from tutor.chat.translated import about_translation
from tutor.chat.words import REFERENCE, WORD_ANSWERS, asked_of_words, may_ask_of_words, takes_for_known
from tutor.curriculum.tree import Show
from tutor.errors import LearnerError
from tutor.understanding.types import Clue, Understood

HARDLY = 1.5
"""A link of less than this many even shares is hardly one, as the narration of `link` has it."""


def about_words(state: State, text: str) -> tuple[Understood, Draft] | None:
    """A question about words of the sentence in force, which only a run on them can answer."""
    if not state.live or " because " in text.casefold():
        return None  # with a "because" the learner states a belief, which is to be met first
    of_translation = about_translation(state, text) or about_choice(state, text)
    if of_translation or not may_ask_of_words(text):
        return of_translation
    try:
        reading = state.runner.models.read(state.sentence)
    except (LearnerError, ModelError):
        return None  # said when the answer is shown
    whole = re.findall(r"[\w'-]+", f"{state.sentence} {reading.translation}")  # a word may be read in pieces
    written = (*reading.target_tokens, *re.findall(r"[\w'-]+", reading.translation))
    show = asked_of_words(text, (*reading.source_tokens, *reading.target_tokens, *whole), written)
    if show is None:
        return None
    concept, facet, name = WORD_ANSWERS[show.experiment]
    clues = tuple(Clue(word, f"a word of your sentence: {option}") for option, word in show.options.items())
    understood = Understood("question", (concept,), facet, confidence=1.0, clues=clues)
    node = state.library.nodes.get(REFERENCE if takes_for_known(text) else name)
    if not takes_for_known(text) and _taken_for_granted(state, show):
        draft = Draft([state.memory.reply("no such link")], node=node, small=True)
    else:
        fresh = [way for way in tellings(node) if not state.memory.was_told(node.id, way.variant)] if node else []
        asks_which = show.experiment == "link" and not asks_why(text)  # the run is the answer; its cause was not asked
        draft = tell_in(state, node, fresh[0]) if node and fresh and not asks_which else Draft(node=node)
    draft.shows = (show,)
    return understood, draft


def _taken_for_granted(state: State, show: Show) -> bool:
    """The question rests on a link between two words that the model hardly has."""
    if show.experiment != "link" or "key" not in show.options:
        return False
    try:
        run = state.runner.peek(show, state.sentence)
    except (LearnerError, ModelError):
        return False  # said when the answer is shown
    return bool(run.result.weight < HARDLY * run.result.uniform_weight)
