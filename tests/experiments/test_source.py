"""The code of a picture is the code that ran, with the shapes and values of that very run."""

from __future__ import annotations

import inspect

import pytest

from model.attention import MultiHeadAttention
from tutor.errors import LearnerError
from tutor.experiments.base import Run
from tutor.experiments.models import Models
from tutor.experiments.registry import NAMES, run
from tutor.experiments.source import FUNCTIONS, source

SENTENCE = "The farmer sold two old horses."


def test_every_experiment_says_where_it_is_computed() -> None:
    assert set(NAMES) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_function_is_there(models: Models, name: str) -> None:
    found = source(models, Run(name, SENTENCE, None, None))
    assert found.lines[0].startswith("def ") and not any('"""' in line for line in found.lines)


def test_the_lines_are_those_of_the_running_model(models: Models) -> None:
    found = source(models, run("attention", models, SENTENCE, {"part": "cross", "layer": 2, "head": 1}))
    own = inspect.getsource(MultiHeadAttention.forward)
    code = [line.partition("  # (")[0].strip() for line in found.lines]
    assert all(line in own for line in code) and "head_outputs = edits(" in "".join(found.lines)
    assert inspect.getsourcelines(MultiHeadAttention.forward)[1] == found.line


def test_shapes_and_values_are_those_of_the_run(models: Models) -> None:
    found = source(models, run("attention", models, SENTENCE, {"part": "cross", "layer": 2, "head": 1}))
    reading = models.read(SENTENCE)
    assert reading.trace.decoder is not None
    traced = reading.trace.decoder.blocks[1].cross_attention
    values = {value.name: value for value in found.values}
    assert found.where == "decoder.blocks.1.cross_attention"
    assert values["weights"].shape == tuple(traced.weights.shape)
    assert values["weights"].first == pytest.approx(traced.weights[0, 0, 0, :3].tolist())
    asked = next(line for line in found.lines if line.strip().startswith("raw_scores ="))
    assert asked.endswith(f"# {tuple(traced.raw_scores.shape)}")


def test_what_has_no_function_is_refused(models: Models) -> None:
    with pytest.raises(LearnerError, match="no single function"):
        source(models, Run("zeppelin", SENTENCE, None, None))
