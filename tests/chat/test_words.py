"""Questions about words of the sentence become runs with those words; other questions are left alone."""

from __future__ import annotations

import pytest

from tutor.chat.words import asked_of_words

TOKENS = (
    "The",
    "minister",
    "said",
    "it",
    "was",
    "late",
    ".",
    "Le",
    "ministre",
    "a",
    "dit",
    "qu",
    "il",
    "était",
    "tard",
)


@pytest.mark.parametrize(
    ("question", "experiment", "options"),
    [
        ("Why did it look at minister?", "link", {"query": "it", "key": "minister"}),
        ("why does 'ministre' attend to 'minister'", "link", {"query": "ministre", "key": "minister"}),
        (
            "why does ministre pay so much attention to the word minister?",
            "link",
            {"query": "ministre", "key": "minister"},
        ),
        ("Why is minister looked at by it?", "link", {"query": "it", "key": "minister"}),
        ("why did the model look at late", "link", {"key": "late"}),
        ("what does ministre look at?", "link", {"query": "ministre"}),
        ("minister looks where?", "link", {"query": "minister"}),
        ("what does the model look at?", "attention", {}),
        ("which words look at minister?", "link", {"key": "minister"}),
        ("which word mattered most for ministre?", "word-importance", {"output": "ministre"}),
        ("why did it write tard", "word-importance", {"output": "tard"}),
        ("when it writes ministre, where does it look?", "link", {"query": "ministre"}),
    ],
)
def test_a_question_about_words_becomes_a_run(question: str, experiment: str, options: dict[str, str]) -> None:
    show = asked_of_words(question, TOKENS)
    assert show is not None
    assert (show.experiment, dict(show.options)) == (experiment, options)


@pytest.mark.parametrize(
    "question",
    [
        "why does the decoder look at the encoder?",
        "why does a word look at other words?",
        "what does a query look at?",
        "why is attention important?",
        "how does attention help the network look at the right things",
        "it was late",
    ],
)
def test_a_question_about_concepts_is_left_to_the_lessons(question: str) -> None:
    assert asked_of_words(question, TOKENS) is None


def test_a_word_that_was_looked_at_and_not_written_is_no_word_of_the_translation() -> None:
    show = asked_of_words("And why did it pick “minister” there?", TOKENS, written=TOKENS[7:])
    assert show is not None and (show.experiment, dict(show.options)) == ("link", {"key": "minister"})
