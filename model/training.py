"""Train a bundled model: `python -m model.training translator --data DIR --out DIR`.

Stops and resumes at any time: started again with the same `--out` it goes on from the last save, at most
a minute of work behind. On several processes: `torchrun --nproc-per-node N -m model.training …`; every
process takes each N-th batch, and gradients are summed so that the step is that of one larger batch.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, distributed, nn

from model.checkpoint import save_checkpoint
from model.config import TransformerConfig
from model.data import Corpus, batches, read_corpus
from model.evaluation import bleu
from model.tokenizer import END, PAD, START, SubwordTokenizer
from model.transformer import Transformer

SAVE_EVERY_SECONDS = 60.0
ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class Recipe:
    """What fixes a training run, together with the data and the kind of hardware."""

    epochs: int = 12
    tokens_per_batch: int = 4500
    peak_learning_rate: float = 1.5e-3
    warmup_steps: int = 800
    weight_decay: float = 0.01
    label_smoothing: float = 0.1
    average_decay: float = 0.9995
    """The weights that ship are an exponential moving average over steps, with this decay."""
    seed: int = 1


Example = tuple[list[int], list[int]]
"""Source ids with the end mark, target ids with neither mark."""


def collate(examples: Sequence[Example], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Padded source (B, S), decoder input (B, T) and labels (B, T): the target shifted by one."""

    def padded(rows: Sequence[list[int]]) -> Tensor:
        width = max(map(len, rows))
        return torch.tensor([row + [PAD] * (width - len(row)) for row in rows], device=device)

    return (
        padded([source for source, _ in examples]),
        padded([[START, *target] for _, target in examples]),
        padded([[*target, END] for _, target in examples]),
    )


def learning_rate(recipe: Recipe, step: int, total: int) -> float:
    """Linear warm-up, then half a cosine down to 1 % of the peak."""
    if step < recipe.warmup_steps:
        return recipe.peak_learning_rate * (step + 1) / recipe.warmup_steps
    done = (step - recipe.warmup_steps) / max(1, total - recipe.warmup_steps)
    return recipe.peak_learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))


