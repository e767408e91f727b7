"""How many exercises are due, apart from the store: for the first prompt, so it loads little and makes no file."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tutor.learner.clock import now
from tutor.learner.folder import FILE, data_folder


def count_due() -> int:
    """How many exercises are due now; 0 where nothing can be read."""
    path = data_folder() / FILE
    if not path.is_file():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.1)) as connection:
            return int(connection.execute("select count(*) from card where due <= ?", (now(),)).fetchone()[0])
    except sqlite3.Error:
        return 0
