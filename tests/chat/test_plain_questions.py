"""What a stranger types: other languages, bare numbers, noise, plain questions and the words of our own screens."""

from __future__ import annotations

import pytest
from stand_ins import FakeModels

from tutor.chat.conversation import Conversation
from tutor.curriculum.loader import load_library
from tutor.understanding.reader import Reader

LIBRARY = load_library()
READER = Reader(LIBRARY)


@pytest.fixture
def asked() -> Conversation:
    conversation = Conversation(LIBRARY, READER, FakeModels())  # type: ignore[arg-type]
    conversation.turn("what is attention?", live=False)
    return conversation


NOISE = [
    "我爱你。",
    "warum braucht man attention?",
    "pourquoi des couches ?",
    "asdkjh qwlkej",
    "purple monkey dishwasher",
]


@pytest.mark.parametrize("text", [*NOISE, "[red]hello[/red]"])
def test_what_is_not_understood_is_said_not_to_be_and_keeps_the_offers(asked: Conversation, text: str) -> None:
    offers = asked.turns[-1].follow_ups
    turn = asked.turn(text, live=False)
    assert turn.answer.startswith("I did not understand that; I read English.")
    assert turn.outside and turn.understood.act == "out_of_scope" and turn.follow_ups == offers


@pytest.mark.parametrize("text", ["1234", "99", "42", "3.5"])
def test_a_number_without_an_offer_is_told_which_there_are(asked: Conversation, text: str) -> None:
    turn = asked.turn(text, live=False)
    assert turn.answer == f"There is no offer {text}, only 1 to 3." and turn.outside


def test_whether_it_is_conscious_is_outside_in_mid_conversation_too(asked: Conversation) -> None:
    assert asked.turn("is it conscious?", live=False).outside


@pytest.mark.parametrize("text", ["ok thanks", "okay thank you", "ok great thanks"])
def test_thanks_accept_no_offer(asked: Conversation, text: str) -> None:
    turn = asked.turn(text, live=False)
    assert turn.understood.act == "thanks" and not turn.node_id


def test_what_is_not_understood_by_name_is_told_simpler(asked: Conversation) -> None:
    turn = asked.turn("I don't understand softmax", live=False)
    assert turn.node_id == "softmax.what" and turn.paragraphs[0] == LIBRARY.nodes["softmax.what"].simpler[0]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("why do we need attention at all?", "attention.why"),
        ("is attention the same as memory?", "attention.what.memory"),
        ("how many heads are there?", "multi-head-attention.how.count"),
        ("what if the order is reversed?", "positional-encoding.example"),
        ("why is the product large?", "scaling.why.grow"),
        ("what is ‹end›?", "token.what.end"),
        ("what is a vector?", "embedding.what.vector"),
        ("what is a bit here?", "attention-weights.what.bits"),
        ("what is a nat", "loss.what.nat"),
        ("why French?", "encoder-decoder.why.french"),
        ("what is a layer?", "transformer.what.layer"),
        ("why is softmax used?", "softmax.why"),
        ("what is a key?", "query-key-value.what"),
        ("what if there were only one head?", "multi-head-attention.why.average"),
        ("it's all weights in the end, isn't it?", "weights.limits.all"),
    ],
)
@pytest.mark.parametrize("fresh", [True, False])
def test_a_plain_question_gets_its_own_answer(asked: Conversation, text: str, node: str, fresh: bool) -> None:
    conversation = Conversation(LIBRARY, READER, FakeModels()) if fresh else asked  # type: ignore[arg-type]
    turn = conversation.turn(text, live=False)
    assert turn.node_id == node and not turn.outside and turn.understood.act == "question"


def test_a_friends_belief_about_recurrent_networks_is_met_first(asked: Conversation) -> None:
    turn = asked.turn("why would one need attention at all? my friend says RNNs were fine", live=False)
    assert turn.paragraphs[0].startswith("Half right: on short sentences they were.")


def test_help_is_short_and_points_to_the_topics(asked: Conversation) -> None:
    turn = asked.turn("help", live=False)
    assert turn.paragraphs[-1] == "`/help` lists the commands, `/topics` what you can ask about."
    assert len(turn.answer) < 400


def test_a_question_back_quotes_no_stems(asked: Conversation) -> None:
    asked.turn("shorter", live=False)
    assert "(from" not in asked.turns[-1].answer


