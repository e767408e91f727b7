"""What a training run leaves on disk to go on from: the last save and the loss curve.

A save tells what it was made of, so that nothing is ever gone on with from other data or sizes.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from model.errors import CheckpointError
from model.recipes import Task

SAVE, CURVE = "resume.pt", "curve.jsonl"


class Saves:
    """The folder of one run."""

    def __init__(self, task: Task, folder: Path, processes: int) -> None:
        self._folder = folder
        self._made_of = {
            "recipe": json.dumps(asdict(task.recipe)),
            "model size": json.dumps(asdict(task.model.config)),
            "data or vocabulary": _fingerprint(task),
            "number of processes": str(processes),
        }

    def write(self, state: Mapping[str, Any]) -> None:
        """Replace the last save, all at once."""
        partial = self._folder / "resume.partial"
        torch.save({**state, "made_of": self._made_of}, partial)
        os.replace(partial, self._folder / SAVE)

    def read(self, device: torch.device) -> dict[str, Any] | None:
        """The last save; None where there is none. Raises `CheckpointError` for a damaged one or one of another run."""
        path = self._folder / SAVE
        if not path.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
            made_of = dict(state["made_of"])
        except (RuntimeError, OSError, EOFError, ValueError, KeyError, TypeError, pickle.UnpicklingError) as error:
            raise CheckpointError(f"{path}: is damaged; delete it and begin anew, or give another --out") from error
        for what, held in self._made_of.items():
            if made_of.get(what) != held:
                raise CheckpointError(f"{path}: was made with another {what}; give another --out or the same {what}")
        return state

    def log(self, entry: Mapping[str, float]) -> None:
        """Add a line to the loss curve."""
        with (self._folder / CURVE).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry) + "\n")

    def cut_log(self, step: int) -> None:
        """Forget what the curve tells of steps after `step`, which will be taken again."""
        path = self._folder / CURVE
        if path.exists():
            held = path.read_text("utf-8").splitlines(keepends=True)
            path.write_text("".join(line for line in held if json.loads(line)["step"] <= step), "utf-8")


def _fingerprint(task: Task) -> str:
    """A hash of all that is learned from, in its order, as the tokenizer spells it."""
    digest = hashlib.sha256()
    for example in task.examples:
        digest.update(repr((list(example.source), list(example.target), list(example.learnt))).encode())
    return digest.hexdigest()
