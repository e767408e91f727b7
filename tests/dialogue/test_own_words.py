"""Words of the learner's own sentence that a turn names are looked up in it, and a correction is put in place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from stand_ins import act, asks, wants

from tutor.dialogue.types import DEFAULT_SENTENCE, Sum
from tutor.experiments.base import Run
from tutor.experiments.changes import Change
from tutor.understanding.intent import Ranked, Slot

OWN = "My brother ate the pizza because he was hungry."
FRENCH = "Mon frère a mangé la pizza parce qu'il avait faim."


@pytest.fixture
def shown(talk: Any) -> Any:
    """A conversation in which encoder layer 2, head 3 was shown for a sentence of the learner's."""
    talk(act("set_sentence", OWN))
    talk(wants("attention", "layer 2, head 3", layer="2", head="3"))
    talk.state = replace(talk.state, translation=FRENCH)
    return talk


def named(text: str, **words: str) -> dict[str, Any]:
    slots = tuple(Slot(kind, word, text.find(word)) for kind, word in words.items())
    return {"text": text, "slots": slots}


def ran(answer: Any) -> list[tuple[str, dict[str, Any]]]:
    told = [(run.experiment, {k: v for k, v in vars(run.options).items() if v}) for run in answer.runs]
    return told


def test_two_words_of_the_sentence_are_looked_up_in_the_head_shown(shown: Any) -> None:
    answer = shown(asks("attention.why", likeness=0.6, **named("why not at brother?", word="he", key="brother")))
    assert ran(answer) == [("link", {"query": "he", "key": "brother", "layer": 2, "head": 3})]
    assert answer.offers[0].node == "attention.why"


def test_a_link_that_is_spoken_of_can_be_forbidden_by_an_offer(shown: Any) -> None:
    answer = shown(asks("attention.why", likeness=0.6, **named("he and brother?", word="he", key="brother")))
    assert Change("forbid", query="he", key="brother").short in " ".join(offer.command for offer in answer.offers)


def test_whether_there_is_any_head_is_asked_of_all(shown: Any) -> None:
    turn = asks("attention.why", likeness=0.6, **named("is there any for he and brother?", word="he", key="brother"))
    plan = shown.plan(turn)
    assert plan.wanted[0].show.options == {"query": "he", "key": "brother"} and plan.wanted[0].first
    assert [text.split()[0] for _, text in plan.wanted[0].says] == ["No:", "Yes:"]


def test_a_question_about_something_else_is_not_taken_for_the_sentence(shown: Any) -> None:
    turn = asks("embedding.what", likeness=0.9, **named("is brother near pizza?", word="brother", key="pizza"))
    assert shown(turn).node == "embedding.what"


def test_a_known_question_is_answered_though_it_names_words(shown: Any) -> None:
    turn = asks("attention.why", likeness=1.0, **named("he and brother", word="he", key="brother"))
    assert shown(turn).node == "attention.why"


def test_a_word_of_the_translation_is_a_row_of_cross_attention(shown: Any) -> None:
    turn = asks(("softmax.what", 0.2), likeness=0.3, **named("where is frère from?", word="frère"))
    plan = shown.plan(turn)
    assert plan.wanted[0].show.options["part"] == "cross" and plan.wanted[0].show.options["word"] == "frère"


@pytest.mark.parametrize("typed", ["i said pizza not brother", "no, PIZZA"])
def test_a_correction_shows_the_same_of_the_word_it_names(shown: Any, typed: str) -> None:
    answer = shown(act("objection", typed, nodes=(Ranked("softmax.limits", 0.9),)))
    assert ran(answer) == [("attention", {"part": "encoder", "layer": 2, "head": 3, "word": "pizza"})]
    assert answer.paragraphs == ("*pizza* instead of *brother*:",)


def test_an_answer_told_again_for_the_own_sentence_is_withdrawn(talk: Any) -> None:
    talk(act("set_sentence", OWN))
    talk(asks("softmax.what"))
    again = Ranked("softmax.what", 0.95)
    turn = act("question", "what has that got to do with my pizza?", nodes=(again,), likeness=0.7)
    answer = talk(replace(turn, acts=(Ranked("question", 0.8),)))
    assert answer.node == "" and answer.paragraphs[0].startswith("Then I misread you")


def test_the_other_heads_are_those_of_the_layer_shown(shown: Any) -> None:
    turn = act("request", "and the other heads?", runs=(Ranked("same", 0.5), Ranked("heads", 0.3)))
    answer = shown(turn)
    assert {(run.options.layer, run.options.part) for run in answer.runs} == {(2, "encoder")}
    assert len(answer.runs) == 1 and answer.runs[0].experiment == "heads"


def test_in_the_two_of_them_shows_the_word_in_both_sentences(shown: Any) -> None:
    other = "My sister ate the pizza because she was hungry."
    result = type("Compared", (), {"sentence": OWN, "other": other, "part": "encoder", "layer": 3, "head": 1})()
    run = Run("compare", OWN, shown.state.last_run.options, result)
    shown.state = replace(shown.state, last_run=run, runs=(run,))
    turn = asks("attention.why", likeness=0.6, **named("where does pizza look in the two?", word="pizza"))
    assert [wanted.sentence for wanted in shown.plan(turn).wanted] == [OWN, other]


