"""Follow-ups to a run, several questions in one turn, verdicts, and picking an offer by its words."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
from stand_ins import BELIEF

from tutor.chat.asking import asks_for_proof, asks_openly, asks_yes_or_no, echoes, states, wants_plain
from tutor.chat.beliefs import open_belief, refuted
from tutor.chat.conversation import Conversation
from tutor.chat.offers import worded
from tutor.chat.parts import questions_in
from tutor.chat.questions import _without_yes
from tutor.chat.quiz import ask_about_belief
from tutor.chat.state import Draft
from tutor.chat.tellings import PORTION, portion
from tutor.chat.turn import Offer
from tutor.chat.wording import resolved
from tutor.curriculum.tree import Show
from tutor.errors import LearnerError
from tutor.experiments.base import Run
from tutor.understanding.types import Understood


@pytest.mark.parametrize(
    "text", ["no, I mean mat", "and for 'mat'?", "what about mat?", "mat", "do it for mat please", "not that, mat"]
)
def test_a_word_of_the_sentence_gets_the_last_run_again(conversation: Conversation, text: str) -> None:
    before = conversation.turn("what is attention").runs[0]
    run = conversation.turn(text).runs[0]
    assert (run.experiment, run.sentence, run.options.word) == (before.experiment, before.sentence, "mat")


@pytest.mark.parametrize("text", ["what about softmax?", "softmax", "I mean trees", "simpler"])
def test_a_word_that_is_not_in_the_sentence_or_names_a_concept_is_none_of_it(
    conversation: Conversation, text: str
) -> None:
    conversation.turn("what is attention")
    assert "word" not in [clue.speaks_for[2:6] for clue in conversation.turn(text).understood.clues]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("what if I change cat to dog?", "The dog is on the mat."),
        ("replace mat by roof", "The cat is on the roof."),
        ("and with dog instead of cat?", "The dog is on the mat."),
        ("swap 'The' for 'A'", "A cat is on the mat."),
        ("what happens without the word on", "The cat is the mat."),
    ],
)
def test_an_exchanged_word_changes_the_sentence_in_force_and_says_what_changed(
    conversation: Conversation, text: str, sentence: str
) -> None:
    conversation.turn("what is attention")
    turn = conversation.turn(text)
    assert turn.sentence == turn.runs[0].sentence == sentence
    assert sentence in turn.answer and "ranslation" in turn.answer


@pytest.mark.parametrize("template", ["what if we remove the {}?", "and without the {}?", "why heads instead of the {}?"])
@pytest.mark.parametrize("thing", ["softmax", "mask", "residual connection", "decoder", "positional encoding"])
def test_a_question_about_a_concept_never_changes_the_sentence(
    conversation: Conversation, template: str, thing: str
) -> None:
    conversation.turn("what is attention")
    before = conversation.sentence
    conversation.turn(template.format(thing))
    assert conversation.sentence == before


def test_what_is_not_in_the_sentence_cannot_be_exchanged(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    before = conversation.sentence
    conversation.turn("what if we change softmax to sigmoid")
    assert conversation.sentence == before


@pytest.mark.parametrize("text", ["why is that one the highest?", "why does it look there?", "but why that word?"])
def test_why_a_number_is_highest_is_answered_by_the_link_itself(conversation: Conversation, text: str) -> None:
    result = conversation.turn("what is attention").runs[0].result
    turn = conversation.turn(text)
    assert turn.runs[0].experiment == "link"
    assert (turn.runs[0].options.query, turn.runs[0].options.key) == (result.query_token, result.key_token)


@pytest.mark.parametrize("text", ["what if I delete that link?", "and without this link?", "cut the connection"])
def test_the_link_that_was_pointed_out_can_be_forbidden(conversation: Conversation, text: str) -> None:
    before = conversation.turn("what is attention").runs[0].result
    run = conversation.turn(text).runs[0]
    assert (run.experiment, run.options.query, run.options.key) == ("link", before.query_token, before.key_token)


def test_whether_it_holds_in_the_decoder_begins_with_yes_and_is_run_there(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    turn = conversation.turn("does that also hold for the decoder?")
    assert turn.answer.startswith("Yes") and turn.runs[0].options.part == "decoder"


def test_a_question_about_grounds_gets_another_run(conversation: Conversation) -> None:
    first = conversation.turn("what is attention").runs[0]
    turn = conversation.turn("And what is the evidence?")
    assert turn.node_id == "attention.what" and turn.runs[0].options != first.options
    assert asks_for_proof("are you sure?") and not asks_for_proof("are you sure it is worth it?")


def test_each_of_several_questions_gets_its_point_in_order_and_one_run(conversation: Conversation) -> None:
    turn = conversation.turn("what is attention? And why attention? Also, what is softmax?")
    assert turn.paragraphs == (
        "*Ask attention.what?* Say attention.what.",
        "*Ask attention.why?* Say attention.why.",
        "*Ask softmax.what?* Say softmax.what.",
    )
    assert len(turn.runs) == 1


def test_a_fourth_question_is_offered(conversation: Conversation) -> None:
    turn = conversation.turn("what is attention? why attention? what is softmax? how does attention work?")
    assert len(turn.paragraphs) == 3 and turn.follow_ups[0] == "Ask attention.how?"


def test_the_point_of_a_part_is_not_told_again(conversation: Conversation) -> None:
    conversation.turn("what is attention? why attention?", live=False)
    assert "Say attention.what." not in conversation.turn("what is attention", live=False).answer


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Does it help? Why?", 1),
        ("What is a head, and why are there several?", 2),
        ("I get the idea. But how is it trained?", 1),
        ("Is that a kind of search? Where it finds the best word? And who trained it?", 2),
        ("Are you sure? Could it not be chance?", 1),
        ("what and why", 1),
    ],
)
def test_which_questions_stand_in_a_turn(text: str, count: int) -> None:
    assert len(questions_in(text)) == count


def test_a_yes_or_no_question_that_holds_a_wrong_belief_begins_with_no(conversation: Conversation) -> None:
    assert conversation.turn("are the weights learned?").paragraphs == (f"No. {BELIEF.refute}",)


def test_a_conclusion_that_nobody_judged_is_said_to_be_open(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    turn = conversation.turn("so it means softmax decides")
    assert turn.paragraphs[0].startswith("I cannot say yes or no to that as a whole")


def test_so_this_is_attention_is_answered_by_yes_and_in_other_words(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    turn = conversation.turn("so this is attention?")
    assert turn.paragraphs[0] == "Yes, that is attention. In other words. Simply attention."


@pytest.mark.parametrize("text", ["the softmax one", "softmax", "the one about softmax"])
def test_after_a_question_back_a_word_of_an_offer_picks_it(conversation: Conversation, text: str) -> None:
    conversation.turn("fuzzy")
    assert conversation.turn(text).node_id == "softmax.what"


def test_an_offer_to_run_something_is_a_question_with_its_command_behind_it(conversation: Conversation) -> None:
    assert worded("`/show heads --layer 2`") == Offer("What does each head look at?", command="/show heads --layer 2")
    assert worded("Why divide?") == Offer("Why divide?")
    conversation.turn("My dog sleeps.")
    assert conversation.turn("How is one word's share worked out?").runs[0].experiment == "attention-steps"


def test_a_telling_fills_seven_lines_and_less_beside_a_picture_and_the_rest_waits() -> None:
    long, short = "x" * 300, "y" * 100
    assert portion((long, long, long)) == (long,)
    assert portion((short, long, short, long)) == (short, long, short)
    assert portion((long, short)) == (long, short) and portion((long, short), 300) == (long,)
    assert portion((short, "z" * PORTION)) == (short,)
    assert portion(("1. One", "2. Two" * 200)) == ("1. One", "2. Two" * 200)
    assert portion(("`a`", long, long)) == ("`a`", long, long)


@pytest.mark.parametrize("text", ["is it a sum?", "so the mask hides words?", "it is a lookup, right?"])
def test_what_counts_as_a_yes_or_no_question(text: str) -> None:
    assert asks_yes_or_no(text) and not asks_openly(text)


@pytest.mark.parametrize("text", ["why is it a sum?", "can you explain the mask?", "tell me about heads?"])
def test_what_counts_as_an_open_question(text: str) -> None:
    assert not asks_yes_or_no(text) and asks_openly(text)


def test_echoes_conclusions_and_plain_words() -> None:
    assert echoes("so this is backpropagation?") == "echo" and echoes("that's all the mask is?") == "echo all"
    assert not echoes("is it a good idea to mask the decoder in training?")
    assert states("perhaps it keeps the numbers small") and not states("why divide")
    assert wants_plain("in plain English please") and not wants_plain("what is a head")


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("are they learned?", "No."),
        ("the weights are learned", "Not quite."),
        ("why learn the weights?", "That"),
    ],
)
def test_a_refutation_says_no_only_to_who_asked_whether(conversation: Conversation, text: str, begins: str) -> None:
    belief = dataclasses.replace(BELIEF, refute=f"No. {BELIEF.refute}") if begins == "That" else BELIEF
    assert refuted(conversation.state, belief, text).startswith(begins)


def test_a_belief_is_met_where_its_subject_is_asked_about_or_none_is_named(conversation: Conversation) -> None:
    heard = Understood("question", ("softmax", "scaling", "query"), "what", misconception=BELIEF.belief)
    assert open_belief(conversation.state, "is it all learned?", heard) == BELIEF
    assert open_belief(conversation.state, "is softmax learned?", heard) is None


def test_a_quiz_asks_about_no_belief_that_is_partly_true(conversation: Conversation) -> None:
    library = conversation.library
    half = dataclasses.replace(BELIEF, refute="Half right: it depends.")
    attention = dataclasses.replace(library.concepts["attention"], misconceptions=(half,))
    other = dataclasses.replace(library, concepts={**library.concepts, "attention": attention})
    assert ask_about_belief(library, (), set()) is not None and ask_about_belief(other, (), set()) is None


def test_a_pronoun_stands_for_the_concept_of_the_last_answer(conversation: Conversation) -> None:
    assert resolved("where do they come from?", "query-key-value") == "where do query key value come from?"
    assert resolved("is that word a noun", "token") == "" and resolved("why divide?", "scaling") == ""
    conversation.turn("what is attention")
    meant = conversation.state.meant("it has the shortest path", ("softmax",))
    assert meant and meant.id == "attention.why.path"


def test_the_math_is_that_of_the_answer_before(conversation: Conversation) -> None:
    conversation.turn("how does attention work")
    turn = conversation.turn("show me the math")
    assert turn.node_id == "attention.how" and turn.paragraphs[0].endswith("scores, then weights")


def test_a_level_down_says_which_question_it_answers(conversation: Conversation) -> None:
    conversation.turn("why attention")
    assert conversation.turn("why attention?").paragraphs[0] == "*Ask attention.why.path?* The path has one step."


@pytest.mark.parametrize("text", ["and in the decoder?", "what about in the decoder?"])
def test_in_the_decoder_asks_whether_it_holds_there(conversation: Conversation, text: str) -> None:
    conversation.turn("what is attention")
    turn = conversation.turn(text)
    assert turn.paragraphs[0].startswith("Yes.") and turn.runs[0].options.part == "decoder"


def test_a_link_that_is_hardly_there_is_not_explained(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weak(show: Show, sentence: str) -> Run:
        return Run(show.experiment, sentence, None, SimpleNamespace(weight=0.1, uniform_weight=0.2))

    monkeypatch.setattr(conversation.runner, "peek", weak)
    assert conversation.turn("why does cat look at mat?").paragraphs[0].startswith("First see whether it did")


@pytest.mark.parametrize("text", ["what do pupils get wrong?", "which misconceptions are common?"])
def test_what_is_often_got_wrong_are_the_beliefs_of_the_lesson(conversation: Conversation, text: str) -> None:
    conversation.turn("what is attention")
    turn = conversation.turn(text)
    assert turn.paragraphs == (f"*“{BELIEF.belief}.”* {BELIEF.refute}",) and turn.runs[0].experiment == "parameters"
    assert conversation.turn(text).paragraphs != turn.paragraphs  # none is left


def test_an_analogy_is_that_of_the_answer_before(conversation: Conversation) -> None:
    conversation.turn("what is attention")
    turn = conversation.turn("which analogy works, and where does it break?")
    assert turn.paragraphs[0].startswith("A library.")


def test_to_introduce_a_thing_is_to_say_what_it_is_in_plain_words(conversation: Conversation) -> None:
    turn = conversation.turn("how would you introduce attention?")
    assert turn.node_id == "attention.what"


@pytest.mark.parametrize("text", ["can I print this conversation?", "save the chat"])
def test_a_conversation_that_is_to_be_kept_gets_the_command(conversation: Conversation, text: str) -> None:
    assert "/save" in conversation.turn(text).answer


def test_a_yes_that_answers_another_question_is_left_out(conversation: Conversation) -> None:
    draft = Draft(["Yes: watch it."])
    _without_yes(conversation.state, draft)
    assert draft.paragraphs == ["Watch it."] and conversation.state.memory.was_printed("Yes: watch it.")


def test_an_exchange_that_the_last_run_cannot_follow_is_shown_by_a_map(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation.turn("what is attention")
    before = conversation.runner.run

    def fails_once(show: Show, sentence: str, *, fresh: bool = True, vary: bool = True) -> tuple[Run, bool]:
        if "layer" not in show.options or show.options["layer"] != 2:
            raise LearnerError("there is no such word")
        return before(show, sentence, fresh=fresh, vary=vary)

    monkeypatch.setattr(conversation.runner, "run", fails_once)
    turn = conversation.turn("replace cat by dog")
    assert turn.sentence == "The dog is on the mat." and turn.runs[0].options.layer == 2


@pytest.mark.parametrize("text", ["simpler", "show me"])
def test_a_retelling_stays_with_the_word_and_the_head_that_were_spoken_of(
    conversation: Conversation, text: str
) -> None:
    conversation.turn("what is attention")
    conversation.show("attention", {"head": 3, "word": "mat"})
    run = conversation.turn(text).runs[0]
    assert (run.sentence, run.options.word) == (conversation.sentence, "mat")


def test_after_a_link_simpler_goes_down_to_its_arithmetic(conversation: Conversation) -> None:
    from tutor.chat.same import on_the_same

    result = SimpleNamespace(part="encoder", layer=2, head=4, query_token="cat", key_token="mat")
    options = conversation.show("link", {"query": "cat", "key": "mat"}).runs[0].options
    conversation.state.last_run = Run("link", conversation.sentence, options, result)
    expected = Show("attention-steps", {"part": "encoder", "layer": 2, "head": 4, "word": "cat"})
    assert on_the_same(conversation.state, Show("link")) == expected


@pytest.mark.parametrize(
    ("sentence", "bytes_", "split", "said"),
    [
        ("Der Hund sieht das Kind.", 0, (), True),
        ("我爱你。", 5, (), True),
        ("Grumpy wombats dig.", 0, ("Grumpy", "wombats"), True),
        ("The wombats dig.", 0, ("wombats",), False),
    ],
)
def test_a_sentence_that_the_model_can_hardly_read_is_doubted_once(
    sentence: str, bytes_: int, split: tuple[str, ...], said: bool
) -> None:
    from tutor.chat.acts import _doubt_about

    result = SimpleNamespace(byte_tokens=bytes_, token_count=6, split_words=split, word_count=3)
    assert bool(_doubt_about(sentence, Run("tokens", sentence, None, result))) is said