class Trainer:
    """One run: the model, its optimiser, the moving average, and where it stands."""

    def __init__(self, model: Transformer, examples: list[Example], recipe: Recipe, out: Path) -> None:
        self.rank = distributed.get_rank() if distributed.is_initialized() else 0
        self.processes = distributed.get_world_size() if distributed.is_initialized() else 1
        self.model, self.examples, self.recipe, self.out = model, examples, recipe, out
        self.device = next(model.parameters()).device
        self.lengths = [max(len(source), len(target) + 1) for source, target in examples]
        self.steps_an_epoch = len(self._epoch_batches(0)) // self.processes
        self.total = self.steps_an_epoch * recipe.epochs
        decayed = [p for p in model.parameters() if p.dim() > 1]
        plain = [p for p in model.parameters() if p.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-9, fused=True)
        self.average = {name: p.detach().clone() for name, p in model.named_parameters()}
        self.step = 0

    def _epoch_batches(self, epoch: int) -> list[list[int]]:
        return list(batches(self.lengths, self.recipe.tokens_per_batch, self.recipe.seed * 1000 + epoch))

    def run(self, validate: Corpus, tokenizer: SubwordTokenizer) -> None:
        """Train to the end, resuming what `out` holds; prints a line every hundred steps."""
        self._resume()
        saved = shown = time.monotonic()
        losses: list[float] = []
        while self.step < self.total:
            epoch, start = divmod(self.step, self.steps_an_epoch)
            order = self._epoch_batches(epoch)
            for index in range(start, self.steps_an_epoch):
                losses.append(self._train_on(order[index * self.processes + self.rank]))
                self.step += 1
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
                score = bleu(self.averaged_model(), tokenizer, dict(list(validate.validation.items())[:300]))
                self._log({"epoch": epoch + 1, "step": self.step, "validation_bleu": score})
                print(f"epoch {epoch + 1}: BLEU {score:.1f} on 300 validation sentences", file=sys.stderr, flush=True)

    def _train_on(self, indices: list[int]) -> float:
        # Dropout must not depend on how often the run was interrupted.
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.step * self.processes + self.rank)
        self.model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.recipe, self.step, self.total)
        source, target, labels = collate([self.examples[i] for i in indices], self.device)
        self.optimiser.zero_grad(set_to_none=True)
        real = labels != PAD
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            encoder = self.model.encode(source) if self.model.encoder else None
            decoder = self.model.decode(target, source, encoder.output if encoder else None)
        loss = self._backward_through_vocabulary(decoder.output[real], labels[real])
        tokens = self._sum_over_processes(real.sum().float())
        for parameter in self.model.parameters():
            assert parameter.grad is not None
            self._sum_over_processes(parameter.grad).div_(tokens)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self._update_average()
        return (self._sum_over_processes(loss) / tokens).item()

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
        for start in range(0, len(labels), ROWS_AT_ONCE):
            rows = detached[start : start + ROWS_AT_ONCE].bfloat16()  # (N, C)
            right = labels[start : start + ROWS_AT_ONCE].unsqueeze(1)  # (N, 1)
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
            gradient[start : start + ROWS_AT_ONCE] = (error_half @ table_half).to(gradient.dtype)
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

    def averaged_model(self) -> Transformer:
        """A copy that carries the moving average, ready to run."""
        model = Transformer(self.model.config).to(self.device)
        model.load_state_dict(self.average)
        return model.eval()

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
            "recipe": asdict(self.recipe),
            "model": self.model.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
        }
        partial = self.out / "resume.partial"
        torch.save(state, partial)
        os.replace(partial, self.out / "resume.pt")

    def _resume(self) -> None:
        path = self.out / "resume.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["recipe"] != asdict(self.recipe):
            raise SystemExit(f"{path}: was trained with another recipe; give another --out or the same options")
        self.model.load_state_dict(state["model"])
        self.average = state["average"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
        print(f"resuming at step {self.step}", file=sys.stderr, flush=True)


def translation_examples(corpus: Corpus, tokenizer: SubwordTokenizer, longest: int) -> list[Example]:
    """Source and target ids of every training pair that fits."""
    sources = tokenizer.encode_all(pair.english for pair in corpus.train)
    targets = tokenizer.encode_all(pair.french for pair in corpus.train)
    return [([*s, END], t) for s, t in zip(sources, targets, strict=True) if max(len(s), len(t)) < longest]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m model.training", description=__doc__)
    parser.add_argument("checkpoint", choices=["translator"])
    parser.add_argument("--data", type=Path, required=True, help="folder with eng-fra.tsv.gz and the splits")
    parser.add_argument("--out", type=Path, required=True, help="folder for saves, the loss curve and the result")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--vocabulary", type=int, default=8000)
    for name, kind in (("epochs", int), ("tokens-per-batch", int), ("peak-learning-rate", float), ("seed", int)):
        parser.add_argument(f"--{name}", type=kind, default=getattr(Recipe, name.replace("-", "_")))
    for name in ("d-model", "heads", "encoder-layers", "decoder-layers", "d-feed-forward", "dropout"):
        default = getattr(TransformerConfig, name.replace("-", "_"))
        parser.add_argument(f"--{name}", type=type(default), default=default)
    options = parser.parse_args(arguments)

    if "RANK" in os.environ:
        distributed.init_process_group("nccl" if options.device == "cuda" else "gloo")
    options.out.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(options.epochs, options.tokens_per_batch, options.peak_learning_rate, seed=options.seed)
    random.seed(recipe.seed)
    torch.manual_seed(recipe.seed)

    corpus = read_corpus(options.data)
    tokenizer = SubwordTokenizer.train(
        (text for pair in corpus.train for text in (pair.english, pair.french)), options.vocabulary
    )
    config = TransformerConfig(
        vocabulary_size=tokenizer.size,
        d_model=options.d_model,
        heads=options.heads,
        encoder_layers=options.encoder_layers,
        decoder_layers=options.decoder_layers,
        d_feed_forward=options.d_feed_forward,
        dropout=options.dropout,
        pad_id=PAD,
    )
    examples = translation_examples(corpus, tokenizer, config.max_tokens)
    trainer = Trainer(Transformer(config).to(options.device), examples, recipe, options.out)
    trainer.run(corpus, tokenizer)
    if trainer.rank == 0:
        model = trainer.averaged_model().cpu()
        save_checkpoint(model, tokenizer, options.out / options.checkpoint, {"recipe": asdict(recipe)})
        score = bleu(model, tokenizer, corpus.test)
        print(f"BLEU {score:.2f} on the test split, greedy", file=sys.stderr)


if __name__ == "__main__":
    main()
