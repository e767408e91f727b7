"""Trains one model: batches, the schedule, the gradient through the vocabulary, the moving average, saves.

B batch, S source tokens, T target tokens, N tokens that count, C width, V vocabulary
"""

from __future__ import annotations

import copy
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, distributed, nn

from model.checkpoint import Network, save_checkpoint
from model.data import Example, batches
from model.errors import ConfigurationError
from model.recipes import Recipe, Task
from model.saves import Saves
from model.tokenizer import END, PAD, START
from model.transformer import Transformer

SAVE_EVERY_SECONDS, FIRST_LINE_SECONDS, LINE_EVERY_SECONDS = 60.0, 5.0, 30.0
LOG_EVERY_STEPS = 100
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

    def __init__(self, task: Task, out: Path, device: str = "cpu", precision: torch.dtype = torch.bfloat16) -> None:
        self.rank = distributed.get_rank() if distributed.is_initialized() else 0
        self.processes = distributed.get_world_size() if distributed.is_initialized() else 1
        self.model, self.task, self.recipe, self.out = task.model.to(device), task, task.recipe, out
        self.device = torch.device(device)
        self.precision = precision
        self.lengths = [max(len(example.source), len(example.target) + 1) for example in task.examples]
        self.steps_an_epoch = len(self._epoch_batches(0)) // self.processes
        if not self.steps_an_epoch:
            raise ConfigurationError(
                f"{len(self._epoch_batches(0))} batches are too few for {self.processes} processes; start fewer"
            )
        self.total = self.steps_an_epoch * self.recipe.epochs
        self.optimisers = self._optimisers()
        self.average = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        self.saves = Saves(task, out, self.processes)
        self.step = 0
        self.stop_wanted = False
        """Save after the step at hand, and end there."""

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
        """Train to the end, or until it is wanted to stop; goes on from what `out` holds.

        Prints a line after five seconds, then every half minute. Raises `CheckpointError` for a save of another run.
        """
        self._resume()
        self._keep_moment()
        saved = time.monotonic()
        progress = _Progress(self.total, self.step)
        losses: list[float] = []
        while self.step < self.total:
            epoch, start = divmod(self.step, self.steps_an_epoch)
            order = self._epoch_batches(epoch)
            for index in range(start, self.steps_an_epoch):
                losses.append(self._train_on(order[index * self.processes + self.rank]))
                self.step += 1
                self._keep_moment()
                if self.rank == 0:
                    progress.say(self.step, epoch, losses[-1])
                if self.step % LOG_EVERY_STEPS == 0:
                    self._log({"step": self.step, "loss_nats": sum(losses) / len(losses)})
                    losses = []
                if self._is_to_stop():
                    self._save()
                    return
                if time.monotonic() - saved > SAVE_EVERY_SECONDS:
                    self._save()
                    saved = time.monotonic()
            self._save()
            if self.rank == 0:
                score = self.task.validate(self.averaged_model())
                self._log({"epoch": epoch + 1, "step": self.step, self.task.measure: score})
                print(f"epoch {epoch + 1}: {self.task.measure} {score:.2f}", file=sys.stderr, flush=True)

    @property
    def finished(self) -> bool:
        """Whether the last step is done."""
        return self.step >= self.total

    def _is_to_stop(self) -> bool:
        # All processes stop after the same step, or those that go on would wait for the others for ever.
        return bool(self._sum_over_processes(torch.tensor(float(self.stop_wanted), device=self.device)))

    def _train_on(self, indices: list[int]) -> float:
        # Dropout must not depend on how often the run was interrupted.
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.step * self.processes + self.rank)
        self.model.train()
        for group in (group for optimiser in self.optimisers for group in optimiser.param_groups):
            group["lr"] = group["peak"] * learning_rate(self.recipe, self.step, self.total)
        source, target, labels = collate([self.task.examples[i] for i in indices], self.device)
        self.model.zero_grad(set_to_none=True)
        real = labels != PAD
        with torch.autocast(self.device.type, self.precision, enabled=self.precision != torch.float32):
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
        table_half = table.detach().to(self.precision)
        table.grad = torch.zeros_like(table)
        smoothing = self.recipe.label_smoothing
        detached = outputs.detach()
        at_once = ROWS_AT_ONCE[self.device.type]
        for start in range(0, len(labels), at_once):
            rows = detached[start : start + at_once].to(self.precision)  # (N, C)
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
            error_half = error.to(self.precision)
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

    def _log(self, entry: dict[str, float]) -> None:
        if self.rank == 0:
            self.saves.log(entry)

    def _save(self) -> None:
        if self.rank:
            return
        self.saves.write(
            {
                "step": self.step,
                "model": self.model.state_dict(),
                "average": self.average,
                "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            }
        )

    def _resume(self) -> None:
        state = self.saves.read(self.device)
        if state is None:
            return
        self.model.load_state_dict(state["model"])
        self.average = state["average"]
        for optimiser, held in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(held)
        self.step = state["step"]
        if self.rank == 0:
            self.saves.cut_log(self.step)
            print(f"resuming at step {self.step}", file=sys.stderr, flush=True)


class _Progress:
    """Says now and then how far a run is, how fast it goes, and how long it will take."""

    def __init__(self, total: int, step: int) -> None:
        self._total = total
        self._losses: list[float] = []
        self._shown = time.monotonic()
        self._wait = FIRST_LINE_SECONDS

    def say(self, step: int, epoch: int, loss: float) -> None:
        """After each step, with its loss in nats a token."""
        self._losses.append(loss)
        passed = time.monotonic() - self._shown
        if passed < self._wait and step < self._total:
            return
        rate = len(self._losses) / max(passed, 1e-6)
        minutes = (self._total - step) / rate / 60
        print(
            f"step {step}/{self._total}  epoch {epoch + 1}  loss {sum(self._losses) / len(self._losses):.3f} nats  "
            f"{rate:.1f} steps/s  {f'{minutes:.0f} min' if minutes >= 1 else 'under a minute'} left",
            file=sys.stderr,
            flush=True,
        )
        self._losses, self._shown, self._wait = [], time.monotonic(), LINE_EVERY_SECONDS