def test_a_whole_part_is_switched_off_and_everything_on_again(shown: Any) -> None:
    shown(wants("head-off", "cross-attention off", part="cross-attention"))
    assert shown.state.changes == (Change("head", "cross"),)
    shown(wants("head-off", "encoder 1, head 2 off", part="encoder", layer="layer 1", head="head 2"))
    assert len(shown.state.changes) == 2
    shown(act("request", "all on", runs=(Ranked("undo", 0.56), Ranked("reset", 0.44))))
    assert shown.state.changes == ()


def test_a_layer_of_a_part_that_is_off_can_be_put_back(shown: Any) -> None:
    shown(wants("head-off", "cross-attention off", part="cross-attention"))
    shown(wants("undo", "layer 2 of it on", part="cross-attention", layer="layer 2"))
    assert shown.state.changes == (Change("head", "cross", 1), Change("head", "cross", 3))


@pytest.mark.parametrize(
    ("typed", "word", "sentence"),
    [
        ("my sister instead", "sister", OWN.replace("brother", "sister")),
        ("a sister instead", "sister", OWN),
    ],
)
def test_a_word_is_exchanged_where_it_is_clear_for_which(shown: Any, typed: str, word: str, sentence: str) -> None:
    answer = shown(act("request", typed, runs=(Ranked("swap", 0.6),), slots=(Slot("word", word, 2),)))
    assert shown.sentence == sentence
    if sentence == OWN:
        assert answer.offers[0].command == f"/sentence {OWN.replace('brother', 'sister')}"


def test_the_last_sum_is_taken_up_though_other_things_came_since(make_talk: Any) -> None:
    from stand_ins import node

    talk = make_talk(node("kv-cache.math"))
    numbers = (12.0, 8.0, 64.0, 1000.0)
    named_numbers = {"layers": 12.0, "heads": 8.0, "heads_of": 64.0, "tokens": 1000.0}
    talk.state = replace(talk.state, last_sum=Sum("cache", numbers, named_numbers, {}))
    turn = asks("kv-cache.math", text="same, with 2 kv heads", numbers=(2.0,), named={"kv_heads": 2.0})
    answer = talk(replace(turn, runs=(Ranked("calc.cache", 0.01),)))
    assert "6.14 MB" in answer.text


def test_a_whole_picture_is_not_shown_again_but_every_number_of_it(shown: Any) -> None:
    assert shown(wants("whole", "i need all of them")).command == "/numbers"


def test_an_offer_on_the_screen_is_likelier_than_a_rival_that_is_not_sure(talk: Any) -> None:
    talk(act("greet", "hello"))
    assert talk(asks(("softmax.why", 0.45), ("attention.what", 0.3), likeness=0.7)).node == "attention.what"


def test_what_the_program_on_the_screen_prints_is_run(make_talk: Any) -> None:
    from stand_ins import node

    talk = make_talk(node("this-tutor.what"))
    talk(asks("attention.code"))
    answer = talk(asks("this-tutor.what", text="what does that program print?", likeness=0.7))
    assert answer.paragraphs[-1] == "```\n1" and answer.node == ""
    assert talk(asks("this-tutor.what", text="what is this program?", likeness=1.0)).node == "this-tutor.what"


def test_our_own_example_is_a_sentence_too(talk: Any) -> None:
    talk(wants("attention", "show it"))
    answer = talk(asks("attention.why", likeness=0.6, **named("why cat at mat?", word="cat", key="mat")))
    assert [run.sentence for run in answer.runs] == [DEFAULT_SENTENCE]


def test_a_turn_that_asks_and_orders_is_answered_in_a_line_and_done(shown: Any) -> None:
    script = shown.reader.script
    script["Switch it off."] = wants("head-off", "Switch it off.", part="cross-attention")
    script["what is it for?"] = asks("attention.why", text="what is it for?")
    answer = shown(asks("attention.why", text="what is it for? Switch it off.", likeness=0.6))
    assert "Line of attention.why." in answer.text and shown.state.changes == (Change("head", "cross"),)


@pytest.mark.parametrize(("found", "telling"), [(0.2, "line"), (0.9, "say")])
def test_a_wish_for_fewer_words_is_heard_beside_a_question_that_was_not_found(
    talk: Any, found: float, telling: str
) -> None:
    talk(asks("softmax.what"))
    talk.reader.script["too many words."] = act("shorter", "too many words.")
    answer = talk(asks(("attention.what", found), text="too many words. is it dumb?", likeness=found))
    assert (answer.node, answer.telling) == ("softmax.what" if found < 0.5 else "attention.what", telling)


def test_a_known_question_after_a_picture_is_no_request(shown: Any) -> None:
    turn = asks("softmax.code", likeness=0.92, text="how does softmax work")
    unsure = replace(
        turn,
        acts=(Ranked("request", 0.6), Ranked("question", 0.4)),
        runs=(Ranked("link", 0.3),),
        nodes=(Ranked("softmax.what", 0.94),),
    )
    assert shown(unsure).node == "softmax.what"


def test_a_number_on_the_screen_is_asked_about_there(shown: Any) -> None:
    unsure = (Ranked("question", 0.6), Ranked("screen", 0.4))
    answer = shown(replace(asks("softmax.limits", text="30 percent of what", likeness=0.5), acts=unsure))
    assert answer.telling == "legend" and answer.paragraphs == ("Dark: 30%.",)
