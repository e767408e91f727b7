"""Fine-tuning the encoder on turns: the node, the act, the wish, the run, and a slot for each word, all at once.

B batch, T tokens, D width, W words, M nodes
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from training.reader.data import SLOT_LABELS, Example
from training.reader.network import DROPPED, FROZEN, Base, Heads
from tutor.understanding.intent import ACTIONS, ACTS, CALCULATIONS, NO_RUN, WISHES
from tutor.understanding.pieces import WordPieces

BATCH, RATE, HEAD_RATE, SMOOTHED, WARM_UP = 48, 2.5e-4, 2e-3, 0.998, 0.06
WEIGHTS = {"node": 1.0, "act": 0.5, "wish": 0.2, "run": 0.5, "slot": 0.5}
SOFT = 0.05
"""Share of the target that is spread over the other nodes: neighbours are not all wrong."""
UNKNOWN = -100
FIRST = 4
"""Wordings of a node that say where its vector begins."""


def labels_of(experiments: Sequence[str]) -> dict[str, list[str]]:
    """The labels of each head, in the order of its rows."""
    runs = [*experiments, *ACTIONS, *CALCULATIONS, NO_RUN]
    return {"act": list(ACTS), "wish": list(WISHES), "run": runs, "slot": list(SLOT_LABELS)}


@dataclass(frozen=True)
class Prepared:
    """An example as tensors."""

    below: Tensor
    """Output of the frozen layers, half precision, (T, D)."""
    targets: dict[str, int]
    words: Tensor
    """(W,) places of the words."""
    slots: Tensor
    """(W,) their labels, `UNKNOWN` where there are none."""


class Trainer:
    """Fine-tunes the upper layers and the heads; stops and resumes at the end of an epoch."""

    def __init__(
        self, base: Base, labels: dict[str, list[str]], nodes: Sequence[str], splitter: WordPieces, seed: int
    ) -> None:
        torch.manual_seed(seed)
        self.base, self.labels, self.nodes, self.splitter = base, labels, list(nodes), splitter
        self.heads = Heads(base.pieces.shape[1], labels, len(nodes))
        self.upper = base.layers[FROZEN:]
        self.drop = nn.Dropout(DROPPED)
        self.dice = random.Random(seed)
        self.kept = [*self.upper.parameters(), *self.heads.parameters()]
        """What is saved: all that was ever trained."""
        self.learned = list(self.kept)
        self._place = {name: {label: at for at, label in enumerate(found)} for name, found in labels.items()}
        self._place["node"] = {name: at for at, name in enumerate(self.nodes)}

    # --- preparing ----------------------------------------------------------------------------------

    def prepare(self, examples: Sequence[Example]) -> list[Prepared]:
        """The frozen layers' output, computed once."""
        self.base.eval()
        found: list[Prepared | None] = [None] * len(examples)
        split = [self.splitter.joined(one.told, one.text) for one in examples]
        order = sorted(range(len(examples)), key=lambda at: len(split[at][0]))
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            numbers, before, mask = _padded([split[at][:2] for at in rows])
            with torch.no_grad():
                below = self.base.below(numbers, before, mask).half()
            for row, at in enumerate(rows):
                found[at] = self._prepared(examples[at], below[row, : len(split[at][0])].clone(), split[at][2])
        return [one for one in found if one is not None]

    def _prepared(self, one: Example, below: Tensor, words: list[tuple[int, int, int]]) -> Prepared:
        given = {"node": one.node, "act": one.act, "wish": one.wish, "run": one.run}
        targets = {head: self._place[head].get(label, UNKNOWN) if label else UNKNOWN for head, label in given.items()}
        slots = [self._slot(one, start, end) for start, end, _ in words]
        return Prepared(below, targets, torch.tensor([place for _, _, place in words]), torch.tensor(slots))

    def _slot(self, one: Example, start: int, end: int) -> int:
        if one.slots is None:
            return UNKNOWN
        kind = next((kind for begun, stop, kind in one.slots if begun <= start and end <= stop), SLOT_LABELS[0])
        return self._place["slot"][kind]

    # --- training -----------------------------------------------------------------------------------

    def begin(self, examples: Sequence[Prepared], known: Collection[str] = ()) -> None:
        """Each node's vector begins where its wordings lie; of those `known`, it stays."""
        self.base.eval()
        sums = torch.zeros_like(self.heads.questions)
        seen: Counter[int] = Counter()
        first = []
        for one in examples:
            node = one.targets["node"]
            seen[node] += 1
            if node != UNKNOWN and seen[node] <= FIRST:
                first.append(one)
        for start in range(0, len(first), BATCH):
            batch = first[start : start + BATCH]
            with torch.no_grad():
                mean = self._mean(*self._above(batch))
            places = torch.tensor([one.targets["node"] for one in batch])
            sums.index_add_(0, places, normalize(mean, dim=-1))
        fresh = [place for place, name in enumerate(self.nodes) if name not in known]
        self.heads.questions.data[fresh] = sums[fresh]

    def train(
        self, examples: Sequence[Prepared], epochs: int, after_epoch: Callable[[Sequence[Tensor]], None] | None = None
    ) -> None:
        """Adam with a warm-up and a linear decay; the weights' running mean is what is kept."""
        groups = [
            {"params": list(self.upper.parameters()), "lr": RATE},
            {"params": list(self.heads.parameters()), "lr": HEAD_RATE},
        ]
        optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        steps, done = epochs * -(-len(examples) // BATCH), 0
        smooth = [value.detach().clone() for value in self.learned]
        self.base.train()
        begun = time.monotonic()
        for epoch in range(epochs):
            lost = 0.0
            for batch in self._batches(examples):
                factor = min(1.0, (done + 1) / (WARM_UP * steps)) * max(0.02, 1 - done / steps)
                for group, rate in zip(optimiser.param_groups, (RATE, HEAD_RATE), strict=True):
                    group["lr"] = rate * factor
                loss = self.loss(batch)
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(self.learned, 1.0)
                optimiser.step()
                done += 1
                lost += loss.item()
                keep = min(SMOOTHED, (1 + done) / (10 + done))
                for mean, value in zip(smooth, self.learned, strict=True):
                    mean.mul_(keep).add_(value.detach(), alpha=1 - keep)
                if done % 50 == 0:
                    left = (time.monotonic() - begun) / done * (steps - done) / 60
                    print(f"step {done} of {steps}, {left:.0f} minutes left", file=sys.stderr, flush=True)
            if after_epoch:
                after_epoch(smooth)
            print(f"epoch {epoch + 1}: loss {lost * BATCH / len(examples):.3f}", file=sys.stderr, flush=True)
        for mean, value in zip(smooth, self.learned, strict=True):
            value.data.copy_(mean)
        self.base.eval()

    def freeze(self, layers: int) -> None:
        """Keep this many lower layers as they are from now on: their output is computed once, and a step costs less."""
        self.base.frozen = layers
        self.upper = self.base.layers[layers:]
        self.learned = [*self.upper.parameters(), *self.heads.parameters()]

    def save(self, path: Path, smooth: Sequence[Tensor]) -> None:
        """Keep the weights, rows of labels and nodes by their names, for `resume`."""
        newest = dict(zip(map(id, self.learned), smooth, strict=True))

        def kept(value: Tensor) -> Tensor:
            return newest.get(id(value), value).detach()

        upper = [kept(value) for value in self.base.layers[FROZEN:].parameters()]
        rows = {
            kind: {
                name: dict(zip(labels, kept(getattr(self.heads.linear[name], kind)), strict=True))
                for name, labels in self.labels.items()
            }
            for kind in ("weight", "bias")
        }
        questions = dict(zip(self.nodes, kept(self.heads.questions), strict=True))
        torch.save({"upper": upper, **rows, "questions": questions}, path)

    def resume(self, path: Path) -> frozenset[str]:
        """Begin from weights that were kept, also where labels or nodes were added or taken out since.

        Returns the nodes that they know.
        """
        held = torch.load(path, weights_only=True)
        for value, kept in zip(self.base.layers[FROZEN:].parameters(), held["upper"], strict=True):
            value.data.copy_(kept)
        places = [(self.heads.questions, self.nodes, held["questions"])]
        for kind in ("weight", "bias"):
            places += [
                (getattr(self.heads.linear[name], kind), own, held[kind][name]) for name, own in self.labels.items()
            ]
        for rows, names, known in places:
            for place, name in enumerate(names):
                if name in known:
                    rows.data[place] = known[name]
        return frozenset(held["questions"])

    def loss(self, batch: Sequence[Prepared]) -> Tensor:
        """The sum of what each head gets wrong on the examples that it has labels for."""
        x, mask = self._above(batch)
        mean = self.drop(self._mean(x, mask))  # (B, D)
        total = torch.zeros(())
        for head, weight in WEIGHTS.items():
            if head == "slot":
                rows = torch.cat([x[row, one.words] for row, one in enumerate(batch)])  # (ΣW, D)
                logits, right = self.heads.linear["slot"](rows), torch.cat([one.slots for one in batch])
            else:
                right = torch.tensor([one.targets[head] for one in batch])
                logits = self.heads.node_logits(mean) if head == "node" else self.heads.linear[head](mean)
            known = right != UNKNOWN
            if known.any():
                loss = cross_entropy(logits[known], right[known], label_smoothing=SOFT if head == "node" else 0.0)
                total = total + weight * loss * (known.float().mean() if head != "slot" else 1.0)
        return total

    def _above(self, batch: Sequence[Prepared]) -> tuple[Tensor, Tensor]:
        longest = max(len(one.below) for one in batch)
        x = torch.zeros(len(batch), longest, self.base.pieces.shape[1])
        mask = torch.zeros(len(batch), longest, dtype=torch.bool)
        for row, one in enumerate(batch):
            x[row, : len(one.below)] = one.below.float()
            mask[row, : len(one.below)] = True
        return self.base.above(x, mask), mask

    @staticmethod
    def _mean(x: Tensor, mask: Tensor) -> Tensor:
        share = mask[..., None].float()
        return (x * share).sum(1) / share.sum(1)  # (B, D)

    def _batches(self, examples: Sequence[Prepared]) -> list[list[Prepared]]:
        """Shuffled, with examples of like length together."""
        order = list(examples)
        self.dice.shuffle(order)
        wide = BATCH * 20
        chunks = [sorted(order[at : at + wide], key=lambda one: len(one.below)) for at in range(0, len(order), wide)]
        found = [chunk[at : at + BATCH] for chunk in chunks for at in range(0, len(chunk), BATCH)]
        self.dice.shuffle(found)
        return found

    # --- measuring ----------------------------------------------------------------------------------

    def right(self, examples: Sequence[Prepared]) -> dict[str, tuple[int, int]]:
        """Head -> (right, of how many), over examples that were not trained on."""
        self.base.eval()
        counts = {head: [0, 0] for head in ("node", "act", "wish", "run", "slot")}
        for start in range(0, len(examples), BATCH):
            batch = examples[start : start + BATCH]
            with torch.no_grad():
                x, mask = self._above(batch)
                mean = self._mean(x, mask)
                for head, count in counts.items():
                    if head == "slot":
                        rows = torch.cat([x[row, one.words] for row, one in enumerate(batch)])
                        logits, wanted = self.heads.linear["slot"](rows), torch.cat([one.slots for one in batch])
                        wanted = torch.where(wanted == 0, UNKNOWN, wanted)  # words that fill no slot are easy
                    else:
                        wanted = torch.tensor([one.targets[head] for one in batch])
                        logits = self.heads.node_logits(mean) if head == "node" else self.heads.linear[head](mean)
                    known = wanted != UNKNOWN
                    count[0] += int((logits.argmax(-1) == wanted)[known].sum())
                    count[1] += int(known.sum())
        return {head: (right, total) for head, (right, total) in counts.items()}


def _padded(rows: Sequence[tuple[list[int], int]]) -> tuple[Tensor, Tensor, Tensor]:
    longest = max(len(pieces) for pieces, _ in rows)
    numbers, before = torch.zeros(2, len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.bool)
    for row, (pieces, told) in enumerate(rows):
        numbers[row, : len(pieces)] = torch.tensor(pieces)
        before[row, :told] = 1
        mask[row, : len(pieces)] = True
    return numbers, before, mask
