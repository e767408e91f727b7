"""The lesson has a sentence of its own; afterwards the learner's is in force again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_after_a_lesson_the_learners_own_sentence_is_in_force(tmp_path: Path) -> None:
    typed = "/sentence My dog sleeps in the garden.\n/lesson 1\n/sentence\n/leave\n/sentence\n"
    done = subprocess.run(
        [sys.executable, "-m", "tutor"],
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "ATTENTION_TUTOR_HOME": str(tmp_path)},
        timeout=120,
    )
    in_force = [line for line in done.stdout.splitlines() if line.startswith("In force: ")]
    assert in_force[-1] == "In force: *My dog sleeps in the garden.*"
    assert len(in_force) == 2 and in_force[0] != in_force[1]
