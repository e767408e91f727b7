"""What an author forgot in a `case:`: quantities that have no name, texts that cannot be filled in, false equations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tutor.calculations.asked import NAMES
from tutor.curriculum.cases import said_of
from tutor.curriculum.equations import equations
from tutor.curriculum.problem import Problem, near, problem
from tutor.curriculum.tree import Case
from tutor.errors import AuthorError

TRIED = ((8, 2, 4, 3), (12, 64, 5, 7), (1000, 768, 12, 2), (4096, 32, 128, 16), (7, 512, 300, 9))
"""Numbers that each case is tried on, in the order of its variables."""


def check_case(case: Case, where: str) -> Iterator[Problem]:
    """Everything that is wrong with a case."""
    for quantities in case.numbers.values():
        for quantity in quantities:
            if quantity not in NAMES:
                yield Problem(where, "L035", f"no quantity '{quantity}'", near(quantity, NAMES))
    if not case.branches or case.branches[-1].when:
        yield Problem(where, "L009", "the case does not end in an otherwise-branch", "add '- {otherwise: true, …}'")
    for values in (dict(zip((*case.numbers,), tried, strict=False)) for tried in TRIED):
        yield from _tried(case, {**case.given, **values}, where)


def _tried(case: Case, values: Mapping[str, float], where: str) -> Iterator[Problem]:
    try:
        text = said_of(case, values)
    except AuthorError as error:
        yield problem(where, "L011", error, "correct the case")
        return
    for equation in equations(text):
        if not equation.holds:
            shown = text[equation.start : equation.end + 20]
            yield Problem(where, "L035", f"the equation at '{shown}' is false for {dict(values)}", "show more digits")
