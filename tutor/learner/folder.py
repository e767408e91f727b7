"""Where the learner's data live; apart from the store so that the prompt need not load SQLite."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "ATTENTION_TUTOR_HOME"
FILE = "learner.sqlite3"


def data_folder() -> Path:
    """`ATTENTION_TUTOR_HOME`, or the platform's place for data."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_dir

    return Path(user_data_dir("attention-tutor"))
