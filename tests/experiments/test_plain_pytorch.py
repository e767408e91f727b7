"""The plain version of what a picture shows runs as pasted and gives the numbers of `trace --out`."""

from __future__ import annotations

import contextlib
import io
import shlex
from pathlib import Path
from typing import Any

import pytest

from tutor.cli import main
from tutor.curriculum.loader import load_library
from tutor.dialogue.runner import Runner
from tutor.experiments.base import Run
from tutor.experiments.models import Models
from tutor.experiments.plain_pytorch import PROGRAMS, plain_pytorch
from tutor.experiments.registry import run
from tutor.experiments.source import FUNCTIONS, source

SENTENCE = "The farmer sold two old horses."
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "self-attention": ("attention", {"layer": 2, "head": 3}),
    "cross-attention": ("attention", {"part": "cross", "layer": 1, "head": 1}),
    "masked attention": ("causal-mask", {}),
    "the bypass": ("residual", {}),
    "a whole stack": ("encoder-layers", {}),
    "scores of the vocabulary": ("decoder-step", {}),
    "the English model's": ("next-word", {}),
    "the way back": ("gradients", {}),
    "positions": ("positions", {}),
}


@pytest.mark.parametrize("case", CASES)
def test_it_runs_as_pasted_and_gives_the_same_numbers(
    models: Models, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, options = CASES[case]
    done = run(name, models, SENTENCE, options)
    program = plain_pytorch(models, done, source(models, done).where)
    lines = program.splitlines()
    assert len(lines) < 20 and max(map(len, lines[1:])) < 92
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tutor.start.open_models", lambda: models)
    assert main(shlex.split(lines[0].removeprefix("# first: attention-tutor "))) == 0
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, case, "exec"), {})
    differences = [float(line.split()[-1]) for line in printed.getvalue().splitlines() if "differs" in line]
    assert differences and max(differences) <= 1e-5


def test_every_program_is_tried() -> None:
    assert {FUNCTIONS[name] for name, _ in CASES.values()} == set(PROGRAMS)


def test_a_changed_model_has_none(models: Models) -> None:
    found = Run("positions", SENTENCE, None, None, changes="the causal mask is off")
    assert plain_pytorch(models, found, "") == ""


def test_it_stands_beside_the_code_behind_a_picture(models: Models) -> None:
    done = run("attention", models, SENTENCE, {"layer": 2, "head": 3})
    told = Runner(load_library(), models).code_of(done)
    assert told[-2] == "The same in plain PyTorch; it reads the numbers of this run and compares:"
    assert plain_pytorch(models, done, "encoder.blocks.1.attention") in told[-1]
