"""Saving and loading models: weights as safetensors, everything else as JSON, all of it checked by hash.

A checkpoint is a folder: `config.json` (sizes, how it was trained, and the SHA-256 of the other files),
`tokenizer.json`, `weights.safetensors` (half precision on disk, float32 once loaded). Loading runs no code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from model.config import TransformerConfig
from model.errors import CheckpointError
from model.tokenizer import SubwordTokenizer
from model.transformer import Transformer

BUNDLED = Path(__file__).parent / "checkpoints"
REPAIR = "reinstall the program (`pip install --force-reinstall attention-tutor`)"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A model ready to run, its tokenizer, and what is known about it."""

    name: str
    model: Transformer
    tokenizer: SubwordTokenizer
    about: Mapping[str, Any]


def save_checkpoint(
    model: Transformer, tokenizer: SubwordTokenizer, folder: Path, about: Mapping[str, Any] | None = None
) -> None:
    """Write the three files; weights are rounded to half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(folder / "tokenizer.json")
    save_file({name: t.half().contiguous() for name, t in model.state_dict().items()}, folder / "weights.safetensors")
    hashes = {name: _sha256((folder / name).read_bytes()) for name in ("tokenizer.json", "weights.safetensors")}
    held = {"config": asdict(model.config), "sha256": hashes, "about": dict(about or {})}
    (folder / "config.json").write_text(json.dumps(held, indent=2, ensure_ascii=False) + "\n", "utf-8")


def load_checkpoint(name: str, folder: Path = BUNDLED) -> Checkpoint:
    """Load `folder/name`. Raises `CheckpointError` naming the file that is missing, damaged or swapped."""
    here = folder / name
    described = _read(here / "config.json")
    try:
        held = json.loads(described)
        config = TransformerConfig(**held["config"])
        expected = held["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{here / 'config.json'}: is damaged ({error}); {REPAIR}") from error
    contents = {}
    for file in ("tokenizer.json", "weights.safetensors"):
        contents[file] = _read(here / file)
        if _sha256(contents[file]) != expected.get(file):
            raise CheckpointError(
                f"{here / file}: is damaged or was swapped, its hash is not the recorded one; {REPAIR}"
            )
    try:
        state = {key: tensor.float() for key, tensor in load(contents["weights.safetensors"]).items()}
        # Building on the meta device skips initialising weights that are overwritten at once.
        with torch.device("meta"):
            model = Transformer(config)
        model = _materialise(model, state)
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{here / 'weights.safetensors'}: does not fit its configuration; {REPAIR}") from error
    return Checkpoint(name, model.eval(), SubwordTokenizer.load(here / "tokenizer.json"), held["about"])


def _materialise(model: Transformer, state: dict[str, torch.Tensor]) -> Transformer:
    from model.layers import sinusoidal_positions

    for stack in (model.encoder, model.decoder):
        if stack is not None:
            signal = sinusoidal_positions(model.config.max_tokens, model.config.d_model)
            stack.positions = signal.to(next(iter(state.values())).dtype)
    model.load_state_dict(state, assign=True)
    return model


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); {REPAIR}") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
