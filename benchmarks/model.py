"""What seeing inside costs: `python -m benchmarks.model [--tokens N] [--rounds N] [--threads N]`.

Compares, in one run on one machine: the traced forward pass with `nn.Transformer` of the same sizes without
a trace, a full gradient trace with one forward pass, and times translations of 5, 10 and 20 words.
Rounds are interleaved, so that a busy machine slows every column alike; each figure is a median.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from model.checkpoint import Checkpoint, load_checkpoint
from model.config import TransformerConfig
from model.generation import beam_search, greedy
from model.gradients import gradients
from model.tokenizer import END
from model.trace import named_values
from model.transformer import Transformer

SENTENCES = {
    5: "The cat is very old.",
    10: "My sister wants to buy a new car this year.",
    20: "When we came home late last night, the children were still awake because they had been waiting for our story.",
}


def milliseconds(jobs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median time of each job; one untimed round first, then all of them in turn."""
    for job in jobs.values():
        job()
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            taken[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(times) for name, times in taken.items()}


class Untraced(nn.Module):
    """PyTorch's own Transformer of the same sizes, with embeddings and the output layer around it."""

    def __init__(self, sizes: TransformerConfig, embedding: nn.Embedding, positions: Tensor) -> None:
        super().__init__()
        kept = {"dropout": 0.0, "batch_first": True, "norm_first": True}
        layer = nn.TransformerEncoderLayer(sizes.d_model, sizes.heads, sizes.d_feed_forward, **kept)
        norm = nn.LayerNorm(sizes.d_model)
        encoder = nn.TransformerEncoder(layer, sizes.encoder_layers, norm, enable_nested_tensor=False)
        self.both = nn.Transformer(
            sizes.d_model,
            sizes.heads,
            num_decoder_layers=sizes.decoder_layers,
            dim_feedforward=sizes.d_feed_forward,
            custom_encoder=encoder,
            **kept,
        )
        self.embedding = embedding
        self.positions = positions.to(embedding.weight.dtype)
        self.scale = sizes.d_model**0.5

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Logits (B, T, V)."""

        def start(ids: Tensor) -> Tensor:
            return self.embedding(ids) * self.scale + self.positions[: ids.size(1)]

        ahead = torch.ones(target.size(1), target.size(1), dtype=torch.bool).triu(1)
        padding = source == 0
        output = self.both(
            start(source),
            start(target),
            tgt_mask=ahead,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
            tgt_key_padding_mask=target == 0,
        )
        return output @ self.embedding.weight.T


def passes(model: Transformer, tokens: int, rounds: int) -> dict[str, float]:
    """One sentence of `tokens` tokens on each side, forward and back."""
    sizes = model.config
    chance = torch.Generator().manual_seed(1)
    source = torch.randint(3, sizes.vocabulary_size, (1, tokens), generator=chance)
    target = torch.randint(3, sizes.vocabulary_size, (1, tokens), generator=chance)
    assert model.encoder is not None
    untraced = Untraced(sizes, model.embedding, model.encoder.positions).eval()

    def without_gradients(job: Callable[[], object]) -> Callable[[], object]:
        return torch.inference_mode()(job)

    def gradient_trace() -> object:
        trace = model(source, target, target)
        return gradients(trace, trace.loss, model)

    return milliseconds(
        {
            "untraced": without_gradients(lambda: untraced(source, target)),
            "traced": without_gradients(lambda: model(source, target)),
            "traced, graph kept": lambda: model(source, target, target),
            "gradients": gradient_trace,
        },
        rounds,
    )


def translations(checkpoint: Checkpoint, rounds: int) -> dict[str, float]:
    """Sentence in, sentence out: tokens, encoder, every step of the decoder, text."""

    def job(sentence: str, beam: int) -> Callable[[], object]:
        def translate() -> str:
            source = torch.tensor([[*checkpoint.tokenizer.encode(sentence), END]])
            found = greedy(checkpoint.model, source) if beam == 1 else beam_search(checkpoint.model, source, beam)
            return checkpoint.tokenizer.decode(found[0].ids)

        return translate

    return milliseconds(
        {f"{words} words, {how}": job(text, beam) for words, text in SENTENCES.items() for how, beam in WAYS},
        rounds,
    )


WAYS = (("greedy", 1), ("beam of 4", 4))


def trace_megabytes(model: Transformer, tokens: int) -> float:
    """What the tensors of one trace hold, each storage counted once."""
    ids = torch.ones(1, tokens, dtype=torch.long)
    with torch.inference_mode():
        storages = [value.untyped_storage() for _, value in named_values(model(ids, ids))]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values()) / 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model", description=__doc__)
    parser.add_argument("--tokens", type=int, default=12, help="tokens on each side of the forward passes")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)

    start = time.perf_counter()
    checkpoint = load_checkpoint("translator")
    loaded = 1000 * (time.perf_counter() - start)
    model = checkpoint.model
    took = passes(model, options.tokens, options.rounds)
    wrote = translations(checkpoint, max(3, options.rounds // 8))

    sizes = model.config
    weights = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    table = Table(
        title=f"translator: {weights:.1f} M weights, {sizes.encoder_layers}+{sizes.decoder_layers} layers of "
        f"{sizes.d_model}, {options.tokens}+{options.tokens} tokens, threads: {options.threads}"
    )
    table.add_column("what")
    for heading in ("ms", "ratio", "aim"):
        table.add_column(heading, justify="right")
    table.add_row("nn.Transformer, no trace", f"{took['untraced']:.1f}", "1.00", "")
    table.add_row("traced forward pass", f"{took['traced']:.1f}", f"{took['traced'] / took['untraced']:.2f}", "≤ 1.3")
    table.add_section()
    forward = took["traced, graph kept"]
    table.add_row("traced forward pass, graph kept", f"{forward:.1f}", "1.00", "")
    table.add_row("the same and all gradients", f"{took['gradients']:.1f}", f"{took['gradients'] / forward:.2f}", "≤ 3")
    table.add_section()
    for name, time_taken in wrote.items():
        table.add_row(f"translate {name}", f"{time_taken:.0f}", "", "≤ 60 ms" if name.startswith("10") else "")
    table.add_section()
    table.add_row("load the checkpoint", f"{loaded:.0f}", "", "")
    Console(width=88).print(table)

    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kibibytes elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    one = trace_megabytes(model, options.tokens)
    print(f"memory: one trace {one:.1f} MB; the whole process at its peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
