"""Train a bundled model: `python -m model.training CHECKPOINT --data DIR --out DIR`.

Stops and resumes at any time: started again with the same `--out` it goes on from the last save, at most
a minute of work behind. On several processes: `torchrun --nproc-per-node N -m model.training …`; every
process takes each N-th batch, and gradients are summed so that the step is that of one larger batch.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, nn

from model.checkpoint import Network, load_checkpoint, save_checkpoint
from model.data import Example, batches
from model.errors import ModelError
from model.recipes import CHECKPOINTS, Recipe, Task, make_task
from model.tokenizer import END, PAD, START
from model.transformer import Transformer

SAVE_EVERY_SECONDS = 60.0
ROWS_AT_ONCE = {"cpu": 512, "cuda": 16384}


def collate(examples: Sequence[Example], device: torch.device) -> tuple[Tensor | None, Tensor, Tensor]:
    """Padded source (B, S), decoder input (B, T) and labels (B, T): the target shifted by one.

    A language model has no source. Labels that are not to be learnt are padding.
    """

    def padded(rows: Sequence[list[int]]) -> Tensor:
        width = max(map(len, rows))
        return torch.tensor([row + [PAD] * (width - len(row)) for row in rows], device=device)

    return (
        padded([example.source for example in examples]) if examples[0].source else None,
        padded([[START, *example.target] for example in examples]),
        padded([_labels(example) for example in examples]),
    )


def _labels(example: Example) -> list[int]:
    labels = [*example.target, END]
    learnt = example.learnt or [True] * len(labels)
    return [label if known else PAD for label, known in zip(labels, learnt, strict=True)]


def learning_rate(recipe: Recipe, step: int, total: int) -> float:
    """As a share of its peak: linear warm-up, then half a cosine down to 1 %."""
    if step < recipe.warmup_steps:
        return (step + 1) / recipe.warmup_steps
    done = (step - recipe.warmup_steps) / max(1, total - recipe.warmup_steps)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


class Trainer:
    """One run: the model, its optimiser, the moving average, and where it stands."""

    def __init__(self, task: Task, out: Path, device: str = "cpu") -> None:
        self.rank = distributed.get_rank() if distributed.is_initialized() else 0
        self.processes = distributed.get_world_size() if distributed.is_initialized() else 1
        self.model, self.task, self.recipe, self.out = task.model.to(device), task, task.recipe, out
        self.device = torch.device(device)
        self.lengths = [max(len(example.source), len(example.target) + 1) for example in task.examples]
        self.steps_an_epoch = len(self._epoch_batches(0)) // self.processes
        self.total = self.steps_an_epoch * self.recipe.epochs
        self.optimisers = self._optimisers()
        self.average = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        self.step = 0

    def _optimisers(self) -> list[torch.optim.Optimizer]:
        recipe = self.recipe
        matrices = {name: p for name, p in self.model.named_parameters() if p.dim() > 1}
        plain = [p for p in self.model.parameters() if p.dim() <= 1]
        inner = [p for name, p in matrices.items() if recipe.muon_learning_rate and not name.startswith("embedding")]
        outer = [p for p in matrices.values() if all(p is not q for q in inner)]
        groups = [{"params": outer, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        found: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(groups, lr=recipe.peak_learning_rate, betas=(0.9, 0.98), eps=1e-9, fused=True)
        ]
        if inner:
            found.append(
                torch.optim.Muon(
                    inner,
                    lr=recipe.muon_learning_rate,
                    weight_decay=recipe.weight_decay,
                    adjust_lr_fn="match_rms_adamw",
                )
            )
        for group in (group for optimiser in found for group in optimiser.param_groups):
            group["peak"] = group["lr"]
        return found

    def _epoch_batches(self, epoch: int) -> list[list[int]]:
        return list(batches(self.lengths, self.recipe.tokens_per_batch, self.recipe.seed * 1000 + epoch))

    def run(self) -> None:
        """Train to the end, resuming what `out` holds; prints a line every hundred steps."""
        self._resume()
        self._keep_moment()
        saved = shown = time.monotonic()
        losses: list[float] = []
        while self.step < self.total:
            epoch, start = divmod(self.step, self.steps_an_epoch)
            order = self._epoch_batches(epoch)
            for index in range(start, self.steps_an_epoch):
                losses.append(self._train_on(order[index * self.processes + self.rank]))
                self.step += 1
                self._keep_moment()
                now = time.monotonic()
                if self.step % 100 == 0 and self.rank == 0:
                    rate = len(losses) / (now - shown)
                    self._report(epoch, sum(losses) / len(losses), rate)
                    losses, shown = [], now
                if now - saved > SAVE_EVERY_SECONDS:
                    self._save()
                    saved = now
            self._save()
            if self.rank == 0:
                score = self.task.validate(self.averaged_model())
                self._log({"epoch": epoch + 1, "step": self.step, self.task.measure: score})
                print(f"epoch {epoch + 1}: {self.task.measure} {score:.2f}", file=sys.stderr, flush=True)

    def _train_on(self, indices: list[int]) -> float:
        # Dropout must not depend on how often the run was interrupted.
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.step * self.processes + self.rank)
        self.model.train()
        for group in (group for optimiser in self.optimisers for group in optimiser.param_groups):
            group["lr"] = group["peak"] * learning_rate(self.recipe, self.step, self.total)
        source, target, labels = collate([self.task.examples[i] for i in indices], self.device)
        self.model.zero_grad(set_to_none=True)
        real = labels != PAD
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            outputs = self._decode(source, target)
        loss = self._backward_through_vocabulary(outputs[real], labels[real])
        tokens = self._sum_over_processes(real.sum().float())
        for parameter in self.model.parameters():
            assert parameter.grad is not None
            self._sum_over_processes(parameter.grad).div_(tokens)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self._update_average()
        return (self._sum_over_processes(loss) / tokens).item()

    def _decode(self, source: Tensor | None, target: Tensor) -> Tensor:
        if source is not None:
            return self.model.decode(target, source, self.model.encode(source).output).output
        assert isinstance(self.model, Transformer)
        return self.model.decode(target, None, None).output

    def _backward_through_vocabulary(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Loss of `outputs` (N, C), summed, with its gradient sent back.

        The logits of a whole batch are by far the largest tensor there is; a few hundred rows at a time
        they stay in the cache.
        """
        gradient = torch.empty_like(outputs)
        total = torch.zeros((), device=self.device)
        table = self.model.embedding.weight
        table_half = table.detach().bfloat16()
        table.grad = torch.zeros_like(table)
        smoothing = self.recipe.label_smoothing
        detached = outputs.detach()
        at_once = ROWS_AT_ONCE[self.device.type]
        for start in range(0, len(labels), at_once):
            rows = detached[start : start + at_once].bfloat16()  # (N, C)
            right = labels[start : start + at_once].unsqueeze(1)  # (N, 1)
            logits = (rows @ table_half.T).float()  # (N, V)
            log_total = logits.logsumexp(1, keepdim=True)  # (N, 1)
            right_loss = log_total - logits.gather(1, right)
            spread_loss = log_total - logits.mean(1, keepdim=True)
            total += ((1 - smoothing) * right_loss + smoothing * spread_loss).sum()
            # The gradient of cross-entropy at the logits is the prediction minus the target.
            error = logits.sub_(log_total).exp_()
            error.sub_(smoothing / error.size(1))
            error.scatter_add_(1, right, torch.full_like(right, smoothing - 1, dtype=error.dtype))
            error_half = error.bfloat16()
            gradient[start : start + at_once] = (error_half @ table_half).to(gradient.dtype)
            table.grad += (error_half.T @ rows).float()
        torch.autograd.backward(outputs, gradient)
        return total

    def _sum_over_processes(self, value: Tensor) -> Tensor:
        if self.processes > 1:
            distributed.all_reduce(value)
        return value

    @torch.no_grad()
    def _update_average(self) -> None:
        decay = min(self.recipe.average_decay, (1 + self.step) / (10 + self.step))
        held = [self.average[name] for name, _ in self.model.named_parameters()]
        torch._foreach_lerp_(held, [p.detach() for p in self.model.parameters()], 1 - decay)

    def averaged_model(self) -> Network:
        """A copy that carries the moving average, ready to run."""
        model = copy.deepcopy(self.model)
        model.load_state_dict(self.average)
        return model.eval()

    def _keep_moment(self) -> None:
        if self.rank == 0 and self.recipe.moments and self.step in (*self.recipe.moments, self.total):
            about = {"recipe": asdict(self.recipe), "step": self.step}
            folder = self.out / self.task.name / f"step-{self.step:05}"
            save_checkpoint(self.model, self.task.tokenizer, folder, about, tokenizer_of=self.task.tokenizer_of)

    def _report(self, epoch: int, loss: float, rate: float) -> None:
        left = (self.total - self.step) / rate
        print(
            f"step {self.step}/{self.total}  epoch {epoch + 1}  loss {loss:.3f} nats  {rate:.1f} steps/s  "
            f"{left / 60:.0f} min left",
            file=sys.stderr,
            flush=True,
        )
        self._log({"step": self.step, "loss_nats": loss})

    def _log(self, entry: dict[str, float]) -> None:
        with (self.out / "curve.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry) + "\n")

    def _save(self) -> None:
        if self.rank:
            return
        state = {
            "step": self.step,
            "recipe": json.dumps(asdict(self.recipe)),
            "model": self.model.state_dict(),
            "average": self.average,
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }
        partial = self.out / "resume.partial"
        torch.save(state, partial)
        os.replace(partial, self.out / "resume.pt")

    def _resume(self) -> None:
        path = self.out / "resume.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["recipe"] != json.dumps(asdict(self.recipe)):
            raise SystemExit(f"{path}: was trained with another recipe; give another --out or the same options")
        self.model.load_state_dict(state["model"])
        self.average = state["average"]
        for optimiser, held in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(held)
        self.step = state["step"]
        print(f"resuming at step {self.step}", file=sys.stderr, flush=True)


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
    options = parser.parse_args(arguments)
    if "RANK" in os.environ:
        distributed.init_process_group("nccl" if options.device == "cuda" else "gloo")
    torch.set_float32_matmul_precision("high")
    try:
        chosen = dict(pair.split("=", 1) for pair in options.set)
        task = make_task(options.checkpoint, options.data, options.english, chosen)
        about: dict[str, Any] = {"recipe": asdict(task.recipe)}
        if options.start_from:
            earlier = load_checkpoint(options.start_from.name, options.start_from.parent)
            task.model.load_state_dict(earlier.model.state_dict())
            about["before"] = dict(earlier.about)
        options.out.mkdir(parents=True, exist_ok=True)
    except (ModelError, OSError, RuntimeError, ValueError) as error:
        parser.error(str(error))
    trainer = Trainer(task, options.out, options.device)
    trainer.run()
    if trainer.rank == 0 and not task.recipe.moments:
        model = trainer.averaged_model().cpu()
        save_checkpoint(model, task.tokenizer, options.out / task.name, about, tokenizer_of=task.tokenizer_of)
    if distributed.is_initialized():
        distributed.barrier()
        distributed.destroy_process_group()  # its threads must not outlive the interpreter


if __name__ == "__main__":
    main()
