"""Writing what was trained into the file that the program reads: matrices as int8 with one scale a row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from training.reader.trainer import Trainer


def write_encoder(trainer: Trainer, vocabulary: Sequence[str], about: Mapping[str, str], path: Path) -> None:
    """The encoder with its vocabulary and labels."""
    words = {"vocabulary": json.dumps(list(vocabulary)), "labels": json.dumps(trainer.labels)}
    save_file(packed(trainer), path, metadata={**about, **words})


def packed(trainer: Trainer) -> dict[str, Tensor]:
    """The tensors of the file."""
    base = trainer.base
    found: dict[str, Tensor] = {"positions": base.positions, "kinds": base.kinds}
    matrices = {"pieces": base.pieces}
    for name, value in _named(trainer):
        if value.dim() == 2:
            matrices[name] = value
        else:
            found[name] = value
    for name, value in matrices.items():
        scale = value.abs().amax(1).clamp(min=1e-9) / 127
        found[name] = (value / scale[:, None]).round().to(torch.int8)
        found[f"{name}.scale"] = scale
    return {name: value.detach().contiguous() for name, value in found.items()}


def _named(trainer: Trainer) -> Iterator[tuple[str, Tensor]]:
    yield from ((f"norm.{kind}", value) for kind, value in trainer.base.norm.named_parameters())
    for number, layer in enumerate(trainer.base.layers):
        yield from ((f"{number}.{name}", value) for name, value in layer.named_parameters())
    yield from trainer.heads.linear.named_parameters()
