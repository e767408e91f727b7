"""What a line in a lesson is taken for: an answer, a question, a wish of the lesson, at every kind of step."""

from __future__ import annotations

import pytest
from guided import at

from tutor.curriculum.course import load_course
from tutor.terminal.about_lesson import how_long, still_asked, what_for, which_lessons
from tutor.terminal.heard import heard
from tutor.understanding.reader import Reader

NUMBER, CHOICE, FREE, WORD, SENTENCE, READ = "scale", "agree", "explain", "which", "sentence", "roles"
ASIDES = (
    "what is softmax?",
    "but why?",
    "why?",
    "What is a token?",
    "what does the score mean?",
    "how is a weight computed?",
)


@pytest.mark.parametrize("step", [NUMBER, CHOICE, FREE, WORD, SENTENCE, READ])
@pytest.mark.parametrize("line", ASIDES)
def test_a_question_is_a_question_at_every_step(reader: Reader, step: str, line: str) -> None:
    assert heard(at(step), line, reader).kind == "aside"


@pytest.mark.parametrize(
    ("line", "wish"),
    [
        *(("how long does this take?", "time"), ("which lessons are there?", "lessons"), ("huh?", "lost")),
        *(("can we start lesson 2?", "lessons"), ("is this step important?", "weight"), ("I don't know", "unsure")),
        *(
            ("let's stop here", "stop"),
            ("I need a break", "stop"),
            ("skip this one", "skip"),
            ("a clue please", "hint"),
        ),
        *(("show me that again with smaller numbers", "smaller"), ("another one with new numbers", "another")),
    ],
)
def test_what_is_said_of_the_lesson_is_about_the_lesson(reader: Reader, line: str, wish: str) -> None:
    for step in (NUMBER, FREE, READ, SENTENCE):
        if not (step == FREE and wish == "unsure"):
            assert heard(at(step), line, reader).line == f"/{wish}", step


@pytest.mark.parametrize(
    ("step", "line"),
    [
        *((NUMBER, "1.81"), (NUMBER, "is it about 1.81?"), (NUMBER, "14.51 / 8"), (NUMBER, "two point four")),
        *((CHOICE, "the third one"), (CHOICE, "3"), (CHOICE, "when large numbers of the same sign meet")),
        *((WORD, "value"), (WORD, "the keys"), (READ, ""), (SENTENCE, ""), (SENTENCE, "My dog sleeps in the garden.")),
        (FREE, "It weighs the other words and collects their values"),
        (FREE, "it makes a new vector out of the old ones"),
        (FREE, "each word can see the other words of the sentence"),
    ],
)
def test_an_answer_stays_an_answer(reader: Reader, step: str, line: str) -> None:
    assert heard(at(step), line, reader).kind == "answer"


@pytest.mark.parametrize(
    "line", ["asdf qwer", "Bonjour mon ami", "blah blah blah", "I love you.", "Who is the man in the garden?"]
)
def test_what_does_not_read_as_a_sentence_is_asked_about(reader: Reader, line: str) -> None:
    assert heard(at(SENTENCE), line, reader).kind == "sentence"


@pytest.mark.parametrize(
    "line", ["switch head 2 of layer 1 off", "undo", "turn the second head of the first layer off"]
)
def test_where_a_request_is_waited_for_it_is_one(reader: Reader, line: str) -> None:
    assert heard(at("one-off-do", name="many-heads"), line, reader).kind == "aside"


def test_how_to_do_it_is_a_question_about_the_step(reader: Reader) -> None:
    for step, name in ((NUMBER, "attention-by-hand"), ("one-off-do", "many-heads")):
        assert heard(at(step, name=name), "how do I do that?", reader).line in ("/lost", "/hint")


def test_between_two_screens_nothing_is_an_answer(reader: Reader) -> None:
    assert heard(at(NUMBER), "what is softmax?", reader, between=True).kind == "aside"
    assert heard(at(NUMBER), "", reader, between=True).kind == "answer"


def test_the_lesson_tells_of_itself() -> None:
    session = at(NUMBER)
    assert "step 7 of 15" in how_long(session) and "about 9 minutes to go" in how_long(session)
    assert "lesson 5 of 15" in which_lessons(session, load_course())
    assert "whether more practice follows" in what_for(session)
    assert "What is the scaled score?" in still_asked(session, unsure=False)
    assert "Enter keeps" in still_asked(at(SENTENCE), unsure=True)
