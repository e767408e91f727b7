"""Taking a lesson: hints, tries, solutions, going back, leaving and coming back."""

from __future__ import annotations

import json

import pytest
from guided import SENTENCES, at, lesson, run

from tutor.curriculum.engine import Session
from tutor.curriculum.state import State
from tutor.errors import LearnerError


def test_hints_are_counted_and_the_last_one_stays() -> None:
    session = at("scale")
    assert session.hint().paragraphs[0].startswith("Hint 1 of 2: ")
    for _ in range(2):
        last = session.hint().paragraphs
        assert last[0].startswith("Hint 2 of 2: ") and "`/solution`" in last[1]


def test_a_hinted_answer_is_right_and_does_not_count_as_known() -> None:
    session = at("product")
    session.hint()
    _, fields = session.here()
    reply = session.answer(str(fields["product"]))
    assert reply.correct and reply.attempt and reply.attempt.hinted
    assert "0 of 1" in session.recap()[-2] and "Worth another look" in session.recap()[-1]


def test_the_solution_comes_after_three_tries_or_the_last_hint() -> None:
    session = at("scale")
    assert not session.solution().advance
    for count in (1, 2, 3):
        assert ("`/solution`" in session.answer("12345").paragraphs[-1]) == (count == 3)
    assert session.solution().advance
    hinted = at("scale")
    hinted.hint()
    assert not hinted.solution().advance
    hinted.hint()
    reply = hinted.solution()
    assert reply.advance and reply.attempt and not reply.attempt.correct


def test_what_cannot_be_read_costs_no_try_and_is_not_recorded() -> None:
    session = at("scale")
    for typed in ("", "dunno", "one or two", "1 2"):
        reply = session.answer(typed)
        assert reply.correct is None and reply.attempt is None and not reply.advance
    assert not session.state.tries


def test_a_bet_is_settled_on_the_next_screen_and_never_recorded() -> None:
    for typed, told in (("old", "and so it is"), ("cat", "You said “cat”. It is “old”.")):
        session = at("bet")
        reply = session.answer(typed)
        assert reply.advance and reply.attempt is None and session.next()
        assert told in session.screen().paragraphs[0]
        assert session.screen().run is None  # the map would give the later exercises away
    assert "needs no hint" in at("bet").hint().paragraphs[0]


def test_a_bet_that_was_skipped_is_not_spoken_of() -> None:
    session = at("bet")
    session.skip()
    assert not session.screen().paragraphs[0].startswith("You said")


def test_back_undoes_skip_and_the_first_screen_has_none_before_it() -> None:
    session = at("scale")
    assert not session.back()
    session.skip()
    assert session.state.at != "scale" and session.back() and session.state.at == "scale"


def test_a_question_that_is_open_is_not_passed_by_going_on() -> None:
    session = at("scale")
    assert not session.next() and session.state.at == "scale"


def test_the_state_is_plain_and_comes_back_at_the_same_place() -> None:
    session = at("product")
    session.hint()
    session.answer("99")
    kept = json.loads(json.dumps(session.state.plain()))
    again = Session.resume(lesson(), kept, run)
    assert again.state == session.state and again.screen() == session.screen()
    assert again.hint().paragraphs[0].startswith("Hint 2 of 2: ")


def test_a_step_that_was_answered_when_the_program_was_killed_is_not_asked_again() -> None:
    session = at("which")
    session.answer("value")
    assert Session.resume(lesson(), session.state.plain(), run).state.at == "learned"


@pytest.mark.parametrize("kept", [{}, {"lesson": 1}, {"lesson": "a", "sentence": None}, {"at": []}])
def test_a_place_that_cannot_be_read_is_one_clear_error(kept: dict[str, object]) -> None:
    with pytest.raises(LearnerError, match="start the lesson again"):
        Session.resume(lesson(), kept, run)


def test_a_step_that_is_gone_starts_the_lesson_again_with_the_same_sentence() -> None:
    session = Session.resume(lesson(), State(lesson().id, SENTENCES[1], "no-such-step"), run)
    assert (session.state.at, session.state.sentence) == (lesson().steps[0].id, SENTENCES[1])


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        *(("Hi", "three words or more"), ("!!!", "three words or more"), ("The " + "old " * 30 + "cat.", "too many")),
        ("a b", "three words or more"),
    ],
)
def test_a_sentence_that_will_not_do_gets_one_line_and_is_asked_again(typed: str, told: str) -> None:
    session = Session.start(lesson(), "", run)
    reply = session.answer(typed)
    assert len(reply.paragraphs) == 1 and told in reply.paragraphs[0]
    assert not reply.advance and session.state.sentence == lesson().sentence


@pytest.mark.parametrize("typed", ["", "keep", "Yes", "ok"])
def test_the_sentence_can_be_kept(typed: str) -> None:
    session = Session.start(lesson(), "", run)
    assert session.answer(typed).advance and session.state.sentence == lesson().sentence


def test_braces_and_marks_in_a_sentence_stay_what_they_are() -> None:
    session = Session.start(lesson(), "", run)
    assert session.answer("{key_token} *5* `%`").advance
    while not session.finished:
        session.screen()
        session.skip()
    assert session.recap()


def test_each_screen_says_where_it_is() -> None:
    session = Session.start(lesson(), "", run)
    seen = []
    while not session.finished:
        session.screen()
        seen.append(session.position)
        session.skip()
    assert seen == sorted(seen) and seen[0] == 1 and seen[-1] == lesson().total
