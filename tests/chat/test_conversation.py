"""What a conversation answers, on a small library and with a scripted reader."""

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


def test_each_but_why_goes_one_level_down_and_the_floor_says_what_it_is(conversation: Conversation) -> None:
    nodes = [conversation.turn("why attention").node_id]
    nodes += [conversation.turn("but why?").node_id]
    assert nodes == ["attention.why", "attention.why.path"]
    floor = conversation.turn("but why?")
    assert "this is a theorem" in floor.answer
    assert conversation.turn("but why?").answer != floor.answer


def test_but_why_after_a_what_gives_the_why(conversation: Conversation) -> None:
    conversation.turn("what is softmax")
    assert conversation.turn("but why?").node_id == "softmax.why"


def test_go_on_after_a_what_gives_the_how(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    assert conversation.turn("go on").node_id == "attention.how"


def test_the_same_question_is_told_in_another_way_each_time(conversation: Conversation) -> None:
    told = [conversation.turn("what is attention", live=False).paragraphs for _ in range(4)]
    assert told[0] == ("Say attention.what.",)
    assert told[1] == ("Simply attention.",)
    assert told[2] == ("A library.", "Where this picture breaks: no librarian.")
    assert told[3] == ("softmax(QKᵀ/√d)V",)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    "text",
    ["what is attention", "why attention", "but why?", "simpler", "hello", "thanks", "help", "football", "show me"],
)
def test_no_answer_occurs_twice_however_often_one_asks(conversation: Conversation, text: str, live: bool) -> None:
    conversation.turn("what is softmax", live=live)
    answers = [conversation.turn(text, live=live).answer for _ in range(12)]
    assert len(set(answers)) == len(answers)


def test_a_run_asked_for_again_looks_at_another_head(conversation: Conversation) -> None:
    runs = [conversation.turn("what is attention").runs[0] for _ in range(5)]
    assert len({repr(run.options) for run in runs}) == 5
    assert runs[1].options.head == 2


def test_a_run_that_cannot_vary_is_made_on_another_sentence(conversation: Conversation) -> None:
    conversation.turn("My dog sleeps.")
    conversation.sentence = "My dog sleeps."
    again = conversation.use_sentence("My dog sleeps.")
    assert again.runs[0].experiment == "tokens" and again.runs[0].sentence == "I see a cat."
    assert again.narration.startswith("You have seen this on your sentence, so here it is on *I see a cat.*")


def test_simpler_gives_the_simpler_telling_then_the_analogy_then_a_short_sentence(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    assert conversation.turn("simpler").paragraphs == ("Simply attention.",)
    assert "Where this picture breaks" in conversation.turn("simpler").answer
    short = conversation.turn("simpler")
    assert short.runs[0].sentence == "I see a cat." and short.sentence == DEFAULT_SENTENCE
    assert conversation.sentence == DEFAULT_SENTENCE


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
    assert turn.paragraphs == (BELIEF.refute, "Say attention.what.")
    assert turn.runs[0].experiment == "parameters"


def test_a_remark_that_is_a_misconception_is_refuted(conversation: Conversation) -> None:
    turn = conversation.turn("the weights are learned")
    assert turn.paragraphs[0] == BELIEF.refute and turn.runs[0].experiment == "parameters"


def test_a_remark_about_a_concept_gets_what_is_exact_and_a_run(conversation: Conversation) -> None:
    turn = conversation.turn("it is all softmax")
    assert turn.node_id == "softmax.what" and turn.runs


def test_a_relation_is_found_from_both_ends_and_for_a_comparison_too(conversation: Conversation) -> None:
    assert conversation.turn("attention vs softmax").node_id == "attention.relation.softmax"


def test_two_concepts_without_a_lesson_between_them_stand_side_by_side(conversation: Conversation) -> None:
    turn = conversation.turn("softmax or scaling")
    assert turn.paragraphs[0].startswith("I have no lesson that sets softmax and scaling against each other.")
    assert turn.paragraphs[1:] == ("Say softmax.what.", "Say scaling.what.")


def test_a_second_concept_is_offered_first(conversation: Conversation) -> None:
    assert conversation.turn("attention and softmax").follow_ups[0] == "Ask softmax.what?"


def test_a_concept_that_no_word_spoke_for_is_not_offered_first(conversation: Conversation) -> None:
    assert conversation.turn("what is attention, by the way").follow_ups[0] == "Ask attention.why?"


def test_the_wording_finds_a_node_below_a_facet(conversation: Conversation) -> None:
    assert conversation.turn("the part about the shortest path").node_id == "attention.why.path"


def test_a_text_of_our_choice_comes_into_force(conversation: Conversation) -> None:
    turn = conversation.turn("use a random paragraph and show how attention works")
    assert turn.sentence != DEFAULT_SENTENCE and turn.runs[0].sentence == turn.sentence


def test_asking_for_the_inner_working_again_goes_to_the_formulas(conversation: Conversation) -> None:
    conversation.turn("how does attention work")
    assert conversation.turn("tell me the inner working of attention").paragraphs == ("scores, then weights",)


def test_a_missing_facet_is_answered_by_the_nearest_and_says_so(conversation: Conversation) -> None:
    turn = conversation.turn("history of softmax")
    assert turn.node_id == "softmax.what"
    assert turn.paragraphs[0] == "I have nothing on where it came from for softmax; the nearest that I have is this."


def test_the_math_of_a_concept_is_found_in_another_node(conversation: Conversation) -> None:
    assert conversation.turn("math of attention").paragraphs == ("scores, then weights",)


def test_a_number_picks_an_offer_and_yes_takes_the_first(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    assert conversation.turn("2").node_id == "attention.how"
    conversation.turn("what is softmax")
    assert conversation.turn("yes").node_id == "softmax.why"


def test_a_number_that_picks_nothing_keeps_the_offers(conversation: Conversation) -> None:
    before = conversation.turn("what is attention").follow_ups
    turn = conversation.turn("7")
    assert turn.answer == "There is no offer 7; there are 3." and turn.follow_ups == before


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
