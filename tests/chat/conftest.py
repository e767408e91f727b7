"""A conversation over a small library, for every test of the chat."""

from __future__ import annotations

from typing import Any

import pytest
from stand_ins import FakeModels, ScriptedReader, fake_result, small_library

from tutor.chat.conversation import Conversation
from tutor.experiments.base import Run, make_options, registered


@pytest.fixture
def conversation(monkeypatch: pytest.MonkeyPatch) -> Conversation:
    import tutor.experiments.registry as registry
    from tutor.chat.runs import Runner

    def run(name: str, models: Any, sentence: str, options: Any = None) -> Run:
        models.source_ids(sentence)
        chosen = make_options(registered()[name], options or {})
        return Run(name, sentence, chosen, fake_result(name, sentence, chosen))

    monkeypatch.setattr(registry, "run", run)
    monkeypatch.setattr(
        Runner, "narrate", lambda self, run, branches=(): f"{run.experiment} on {run.sentence} {run.options}."
    )
    return Conversation(small_library(), ScriptedReader(), FakeModels())  # type: ignore[arg-type]
