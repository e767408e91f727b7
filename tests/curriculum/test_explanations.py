"""What an explanation says, and what it denies."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.curriculum.answers import grade
from tutor.curriculum.explanations import find, judge, says
from tutor.curriculum.steps import Idea, Mistake, Question

FORMS = ("look", "mix value")
QUESTION = Question(
    "?",
    "free",
    ideas=(Idea(("look", "compar"), "Which tokens?"), Idea(("mix", "add"), "And then?")),
    needs=2,
    mistakes=(Mistake("", "", "Not one.", ("only one",)), Mistake("", "", "Keys are for scores.", ("mix key",))),
)


@pytest.mark.parametrize(
    "typed",
    [
        *("It looks around.", "LOOKING at them", "it mixes all of the values", "mixing their values together"),
        *("It does not ignore them, it looks.", "it doesn't fail to look", "no matter where, it looks"),
        *("it does not only look", "not just one: it looks at all", "i don't know but it looks at them"),
        *("it doesn't care about order it looks at all", "it ignores some and looks at the others"),
        *("Instead of sorting it looks", "It never sorts; it looks"),
    ],
)
def test_what_is_said_is_found(typed: str) -> None:
    assert says(FORMS, typed)


@pytest.mark.parametrize(
    "typed",
    [
        *("It does not look.", "it doesn't look", "it doesnt look", "It cannot look", "it never looks"),
        *("I do not think it looks", "neither looks nor mixes values", "without looking", "it looks at nothing"),
        *("it doesn't sort words and look at them", "rather than looking, it sorts", "instead of looking"),
        *("It isn't mixing the values", "no token looks at another", "it fails to mix values"),
    ],
)
def test_what_is_denied_is_found_as_denied(typed: str) -> None:
    found = find(FORMS, typed)
    assert found and found.denied and found.clause in typed


@pytest.mark.parametrize("typed", ["overlook", "it sorts", "mixes keys and values", "", "…", "not"])
def test_what_is_not_there_is_not_found(typed: str) -> None:
    assert find(FORMS, typed) is None


def test_a_form_may_hold_its_denial() -> None:
    for typed in ("they are not yet written", "they aren't there yet, not yet", "it has not been written"):
        assert says(("not yet", "not there", "not written"), typed), typed


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("it looks at the words and mixes them", ""),
        ("it does not look, it mixes", "“it does not look” says that it is not so. Which tokens?"),
        ("it looks and looks", "And then?"),
        ("something with tokens", "Which tokens?"),
        ("it looks at only one word and adds it", "Not one."),
        ("it doesn't look at only one word, it compares all and adds them", ""),
        ("it looks, then it mixes the keys", "Keys are for scores."),
    ],
)
def test_an_explanation_is_judged(typed: str, reply: str) -> None:
    verdict = judge(QUESTION, typed)
    assert (verdict.right, verdict.reply) == (not reply, reply)


def test_with_enough_of_several_ideas_one_that_is_denied_still_counts_against_it() -> None:
    one = Question("?", "free", ideas=QUESTION.ideas, needs=1)
    assert judge(one, "it mixes them all").right
    assert not judge(one, "it mixes them all and never looks at any").right


@given(st.text(alphabet="not look,.;and it mixes'n\n ", max_size=200))
def test_no_explanation_breaks_the_judging(typed: str) -> None:
    judge(QUESTION, typed)


@pytest.mark.parametrize("typed", ["9" * 10_000, "not look " * 2_000, "a, " * 4_000, "“" * 10_000])
@pytest.mark.parametrize("accept", ["free", "number", "word"])
def test_an_endless_answer_is_graded_at_once(typed: str, accept: str) -> None:
    begun = time.perf_counter()
    grade(Question("?", accept, answer="1", ideas=QUESTION.ideas, needs=2), typed, {})
    assert time.perf_counter() - begun < 1
