"""What a conversation answers, on a small library and with a scripted reader."""

from __future__ import annotations

import itertools

import pytest
from stand_ins import BELIEF

from tutor.chat.asking import asks_plainly_for, follows, goes_on
from tutor.chat.conversation import DEFAULT_SENTENCE, Conversation
from tutor.chat.wording import ALIKE, CLOSE, Wording
from tutor.curriculum.loader import load_library
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
    again = ("In other words. Simply attention.", "A library.", "Where this picture breaks: no librarian.")
    assert told[1][:3] == again
    assert told[2][0] == "In words you have it; in symbols it is this: softmax(QKᵀ/√d)V"
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


def test_a_run_that_cannot_vary_is_made_on_another_sentence(conversation: Conversation) -> None:
    conversation.turn("My dog sleeps.")
    conversation.sentence = "My dog sleeps."
    again = conversation.use_sentence("My dog sleeps.")
    assert again.runs[0].experiment == "tokens" and again.runs[0].sentence == "I see a cat."
    assert again.narration.startswith("This run is on another sentence than the one in force: *I see a cat.*")


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
    turn = conversation.turn("tell me the inner working of attention")
    assert turn.paragraphs[0] == "In words you have it; in symbols it is this: scores, then weights"


def test_a_facet_that_was_not_named_is_answered_by_the_nearest_without_preface(conversation: Conversation) -> None:
    assert conversation.turn("and softmax, over the years").paragraphs == ("Say softmax.what.",)


def test_a_missing_facet_that_was_named_is_answered_by_the_nearest_and_says_so(conversation: Conversation) -> None:
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
    for text in (
        "For the paper's title I would rather say that the weights are what you need.",
        "attention is not all you need",
    ):
        match = wording.closest(text)
        assert match and match.node.id == "transformer.limits.title" and match.score >= CLOSE


def test_a_remark_is_answered_by_the_point_itself(conversation: Conversation) -> None:
    assert conversation.turn("it is all softmax").paragraphs == ("Say softmax.what.",)
    turn = conversation.turn('Honestly, "attention has the shortest path" says little')
    assert turn.node_id == "attention.why.path" and turn.paragraphs == ("The path has one step.",)


@pytest.mark.parametrize("text", ["I am with you so far", "got it", "ok, makes sense so far", "I follow"])
def test_a_learner_who_follows_is_led_one_level_down(conversation: Conversation, text: str) -> None:
    conversation.turn("why attention")
    turn = conversation.turn(text)
    assert turn.node_id == "attention.why.path"
    assert turn.paragraphs == ("Then one level further down. *Ask attention.why.path?* The path has one step.",)


@pytest.mark.parametrize("text", ["Ok, go on.", "please continue", "keep going", "and then?"])
def test_go_on_goes_on_whatever_the_reader_makes_of_it(conversation: Conversation, text: str) -> None:
    conversation.turn("what is attention")
    assert conversation.turn(text).node_id == "attention.how"


@pytest.mark.parametrize(
    "text", ["I'm following you, but why softmax?", "ok so what about the decoder", "got any code?"]
)
def test_a_question_is_no_acknowledgement(text: str) -> None:
    assert not follows(text) and not goes_on(text)


def test_a_run_on_another_sentence_says_so_first_and_calls_it_no_longer_yours(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation.runner, "narrate", lambda run, node: "On your sentence, 3 of your 8 tokens.")
    conversation.turn("My dog sleeps.")
    turn = conversation.use_sentence("My dog sleeps.")
    assert turn.narrations[0] == (
        "This run is on another sentence than the one in force: *I see a cat.* On that sentence, 3 of its 8 tokens."
    )


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


def test_a_program_is_never_printed_without_the_lines_it_shares_with_another(conversation: Conversation) -> None:
    first = conversation.turn("code of attention", live=False)
    second = conversation.turn("code of softmax", live=False)
    assert first.paragraphs[0] == "`import torch`" and second.paragraphs == ("`import torch`", "`softmax(x)`")


def test_a_turn_that_asks_for_a_difference_and_for_the_reason_gets_both(conversation: Conversation) -> None:
    turn = conversation.turn("query vs attention, and why?")
    assert turn.paragraphs == ("Say query.compare.attention.", "*Ask query.why?* Say query.why.")


def test_the_details_are_the_how(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    assert conversation.turn("I want the details").node_id == "attention.how"
