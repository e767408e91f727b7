"""Questions about the learner's own sentence are answered first of all with the numbers of its own run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tutor.chat.alignment import joined, places_of, side_by_side, text_of, words_of
from tutor.chat.conversation import Conversation
from tutor.chat.translation_replies import TRANSLATION_REPLIES
from tutor.curriculum.loader import load_library
from tutor.experiments.base import Run, make_options, registered
from tutor.experiments.translate import Candidate, Step, Translate

SOURCE = ("The", "cat", "sat", "near", "riv…", "…er", ".", "‹end›")
TARGET = ("Le", "chat", "tap…", "…is", "étang", ".", "‹end›")
LOOKS = (
    (0.6, 0.2, 0.0, 0.0, 0.0, 0.0, 0.1, 0.1),
    (0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1),
    (0.0, 0.0, 0.0, 0.8, 0.0, 0.0, 0.0, 0.2),
    (0.0, 0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.6),
    (0.0, 0.0, 0.2, 0.1, 0.3, 0.4, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9, 0.1),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.9),
)
SENTENCE, FRENCH = "The cat sat near river.", "Le chat tapis étang."
STEPS = tuple(
    Step("", token, probability, (Candidate(token, probability), Candidate(rival, other)), "cat", 0.5)
    for token, probability, rival, other in (
        ("Le", 0.9, "La", 0.04), ("chat", 0.8, "chatte", 0.1), ("tap", 0.31, "sol", 0.27), ("is", 0.95, "ot", 0.01),
        ("étang", 0.7, "lac", 0.12), (".", 0.9, "!", 0.02), ("‹end›", 0.9, ".", 0.01),
    )
)  # fmt: skip


def result_of(name: str) -> Any:
    if name == "translate":
        return Translate(SOURCE, FRENCH, STEPS, len(STEPS), True, 0.097, 0.72, "tap", 0.31, "sol")
    return SimpleNamespace(
        layers=2, heads=4, weights=LOOKS, source_tokens=SOURCE, target_tokens=TARGET, translation=FRENCH
    )


@pytest.fixture
def talk(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    import tutor.experiments.registry as registry
    from tutor.chat import runs

    def run(name: str, models: Any, sentence: str, options: Any = None) -> Run:
        return Run(name, sentence, make_options(registered()[name], options or {}), result_of(name))

    monkeypatch.setattr(registry, "run", run)
    monkeypatch.setattr(runs, "plain_values", repr)
    conversation.sentence = SENTENCE
    return conversation


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("And how did it translate 'cat'?", "For “cat” it wrote “chat”: while it did, 90%"),
        ("which French word stands for cat?", "For “cat” it wrote “chat”: while it did, 90%"),
        ("what is 'river' in the translation?", "For “river” it wrote “étang”: while it did, 70%"),
        ("what did it write for near, and where does it look then?", "For “near” it wrote “tapis”: while it did, 60%"),
        ("where does étang come from?", "From “river”: while it wrote “étang”, 70%"),
        ("which English word is behind etang?", "From “river”: while it wrote “étang”, 70%"),
        ("where does it look for tapis?", "From “near”: while it wrote “tapis”, 60%"),
        (
            "How did it translate sat?",
            "No word of the translation looks mainly at “sat”. The one that looks at it most is",
        ),
        ("did it leave out sat?", "“étang”, and gives it 20%"),
        (
            "Why did it translate cat as chat?",
            "“chat” was likeliest, with 80%; “chatte” had 10%. While it wrote “chat”, 90%",
        ),
    ],
)
def test_words_are_joined_to_their_translation_by_where_it_looked(talk: Conversation, text: str, says: str) -> None:
    turn = talk.turn(text)
    assert says in turn.paragraphs[0] and turn.runs[0].experiment in ("cross-attention", "link")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("how did it translate storm?", f"“storm” is not in the sentence in force, which is *{SENTENCE}*"),
        ("which English word does it look at when it writes annulé", f"not in the translation, which is “{FRENCH}”"),
    ],
)
def test_a_word_that_is_not_there_is_said_not_to_be(talk: Conversation, text: str, says: str) -> None:
    turn = talk.turn(text)
    assert says in turn.paragraphs[0] and not turn.runs


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("how sure was it?", "least sure of “tap”: 31%, with “sol” as its next choice. All 7 steps multiplied"),
        ("what is the probability of the translation?", "a chance of 10%; that is 72% a step"),
        ("how sure was it of chat?", "Of “chat” it was sure: 80%. The next choice at that point, “chatte”, had 10%."),
        ("what other words did it consider?", "in place of “tap” (31%), it also weighed “sol” (27%)."),
        ("what else could it have written for river?", "In place of “étang” (70%) it also weighed “lac” (12%)."),
        ("Is the translation correct?", "The model cannot judge that"),
        ("is it a good translation?", "least of all “tap”, with 31%"),
        ("why did it choose chat?", "“chat” had the highest probability of all tokens there, 80%; next came “chatte”"),
        ("why did it choose 'chat' and not 'chatte'?", "“chat” had 80% there and “chatte” 10%"),
        ("why did it choose 'chat' and not 'dog'?", "“dog” is not among the 50 likeliest, of which the last has 10%"),
    ],
)
def test_what_it_chose_is_answered_with_the_probabilities_of_its_run(talk: Conversation, text: str, says: str) -> None:
    assert says in talk.turn(text).paragraphs[0]


@pytest.mark.parametrize(
    "text",
    [
        "where does attention come from?",
        "what is attention in translation?",
        "how does it translate languages?",
        "how did it translate it?",
        "what did it write for the verb?",
        "how sure are you?",
        "why did it say that?",
        "what were the alternatives?",
        "what is the probability of the next word?",
        "how likely is overfitting?",
    ],
)
def test_questions_about_something_else_are_left_alone(talk: Conversation, text: str) -> None:
    talk.turn("what is attention")
    assert not any(
        clue.speaks_for.startswith(("what the model", "a word of")) for clue in talk.turn(text).understood.clues
    )


def test_the_same_question_twice_is_answered_in_other_words_and_with_another_picture(talk: Conversation) -> None:
    one, two = talk.turn("how did it translate cat?"), talk.turn("which French word stands for cat?")
    assert one.paragraphs != two.paragraphs and "90%" in one.answer and "90%" in two.answer
    assert [turn.runs[0].experiment for turn in (one, two)] == ["cross-attention", "link"]


def test_the_shares_of_a_word_are_summed_over_its_pieces_and_averaged_over_those_that_look() -> None:
    of = SimpleNamespace(heads=4, translation=FRENCH)
    found = joined([LOOKS, LOOKS], SOURCE, TARGET, of)
    assert [word.text for word in found.source[:6]] == ["The", "cat", "sat", "near", "river", "."]
    assert found.shares[3][4] == pytest.approx(0.7) and found.shares[2][3] == pytest.approx(0.6)
    assert all(sum(row) == pytest.approx(1) for row in found.shares)


def test_words_are_found_without_accents_and_across_apostrophes() -> None:
    words = words_of(("l", "'", "ann…", "…ée", "and", "déjà"))
    assert places_of("l'annee", words) == [(0, 1, 2)] and places_of("deja", words) == [(4,)]
    assert places_of("ann", words) == []
    groups = side_by_side(words, [0, 2, 4])
    assert [text_of(words, group) for group in groups] == ["l'année", "déjà"]


def test_every_reply_has_two_wordings_and_every_node_is_there() -> None:
    from tutor.chat import chosen, translated

    assert all(len(set(ways)) >= 2 for ways in TRANSLATION_REPLIES.values())
    nodes = load_library().nodes
    names = (chosen.NODE, chosen.NODE_NEXT, chosen.NODE_GOOD, translated.NODE, translated.NODE_MISSING)
    assert not [name for name in names if name not in nodes]
