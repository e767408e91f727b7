"""What a turn of a conversation holds, and what becomes of a sentence, an offer, a quiz and an odd line."""

from __future__ import annotations

import pytest
from stand_ins import BELIEF

from tutor.chat.conversation import DEFAULT_SENTENCE, Conversation
from tutor.errors import LearnerError
from tutor.experiments.base import Run


def test_a_question_gets_its_node_a_live_run_and_three_offers(conversation: Conversation) -> None:
    turn = conversation.turn("what is attention")
    assert turn.node_id == "attention.what"
    assert turn.paragraphs == ("Say attention.what.",)
    assert [run.experiment for run in turn.runs] == ["attention"]
    assert turn.narration.startswith("attention on The cat is on the mat.")
    assert turn.follow_ups[:2] == ("Ask attention.why?", "Ask attention.how?")
    assert len(turn.follow_ups) == 3


def test_without_a_live_run_the_answer_is_text_alone(conversation: Conversation) -> None:
    turn = conversation.turn("what is attention", live=False)
    assert turn.runs == () and turn.narration == "" and turn.answer == "Say attention.what."


def test_the_json_object_has_the_fields_of_the_contract(conversation: Conversation) -> None:
    plain = conversation.turn("what is attention").plain()
    assert list(plain) == ["question", "sentence", "understood", "node", "answer", "evidence", "follow_ups"]
    assert plain["understood"] == {"act": "question", "concepts": ["attention"], "facet": "what", "confidence": 0.9}
    assert list(plain["evidence"][0]) == ["experiment", "sentence", "options", "result"]


def test_but_why_after_a_what_gives_the_why(conversation: Conversation) -> None:
    conversation.turn("what is softmax")
    assert conversation.turn("but why?").node_id == "softmax.why"


def test_a_sentence_stays_in_force_and_is_looked_at_at_once(conversation: Conversation) -> None:
    turn = conversation.turn("My dog sleeps.")
    assert [run.experiment for run in turn.runs] == ["tokens", "attention"]
    assert len(turn.follow_ups) == 3
    assert conversation.turn("what is attention").runs[0].sentence == "My dog sleeps."


def test_a_sentence_given_with_a_question_comes_into_force(conversation: Conversation) -> None:
    turn = conversation.turn("what is attention in My dog sleeps.")
    assert turn.sentence == turn.runs[0].sentence == "My dog sleeps."


def test_a_sentence_that_is_too_long_leaves_the_old_one_in_force(conversation: Conversation) -> None:
    turn = conversation.turn("long " * 200)
    assert turn.answer == "That sentence is 201 tokens long and the model reads 128; shorten it or split it."
    assert turn.sentence == DEFAULT_SENTENCE


def test_a_misconception_is_refuted_before_the_question_is_answered(conversation: Conversation) -> None:
    turn = conversation.turn("weights are learned, so what is attention")
    assert turn.paragraphs == (f"Not quite. {BELIEF.refute}", "*Ask attention.what?* Say attention.what.")
    assert turn.runs[0].experiment == "parameters"


def test_a_number_picks_an_offer_and_yes_takes_the_first(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    assert conversation.turn("2").node_id == "attention.how"
    conversation.turn("what is softmax")
    assert conversation.turn("yes").node_id == "softmax.why"


def test_a_number_that_picks_nothing_keeps_the_offers(conversation: Conversation) -> None:
    before = conversation.turn("what is attention").follow_ups
    turn = conversation.turn("7")
    assert turn.answer == "There is no offer 7, only 1 to 3." and turn.follow_ups == before
    assert turn.outside and turn.understood.act == "out_of_scope"


def test_when_unsure_it_asks_back_and_a_number_settles_it(conversation: Conversation) -> None:
    turn = conversation.turn("fuzzy")
    assert turn.follow_ups == ("Ask attention.what?", "Ask softmax.what?", "Ask query.why?")
    assert not turn.outside and not turn.runs
    assert conversation.turn("3").node_id == "query.why"


def test_out_of_scope_is_said_and_the_nearest_topics_offered(conversation: Conversation) -> None:
    turn = conversation.turn("football")
    assert turn.outside and turn.follow_ups[0] == "Ask softmax.what?" and not turn.runs


def test_a_concept_without_a_lesson_is_outside_and_named(conversation: Conversation) -> None:
    turn = conversation.turn("what is a gru")
    assert turn.outside and "you ask about rnn" in turn.answer


def test_goodbye_leaves(conversation: Conversation) -> None:
    assert conversation.turn("bye").leave


def test_a_quiz_is_graded_against_the_run_and_keeps_it_back_until_then(conversation: Conversation) -> None:
    asked = conversation.turn("quiz me")
    assert asked.runs == () and len(asked.follow_ups) == 3
    graded = conversation.turn("The")
    assert graded.answer.startswith("Right: The.") and graded.runs[0].experiment == "attention"


def test_a_wrong_bet_is_told_the_right_answer(conversation: Conversation) -> None:
    conversation.turn("quiz me")
    assert conversation.turn("cat").answer.startswith("Not this time: it is The.")


def test_a_question_instead_of_a_bet_is_answered(conversation: Conversation) -> None:
    conversation.turn("quiz me")
    assert conversation.turn("what is attention").node_id == "attention.what"


def test_without_the_model_the_quiz_is_about_a_belief(conversation: Conversation) -> None:
    assert BELIEF.belief in conversation.turn("quiz me", live=False).answer
    assert conversation.turn("false", live=False).answer == f"Right: no. {BELIEF.refute}"


def test_a_chosen_head_is_used_by_every_experiment_that_has_heads(conversation: Conversation) -> None:
    conversation.set_place(head=3, layer=2)
    run = conversation.turn("what is attention").runs[0]
    assert (run.options.layer, run.options.head) == (2, 3)


def test_a_head_that_does_not_exist_is_one_clear_line(conversation: Conversation) -> None:
    with pytest.raises(LearnerError, match="there is no head 9; each layer has heads 1 to 4"):
        conversation.set_place(head=9)
    assert conversation.runner.place == {}


def test_a_run_that_fails_leaves_the_words_and_one_line(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tutor.experiments.registry as registry
    from model.errors import CheckpointError

    def broken(*_: object, **__: object) -> Run:
        raise CheckpointError("weights.safetensors: damaged; install again")

    monkeypatch.setattr(registry, "run", broken)
    turn = conversation.turn("what is attention")
    assert turn.answer == "Say attention.what.\n\nI could not run this: weights.safetensors: damaged; install again"
    assert turn.broken


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "\x1b[31m", "\u200b"])
def test_a_line_with_nothing_in_it_is_said_to_be_empty(conversation: Conversation, text: str) -> None:
    turn = conversation.turn(text)
    assert turn.answer == "There was nothing to read in that line. Type a sentence or a question."


def test_ten_thousand_characters_get_one_line(conversation: Conversation) -> None:
    turn = conversation.turn("a" * 10_000)
    assert turn.answer == "That is 10,000 characters long and I read 4,000; ask it in fewer words."


def test_the_reader_sees_what_was_established(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    context = conversation.context
    assert context.concepts == ("attention",) and context.facet == "what" and context.node == "attention.what"
    assert context.offered_nodes[0] == "attention.why" and context.sentence == DEFAULT_SENTENCE
