"""What if it were not there? is a question about a concept, and never a change of the learner's sentence."""

from __future__ import annotations

import copy

import pytest
from stand_ins import ReadAhead

from tutor.curriculum.tree import Library
from tutor.dialogue.conversation import Conversation
from tutor.experiments.models import Models
from tutor.understanding.reader import Reader

TEMPLATES = (
    "what if we remove the {}?",
    "why not do without {}?",
    "and without the {}?",
    "what would change if there were no {}?",
    "what if I replace the {} by something else?",
    "could one leave out the {} and still get it right?",
)


@pytest.fixture(scope="module")
def after_a_run(library: Library, reader: Reader, models: Models) -> Conversation:
    """A conversation after a live answer."""
    conversation = Conversation(library, copy.copy(reader), models, "My little dog sleeps in the garden.")
    conversation.turn("What is softmax?")
    conversation.show("attention", {"layer": 2})
    return conversation


def test_a_question_about_what_is_left_out_never_changes_the_sentence(
    after_a_run: Conversation, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, state = after_a_run, after_a_run.state
    asked = [text.format(concept.title.casefold()) for concept in talk.library.concepts.values() for text in TEMPLATES]
    turns = [(before, text) for text in asked for before in (talk.context.before, "")]
    monkeypatch.setattr(talk.reader, "_encoder", ReadAhead(reader._encoder, turns))
    monkeypatch.setattr(talk.runner, "run", lambda show, sentence, changes=(): state.last_run)
    monkeypatch.setattr(talk.runner, "narrate", lambda run: "")
    changed = {}
    for text in asked:
        talk.state = state
        talk.turn(text, live=False)
        if talk.sentence != state.sentence or talk.state.sentences != state.sentences:
            changed[text] = talk.sentence
    assert len(asked) >= 6 * 80 and changed == {}
