"""How probable it is that a concept is known: Bayesian knowledge tracing over the first tries at it.

The update is that of Corbett and Anderson (1995), Knowledge tracing: Modeling the acquisition of procedural
knowledge, User Modeling and User-Adapted Interaction 4, equations 1 and 2; so is the probability from which a concept
counts as mastered. The four parameters are those that OATutor gives every skill that has not been fitted (Pardos,
Tang, Anastasopoulos, Sheel and Zhang, 2023, OATutor, CHI '23; `bkt-params`). Only the guess is set by the question:
one in so many choices, where there are choices. Nothing has been fitted to learners of this course.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

KNOWN_BEFORE = 0.1
"""Probability that a concept is known before the first try."""
LEARNED = 0.1
"""Probability that one try teaches a concept that was not known."""
SLIP = 0.1
"""Probability of a wrong answer by somebody who knows."""
GUESS = 0.1
"""Probability of a right answer by somebody who does not, where there is nothing to choose among."""
MASTERED = 0.95
"""Probability from which a concept counts as mastered."""
WEAK = 0.5
"""Probability below which a concept that was answered wrongly counts as weak."""


@dataclass(frozen=True)
class Try:
    """A first try at a question about a concept."""

    right: bool
    """Right, and without a hint."""
    choices: int = 0
    """Among how many the answer was chosen; 0 where it was not a choice."""


def probability_known(tries: Iterable[Try]) -> float:
    """Probability that a concept is known after these tries, in the order in which they were made."""
    known = KNOWN_BEFORE
    for one in tries:
        known = after(known, one)
    return known


def after(known: float, one: Try) -> float:
    """Probability that a concept is known after one more try, `known` before it."""
    guess = 1 / one.choices if one.choices > 1 else GUESS
    by_knowing = known * (1 - SLIP if one.right else SLIP)
    by_luck = (1 - known) * (guess if one.right else 1 - guess)
    knew = by_knowing / (by_knowing + by_luck)
    return knew + (1 - knew) * LEARNED
