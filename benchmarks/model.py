"""What seeing inside costs: `python -m benchmarks.model [--tokens N] [--rounds N] [--threads N]`.

In one run on one machine: the traced forward pass against `nn.Transformer` with the same weights and no trace; a
full gradient trace against one forward pass; models of the same sizes in TransformerLens and in Hugging Face's
library that show as much as they can (`pip install -e '.[benchmarks]'`; nothing is downloaded); translations of 5, 10
and 20 words; memory. The jobs take turns, so that a busy machine slows all alike; times and ratios are medians.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from benchmarks.peers import bert, gpt2, transformer_lens
from model.checkpoint import Checkpoint, load_checkpoint
from model.config import TransformerConfig
from model.generation import beam_search, greedy
from model.gradients import gradients
from model.tokenizer import END
from model.trace import named_values
from model.transformer import Stack, Transformer

SENTENCES = {
    5: "The cat is very old.",
    10: "My sister wants to buy a new car this year.",
    20: "When we came home late last night, the children were still awake because they had been waiting for our story.",
}
WAYS = (("greedy", 1), ("beam of 4", 4))
PEERS = {"d_model": 192, "heads": 6, "d_feed_forward": 768, "max_tokens": 128, "vocabulary_size": 8000}
PEER_LAYERS = 6

Job = Callable[[], object]


class Timed:
    """Milliseconds of each job in each round; one untimed round first, then all of them in turn."""

    def __init__(self, jobs: dict[str, Job], rounds: int) -> None:
        for job in jobs.values():
            job()
        self.taken: dict[str, list[float]] = {name: [] for name in jobs}
        for _ in range(rounds):
            for name, job in jobs.items():
                start = time.perf_counter()
                job()
                self.taken[name].append(1000 * (time.perf_counter() - start))

    def median(self, name: str) -> float:
        """The usual time of one job."""
        return statistics.median(self.taken[name])

    def ratio(self, name: str, base: str) -> float:
        """How many times as long one job takes as another, round by round."""
        return statistics.median(a / b for a, b in zip(self.taken[name], self.taken[base], strict=True))


def without_gradients(job: Job) -> Job:
    """The job in inference mode."""
    return torch.inference_mode()(job)


class Untraced(nn.Module):
    """PyTorch's own Transformer with the model's weights; embeddings and the output layer around it."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        sizes = model.config
        assert model.encoder is not None and model.decoder is not None
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
        self.both.load_state_dict(
            {f"encoder.{name}": value for name, value in _in_torchs_names(model.encoder).items()}
            | {f"decoder.{name}": value for name, value in _in_torchs_names(model.decoder).items()}
        )
        self.embedding = model.embedding
        self.positions = model.encoder.positions.to(model.embedding.weight.dtype)
        self.scale = sizes.d_model**0.5

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Logits (B, T, V)."""

        def start(ids: Tensor) -> Tensor:
            return self.embedding(ids) * self.scale + self.positions[: ids.size(1)]

        padding = source == 0
        output = self.both(
            start(source),
            start(target),
            tgt_mask=torch.ones(target.size(1), target.size(1), dtype=torch.bool).triu(1),
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
            tgt_key_padding_mask=target == 0,
        )
        return output @ self.embedding.weight.T


def _in_torchs_names(stack: Stack) -> dict[str, Tensor]:
    """A stack's weights as `nn.TransformerEncoder` and `nn.TransformerDecoder` name them; biases we lack are 0."""
    found = {f"norm.{name}": value for name, value in stack.norm.state_dict().items()}
    for index, block in enumerate(stack.blocks):
        norms = (block.attention_norm, block.cross_attention_norm, block.feed_forward_norm)
        parts = {f"norm{n}": norm for n, norm in enumerate((norm for norm in norms if norm is not None), start=1)}
        parts |= {"linear1": block.feed_forward.widen, "linear2": block.feed_forward.narrow}
        for name, part in parts.items():
            found |= {f"layers.{index}.{name}.{key}": value for key, value in part.state_dict().items()}
        for name, attention in (("self_attn", block.attention), ("multihead_attn", block.cross_attention)):
            if attention is None:
                continue
            joined = torch.cat([attention.w_query.weight, attention.w_key.weight, attention.w_value.weight])
            weights = {"in_proj_weight": joined, "out_proj.weight": attention.w_output.weight}
            weights |= {
                "in_proj_bias": joined.new_zeros(len(joined)),
                "out_proj.bias": joined.new_zeros(joined.size(1)),
            }
            found |= {f"layers.{index}.{name}.{key}": value.detach() for key, value in weights.items()}
    return found


def passes(model: Transformer, tokens: int, rounds: int, table: Table) -> None:
    """One sentence of `tokens` tokens on each side, forward and back."""
    chance = torch.Generator().manual_seed(1)
    source, target = torch.randint(3, model.config.vocabulary_size, (2, 1, tokens), generator=chance)
    untraced = Untraced(model).eval()
    with torch.inference_mode():
        difference = (untraced(source, target) - model(source, target).logits).abs().max().item()

    def gradient_trace() -> object:
        trace = model(source, target, target)
        assert trace.loss is not None
        return gradients(trace, trace.loss, model)

    timed = Timed(
        {
            "untraced": without_gradients(lambda: untraced(source, target)),
            "traced": without_gradients(lambda: model(source, target)),
            "graph": lambda: model(source, target, target),
            "gradients": gradient_trace,
        },
        rounds,
    )
    row(table, "nn.Transformer, same weights, no trace", timed.median("untraced"), 1.0)
    row(table, "traced forward pass", timed.median("traced"), timed.ratio("traced", "untraced"), "≤ 1.3")
    table.add_row(f"  largest difference of the logits: {difference:.0e}")
    table.add_section()
    row(table, "traced forward pass that keeps the graph", timed.median("graph"), 1.0)
    row(table, "the same and every gradient", timed.median("gradients"), timed.ratio("gradients", "graph"), "≤ 3")


