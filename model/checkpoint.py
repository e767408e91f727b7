"""Saving and loading models: weights as safetensors, everything else as JSON, all of it checked by hash.

A checkpoint is a folder: `config.json` (sizes, how it was trained, and the SHA-256 of the other files),
`tokenizer.json`, `weights.safetensors` (half precision on disk, float32 once loaded). Loading runs no code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import nn
from torch.overrides import TorchFunctionMode

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
        expected, about = dict(held["sha256"]), dict(held["about"])
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
        with _WithoutDrawing():
            model = Transformer(config)
        model.load_state_dict(state, assign=True)
        model.float()  # the positions too
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{here / 'weights.safetensors'}: does not fit its configuration; {REPAIR}") from error
    try:
        tokenizer = SubwordTokenizer.load(here / "tokenizer.json")
    except Exception as error:  # what the tokenizers library raises has no narrower class
        raise CheckpointError(f"{here / 'tokenizer.json'}: holds no vocabulary; {REPAIR}") from error
    return Checkpoint(name, model.eval(), tokenizer, about)


class _WithoutDrawing(TorchFunctionMode):
    """Leaves weights uninitialised that are overwritten at once.

    Building on the meta device would do the same, but loads PyTorch's compiler: a second's work.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        if func in (torch.Tensor.normal_, torch.Tensor.uniform_):
            return args[0]
        if getattr(func, "__module__", "") == nn.init.__name__:
            return given["tensor"] if "tensor" in given else args[0]
        return func(*args, **given)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); {REPAIR}") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
