"""Saving and loading models: weights as safetensors, everything else as JSON, all of it checked by hash.

A checkpoint is a folder: `config.json` (what was trained how, its scores, and the SHA-256 of the other files),
`tokenizer.json` unless it shares another checkpoint's, and `weights.safetensors`, which also carries the sizes:
a swapped configuration is noticed. On disk a matrix has 8 bits a number and one scale a row, everything else half
precision; loaded, all is float32. Loading runs no code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from model.config import TransformerConfig
from model.errors import CheckpointError
from model.recurrent import RecurrentConfig, RecurrentTranslator
from model.tokenizer import SubwordTokenizer
from model.transformer import Transformer

BUNDLED = Path(__file__).parent / "checkpoints"
WEIGHTS, TOKENIZER = "weights.safetensors", "tokenizer.json"
SCALE = ".scale"
REPAIR = "reinstall the program (`pip install --force-reinstall attention-tutor`)"
REPLACE = "put a checkpoint there, or name another folder"
"""What to do about a checkpoint that did not come with the program."""

Network: TypeAlias = Transformer | RecurrentTranslator
_ARCHITECTURES: dict[str, tuple[type, type]] = {
    "Transformer": (TransformerConfig, Transformer),
    "RecurrentTranslator": (RecurrentConfig, RecurrentTranslator),
}


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A model ready to run, its tokenizer, and what is known about it."""

    name: str
    model: Network
    tokenizer: SubwordTokenizer
    about: Mapping[str, Any]


def save_checkpoint(
    model: Network,
    tokenizer: SubwordTokenizer,
    folder: Path,
    about: Mapping[str, Any] | None = None,
    *,
    tokenizer_of: str | None = None,
) -> None:
    """Write the files; with `tokenizer_of`, the name of a checkpoint beside it, that one's tokenizer is used."""
    folder.mkdir(parents=True, exist_ok=True)
    architecture, sizes = type(model).__name__, asdict(model.config)
    metadata = {"architecture": architecture, "config": json.dumps(sizes)}
    (folder / WEIGHTS).write_bytes(_in_order(save(_packed(model.state_dict()), metadata)))
    tokenizer.save(folder / TOKENIZER)
    hashes = {name: _sha256((folder / name).read_bytes()) for name in (TOKENIZER, WEIGHTS)}
    if tokenizer_of is not None:
        (folder / TOKENIZER).unlink()
    held = {
        "architecture": architecture,
        "config": sizes,
        "tokenizer_of": tokenizer_of,
        "sha256": hashes,
        "about": dict(about or {}),
    }
    (folder / "config.json").write_text(json.dumps(held, indent=2, ensure_ascii=False) + "\n", "utf-8")


def load_checkpoint(name: str, folder: Path = BUNDLED) -> Checkpoint:
    """Load `folder/name`. Raises `CheckpointError` naming the file that is missing, damaged or swapped."""
    here = folder / name
    repair = REPAIR if folder == BUNDLED else REPLACE
    described = _read(here / "config.json", repair)
    try:
        held = json.loads(described)
        config_class, model_class = _ARCHITECTURES[held["architecture"]]
        config = config_class(**held["config"])
        expected, about = dict(held["sha256"]), dict(held["about"])
        spelled_by = folder / (held["tokenizer_of"] or name)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{here / 'config.json'}: is damaged ({error}); {repair}") from error
    contents = {}
    for path in (spelled_by / TOKENIZER, here / WEIGHTS):
        contents[path.name] = _read(path, repair)
        if _sha256(contents[path.name]) != expected.get(path.name):
            raise CheckpointError(f"{path}: is damaged or was swapped, its hash is not the recorded one; {repair}")
    try:
        state, trained = _unpacked(load(contents[WEIGHTS])), _metadata(contents[WEIGHTS])
        if trained != {"architecture": held["architecture"], "config": json.dumps(asdict(config))}:
            raise CheckpointError(f"{here / 'config.json'}: does not describe the weights beside it; {repair}")
        with _WithoutDrawing():
            model = model_class(config)
        model.load_state_dict(state, assign=True)
        model.float()  # the positions too
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{here / WEIGHTS}: does not fit its configuration; {repair}") from error
    try:
        tokenizer = SubwordTokenizer.load(spelled_by / TOKENIZER)
    except Exception as error:  # what the tokenizers library raises has no narrower class
        raise CheckpointError(f"{spelled_by / TOKENIZER}: holds no vocabulary; {repair}") from error
    return Checkpoint(name, model.eval(), tokenizer, about)


def _packed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    packed = {}
    for name, tensor in state.items():
        if tensor.dim() < 2:
            packed[name] = tensor.half().contiguous()
            continue
        scale = tensor.abs().amax(dim=-1, keepdim=True).clamp_min(1e-12) / 127
        packed[name], packed[name + SCALE] = (tensor / scale).round().to(torch.int8).contiguous(), scale.float()
    return packed


def _unpacked(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name: tensor.float() * packed[name + SCALE] if tensor.dtype == torch.int8 else tensor.float()
        for name, tensor in packed.items()
        if not name.endswith(SCALE)
    }


def _in_order(weights: bytes) -> bytes:
    """The same file with the keys of its header sorted: the library writes its metadata in any order."""
    end = 8 + int.from_bytes(weights[:8], "little")
    header = json.dumps(json.loads(weights[8:end]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + weights[end:]


def _metadata(weights: bytes) -> dict[str, str]:
    # A safetensors file begins with the length of its JSON header, 8 bytes, little-endian.
    header = json.loads(weights[8 : 8 + int.from_bytes(weights[:8], "little")])
    return dict(header.get("__metadata__", {}))


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


def _read(path: Path, repair: str) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # a name can be one that no file may have
        reason = error.strerror if isinstance(error, OSError) else error
        raise CheckpointError(f"{path}: cannot be read ({reason}); {repair}") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
