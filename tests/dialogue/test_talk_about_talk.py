"""What is done about the last answer: one level down, shorter, simpler, again, as a formula, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stand_ins import act, asks, node

from tutor.curriculum.tree import FLOORS
from tutor.dialogue.talk import COVERED
from tutor.dialogue.types import Offer, Status
from tutor.understanding.intent import Ranked


def test_why_goes_down_one_level_at_a_time_and_ends_at_the_ground(talk: Any) -> None:
    talk(asks("attention.what"))
    assert [talk(act("why")).node for _ in range(2)] == ["attention.why", "attention.why.path"]
    answer = talk(act("why"))
    assert answer.paragraphs == talk.replies("floor theorem") and answer.status is Status.SMALL
    assert talk.state.node == "attention.why.path" and answer.offers


@pytest.mark.parametrize("floor", FLOORS)
def test_the_ground_is_called_by_its_kind(make_talk: Callable[..., Any], floor: str) -> None:
    talk = make_talk(node("scaling.what", floor=floor))
    talk(asks("scaling.what"))
    assert talk(act("why")).paragraphs == talk.replies(f"floor {floor}")


def test_a_level_that_was_told_already_is_stepped_over(talk: Any) -> None:
    talk(asks("attention.why"))
    talk(asks("attention.what"))
    assert talk(act("why")).node == "attention.why.path"


def test_of_an_answer_that_leads_nowhere_why_is_the_why_of_its_concept(talk: Any) -> None:
    talk(asks("attention.how"))
    assert talk(act("why")).node == "attention.why"


def test_where_no_why_is_left_it_says_so(make_talk: Callable[..., Any]) -> None:
    talk = make_talk(node("scaling.what"))
    talk(asks("scaling.what"))
    assert [talk(act("why")).paragraphs[0] for _ in range(2)] == list(talk.replies("no deeper"))


@pytest.mark.parametrize("name", ["why", "deeper", "simpler", "exact", "code", "example", "analogy", "objection"])
def test_before_any_answer_it_is_a_question_like_any_other(talk: Any, name: str) -> None:
    assert talk(act(name, nodes=(Ranked("softmax.what", 0.9),), likeness=0.9)).node == "softmax.what"


@pytest.mark.parametrize("name", ["shorter", "again", "back", "summary"])
def test_before_any_answer_there_is_nothing_to_tell_again(talk: Any, name: str) -> None:
    answer = talk(act(name, nodes=(Ranked("softmax.what", 0.9),), likeness=0.9))
    assert answer.paragraphs == talk.replies("nothing told") and answer.node == "" and answer.offers


def test_shorter_is_one_sentence_and_shorter_than_that_there_is_nothing(talk: Any) -> None:
    talk(asks("attention.what"))
    assert talk(act("shorter")).paragraphs == ("Line of attention.what.",)
    assert talk(act("shorter")).paragraphs == talk.replies("no shorter")


def test_simpler_is_told_simply_then_in_each_picture_and_then_it_says_so(talk: Any) -> None:
    talk(asks("attention.what"))
    told = [talk(act("simpler")) for _ in range(4)]
    assert [answer.telling for answer in told[:3]] == ["simpler", "analogy 0", "analogy 1"]
    assert told[1].paragraphs == ("A library.", "Where it breaks: no librarian.")
    assert told[3].paragraphs == (*talk.replies("no simpler"), "Line of attention.what.")
    assert talk.state.register == "plain"


def test_without_simpler_words_of_its_own_what_the_concept_is_is_told_simply(talk: Any) -> None:
    talk(asks("attention.how"))
    answer = talk(act("simpler"))
    assert (answer.node, answer.telling) == ("attention.what", "simpler")


def test_deeper_is_the_long_form_then_the_mathematics_then_the_code_then_what_comes_next(talk: Any) -> None:
    talk(asks("softmax.limits", wish="shorter"))
    told = [talk(act("deeper")) for _ in range(5)]
    assert [(answer.node, answer.telling) for answer in told] == [
        ("softmax.limits", "say"),
        ("softmax.limits", "math"),
        ("softmax.limits", "code"),
        ("softmax.what", "say"),
        ("softmax.why", "say"),
    ]
    assert talk(act("deeper")).paragraphs == talk.replies("no deeper")[:1]


def test_who_wants_it_plain_is_not_led_into_formulas_by_deeper(talk: Any) -> None:
    talk(asks("attention.what"))
    talk(act("simpler"))
    assert talk(act("deeper")).node == "attention.how"


@pytest.mark.parametrize(
    ("name", "own", "elsewhere"), [("exact", "math", "attention.math"), ("code", "code", "attention.code")]
)
def test_the_formula_and_the_program_are_the_nodes_own_else_its_concepts_else_there_is_none(
    talk: Any, name: str, own: str, elsewhere: str
) -> None:
    talk(asks("softmax.limits"))
    assert (talk(act(name)).node, talk.state.telling) == ("softmax.limits", own)
    talk(asks("attention.why"))
    assert talk(act(name)).node == elsewhere
    assert talk.state.register == "exact"
    talk(asks("scaling.what"))
    answer = talk(act(name))
    assert answer.paragraphs == talk.replies(f"no {own}") and talk.state.node == "scaling.what"


def test_a_program_is_told_as_one(talk: Any) -> None:
    assert "```\nprint(1)" in talk(asks("attention.code")).paragraphs


def test_an_example_is_worked_by_hand_then_run_then_there_is_none(talk: Any) -> None:
    talk(asks("attention.why"))
    assert talk(act("example")).node == "attention.example"
    assert [talk(act("example")).runs[0].experiment for _ in range(2)] == ["attention", "attention-steps"]
    talk(asks("scaling.what"))
    assert talk(act("example")).paragraphs == talk.replies("no example")


def test_an_example_is_not_run_where_nothing_may_run(talk: Any) -> None:
    talk(asks("softmax.what"), live=False)
    answer = talk(act("example"), live=False)
    assert answer.shown == () and answer.paragraphs == talk.replies("no example")


def test_each_picture_of_a_concept_is_told_once(talk: Any) -> None:
    talk(asks("attention.how"))
    assert [talk(act("analogy")).paragraphs[0] for _ in range(2)] == ["A library.", "A spotlight."]
    assert talk(act("analogy")).paragraphs == talk.replies("no analogy")


def test_again_repeats_what_was_told_in_the_same_words(talk: Any) -> None:
    talk(asks("attention.what"))
    for wanted in (act("simpler"), act("exact")):
        told = talk(wanted)
        assert [talk(act("again")).paragraphs for _ in range(2)] == [told.paragraphs] * 2


def test_back_goes_to_the_answer_before_and_says_which(talk: Any) -> None:
    for name in ("softmax.what", "scaling.what", "attention.what"):
        talk(asks(name))
    answer = talk(act("back"))
    assert answer.paragraphs == ("Back to “Ask scaling.what?”", "Line of scaling.what.")
    assert talk.state.node == "scaling.what"


def test_back_goes_to_the_answer_that_the_words_speak_of(talk: Any) -> None:
    for name in ("softmax.what", "scaling.what", "attention.what"):
        talk(asks(name))
    assert talk(act("back", nodes=(Ranked("embedding.what", 0.5), Ranked("softmax.why", 0.3)))).node == "softmax.what"


def test_back_never_goes_to_where_one_is(talk: Any) -> None:
    for name in ("softmax.what", "scaling.what"):
        talk(asks(name))
    assert talk(act("back", nodes=(Ranked("scaling.what", 0.5),))).node == "softmax.what"


def test_a_summary_has_a_line_of_each_answer_once_in_their_order(talk: Any) -> None:
    for name in ("softmax.what", "scaling.what", "softmax.what"):
        talk(asks(name))
    lines = ("- Line of softmax.what.", "- Line of scaling.what.")
    assert talk(act("summary")).paragraphs == (*talk.replies("summary"), *lines)


def test_a_summary_keeps_to_the_last_answers(make_talk: Callable[..., Any]) -> None:
    talk = make_talk(*(node(f"many.what.{number}") for number in range(COVERED + 3)))
    for number in range(COVERED + 3):
        talk(asks(f"many.what.{number}"))
    lines = talk(act("summary")).paragraphs[1:]
    assert len(lines) == COVERED and lines[-1] == f"- Line of many.what.{COVERED + 2}."


def test_what_was_not_asked_is_taken_back_and_the_other_readings_are_offered(talk: Any) -> None:
    talk(asks("attention.what", ("softmax.why", 0.1), ("scaling.what", 0.05)))
    answer = talk(act("not_asked"))
    assert answer.status is Status.ASKED_BACK and answer.paragraphs == talk.replies("not asked")
    assert answer.offers == (Offer("Ask softmax.why?", "softmax.why"), Offer("Ask scaling.what?", "scaling.what"))
    assert talk(act("yes", picked=1)).node == "softmax.why"


def test_where_nothing_else_was_near_it_is_to_be_said_in_other_words(talk: Any) -> None:
    talk(asks("attention.what"))
    answer = talk(act("not_asked"))
    assert answer.paragraphs == talk.replies("not asked, nothing near")


def test_an_objection_is_met_with_the_grounds(talk: Any) -> None:
    talk(asks("attention.what"))
    answer = talk(act("objection"))
    assert answer.paragraphs == (talk.replies("objection")[0], "softmax(QKᵀ/√d)V")
    assert talk(act("objection")).paragraphs == (talk.replies("objection")[1], "Simply attention.")
    assert talk(act("objection")).paragraphs[1:] == ("Line of attention.what.",)
    assert talk.state.node == "attention.what"


@pytest.mark.parametrize(("probability", "to"), [(0.4, "softmax.why"), (0.39, "attention.what")])
def test_an_objection_with_a_claim_of_its_own_is_answered_by_the_node_about_it(
    talk: Any, probability: float, to: str
) -> None:
    talk(asks("attention.what"))
    assert talk(act("objection", nodes=(Ranked("softmax.why", probability),), likeness=0.9)).node == to


def test_why_after_a_picture_alone_shows_why_it_looked_there(talk: Any) -> None:
    talk(act("set_sentence", "My dog sleeps."))
    assert [run.experiment for run in talk(act("why")).runs] == ["link"]
