"""Fine-tunes the encoder that reads questions: `python -m benchmarks.train_encoder --base DIR`.

DIR holds the published all-MiniLM-L6-v2 (`model.safetensors`, `vocab.txt`; Apache-2.0). Its lower layers stay as they
are, the upper ones and a head for concepts and one for facets learn our questions. Written out are int8 matrices and
the part of the vocabulary that English questions need (`tutor/understanding/encoder.py` reads it). Takes about an
hour on two cores. A seed fixes the run; another processor's rounding gives slightly other weights.

B batch, T tokens, D width, H heads
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from benchmarks.encoder_examples import Item, Items
from tutor.curriculum.loader import load_library
from tutor.curriculum.tree import FACETS
from tutor.understanding import encoder
from tutor.understanding.lexicon import default_root, load_lexicon

BATCH, DROPPED, SMOOTHED = 32, 0.1, 0.997
RATE, HEAD_RATE = 2e-4, 5e-3
LAYERS, FROZEN = 6, 2


class Layer(nn.Module):
    """One post-norm encoder layer."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)
        self.drop = nn.Dropout(DROPPED)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, encoder.HEADS, width // encoder.HEADS)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)  # (B, H, T, D/H) each
        seen = scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        x = self.norm1(x + self.drop(self.out(seen.transpose(1, 2).reshape(batch, tokens, width))))
        x = self.norm2(x + self.drop(self.narrow(gelu(self.wide(x), approximate="tanh"))))
        return x  # (B, T, D)


