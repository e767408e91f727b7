"""A request is done exactly as worded, or refused in a line that says what is in the way; nothing else is shown."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from stand_ins import act, asks, wants

from tutor.curriculum.tree import Show
from tutor.dialogue.alter import INSTEAD
from tutor.dialogue.request import LIKELY, OF_PART
from tutor.dialogue.types import Status
from tutor.experiments.registry import NAMES, find
from tutor.understanding.intent import Intent, Ranked, Slot

DEFAULT = "The cat is on the mat."
WORDED = {
    "part": ("the writing side", "decoder"),
    "layer": ("the second layer", 2),
    "head": ("head 3", 3),
    "word": ("“mat”", "mat"),
    "key": ("cat", "cat"),
    "position": ("the second word", "cat"),
    "count": ("five", 5),
    "temperature": ("0.7", 0.7),
}
"""Kind of slot -> words of a learner, and the value that they stand for."""
TAKEN = {
    "part": ("part",), "layer": ("layer",), "head": ("head",), "word": ("query", "word", "output"), "key": ("key",),
    "position": ("query", "word"), "count": ("neighbours", "candidates", "beam", "steps", "drawn", "batch"),
    "temperature": ("temperature",),
}  # fmt: skip
"""Kind of slot -> options of experiments that it may fill."""


@pytest.mark.parametrize("kind", WORDED)
@pytest.mark.parametrize("name", NAMES)
def test_a_slot_becomes_its_option_or_is_refused_by_name(talk: Any, name: str, kind: str) -> None:
    words, value = WORDED[kind]
    options = [field.name for field in dataclasses.fields(find(name).options)]
    plan = talk.plan(wants(name, **{kind: words}))
    option = next((option for option in TAKEN[kind] if option in options), "")
    words_in = {"word": "mat", "position": "#2"}
    if name in ("attention", "heads") and kind == "key":  # who looks at it
        assert [wanted.show for wanted in plan.wanted] == [Show("looked-at", {"word": value})]
    elif name == "cross-attention" and kind in words_in:  # one row of it
        assert [wanted.show for wanted in plan.wanted] == [Show("attention", {"part": "cross", "word": words_in[kind]})]
    elif (name, kind) == ("heads", "word"):  # the row of a word in each head of a layer
        shown = [(wanted.show.experiment, wanted.show.options["head"]) for wanted in plan.wanted]
        assert shown == [("attention", head) for head in (1, 2, 3, 4)]
        assert all(wanted.show.options["word"] == value for wanted in plan.wanted)
    elif option:
        assert plan.wanted[0].show.options == {option: value} and plan.status is Status.SMALL
    elif kind == "part" and value in OF_PART.get(name, ()):
        assert plan.wanted[0].show.options == {}  # it is of that part anyway
    elif (kind == "head" and "layer" in options) or (kind == "key" and {"word", "head"} <= {*options}):
        assert plan.wanted[0].show.options == {}  # it shows every head, or every key
    else:
        assert (
            plan.status is Status.REFUSED
            and plan.wanted == ()
            and f"cannot be asked for by {kind}:" in plan.paragraphs[0]
        )
        assert all(option.replace("_", "-") in plan.paragraphs[0] for option in options)
        assert plan.offers[0].command == f"/show {name}"


@pytest.mark.parametrize("name", NAMES)
def test_without_slots_an_experiment_is_run_as_it_is(talk: Any, name: str) -> None:
    (wanted,) = talk.plan(wants(name)).wanted
    assert (wanted.show.experiment, wanted.show.options, wanted.evidence) == (name, {}, None)


def test_what_is_read_is_what_is_run(talk: Any) -> None:
    answer = talk(wants("attention", part="cross", layer="the last one", head="2", word="mat"))
    options = answer.runs[0].options
    assert (options.part, options.layer, options.head, options.word) == ("cross", 3, 2, "mat")
    assert answer.shown[0].whole and answer.sentence == DEFAULT


@pytest.mark.parametrize(
    ("slots", "line"),
    [
        ({"word": "zeppelin"}, "*zeppelin* is not in your sentence, *The cat is on the mat.*"),
        ({"layer": "9", "word": "zeppelin"}, "*zeppelin* is not in your sentence, *The cat is on the mat.*"),
    ],
)
def test_a_word_that_is_not_in_the_sentence_is_refused_and_nothing_is_shown(
    talk: Any, slots: dict[str, str], line: str
) -> None:
    answer = talk(wants("attention", **slots))
    assert answer.notes[0].startswith(line) and answer.shown == () and answer.broken
    assert talk.state.runs == () and talk.state.last_run is None


@pytest.mark.parametrize(
    ("name", "slots", "words"),
    [
        ("attention", {"position": "the tenth word"}, "the tenth word"),
        ("attention", {"layer": "the odd one"}, "the odd one"),
        ("attention", {"head": "some head"}, "some head"),
        ("embeddings", {"count": "a few"}, "a few"),
        ("next-word", {"temperature": "warmer"}, "warmer"),
    ],
)
def test_what_cannot_be_told_from_the_words_is_refused_and_not_guessed(
    talk: Any, name: str, slots: dict[str, str], words: str
) -> None:
    plan = talk.plan(wants(name, **slots))
    assert plan.status is Status.REFUSED and f"“{words}”" in plan.paragraphs[0] and plan.wanted == ()


def test_a_temperature_of_zero_is_not_taken_for_one(talk: Any) -> None:
    assert talk.plan(wants("next-word", temperature="0")).wanted[0].show.options == {"temperature": 0.0}


def test_the_top_five_are_five(talk: Any) -> None:
    assert talk.plan(wants("next-word", count="the top five")).wanted[0].show.options == {"candidates": 5}


def test_a_sentence_in_a_request_comes_into_force(talk: Any) -> None:
    answer = talk(wants("attention", sentence="“My dog sleeps.”"))
    assert answer.runs[0].sentence == talk.sentence == "My dog sleeps."
    assert talk.state.sentences == (DEFAULT, "My dog sleeps.")


def test_what_comes_after_is_an_option_where_there_is_one(talk: Any) -> None:
    plan = talk.plan(wants("next-word", sentence="Once upon a"))
    assert plan.wanted[0].show.options == {"after": "Once upon a"} and plan.sentence == ""


def test_of_two_sentences_the_second_is_the_other_one(talk: Any) -> None:
    plan = talk.plan(wants("contextual", sentence=("He sat on the bank.", "The bank is closed.")))
    assert (plan.sentence, plan.wanted[0].show.options) == ("He sat on the bank.", {"other": "The bank is closed."})


def test_a_sentence_that_cannot_be_read_does_not_come_into_force(talk: Any) -> None:
    answer = talk(wants("attention", sentence="cat " * 200))
    assert "shorten it" in answer.notes[0] and talk.sentence == answer.sentence == DEFAULT
    assert answer.paragraphs == () and talk.state.sentences == (DEFAULT,)


def test_an_experiment_that_was_not_understood_is_asked_for_again(talk: Any) -> None:
    for intent in (wants("zeppelin"), act("request")):
        plan = talk.plan(intent)
        assert plan.status is Status.ASKED_BACK and plan.paragraphs == talk.replies("no such run")


def test_after_a_run_its_narration_says_what_is_worth_trying(talk: Any) -> None:
    offers = talk(wants("attention")).offers
    assert [(offer.text, offer.node, offer.command) for offer in offers] == [
        ("See it: How do scores become shares?", "", "/show softmax"),
        ("Ask attention.how?", "attention.how", ""),
        ("Try /lesson", "", "/lesson"),
    ]
    assert talk(act("yes", picked=2)).node == "attention.how"


# --- the same again, with something else ----------------------------------------------------------------


def test_the_same_again_keeps_the_options_and_changes_what_is_named(talk: Any) -> None:
    talk(wants("attention", part="decoder", layer="2", head="3", word="cat"))
    options = talk(wants("same", word="mat")).runs[0].options
    assert (options.part, options.layer, options.head, options.word) == ("decoder", 2, 3, "mat")
    options = talk(wants("same", head="1", text="other head")).runs[0].options
    assert (options.layer, options.head, options.word) == (2, 1, "mat")


def test_the_same_again_on_another_sentence(talk: Any) -> None:
    talk(wants("attention", layer="2"))
    run = talk(wants("same", sentence="My dog sleeps.")).runs[0]
    assert (run.sentence, run.options.layer, talk.sentence) == ("My dog sleeps.", 2, "My dog sleeps.")


def test_the_same_again_with_nothing_else_is_asked_back(talk: Any) -> None:
    talk(wants("attention", word="mat"))
    for intent in (wants("same"), wants("same", word="mat", text="same again")):
        assert talk.plan(intent).paragraphs == talk.replies("same as what")


def test_where_the_last_picture_has_no_place_for_what_is_named_the_likeliest_that_has_is_shown(talk: Any) -> None:
    talk(wants("cost"))
    (wanted,) = talk.plan(wants("same", word="mat")).wanted
    assert (wanted.show.experiment, wanted.show.options) == ("attention", {"word": "mat"})
    intent = wants("same", word="mat")
    likely = (*intent.runs, Ranked("embeddings", LIKELY), Ranked("attention-steps", LIKELY))
    (wanted,) = talk.plan(dataclasses.replace(intent, runs=likely)).wanted
    assert wanted.show.experiment == "embeddings"
    assert talk.plan(wants("same", word="mat", temperature="2")).status is Status.REFUSED  # none takes both


def test_before_any_run_the_same_is_the_map(talk: Any) -> None:
    assert talk(wants("same", word="mat")).runs[0].experiment == "attention"


# --- one word for another ---------------------------------------------------------------------------------


def swap(word: str, new: str = "") -> Intent:
    return wants("swap", word=word, **({"new": new} if new else {}))


@pytest.mark.parametrize(
    ("word", "new", "sentence"),
    [
        ("cat", "dog", "The dog is on the mat."),
        ("'MAT'", "“roof”", "The cat is on the roof."),
        ("The", "a", "A cat is on the mat."),
        ("mat.", "mat that I sold", "The cat is on the mat that I sold."),
    ],
)
def test_a_word_is_exchanged_for_another_and_the_run_made_again(talk: Any, word: str, new: str, sentence: str) -> None:
    talk(wants("attention", layer="2", word="cat"))
    answer = talk(swap(word, new))
    assert answer.sentence == talk.sentence == answer.runs[0].sentence == sentence
    assert answer.runs[0].options.layer == 2 and answer.runs[0].options.word == ""
    assert sentence in answer.paragraphs[0] and answer.offers[0].command == "/undo"


@pytest.mark.parametrize(
    ("word", "sentence"), [("cat", "The is on the mat."), ("mat", "The cat is on the."), ("The", "Cat is on the mat.")]
)
def test_a_word_is_left_out(talk: Any, word: str, sentence: str) -> None:
    assert talk(wants("remove", word=word)).runs[0].sentence == talk.sentence == sentence


@pytest.mark.parametrize(
    "intent", [swap("zeppelin", "dog"), wants("remove", word="softmax"), wants("remove"), swap("", "dog")]
)
def test_what_is_not_in_the_sentence_is_neither_exchanged_nor_left_out(
    talk: Any, ran: list[Any], intent: Intent
) -> None:
    answer = talk(intent)
    assert answer.status is Status.REFUSED and talk.sentence == DEFAULT and answer.shown == () and ran == []


def test_a_swap_without_the_other_word_leaves_nothing_out(talk: Any) -> None:
    answer = talk(swap("cat"))
    assert answer.status is Status.REFUSED and talk.sentence == DEFAULT and "cat" in answer.paragraphs[0]


def test_an_exchange_after_which_nothing_can_be_run_is_undone(talk: Any) -> None:
    answer = talk(swap("cat", "cat " * 200))
    assert answer.broken and talk.sentence == DEFAULT and answer.paragraphs == ()


# --- an earlier sentence -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slots", "sentence"),
    [
        ({}, "A bird sings."),
        ({"earlier": "the first one"}, "My dog sleeps."),  # ours, from before, is not one of the learner's
        ({"earlier": "sentence 2"}, "A bird sings."),
        ({"earlier": "the one with the dog"}, "My dog sleeps."),
        ({"earlier": "the second sentence, the one with the dog"}, "My dog sleeps."),
        ({"earlier": "the one before"}, "A bird sings."),
        ({"earlier": "the previous one"}, "A bird sings."),
        ({"word": "mat"}, DEFAULT),
    ],
)
def test_an_earlier_sentence_is_found_by_its_number_its_words_or_as_the_one_before(
    talk: Any, slots: dict[str, str], sentence: str
) -> None:
    for text in ("My dog sleeps.", "A bird sings.", "He reads."):
        talk.use_sentence(text)
    answer = talk(wants("earlier", **slots))
    assert answer.sentence == talk.sentence == answer.runs[0].sentence == sentence
    assert sentence in answer.paragraphs[0] and len(talk.state.sentences) == 4


def test_the_sentence_in_force_is_found_by_its_words_too(talk: Any) -> None:
    talk.use_sentence("My dog sleeps.")
    answer = talk(wants("earlier", earlier="the dog thing"))
    assert answer.sentence == talk.sentence == answer.runs[0].sentence == "My dog sleeps."


def test_a_lone_word_is_no_sentence_unless_it_is_quoted(talk: Any) -> None:
    assert talk(wants("translate", text="wait, chien is French?", sentence="chien")).runs[0].sentence == DEFAULT
    assert talk(wants("translate", text="translate “dog”", sentence="dog")).runs[0].sentence == "dog"


def test_where_there_is_only_one_sentence_it_says_so(talk: Any) -> None:
    answer = talk(wants("earlier"))
    assert answer.status is Status.REFUSED and DEFAULT in answer.paragraphs[0]


# --- the rest --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "command"), [("reset", "/auto"), ("numbers", "/numbers")])
def test_some_requests_are_the_terminals(talk: Any, name: str, command: str) -> None:
    talk(wants("attention"))
    assert talk.plan(wants(name)).command == command


def test_numbers_of_nothing_are_refused(talk: Any) -> None:
    assert talk.plan(wants("numbers")).paragraphs == talk.replies("nothing shown")


def test_a_conversation_is_saved_where_it_is_said_to(talk: Any) -> None:
    assert talk.plan(wants("save", text="write this to ~/talks/today.md please")).command == "/save ~/talks/today.md"
    plan = talk.plan(wants("save", text="save it, e.g. for later"))
    assert (plan.status, plan.paragraphs) == (Status.REFUSED, talk.replies("save"))


def test_the_code_of_a_picture_is_that_of_the_last_one(talk: Any) -> None:
    assert talk.plan(wants("code-of")).paragraphs == talk.replies("nothing shown")
    run = talk(wants("attention", layer="2")).runs[0]
    assert talk.plan(wants("code-of")).code_of == run


def test_a_request_never_moves_the_thread_of_the_talk(talk: Any) -> None:
    talk(asks("attention.what"))
    for intent in (wants("softmax"), wants("same", word="mat"), wants("numbers"), wants("zeppelin")):
        talk(intent)
        assert (talk.state.node, talk.state.path) == ("attention.what", ("attention.what",))
    assert talk(act("why")).node == "attention.why"


def test_where_two_runs_may_be_meant_the_likelier_is_made(talk: Any) -> None:
    runs = (Ranked("softmax", 0.6), Ranked("attention", 0.4))
    assert (
        talk(Intent("show", (Ranked("request", 0.9),), runs=runs, slots=(Slot("word", "mat", 0),))).runs[0].options.word
        == "mat"
    )


# --- where the screen helps ------------------------------------------------------------------------------


def test_another_picture_keeps_the_place_of_the_one_on_the_screen(talk: Any) -> None:
    talk(wants("attention", part="cross", layer="3", head="2"))
    assert talk.plan(wants("scaling")).wanted[0].show.options == {"part": "cross", "layer": 3, "head": 2}
    assert talk.plan(wants("scaling", layer="1")).wanted[0].show.options == {"part": "cross", "layer": 1, "head": 2}
    assert talk.plan(wants("scaling", sentence="My dog sleeps.")).wanted[0].show.options == {}  # a new beginning
    assert talk.plan(wants("cost")).wanted[0].show.options == {}
    talk(asks("attention.what"))
    assert talk.plan(wants("scaling")).wanted[0].show.options == {}


@pytest.mark.parametrize("kind", ["objection", "not_asked"])
def test_who_objects_and_names_another_place_is_shown_that_one(talk: Any, kind: str) -> None:
    talk(wants("attention", layer="2", head="1"))
    answer = talk(act(kind, slots=(Slot("head", "head 3", 0), Slot("sentence", "no", 9))))
    assert (answer.runs[0].options.layer, answer.runs[0].options.head, talk.sentence) == (2, 3, DEFAULT)


def test_two_sentences_stand_side_by_side_and_the_one_in_force_stays(talk: Any) -> None:
    answer = talk(wants("compare", sentence="A bird sings."))
    assert (answer.runs[0].sentence, answer.runs[0].options.other) == (DEFAULT, "A bird sings.")
    assert talk.sentence == DEFAULT
    talk.use_sentence("My dog sleeps.")
    options = talk(wants("compare")).runs[0].options
    assert options.other == DEFAULT and talk.sentence == "My dog sleeps."


def test_a_head_put_back_and_another_one_taken_instead(talk: Any) -> None:
    talk(wants("head-off", layer="1", head="2"))
    intent = wants("head-off", layer="3", head="1")
    talk(dataclasses.replace(intent, runs=(*intent.runs, Ranked("undo", INSTEAD))))
    assert [change.short for change in talk.state.changes] == ["encoder.3.1"]


@pytest.mark.parametrize(("word", "new"), [("tree", ""), ("", "tree"), ("tree", "tree")])
def test_which_word_goes_and_which_comes_is_told_by_the_sentence(talk: Any, word: str, new: str) -> None:
    slots = {kind: text for kind, text in (("word", word), ("new", new)) if text}
    assert talk(wants("swap", text="swap “mat” for tree", **slots)).sentence == "The cat is on the tree."


def test_all_that_stands_behind_the_colon_is_the_sentence(talk: Any) -> None:
    intent = wants("compare", text="compare it with: The bank lends money to the farmer.", sentence="the farmer.")
    assert talk(intent).runs[0].options.other == "The bank lends money to the farmer."


def test_put_it_back_is_undone_where_nothing_else_is_named(talk: Any) -> None:
    talk(wants("swap", word="cat", new="dog"))
    assert talk(wants("earlier")).sentence == DEFAULT and talk.state.before == ()
