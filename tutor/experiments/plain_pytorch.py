"""A picture once more in plain PyTorch: a program that reads `trace --out` and comes to the same numbers."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tutor.experiments.source import ATTENTION, BLOCK, FUNCTIONS, GRADIENTS, LOGITS, STACK

if TYPE_CHECKING:
    from tutor.experiments.base import Run
    from tutor.experiments.models import Models

FILE = "run.npz"
OF_NEXT_WORD = frozenset({"next-word", "logit-lens", "repeat"})
"""Experiments that run the English model."""
_HEAD = """\
# first: {command}
import math
import numpy, torch

with numpy.load("run.npz") as file:
    run = {{n: torch.tensor(file[n]) for n in file if file[n].dtype.kind != "U"}}
def compare(name, mine):
    print(name, "differs by at most", (mine - run[name]).abs().max().item())
"""
_ATTENTION = """
at = "{where}."
query, key, value = run[at + "query"], run[at + "key"], run[at + "value"]
scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
forbidden = run[at + "masked_scores"].isinf()
weights = scores.masked_fill(forbidden, -math.inf).softmax(-1)
print(weights[0, {head}])  # head {number}: rows look at columns
compare(at + "weights", weights)
compare(at + "head_outputs", weights @ value)
"""
_BLOCK = """
at, x = "{where}.", run["{before}"]
for part in ("attention", "cross_attention", "feed_forward"):
    if at + part + ".output" in run:
        x = x + run[at + part + ".output"]
        compare(at + "residual_" + part, x)
"""
_STACK = """
table, tokens = run["parameters.embedding.weight"], run["{where}.tokens"]
x = table[tokens] * math.sqrt(table.size(1)) + run["{where}.positions"]
compare("{where}.input", x)
last, norm = run["{last}"], "parameters.{where}.norm."
x = (last - last.mean(-1, True)) / (last.var(-1, correction=0, keepdim=True) + 1e-5).sqrt()
compare("{where}.output", x * run[norm + "weight"] + run[norm + "bias"])
"""
_LOGITS = """
logits = run["decoder.output"] @ run["parameters.embedding.weight"].T
probabilities = logits.exp() / logits.exp().sum(-1, keepdim=True)
print(probabilities[0, -1].topk(3))  # after the last token
compare("logits", logits)
compare("probabilities", probabilities)
"""
_GRADIENTS = """
right = torch.cat([run["decoder.tokens"][0, 1:], torch.tensor([{end}])])
probabilities = run["logits"][0].softmax(-1)
losses = -probabilities[range(len(right)), right].log()
compare("loss", losses.mean())
slope = probabilities - torch.nn.functional.one_hot(right, probabilities.size(-1))
compare("gradient:logits", slope[None] / len(right))  # softmax minus the right answer
"""
_POSITIONS = """
T, C = run["encoder.positions"].shape[1:]
angle = torch.arange(T)[:, None] / 10000 ** (torch.arange(0, C, 2) / C)
signal = torch.stack([angle.sin(), angle.cos()], -1).reshape(T, C)
compare("encoder.positions", signal)
"""
PROGRAMS: Mapping[str, str] = {
    ATTENTION: _ATTENTION,
    BLOCK: _BLOCK,
    STACK: _STACK,
    LOGITS: _LOGITS,
    GRADIENTS: _GRADIENTS,
    "layers.sinusoidal_positions": _POSITIONS,
}
"""Function of `model/` -> the lines that do the same; those that are missing need the whole model."""
WITH_PARAMETERS = frozenset({STACK, LOGITS, GRADIENTS})


def plain_pytorch(models: Models, run: Run, where: str) -> str:
    """The program for this run, under twenty lines; empty where there is none, or where the model was changed for it.

    `where` is the trace path of the part that was looked at, as `source` gives it.
    """
    place = FUNCTIONS.get(run.experiment, "")
    if place not in PROGRAMS or run.changes or (not where and place in (ATTENTION, BLOCK, STACK)):
        return ""
    from model.tokenizer import END

    head = (getattr(run.result, "head", 0) or 1) - 1
    stack, _, layer = where.partition(".blocks.")
    number = int(layer.partition(".")[0]) if layer else 0
    config = models.model.config
    layers = config.encoder_layers if stack == "encoder" else config.decoder_layers
    text = (_HEAD + PROGRAMS[place]).format(
        command=_command(run, place),
        where=where,
        head=head,
        number=head + 1,
        before=f"{stack}.blocks.{number - 1}.residual_feed_forward" if number else f"{stack}.input",
        last=f"{stack}.blocks.{layers - 1}.residual_feed_forward",
        end=END,
    )
    return text.rstrip("\n")


def _command(run: Run, place: str) -> str:
    """What writes the file that the program reads."""
    words = ["attention-tutor", "trace", shlex.quote(run.sentence), "--out", FILE]
    if place in WITH_PARAMETERS:
        words.append("--gradients")
    if run.experiment in OF_NEXT_WORD:
        words += ["--model", "next-word"]
    return " ".join(words)
