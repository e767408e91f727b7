"""A conversation that is fed with intents: what is decided is tested here, not what is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from stand_ins import RAN, Talk, fake_run

import tutor.experiments.registry as registry
import tutor.experiments.source as source


@pytest.fixture(autouse=True, scope="module")
def _runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "run", fake_run)
        patch.setattr(source, "source", lambda models, run: source.Source("model/a.py", 1, ("def a():",), "", ()))
        yield


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def make_talk() -> Callable[..., Talk]:
    """Makes a conversation with further nodes."""
    return Talk


@pytest.fixture
def ran() -> list[tuple[str, str]]:
    """What is run from now on."""
    RAN.clear()
    return RAN
