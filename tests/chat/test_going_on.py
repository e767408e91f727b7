"""Asked again, asked why, told to go on: a conversation goes further and never says the same twice."""

from __future__ import annotations

import itertools

import pytest
from stand_ins import BELIEF

from tutor.chat.asking import follows, goes_on
from tutor.chat.conversation import DEFAULT_SENTENCE, Conversation


def test_each_but_why_goes_one_level_down_and_the_floor_says_what_it_is(conversation: Conversation) -> None:
    nodes = [conversation.turn("why attention").node_id]
    nodes += [conversation.turn("but why?").node_id]
    assert nodes == ["attention.why", "attention.why.path"]
    floor = conversation.turn("but why?")
    assert "this is a theorem" in floor.answer
    assert conversation.turn("but why?").answer != floor.answer


def test_go_on_after_a_what_gives_the_how(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    assert conversation.turn("go on").node_id == "attention.how"


def test_the_same_question_is_told_in_another_way_each_time(conversation: Conversation) -> None:
    told = [conversation.turn("what is attention", live=False).paragraphs for _ in range(4)]
    assert told[0] == ("Say attention.what.",)
    again = ("In other words. Simply attention.", "A library.", "Where this picture breaks: no librarian.")
    assert told[1][:3] == again
    assert told[2][0] == "In words you have it; now in symbols. softmax(QKᵀ/√d)V"
    assert told[3][0] == "That is all I have on this."


def test_a_retelling_too_thin_to_stand_alone_takes_something_new_with_it(conversation: Conversation) -> None:
    conversation.turn("how does attention work", live=False)
    turn = conversation.turn("how does attention work", live=False)
    assert turn.paragraphs[0].endswith("scores, then weights")
    assert turn.paragraphs[1].startswith("*Ask attention.") and len(turn.paragraphs) == 2


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    "text",
    ["what is attention", "why attention", "but why?", "simpler", "show me", "it is all softmax", "softmax or scaling"],
)
def test_no_answer_occurs_twice_however_often_one_asks(conversation: Conversation, text: str, live: bool) -> None:
    conversation.turn("what is softmax", live=live)
    answers = [conversation.turn(text, live=live).answer for _ in range(12)]
    assert len(set(answers)) == len(answers)


def test_a_run_asked_for_again_looks_at_another_head(conversation: Conversation) -> None:
    runs = [conversation.turn("what is attention").runs[0] for _ in range(5)]
    assert len({repr(run.options) for run in runs}) == 5
    assert len({repr(run.result) for run in runs}) == 5


def test_a_run_that_cannot_vary_is_made_again_only_for_who_asks_for_it(conversation: Conversation) -> None:
    conversation.use_sentence("My dog sleeps.")
    again = conversation.use_sentence("My dog sleeps.")
    assert {run.sentence for run in again.runs} == {"My dog sleeps."}
    told = [conversation.turn("why attention") for _ in range(4)]
    assert told[0].runs and all(run.sentence == "My dog sleeps." for turn in told for run in turn.runs)


def test_simpler_tells_it_simpler_then_as_a_picture_and_stays_on_the_sentence(
    conversation: Conversation,
) -> None:
    conversation.turn("what is attention")
    first = conversation.turn("simpler").paragraphs
    assert first[:3] == ("Simply attention.", "A library.", "Where this picture breaks: no librarian.")
    short = conversation.turn("simpler")
    assert short.runs[0].sentence == short.sentence == DEFAULT_SENTENCE
    assert short.follow_ups[0] == "What does it make of *I see a cat*?"
    assert conversation.sentence == DEFAULT_SENTENCE


def test_asking_for_the_inner_working_again_goes_to_the_formulas(conversation: Conversation) -> None:
    conversation.turn("how does attention work")
    turn = conversation.turn("tell me the inner working of attention")
    assert turn.paragraphs[0] == "In words you have it; now in symbols. scores, then weights"


@pytest.mark.parametrize("live", [True, False])
def test_no_paragraph_is_printed_twice_in_a_conversation(conversation: Conversation, live: bool) -> None:
    asked = ["what is attention", "why attention", "but why?", "simpler", "softmax or scaling", "it is all softmax"]
    asked += [
        "weights are learned, so what is attention",
        "the weights are learned",
        "what goes on inside both of them",
    ]
    seen: list[str] = []
    for text in asked * 6:
        turn = conversation.turn(text, live=live)
        assert turn.answer
        assert not [old for old in seen if old in turn.answer]
        seen += [text for text in (*turn.paragraphs, *turn.narrations) if text]


def test_when_all_is_told_one_line_says_so_with_other_offers_and_a_new_run(
    conversation: Conversation,
) -> None:
    turns = [conversation.turn("why attention")]
    turns += [conversation.turn(text) for text in ("simpler", "but why?", "but why?", "but why?", "but why?")]
    first, second = turns[-2:]
    assert first.paragraphs == ("That is all I have on this.",)
    assert first.runs[0] not in [run for turn in turns[:-2] for run in turn.runs]
    assert second.paragraphs != first.paragraphs and not set(second.follow_ups) & set(first.follow_ups)


@pytest.mark.parametrize("text", ["hello", "thanks", "help", "football", "no"])
def test_small_replies_rotate_and_end_up_short(conversation: Conversation, text: str) -> None:
    said = [conversation.turn(text).paragraphs for _ in range(12)]
    assert all(one != next_one for one, next_one in itertools.pairwise(said))
    assert len(said[0]) >= len(said[-1]) == 1 and len(said[-1][0]) < 110


@pytest.mark.parametrize("text", ["I am with you so far", "got it", "ok, makes sense so far", "I follow"])
def test_a_learner_who_follows_is_led_on_to_what_comes_next(conversation: Conversation, text: str) -> None:
    conversation.turn("why attention")
    ahead = conversation.turn(text)
    assert ahead.node_id == "attention.how"
    assert ahead.paragraphs[0].startswith("Then on to what comes next. *Ask attention.how?* ")


@pytest.mark.parametrize("text", ["Ok, go on.", "please continue", "keep going", "and then?"])
def test_go_on_goes_on_whatever_the_reader_makes_of_it(conversation: Conversation, text: str) -> None:
    conversation.turn("what is attention")
    assert conversation.turn(text).node_id == "attention.how"


@pytest.mark.parametrize(
    "text", ["I'm following you, but why softmax?", "ok so what about the decoder", "got any code?"]
)
def test_a_question_is_no_acknowledgement(text: str) -> None:
    assert not follows(text) and not goes_on(text)


def test_a_program_is_never_printed_without_the_lines_it_shares_with_another(conversation: Conversation) -> None:
    first = conversation.turn("code of attention", live=False)
    second = conversation.turn("code of softmax", live=False)
    assert first.paragraphs[0] == "`import torch`" and second.paragraphs == ("`import torch`", "`softmax(x)`")


def test_the_details_are_the_how(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    assert conversation.turn("I want the details").node_id == "attention.how"


def test_what_do_you_mean_after_a_belief_was_put_right_is_about_that(conversation: Conversation) -> None:
    answered = conversation.turn("are the weights learned?")
    assert answered.paragraphs[0].startswith("No. ")
    assert conversation.turn("simpler").paragraphs[0] == BELIEF.simpler[0]
    assert conversation.turn("simpler").paragraphs[0] != BELIEF.simpler[0]
