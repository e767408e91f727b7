"""What every test shares: one thread, so that timings do not depend on the machine, and what is slow to load."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# Before anything loads numpy: threads that wait for each other take many times as long on a busy machine.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
# Whoever runs the tests may prefer another width or theme.
os.environ["ATTENTION_TUTOR_SETTINGS"] = os.devnull
os.environ.pop("COLORFGBG", None)

import pytest
import torch
from stand_ins import FakeModels, ScriptedReader, fake_run, small_library

from tutor.curriculum.loader import load_library
from tutor.curriculum.tree import Library
from tutor.dialogue.conversation import Conversation
from tutor.experiments.models import Models
from tutor.understanding.likeness import AnswerReader

torch.set_num_threads(1)


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--rewrite", action="store_true", help="write the golden conversations anew")


@pytest.fixture(scope="session")
def models() -> Models:
    """The bundled models, which load when first needed."""
    return Models()


@pytest.fixture(scope="session")
def library() -> Library:
    """The bundled lessons."""
    return load_library()


@pytest.fixture(scope="session")
def reader(library: Library) -> AnswerReader:
    """The bundled reader."""
    return AnswerReader(library)


@pytest.fixture
def conversation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Conversation:
    """A conversation over a small library, with a reader that follows a script and runs that cost nothing."""
    import tutor.experiments.registry as registry

    monkeypatch.setattr(registry, "run", fake_run)
    return Conversation(small_library(), ScriptedReader(), FakeModels())  # type: ignore[arg-type]