def peers(tokens: int, rounds: int, table: Table) -> None:
    """Models of one size, ours and others', that all hand out what is inside. Says what is not installed."""
    ids = torch.randint(3, PEERS["vocabulary_size"], (1, tokens), generator=torch.Generator().manual_seed(1))
    decoder = Transformer(TransformerConfig(encoder_layers=0, decoder_layers=PEER_LAYERS, **PEERS)).eval()
    encoder = Transformer(TransformerConfig(encoder_layers=PEER_LAYERS, decoder_layers=0, **PEERS)).eval()
    jobs: dict[str, Job] = {"decoder": lambda: decoder(target=ids), "encoder": lambda: encoder(source=ids)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for make in (transformer_lens, gpt2, bert):
            try:
                name, job = make(decoder.config, ids)
                jobs[name] = job
            except ImportError as error:
                print(f"not compared: {error.name} is not installed (pip install -e '.[benchmarks]')")
        timed = Timed({name: without_gradients(job) for name, job in jobs.items()}, rounds)
    for ours, theirs in (("decoder", ("TransformerLens", "GPT-2")), ("encoder", ("BERT",))):
        table.add_section()
        row(table, f"ours, {ours} only, traced", timed.median(ours), 1.0)
        for name in (name for name in jobs if name.startswith(theirs)):
            aim = "≥ 3" if name.startswith("TransformerLens") else ""
            row(table, name, timed.median(name), timed.ratio(name, ours), aim)


def translations(checkpoint: Checkpoint, rounds: int, table: Table) -> None:
    """Sentence in, sentence out: tokens, encoder, every step of the decoder, text."""

    def job(sentence: str, beam: int) -> Job:
        def translate() -> str:
            source = torch.tensor([[*checkpoint.tokenizer.encode(sentence), END]])
            found = greedy(checkpoint.model, source) if beam == 1 else beam_search(checkpoint.model, source, beam)
            return checkpoint.tokenizer.decode(found[0].ids)

        return translate

    jobs = {f"{words} words, {how}": job(text, beam) for words, text in SENTENCES.items() for how, beam in WAYS}
    timed = Timed(jobs, rounds)
    for name in jobs:
        row(table, f"translate {name}", timed.median(name), None, "≤ 60 ms" if name.startswith("10") else "")


def row(table: Table, what: str, milliseconds: float, ratio: float | None = None, aim: str = "") -> None:
    """One line of the table."""
    table.add_row(what, f"{milliseconds:.1f}", "" if ratio is None else f"{ratio:.2f}", aim)


def trace_megabytes(model: Transformer, tokens: int) -> float:
    """What the tensors of one trace hold, each storage counted once."""
    ids = torch.ones(1, tokens, dtype=torch.long)
    with torch.inference_mode():
        storages = [value.untyped_storage() for _, value in named_values(model(ids, ids))]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values()) / 1e6


def new_table(title: str) -> Table:
    """An empty table of figures."""
    table = Table(title=title)
    table.add_column("what", min_width=46)
    for heading in ("ms", "ratio", "aim"):
        table.add_column(heading, justify="right")
    return table


def peak_megabytes() -> float:
    """The most memory the process has held."""
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kibibytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model", description=__doc__)
    parser.add_argument("--tokens", type=int, default=12, help="tokens on each side of the forward passes")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)

    start = time.perf_counter()
    checkpoint = load_checkpoint("translator")
    loaded = 1000 * (time.perf_counter() - start)
    model = checkpoint.model
    assert isinstance(model, Transformer)
    sizes, weights = model.config, sum(parameter.numel() for parameter in model.parameters()) / 1e6
    layers = f"{sizes.encoder_layers}+{sizes.decoder_layers} layers of {sizes.d_model}"
    console = Console(width=88)

    table = new_table(f"translator: {weights:.1f} M weights, {layers}; {options.tokens} + {options.tokens} tokens")
    passes(model, options.tokens, options.rounds, table)
    table.add_section()
    translations(checkpoint, max(3, options.rounds // 8), table)
    table.add_section()
    row(table, "load the checkpoint", loaded)
    console.print(table)
    peak = peak_megabytes()  # before the peers, whose libraries need more than the model

    table = new_table(f"{PEER_LAYERS} layers of {PEERS['d_model']}, {options.tokens} tokens, everything handed out")
    peers(options.tokens, options.rounds, table)
    console.print(table)
    one = trace_megabytes(model, options.tokens)
    print(f"memory: one trace {one:.1f} MB; the translator's process at its peak {peak:.0f} MB")
    print(f"threads: {options.threads}; PyTorch {torch.__version__}; load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
