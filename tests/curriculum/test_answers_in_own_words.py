"""A choice said in one's own words is that choice; a question stays one; what may be two choices is asked about."""

from __future__ import annotations

import pytest
from guided import at

from tutor.curriculum.choices import Option, options_of
from tutor.curriculum.course import load_course
from tutor.curriculum.explanations import judge
from tutor.curriculum.own_words import by_number, meant_by, quoted
from tutor.curriculum.screens import Reply
from tutor.terminal.heard import heard, which_of
from tutor.understanding.likeness import AnswerReader

BITS = [Option(say) for say in ("less than 2 bits", "from 2 to 4 bits", "from 4 to 8 bits", "more than 8 bits")]


@pytest.mark.parametrize(
    ("lesson", "step", "line", "choice"),
    [
        ("words-into-numbers", "pieces", "common words are kept whole", "frequent words are listed"),
        ("words-into-numbers", "name", "nothing its just a name", "nothing: the id"),
        ("words-into-numbers", "name", "nothing", "nothing: the id"),
        ("words-into-numbers", "name", "that its rarer", "is rarer"),
        ("where-meaning-lives", "company", "similar context", "same surroundings"),
        ("where-meaning-lives", "company", "because they stand next to each other in texts", "side by side"),
        ("where-meaning-lives", "opposites", "minus 1", "near −1"),
        ("the-bottleneck", "fresh", "its made new for every word", "each word gets a new one"),
        ("the-bottleneck", "postcard-check", "10", "ten"),
        ("attention-by-hand", "root-check", "4x", "four times"),
        ("attention-by-hand", "learned", "they come from the sentence each time", "computed anew"),
        ("why-scale-why-softmax", "shift", "they do not change", "stay as they are"),
        ("errors-flow-back", "shared", "because the chains share their ends", "share their ends"),
        ("attention-and-backprop", "short", "there is only one step between two words", "in a single step"),
    ],
)
def test_what_says_a_choice_in_other_words_is_that_choice(
    reader: AnswerReader, lesson: str, step: str, line: str, choice: str
) -> None:
    found = heard(at(step, name=lesson), line, reader)
    assert (found.kind, choice in found.taken) == ("answer", True), found


@pytest.mark.parametrize(
    ("lesson", "step", "line"),
    [
        ("words-into-numbers", "name", "so is it just like a house number?"),
        ("words-into-numbers", "pieces", "tell me about embeddings"),
        ("words-into-numbers", "pieces", "why is homework one piece and not cut?"),
        ("attention-by-hand", "learned", "how are attention weights computed"),
        ("where-meaning-lives", "opposites", "why do opposites get a high cosine and not −1"),
    ],
)
def test_what_reads_as_a_question_more_surely_stays_one(
    reader: AnswerReader, lesson: str, step: str, line: str
) -> None:
    assert heard(at(step, name=lesson), line, reader).kind == "aside"


@pytest.mark.parametrize("line", ["i dont know", "a clue please", "skip this one"])
def test_a_wish_of_the_lesson_is_no_choice(reader: AnswerReader, line: str) -> None:
    assert heard(at("name", name="words-into-numbers"), line, reader).kind == "command"


def test_of_two_that_are_near_it_is_asked_which(reader: AnswerReader) -> None:
    session = at("joined", name="the-bottleneck")
    found = heard(session, "it doubles", reader)
    assert found.kind == "which"
    assert which_of(session.screen().choices, found.between) == (
        "Which of them do you mean: 2 “rise, but not to the double” or 3 “rise to the double or more”? "
        "Its number will do."
    )


def test_a_line_that_denies_what_the_nearest_choice_affirms_is_asked_about() -> None:
    near = {"frequent words are cut": 0.9, "the end is cut": 0.2}
    options = [Option(say) for say in near]
    found = meant_by("frequent words are not cut", options, lambda text, others: [near[one] for one in others])
    assert [option.say for option in found.options] == list(near)


@pytest.mark.parametrize(
    ("line", "choices"),
    [
        *(("3.8", "from 2 to 4 bits"), ("between 3 and 4", "from 2 to 4 bits"), ("more than 8", "more than 8 bits")),
        *(("2 to 4", "from 2 to 4 bits"), ("about 12 bits", "more than 8 bits"), ("1,5", "less than 2 bits")),
        ("4", "from 2 to 4 bits|from 4 to 8 bits"),
    ],
)
def test_a_number_is_the_choice_whose_range_holds_it(line: str, choices: str) -> None:
    assert "|".join(option.say for option in by_number(line, BITS)) == choices


def test_numbers_in_a_row_are_the_choice_with_that_row() -> None:
    options = [Option("(12, 10)"), Option("(3, 4)"), Option("(4, 3)")]
    assert [option.say for option in by_number("3 and 4", options)] == ["(3, 4)"]


def test_every_other_wording_of_a_choice_is_that_choice() -> None:
    tried = 0
    for lesson in load_course():
        for step in lesson.walk():
            if step.question and any(choice.also for choice in step.question.choices):
                options = options_of(step.question, at(step.id, name=lesson.id).here()[1])
                for option in options:
                    for wording in option.also:
                        assert quoted(wording, options) == (option,), (lesson.id, step.id, wording)
                        tried += 1
    assert tried > 50


def explained(reader: AnswerReader, lesson: str, step: str, *lines: str) -> Reply:
    """What the last of several explanations comes to, typed one after the other."""
    session = at(step, name=lesson)
    session.likeness = reader.likeness
    return [session.answer(line) for line in lines][-1]


@pytest.mark.parametrize(
    ("lesson", "step", "line", "right"),
    [
        ("many-heads", "explain", "one head cant look at two things", True),
        ("many-heads", "explain", "because one head would have different words for each token", False),
        ("words-into-numbers", "tell", "you chop words into tokens, each has an id, and the id picks a row", True),
        ("words-into-numbers", "tell", "the id is the number it calculates with, from a table of tokens", False),
        ("attention-by-hand", "explain", "it weighs the other words and adds up their values", True),
        ("where-meaning-lives", "tell", "the row is swapped for another one that fits the words around", False),
    ],
)
def test_an_explanation_is_compared_as_a_sentence(
    reader: AnswerReader, lesson: str, step: str, line: str, right: bool
) -> None:
    assert explained(reader, lesson, step, line).correct is right


def test_the_halves_of_an_explanation_count_together(reader: AnswerReader) -> None:
    halves = ("multiply slopes along the chain", "from the loss, backwards to the input")
    for half in halves:
        assert explained(reader, "errors-flow-back", "explain", half).correct is False
    assert explained(reader, "errors-flow-back", "explain", *halves).correct


def test_a_line_that_was_wrong_counts_no_longer(reader: AnswerReader) -> None:
    lines = ("it tries every weight from the end", "it multiplies the slopes along the way")
    reply = explained(reader, "errors-flow-back", "explain", *lines)
    assert reply.paragraphs[0] == "Where does it begin, and which way does it go?"


def test_model_answers_pass_and_wrong_ones_fail_by_meaning_too(reader: AnswerReader) -> None:
    for lesson in load_course():
        for step in lesson.walk():
            question = step.question
            if question and question.accept == "free":
                for line in question.answers:
                    assert judge(question, line, reader.likeness).right, (lesson.id, line)
                for line in (*question.fails, *(said for one in question.mistakes for said in one.said)):
                    assert not judge(question, line, reader.likeness).right, (lesson.id, line)
