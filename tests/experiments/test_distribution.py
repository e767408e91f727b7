"""What `decoder-step` and `next-word` share: one distribution, taken at one temperature throughout."""

from __future__ import annotations

import pytest

from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.distribution import Distribution
from tutor.experiments.models import Models

SENTENCE = "The old man is sitting on the chair."
BOTH = pytest.mark.parametrize("name", ["decoder-step", "next-word"])


def result(models: Models, name: str, **options: object) -> Distribution:
    found: Distribution = registry.run(name, models, SENTENCE, options).result
    return found


@BOTH
def test_what_is_told_of_the_candidates_is_read_off_them(models: Models, name: str) -> None:
    found = result(models, name)
    first, second, *_ = found.candidates
    assert (found.token, found.probability) == (first.token, first.probability)
    assert (found.second_token, found.second_probability) == (second.token, second.probability)
    assert found.listed_probability == pytest.approx(sum(one.probability for one in found.candidates))


@BOTH
def test_what_is_left_without_order_is_taken_at_the_same_temperature(models: Models, name: str) -> None:
    """So hot that any token is as likely as any other, whatever is taken away."""
    found = result(models, name, temperature=1e6)
    left = {field: value for field, value in vars(found).items() if field.startswith("probability_without_")}
    assert len(left) == 2
    for field, value in left.items():
        assert value == pytest.approx(1 / found.vocabulary_size, rel=1e-3), field


@BOTH
def test_no_more_candidates_are_listed_than_there_are_tokens(models: Models, name: str) -> None:
    found = result(models, name, candidates=10**9)
    assert len(found.candidates) == found.vocabulary_size
    assert found.listed_probability == pytest.approx(1, abs=1e-4)


@BOTH
@pytest.mark.parametrize("wrong", [{"candidates": 1}, {"temperature": 0}, {"temperature": "nan"}])
def test_options_that_make_no_distribution_are_told(models: Models, name: str, wrong: dict[str, object]) -> None:
    with pytest.raises(LearnerError):
        result(models, name, **wrong)
