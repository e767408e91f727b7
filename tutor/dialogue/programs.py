"""The program on the screen: what it prints, by running it."""

from __future__ import annotations

import os
import subprocess
import sys

from tutor.curriculum.tree import Library, Node
from tutor.dialogue import offers
from tutor.dialogue.tell import reply
from tutor.dialogue.types import Plan, State, Status
from tutor.understanding.intent import Intent

LONGEST, MOST_LINES = 60, 24
"""Seconds that a program may take, and lines of what it prints that are told."""
ABOUT_THIS = "this-tutor"
"""The concept as whose program 'that program' is misread."""
A_SHARE = 0.15
"""Probability from which a program may be what is spoken of."""
TO_THE_LETTER = 0.9
"""Likeness to a known wording from which this tutor is meant, though a program stands on the screen."""


def on_screen(library: Library, state: State) -> Node | None:
    """The node whose program was told last and still is what is spoken of; None where there is none."""
    node = library.nodes.get(state.node)
    told = node is not None and bool(node.code) and (state.telling == "code" or node.facet == "code")
    return node if told and not state.picture_last else None


def meant(library: Library, intent: Intent, state: State) -> bool:
    """Whether 'that program' is the one on the screen and not this tutor."""
    likely = [library.nodes[one.id] for one in intent.nodes if one.probability >= A_SHARE and one.id in library.nodes]
    about_this = any(node.concept == ABOUT_THIS for node in likely) and intent.likeness < TO_THE_LETTER
    return intent.act == "question" and about_this and on_screen(library, state) is not None


def prints(library: Library, intent: Intent, state: State) -> Plan:
    """What the program on the screen prints."""
    node = on_screen(library, state)
    if node is None:
        return Plan(Status.REFUSED, paragraphs=(reply(library, state, "no program"),), replied=("no program",))
    lead = reply(library, state, "prints")
    further = offers.after(library, state, node, see=True)
    return Plan(Status.SMALL, paragraphs=(lead,), prints=node.code, offers=further)


def printed_by(code: str) -> str:
    """What a program prints, run in a process of its own; in one line why not, where it fails."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True, text=True, encoding="utf-8", timeout=LONGEST, env=environment, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"(It could not be run here: {error})"
    if done.returncode:
        return f"(It fails here: {(done.stderr.strip().splitlines() or ['no word why'])[-1]})"
    lines = done.stdout.rstrip().splitlines() or ["(nothing)"]
    left = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"… and {left} more lines"] if left > 0 else [])])