class Base(nn.Module):
    """The pretrained encoder, with the names of `tutor/understanding/encoder.py`."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        held = {name: value.float() for name, value in load_file(path).items()}
        kinds = held["embeddings.token_type_embeddings.weight"]
        self.pieces = held["embeddings.word_embeddings.weight"]
        self.positions = held["embeddings.position_embeddings.weight"][: encoder.LONGEST] + kinds[0]
        self.kinds = torch.stack((torch.zeros_like(kinds[0]), kinds[1] - kinds[0]))
        width = self.pieces.shape[1]
        inner = held["encoder.layer.0.intermediate.dense.bias"].shape[0]
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(width, inner) for _ in range(LAYERS))
        self._fill(self.norm, held, "embeddings.LayerNorm")
        for number, layer in enumerate(self.layers):
            assert isinstance(layer, Layer)
            under = f"encoder.layer.{number}."
            for kind in ("weight", "bias"):
                three = [held[f"{under}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
                getattr(layer.qkv, kind).data = torch.cat(three)
            self._fill(layer.out, held, under + "attention.output.dense")
            self._fill(layer.norm1, held, under + "attention.output.LayerNorm")
            self._fill(layer.wide, held, under + "intermediate.dense")
            self._fill(layer.narrow, held, under + "output.dense")
            self._fill(layer.norm2, held, under + "output.LayerNorm")

    @staticmethod
    def _fill(module: nn.Module, held: dict[str, Tensor], name: str) -> None:
        for kind in ("weight", "bias"):
            getattr(module, kind).data = held[f"{name}.{kind}"]

    def below(self, numbers: Tensor, before: Tensor, mask: Tensor) -> Tensor:
        """What the frozen part makes of pieces; `before` is 1 for the pieces of what was told."""
        x: Tensor = self.norm(self.pieces[numbers] + self.positions[: numbers.shape[1]] + self.kinds[before])
        for layer in self.layers[:FROZEN]:
            x = layer(x, mask)
        return x  # (B, T, D)


@dataclass(frozen=True)
class Prepared:
    """An example as tensors."""

    below: Tensor
    """Output of the frozen layers, bfloat16, (T, D)."""
    concepts: Tensor
    """1 for each right label."""
    facets: Tensor
    weight: float
    both: float


class Trainer:
    """Fine-tunes the upper layers and the heads."""

    def __init__(self, base: Base, labels: dict[str, list[str]], splitter: encoder.WordPieces, seed: int) -> None:
        torch.manual_seed(seed)
        self.base, self.labels, self.splitter = base, labels, splitter
        width = base.pieces.shape[1]
        self.heads = nn.ModuleDict({name: nn.Linear(width, len(found)) for name, found in labels.items()})
        self.upper = base.layers[FROZEN:]
        self.drop = nn.Dropout(DROPPED)
        self.dice = random.Random(seed)
        self.learned = [*self.upper.parameters(), *self.heads.parameters()]
        self.smooth = [value.detach().clone() for value in self.learned]

    def prepare(self, items: Sequence[Item]) -> list[Prepared]:
        """The frozen layers' output, computed once."""
        self.base.eval()
        found: list[Prepared | None] = [None] * len(items)
        split = [self.splitter.joined(item.told, item.text) for item in items]
        order = sorted(range(len(items)), key=lambda at: len(split[at][0]))
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            longest = max(len(split[at][0]) for at in rows)
            numbers, before = torch.zeros(2, len(rows), longest, dtype=torch.long)
            mask = torch.zeros(len(rows), longest, dtype=torch.bool)
            for row, at in enumerate(rows):
                pieces, told = split[at]
                numbers[row, : len(pieces)] = torch.tensor(pieces)
                before[row, :told] = 1
                mask[row, : len(pieces)] = True
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
                below = self.base.below(numbers, before, mask).to(torch.bfloat16)
            for row, at in enumerate(rows):
                item = items[at]
                found[at] = Prepared(
                    below[row, : len(split[at][0])].clone(),
                    self._right("concepts", item.concepts),
                    self._right("facets", item.facets),
                    item.weight,
                    float(item.both),
                )
        return [one for one in found if one is not None]

    def _right(self, head: str, wanted: Sequence[str]) -> Tensor:
        return torch.tensor([float(label in wanted) for label in self.labels[head]])

    def loss(self, batch: Sequence[Prepared]) -> Tensor:
        """Cross-entropy of both heads; any right label is right, unless both are asked about."""
        longest = max(len(one.below) for one in batch)
        x = torch.zeros(len(batch), longest, self.base.pieces.shape[1])
        mask = torch.zeros(len(batch), longest, dtype=torch.bool)
        for row, one in enumerate(batch):
            x[row, : len(one.below)] = one.below.float()
            mask[row, : len(one.below)] = True
        with torch.autocast("cpu", dtype=torch.bfloat16):
            for layer in self.upper:
                x = layer(x, mask)
        share = mask[..., None].float()
        mean = self.drop((x.float() * share).sum(1) / share.sum(1))  # (B, D)
        weight = torch.tensor([one.weight for one in batch])
        both = torch.tensor([one.both for one in batch])
        total = torch.zeros(())
        for name, head in self.heads.items():
            right = torch.stack([one.concepts if name == "concepts" else one.facets for one in batch])
            logs = torch.log_softmax(head(mean), 1)
            count = right.sum(1)
            loss = -torch.logsumexp(logs + (right + 1e-9).log(), 1)
            if name == "concepts":
                loss = (1 - both) * loss - both * (logs * right).sum(1) / count.clamp(min=1)
            total = total + (loss * weight * (count > 0)).sum() / weight.sum()
        return total

    def batches(self, examples: Sequence[Prepared]) -> list[list[Prepared]]:
        """Shuffled, with examples of like length together."""
        order = list(examples)
        self.dice.shuffle(order)
        wide = BATCH * 16
        chunks = [sorted(order[at : at + wide], key=lambda one: len(one.below)) for at in range(0, len(order), wide)]
        found = [chunk[at : at + BATCH] for chunk in chunks for at in range(0, len(chunk), BATCH)]
        self.dice.shuffle(found)
        return found

    def train(self, examples: Sequence[Prepared], epochs: int) -> None:
        """Adam with a warm-up and a linear decay; the weights' running mean is what is kept."""
        groups = [
            {"params": list(self.upper.parameters()), "lr": RATE},
            {"params": list(self.heads.parameters()), "lr": HEAD_RATE},
        ]
        optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        steps, done = epochs * -(-len(examples) // BATCH), 0
        self.base.train()
        for epoch in range(epochs):
            lost = 0.0
            for batch in self.batches(examples):
                factor = min(1.0, done / (0.1 * steps)) * max(0.02, 1 - done / steps)
                for group, rate in zip(optimiser.param_groups, (RATE, HEAD_RATE), strict=True):
                    group["lr"] = rate * factor
                loss = self.loss(batch)
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(self.upper.parameters(), 1.0)
                optimiser.step()
                done += 1
                lost += loss.item() * len(batch)
                keep = min(SMOOTHED, (1 + done) / (10 + done))
                for mean, value in zip(self.smooth, self.learned, strict=True):
                    mean.mul_(keep).add_(value.detach(), alpha=1 - keep)
            print(f"epoch {epoch + 1}: loss {lost / len(examples):.3f}", file=sys.stderr, flush=True)
        for mean, value in zip(self.smooth, self.learned, strict=True):
            value.data.copy_(mean)


def kept_pieces(vocabulary: Sequence[str], items: Sequence[Item], common: int) -> list[int]:
    """Numbers of the pieces worth keeping: those of every example, single letters, and the commonest words."""
    splitter = encoder.WordPieces(vocabulary)
    wanted = {number for item in items for number in splitter.joined(item.told, item.text)[0]}
    plain = [number for number, piece in enumerate(vocabulary) if piece.removeprefix("##").isascii()]
    wanted |= {number for number in plain if len(vocabulary[number].removeprefix("##")) == 1}
    words = (number for number in plain if vocabulary[number].isalpha() and len(vocabulary[number]) > 1)
    wanted |= {number for number, _ in zip(words, range(common), strict=False)}
    return sorted(wanted | {vocabulary.index("[UNK]")})


def packed(trainer: Trainer, pieces: Sequence[int]) -> dict[str, Tensor]:
    """The tensors of the file: matrices as int8 with one scale a row."""
    base = trainer.base
    found: dict[str, Tensor] = {"positions": base.positions, "kinds": base.kinds}
    matrices = {"pieces": base.pieces[list(pieces)]}
    for name, value in _named(trainer):
        if value.dim() == 2:
            matrices[name] = value
        else:
            found[name] = value
    for name, value in matrices.items():
        scale = value.abs().amax(1) / 127
        found[name] = (value / scale[:, None]).round().to(torch.int8)
        found[f"{name}.scale"] = scale
    return {name: value.detach().contiguous() for name, value in found.items()}


def _named(trainer: Trainer) -> Iterator[tuple[str, Tensor]]:
    yield from ((f"norm.{kind}", value) for kind, value in trainer.base.norm.named_parameters())
    for number, layer in enumerate(trainer.base.layers):
        yield from ((f"{number}.{name}", value) for name, value in layer.named_parameters())
    yield from trainer.heads.named_parameters()


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums come out the same whatever the machine's number of cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="folder of the published model")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--common", type=int, default=9000, help="commonest words kept beside those of the examples")
    parser.add_argument("--out", type=Path, default=default_root() / encoder.FILE)
    options = parser.parse_args()
    items = Items(load_lexicon(), load_library()).every()
    vocabulary = (options.base / "vocab.txt").read_text("utf-8").split("\n")[:-1]
    labels = {"concepts": sorted({concept for item in items for concept in item.concepts}), "facets": list(FACETS)}
    with one_thread():
        trainer = Trainer(
            Base(options.base / "model.safetensors"), labels, encoder.WordPieces(vocabulary), options.seed
        )
        trainer.train(trainer.prepare(items), options.epochs)
    pieces = kept_pieces(vocabulary, items, options.common)
    about = {"vocabulary": json.dumps([vocabulary[n] for n in pieces]), "labels": json.dumps(labels)}
    save_file(packed(trainer, pieces), options.out, metadata=about)
    print(f"{len(items)} examples, {len(pieces)} pieces, {options.out.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
