"""What holds for every experiment, on ordinary and on awkward sentences."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.models import Models

SENTENCES = [
    "My sister reads the letter in the kitchen.",
    "Why?",
    "no punctuation here",
    "[red]naïve[/red] 猫 🙂",
    "a",
    "Hello.",
    "If it had not rained, we would have gone to the beach with our friends, but it rained and we stayed at home.",
]
NAMES = list(registry.registered())
QUICK = {"learn-sentence": {"steps": 2}}
"""Options that make long work short."""
TWO = (Models(), Models())
"""Two sets of models that share nothing."""


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("name", NAMES)
def test_runs_and_is_json_with_finite_scalars(models: Models, name: str, sentence: str) -> None:
    done = registry.run(name, models, sentence, QUICK.get(name))
    json.dumps(done.plain(), allow_nan=False)
    result = done.result
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if isinstance(value, float):
            assert math.isfinite(value), field.name


@pytest.mark.parametrize("name", NAMES)
def test_the_same_run_gives_the_same_result(name: str) -> None:
    first, second = (registry.run(name, held, SENTENCES[0], QUICK.get(name)).result for held in TWO)
    assert first == second


def test_no_experiment_changes_the_models_parameters(models: Models) -> None:
    before = {name: value.clone() for name, value in models.model.named_parameters()}
    for name in NAMES:
        registry.run(name, models, SENTENCES[0], QUICK.get(name))
    for name, value in models.model.named_parameters():
        assert value.equal(before[name]), name


@pytest.mark.parametrize("name", ["attention", "attention-steps", "heads", "scaling", "softmax", "causal-mask"])
def test_a_layer_that_does_not_exist_is_named(models: Models, name: str) -> None:
    with pytest.raises(LearnerError, match=r"^there is no layer 9; the (encoder|decoder) has layers 1 to 3$"):
        registry.run(name, models, "Hello there.", {"layer": 9})


def test_a_misspelt_experiment_says_what_was_meant(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^there is no experiment 'atention'; did you mean 'attention'\?$"):
        registry.run("atention", models, "Hello.")


def test_a_misspelt_option_says_what_was_meant(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^attention has no option 'laier'; did you mean 'layer'\?$"):
        registry.run("attention", models, "Hello.", {"laier": 1})


def test_a_wrong_value_says_what_is_taken(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^attention: layer takes a whole number, not 'two'$"):
        registry.run("attention", models, "Hello.", {"layer": "two"})


def test_a_word_that_is_not_there_lists_those_that_are(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^there is no 'dog' in this sentence; its tokens are The · cat"):
        registry.run("attention", models, "The cat sleeps.", {"word": "dog"})


def test_an_overlong_sentence_says_how_long_it_is_and_what_fits(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^That sentence is \d+ tokens long and the model reads 128; shorten it"):
        registry.run("tokens", models, "word " * 300)


def test_the_registry_lists_every_module_with_an_experiment() -> None:
    assert tuple(registry.registered()) == registry.NAMES
    assert len(NAMES) >= 40
