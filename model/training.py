"""Train a bundled model: `python -m model.training CHECKPOINT --data DIR --out DIR`.

Stops and resumes at any time: Ctrl-C saves after the step at hand, and started again with the same `--out` it goes
on from there; killed, it is at most a minute of work behind. On several processes: `torchrun --nproc-per-node N -m
model.training …`; every process takes each N-th batch, and gradients are summed so that the step is that of one
larger batch.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import distributed, nn

from model.checkpoint import load_checkpoint, save_checkpoint
from model.errors import ConfigurationError, ModelError
from model.precision import PRECISIONS, chosen_precision
from model.recipes import CHECKPOINTS, Task, make_task
from model.trainer import ROWS_AT_ONCE, Trainer


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(
        prog="python -m model.training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", choices=CHECKPOINTS)
    parser.add_argument("--data", type=Path, required=True, help="folder with eng-fra.tsv.gz and the splits")
    parser.add_argument("--english", type=Path, help="folder with english.txt.gz, for next-word")
    parser.add_argument("--out", type=Path, required=True, help="folder for saves, the loss curve and the result")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a field of the recipe or of the sizes"
    )
    parser.add_argument("--start-from", type=Path, metavar="FOLDER", help="a checkpoint to go on from, not from chance")
    parser.add_argument(
        "--precision", choices=("measured", *PRECISIONS), default="measured", help="of the matrix products"
    )
    options = parser.parse_args(arguments)
    try:
        device = _own_device(options.device)
        task, about = _task(options)
        if "RANK" in os.environ:
            distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
        precision, why = chosen_precision(options.precision, torch.device(device))
        trainer = Trainer(task, options.out, device, precision)
        if trainer.rank == 0:
            print(why, file=sys.stderr, flush=True)
        with _StoppedGently(trainer):
            trainer.run()
    except (ModelError, OSError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    if trainer.rank == 0 and not trainer.finished:
        print(f"saved at step {trainer.step}; the same command goes on from there", file=sys.stderr, flush=True)
    elif trainer.rank == 0 and not task.recipe.moments:
        model = trainer.averaged_model().cpu()
        save_checkpoint(model, task.tokenizer, options.out / task.name, about, tokenizer_of=task.tokenizer_of)
    if distributed.is_initialized():
        distributed.barrier()
        distributed.destroy_process_group()  # its threads must not outlive the interpreter
    if not trainer.finished:
        raise SystemExit(128 + signal.SIGINT)


def _own_device(name: str) -> str:
    """The device of this process. Raises `ConfigurationError` for one that is not there."""
    try:
        device = torch.device(name)
        if device.type == "cuda":
            device = torch.device("cuda", device.index or int(os.environ.get("LOCAL_RANK", "0")))
            torch.cuda.set_device(device)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, AttributeError, NotImplementedError) as error:
        raise ConfigurationError(f"--device {name}: is not there; give cpu or cuda") from error
    if device.type not in ROWS_AT_ONCE:
        raise ConfigurationError(f"--device {name}: trains nothing here; give cpu or cuda")
    return str(device)


def _task(options: argparse.Namespace) -> tuple[Task, dict[str, Any]]:
    """What to train, and what its checkpoint will say of it. Raises `ModelError`."""
    for pair in options.set:
        if "=" not in pair:
            raise ConfigurationError(f"--set {pair}: has no value; write it as --set NAME=VALUE")
    chosen = dict(pair.split("=", 1) for pair in options.set)
    task = make_task(options.checkpoint, options.data, options.english, chosen)
    about: dict[str, Any] = {"recipe": asdict(task.recipe)}
    if options.start_from:
        about["before"] = _start_from(task.model, options.start_from)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise ConfigurationError(f"--out {options.out}: is a file; name a folder") from error
    if options.checkpoint != "next-word" and find_spec("sacrebleu") is None:
        raise ConfigurationError("what translations are judged by is not installed; pip install -e '.[training]'")
    return task, about


def _start_from(model: nn.Module, folder: Path) -> dict[str, Any]:
    """Take over the weights of a checkpoint; what it says of itself."""
    earlier = load_checkpoint(folder.name, folder.parent)
    try:
        model.load_state_dict(earlier.model.state_dict())
    except RuntimeError as error:
        raise ConfigurationError(f"--start-from {folder}: has other sizes; give the same with --set") from error
    return dict(earlier.about)


class _StoppedGently:
    """While it lasts, the first Ctrl-C or SIGTERM lets the step at hand end; a second one is heard at once."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer

    def __enter__(self) -> None:
        self._before = {int(kind): signal.signal(kind, self._wish) for kind in (signal.SIGINT, signal.SIGTERM)}

    def __exit__(self, *_: object) -> None:
        for kind, handler in self._before.items():
            signal.signal(kind, handler)

    def _wish(self, kind: int, frame: FrameType | None) -> None:
        self._trainer.stop_wanted = True
        signal.signal(kind, self._before[kind])


if __name__ == "__main__":
    main()
