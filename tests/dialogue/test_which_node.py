"""A question is answered by the node it asks for, as it is wished, and never twice in the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stand_ins import Talk, act, asks, node

from tutor.dialogue.question import CLOSE, LIKE, LIKELY, OTHERWISE, OWN_WORDS, ROOM, SURE
from tutor.dialogue.tell import tellings
from tutor.dialogue.types import Offer, Status

ATTENTION = ("Say attention.what.", "More of attention.what.")


def test_the_best_node_is_told_whole(talk: Any) -> None:
    answer = talk(asks("attention.what"))
    assert (answer.node, answer.telling, answer.status) == ("attention.what", "say", Status.ANSWERED)
    assert answer.paragraphs == ATTENTION
    assert answer.concepts == ("attention",) and answer.facet == "what"


def test_a_node_that_the_lessons_lack_is_passed_over(talk: Any) -> None:
    assert talk(asks("gone.what", ("softmax.what", 0.3))).node == "softmax.what"


def test_where_nothing_is_read_it_is_said(talk: Any) -> None:
    answer = talk(asks("gone.what"))
    assert (answer.status, answer.paragraphs) == (Status.ASKED_BACK, talk.replies("unread")[:1])


@pytest.mark.parametrize(
    ("probability", "likeness", "sure"),
    [(SURE, 0.0, True), (SURE - 0.01, LIKE, True), (SURE - 0.01, LIKE - 0.01, False), (0.9, 0.1, True)],
)
def test_it_asks_back_only_where_neither_probability_nor_likeness_is_enough(
    talk: Any, probability: float, likeness: float, sure: bool
) -> None:
    answer = talk(asks(("attention.what", probability), likeness=likeness))
    assert answer.status is (Status.ANSWERED if sure else Status.ASKED_BACK)


def test_asking_back_answers_the_nearest_in_a_line_each_and_tells_none_whole(talk: Any) -> None:
    talk(asks("scaling.what"))
    near = ("softmax.why", 0.11), ("attention.how", 0.1), ("attention.why", 0.09), ("attention.what", 0.05)
    answer = talk(asks(*near, likeness=0.3, text="hm?"))
    lead, *lines = answer.paragraphs
    assert lead == talk.replies("unsure")[0]
    assert lines == [f"*Ask {name}?* Line of {name}." for name, _ in near[:3]]
    assert answer.offers == tuple(Offer(f"Ask {name}?", name) for name, _ in near[:3])
    assert (answer.node, answer.shown, talk.state.node) == ("", (), "scaling.what")
    assert talk(act("yes", picked=2)).node == "attention.how"


def test_a_second_close_reading_is_answered_in_a_line_and_offered(talk: Any) -> None:
    answer = talk(asks(("softmax.what", 0.5), ("scaling.what", 0.5 * CLOSE)))
    assert answer.paragraphs[-1] == "*Ask scaling.what?* Line of scaling.what."
    assert answer.offers[0] == Offer("Ask scaling.what?", "scaling.what") and answer.node == "softmax.what"
    assert talk.state.was_told("scaling.what", "line") and not talk.state.was_told("scaling.what")


def test_a_second_reading_that_is_not_close_is_not_told(talk: Any) -> None:
    answer = talk(asks(("softmax.what", 0.5), ("scaling.what", 0.5 * CLOSE - 0.01)))
    assert answer.paragraphs == ("Say softmax.what.", "More of softmax.what.")
    assert "scaling.what" not in [offer.node for offer in answer.offers]


def test_a_second_reading_that_is_unlikely_is_not_told_beside_an_unlikely_first(talk: Any) -> None:
    assert len(talk(asks(("softmax.what", 0.3), ("scaling.what", LIKELY - 0.01))).paragraphs) == 2


def test_a_second_reading_that_was_told_is_not_told_again(talk: Any) -> None:
    talk(asks("scaling.what"))
    assert len(talk(asks(("softmax.what", 0.5), ("scaling.what", 0.4), text="both?")).paragraphs) == 2


def test_beside_a_long_answer_there_is_no_room_for_a_second_one(make_talk: Callable[..., Any]) -> None:
    for rows, told in ((ROOM - 2, 2), (ROOM - 1, 1)):  # an empty row and the line itself
        talk = make_talk(node("softmax.what", say=("  row\n" * (rows - 1) + "  row",)))
        answer = talk(asks(("softmax.what", 0.5), ("scaling.what", 0.4)))
        assert len(answer.paragraphs) == told and answer.offers[0].node == "scaling.what"


def test_after_an_answer_the_second_reading_goes_before_the_same_answer_again(talk: Any) -> None:
    question = asks(("softmax.what", 0.5), ("scaling.what", 0.5 * OTHERWISE))
    assert [talk(question).node for _ in range(2)] == ["softmax.what", "scaling.what"]


def test_a_question_that_is_asked_again_and_again_is_never_told_twice_in_the_same_words(talk: Any) -> None:
    told = [talk(asks("attention.what")) for _ in range(8)]
    kinds = tellings(talk.library.nodes["attention.what"])
    assert [answer.telling for answer in told] == [*kinds, *(["line"] * (8 - len(kinds)))]
    assert len({answer.paragraphs for answer in told[: len(kinds)]}) == len(kinds)
    first, second = talk.replies("told before")
    assert [answer.paragraphs for answer in told[len(kinds) :]] == [
        (lead, "Line of attention.what.") for lead in (first, second, first)
    ]


@pytest.mark.parametrize(
    ("wish", "node", "telling", "begins"),
    [
        ("none", "attention.what", "say", "Say attention.what."),
        ("shorter", "attention.what", "line", "Line of attention.what."),
        ("simpler", "attention.what", "simpler", "Simply attention."),
        ("exact", "attention.what", "math", "softmax(QKᵀ/√d)V"),
        ("code", "softmax.limits", "code", "```\nprint(2)"),
        ("analogy", "attention.what", "analogy 0", "A library."),
        ("longer", "attention.what", "say", "Say attention.what."),
        ("simpler", "scaling.what", "say", "Say scaling.what."),
    ],
)
def test_a_wish_in_the_same_breath_is_fulfilled_where_the_node_can(
    talk: Any, wish: str, node: str, telling: str, begins: str
) -> None:
    answer = talk(asks(node, wish=wish))
    assert (answer.node, answer.telling, answer.paragraphs[0]) == (node, telling, begins)


def test_a_formula_brings_the_point_of_the_answer(talk: Any) -> None:
    answer = talk(asks("attention.what", wish="exact"))
    assert answer.paragraphs == ("softmax(QKᵀ/√d)V", "Say attention.what.")


def test_a_simpler_answer_brings_its_picture_and_where_that_breaks(talk: Any) -> None:
    answer = talk(asks("attention.what", wish="simpler"))
    assert answer.paragraphs[1:] == ("A library.", "Where it breaks: no librarian.")


@pytest.mark.parametrize(("wish", "to"), [("exact", "attention.math"), ("code", "attention.code")])
def test_what_a_node_lacks_in_mathematics_or_code_its_concept_may_have(talk: Any, wish: str, to: str) -> None:
    assert talk(asks("attention.why", wish=wish)).node == to
    assert talk(asks("scaling.what", wish=wish, text="other?")).node == "scaling.what"


def test_who_asked_for_simpler_words_is_told_simply_from_then_on(talk: Any) -> None:
    talk(asks("attention.what"))
    talk(act("simpler"))
    assert talk(asks("attention.why")).paragraphs == ("Simply why.",)
    talk(asks("attention.what"))
    talk(act("exact"))
    assert talk.state.register == "exact"
    assert talk(asks("softmax.what")).telling == "say"


def test_a_relation_belongs_to_both_concepts(talk: Any) -> None:
    assert talk(asks("attention.relation.softmax")).concepts == ("attention", "softmax")


@pytest.mark.parametrize(
    ("opening", "likeness", "alone"),
    [
        ("Because it is so.", OWN_WORDS - 0.01, False),
        ("*Yes*, it is.", OWN_WORDS - 0.01, False),
        ("Because it is so.", OWN_WORDS, True),  # asked for in the node's own words
        ("Attention mixes.", 0.1, True),
    ],
)
def test_an_answer_that_leans_on_its_question_has_it_in_front(opening: str, likeness: float, alone: bool) -> None:
    talk = Talk(node("softmax.uses", say=(opening, "More.")))
    first = talk(asks("softmax.uses", likeness=likeness)).paragraphs[0]
    assert first == (opening if alone else f"*Ask softmax.uses?* {opening}")