@pytest.mark.parametrize(
    "text", ["symbols please", "more examples", "the numbers", "and for images?", "code", "limits"]
)
def test_few_words_still_lean_on_what_was_said(asked: Conversation, text: str) -> None:
    assert not asked.turn(text, live=False).outside


@pytest.mark.parametrize(
    "script",
    [
        {
            "What is attention?": "attention.what",
            "And that's attention?": "attention.what",
            "How does it do that?": "attention.how",
            "How often is that repeated?": "attention.how.repeats",
        },
        {
            "why does attention need positions?": "positional-encoding.why",
            "why can't attention just see the order by itself?": "positional-encoding.why.symmetry",
            "why add it to the embedding?": "positional-encoding.how.add",
        },
        {
            "How does backpropagation work?": "backpropagation.how",
            "So it's a method that works though nobody fully understands it?": "backpropagation.limits.understood",
        },
    ],
)
def test_short_questions_go_on_from_what_was_told(script: dict[str, str]) -> None:
    conversation = Conversation(LIBRARY, READER, FakeModels())  # type: ignore[arg-type]
    assert {text: conversation.turn(text, live=False).node_id for text in script} == script


def test_it_is_what_the_turn_is_about_in_each_of_several_questions() -> None:
    conversation = Conversation(LIBRARY, READER, FakeModels())  # type: ignore[arg-type]
    asked = (
        "Can you tell me why attention is used? Is it any use for predicting the next word? "
        "And is backprop easier with it?"
    )
    headings = [text.split("*")[1] for text in conversation.turn(asked, live=False).paragraphs]
    assert headings == [
        LIBRARY.nodes[name].ask
        for name in (
            "attention.why",
            "attention.relation.next-token-prediction",
            "attention.relation.backpropagation",
        )
    ]


SENTENCES = [
    "my dog ate my homework because he was hungry",
    "the dog chased the cat",
    "he plays football every day",
    "i want to go home",
    "the prime minister resigned on monday",
]


@pytest.mark.parametrize("text", SENTENCES)
def test_a_sentence_needs_no_capital_and_no_full_stop(asked: Conversation, text: str) -> None:
    for conversation in (asked, Conversation(LIBRARY, READER, FakeModels())):  # type: ignore[arg-type]
        assert conversation.turn(text, live=False).understood.act == "set_sentence"
        assert conversation.sentence == text


@pytest.mark.parametrize(
    "text", ["the second one is bigger", "the decoder looks back", "i think it is a sum", "the table is confusing"]
)
def test_a_remark_on_what_was_told_is_no_sentence(asked: Conversation, text: str) -> None:
    assert asked.turn(text, live=False).understood.act != "set_sentence"


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("that doesn't answer my question", "Then I misread it."),
        ("you are repeating yourself", "Then I misread it."),
        ("this is too long", "Shorter, then."),
        ("that's wrong", "I have no further words for this one."),
    ],
)
def test_a_complaint_gets_no_lecture(asked: Conversation, text: str, begins: str) -> None:
    turn = asked.turn(text, live=False)
    assert turn.answer.startswith(begins) and len(turn.answer) < 400


def test_who_is_lost_gets_it_simpler(asked: Conversation) -> None:
    assert asked.turn("i'm lost", live=False).paragraphs[0] == LIBRARY.nodes["attention.what"].simpler[0]


BARE = [
    (f"{asks.format(concept.names[0])}", f"{concept.id}.{facet}")
    for concept in LIBRARY.concepts.values()
    for asks, facet in (("why {}?", "why"), ("{} why", "why"), ("how does {} work?", "how"))
    if f"{concept.id}.{facet}" in LIBRARY.nodes
]


def test_a_name_and_a_question_word_get_the_concepts_own_answer() -> None:
    """Not one of the many answers below it, however like its wording is: 'why attention?' asks for no name."""
    missed = [
        (text, found)
        for text, node in BARE
        if (found := Conversation(LIBRARY, READER, FakeModels()).turn(text, live=False).node_id) != node  # type: ignore[arg-type]
    ]
    assert len(missed) <= 3, missed
    assert all(found.split(".")[0] == dict(BARE)[text].split(".")[0] for text, found in missed), missed
