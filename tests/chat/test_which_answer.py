"""Which of the lessons answers: found by concept, by facet, by wording, and for two concepts at once."""

from __future__ import annotations

import pytest
from stand_ins import BELIEF

from tutor.chat.asking import asks_plainly_for
from tutor.chat.conversation import DEFAULT_SENTENCE, Conversation
from tutor.chat.parts import Part, _room_of
from tutor.chat.wording import ALIKE, CLOSE, Wording
from tutor.curriculum.loader import load_library


def test_a_remark_that_is_a_misconception_is_refuted(conversation: Conversation) -> None:
    turn = conversation.turn("the weights are learned")
    assert turn.paragraphs[0] == f"Not quite. {BELIEF.refute}" and turn.runs[0].experiment == "parameters"


def test_a_remark_about_a_concept_gets_what_is_exact_and_a_run(conversation: Conversation) -> None:
    turn = conversation.turn("it is all softmax")
    assert turn.node_id == "softmax.what" and turn.runs


def test_a_relation_is_found_from_both_ends_and_for_a_comparison_too(conversation: Conversation) -> None:
    assert conversation.turn("attention vs softmax").node_id == "attention.relation.softmax"


def test_two_concepts_without_a_lesson_between_them_stand_side_by_side(conversation: Conversation) -> None:
    turn = conversation.turn("softmax or scaling")
    assert turn.paragraphs[0].startswith("I have no lesson that sets softmax and scaling against each other.")
    assert turn.paragraphs[1:] == ("Say softmax.what.", "Say scaling.what.")


def test_two_things_named_in_one_question_are_both_answered(conversation: Conversation) -> None:
    turn = conversation.turn("attention and softmax")
    assert [paragraph.split(".")[0] for paragraph in turn.paragraphs] == ["*Ask attention", "*Ask softmax"]


def test_a_concept_that_no_word_spoke_for_is_not_offered_first(conversation: Conversation) -> None:
    assert conversation.turn("what is attention, by the way").follow_ups[0] == "Ask attention.why?"


def test_the_wording_finds_a_node_below_a_facet(conversation: Conversation) -> None:
    assert conversation.turn("the part about the shortest path").node_id == "attention.why.path"


def test_a_text_of_our_choice_comes_into_force(conversation: Conversation) -> None:
    turn = conversation.turn("use a random paragraph and show how attention works")
    assert turn.sentence != DEFAULT_SENTENCE and turn.runs[0].sentence == turn.sentence


def test_a_facet_that_was_not_named_is_answered_by_the_nearest_without_preface(conversation: Conversation) -> None:
    assert conversation.turn("and softmax, over the years").paragraphs == ("Say softmax.what.",)


def test_a_missing_facet_that_was_named_is_answered_by_the_nearest_and_says_so(conversation: Conversation) -> None:
    turn = conversation.turn("history of softmax")
    assert turn.node_id == "softmax.what"
    assert turn.paragraphs[0] == "I have nothing on where it came from for softmax; the nearest that I have is this."


def test_the_math_of_a_concept_is_found_in_another_node(conversation: Conversation) -> None:
    assert conversation.turn("math of attention").paragraphs == ("scores, then weights",)


@pytest.mark.parametrize(
    ("facet", "plain", "loose"),
    [
        ("math", "what is the formula", "how many times do you do that"),
        ("history", "who invented it", "and over the years"),
        ("code", "write it in code", "how would that look"),
    ],
)
def test_what_counts_as_naming_a_facet(facet: str, plain: str, loose: str) -> None:
    assert asks_plainly_for(facet, plain) and not asks_plainly_for(facet, loose)


def test_the_wording_below_a_facet_goes_before_the_same_wording_of_the_facet(conversation: Conversation) -> None:
    match = conversation.state.wording.closest("How often is all of this gone through?")
    assert match and match.node.id == "attention.how.repeats" and match.score == 1
    turn = conversation.turn("How often is all of this gone through?")
    assert turn.node_id == "attention.how.repeats"


def test_the_lessons_have_the_number_of_repetitions_and_the_title_under_these_words() -> None:
    wording = Wording(load_library())
    for text in ("How often is that gone through again?", "And how many repetitions does it take?"):
        match = wording.closest(text)
        assert match and match.node.id == "training.how.repeats" and match.score >= ALIKE
    for text, node in (
        ("For the paper's title I would rather say that the weights are what you need.", "transformer.limits.title"),
        ("attention is not all you need", "transformer.limits.needed"),
    ):
        match = wording.closest(text)
        assert match and match.node.id == node and match.score >= CLOSE


def test_a_remark_is_answered_by_the_point_itself(conversation: Conversation) -> None:
    assert conversation.turn("it is all softmax").paragraphs == ("Say softmax.what.",)
    turn = conversation.turn('Honestly, "attention has the shortest path" says little')
    assert turn.node_id == "attention.why.path" and turn.paragraphs == ("The path has one step.",)


def test_a_text_of_our_choice_is_stated_before_the_picture(conversation: Conversation) -> None:
    turn = conversation.turn("use a random paragraph and show how attention works")
    assert turn.paragraphs[0].startswith(f"The text: *{turn.sentence}*") and len(turn.paragraphs) > 1


def test_a_text_of_our_choice_without_a_topic_shows_what_was_spoken_of(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    assert conversation.turn("take a paragraph and apply all the steps").node_id == "attention.how"


def test_the_inner_working_of_both_tells_two_parts(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    turn = conversation.turn("what goes on inside both of them")
    assert turn.paragraphs == ("*Ask attention.how?* Say attention.how.",)


def test_a_comparison_that_was_only_guessed_is_not_set_side_by_side(conversation: Conversation) -> None:
    conversation.turn("what is softmax")
    turn = conversation.turn("was there nothing better?")
    assert "against each other" not in turn.answer and turn.node_id.startswith("softmax.")


def test_a_turn_that_asks_for_a_difference_and_for_the_reason_gets_both(conversation: Conversation) -> None:
    turn = conversation.turn("query vs attention, and why?")
    assert turn.paragraphs == ("Say query.compare.attention.", "*Ask query.why?* Say query.why.")


def test_what_it_is_and_how_it_works_are_not_both_told_in_full(conversation: Conversation) -> None:
    nodes = conversation.state.library.nodes
    what, how = Part(nodes["attention.what"]), Part(nodes["attention.how"])
    assert [_room_of(part.node, [what, how], 300) for part in (what, how)] == [0, 600]
    assert _room_of(what.node, [what], 300) == 300
