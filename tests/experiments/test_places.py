"""Words of the learner's, found among the tokens in every form in which a screen may have shown them."""

from __future__ import annotations

import re

import pytest
from stand_ins import ScriptedReader, small_library

from tutor.dialogue.conversation import Conversation
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.experiments.pieces import named
from tutor.experiments.places import position_of

TOKENS = ("Le", "ta", "tap", "is", "vo", "le", ".", "…", "‹end›")


@pytest.mark.parametrize(
    ("word", "at"),
    [
        ("tap", 2),
        ("tap…", 2),
        ("tap...", 2),
        (" TAP… ", 2),
        ("…is", 3),
        ("tapis", 2),
        ("Tapis", 2),
        ("vole", 4),
        ("le", 5),
        ("LE", 0),
        (".", 6),
        ("…", 7),
        ("‹end›", 8),
    ],
)
def test_a_word_is_found_whole_in_pieces_and_as_the_screen_shows_it(word: str, at: int) -> None:
    assert position_of(word, TOKENS) == at


@pytest.mark.parametrize("word", ["tapisserie", "taper", "levo", "...", "", "i"])
def test_what_only_begins_like_a_token_is_not_there(word: str) -> None:
    with pytest.raises(LearnerError, match=re.escape(f"there is no '{word}' in this sentence; its tokens are Le · ta")):
        position_of(word, TOKENS)


def test_every_name_on_the_screen_can_be_typed_as_a_word(models: Models) -> None:
    sentence = "The minister's zebra distrusts grandmothers."
    ids = models.source_ids(sentence)
    names, tokens = named(models, ids), models.show(ids)
    assert any(name.endswith("…") for name in names) and any(name.startswith("…") for name in names)
    for at, name in enumerate(names):
        assert tokens[position_of(name, tokens)] == tokens[at]
        options = {"word": name}
        found = registry.run("attention", models, sentence, options).result.query_token
        assert found == names[position_of(name, tokens)]


@pytest.mark.parametrize("name", ["bottleneck", "logit-lens", "blocks", "attention"])
def test_a_chosen_place_that_an_experiment_has_no_use_for_is_left_out_with_a_word(models: Models, name: str) -> None:
    talk = Conversation(small_library(), ScriptedReader(), models)  # type: ignore[arg-type]
    talk.set_place(part="cross")
    answer = talk.show(name)
    word = "There is no part cross in this picture, so it chose its own; `/auto` forgets it."
    assert answer.notes == (() if name == "attention" else (word,))
    talk.runner.place.clear()
    assert talk.show(name).notes == ()
    if name != "attention":  # typed with the command, it is an error
        with pytest.raises(LearnerError, match="there is no part 'cross'"):
            talk.show(name, {"part": "cross"})
