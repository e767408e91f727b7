"""`by-hand`: a Transformer of two words and two numbers a word, small enough to compute on paper."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option
from tutor.experiments.models import END_MARK
from tutor.text.sentences import words_and_single_marks

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.trace import Trace
    from model.transformer import Transformer
    from tutor.experiments.models import Models

Pair = tuple[float, float]
Square = tuple[Pair, Pair]
"""Two rows of two numbers; of a matrix its rows, of anything else one row a word."""

STEPS = (
    "embedding + position",
    "query, key and value",
    "scores",
    "division by √2, and the mask",
    "softmax: scores into shares",
    "the mix of values",
    "output matrix, added to x",
    "feed-forward: matrix and ReLU",
    "feed-forward: second matrix, added",
    "logits",
    "softmax: logits into probabilities",
    "loss",
)

# Whole and half numbers for which every result has at most three decimals that can be computed from those shown before
# it: the test evaluates each line of the picture.
_EMBEDDINGS: Square = ((1.0, -1.0), (0.0, 0.5))
_POSITIONS: Square = ((0.0, 1.0), (1.0, 0.5))
_QUERY: Square = ((1.0, 1.0), (1.0, 0.0))
_KEY: Square = ((0.5, 0.0), (0.0, 1.0))
_VALUE: Square = ((-1.0, -1.0), (0.5, 1.0))
_OUTPUT: Square = ((0.5, 0.0), (1.0, 1.0))
_WIDEN: Square = ((0.0, 1.0), (1.0, -1.0))
_NARROW: Square = ((0.0, -1.0), (0.5, 1.0))
_RIGHT = (1, 0)


@dataclass(frozen=True)
class ByHandOptions:
    step: int = option(0, "step to write out, 1 to 12; 0 for all of them in a line each")


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """Every number of a decoder of one block with one head. A `Square` has a row for each word.

    The weights were chosen for easy arithmetic and not learned. Left out are the norms, which of two numbers keep
    only which is larger, the factor √d_model of the embedding, and every bias.
    """

    step: int
    """The step asked for; 0 for the overview."""
    last_step: int
    step_name: str
    first_word: str
    second_word: str
    embeddings: Square
    """The table: a row for each of the two words that this model knows."""
    positions: Square
    """Sine and cosine of the place, 0 and 1, rounded to halves."""
    inputs: Square
    w_query: Square
    w_key: Square
    w_value: Square
    w_output: Square
    w_widen: Square
    w_narrow: Square
    queries: Square
    keys: Square
    values: Square
    raw_scores: Square
    """[query][key]."""
    root: float
    """√2, by which scores are divided."""
    scaled_scores: Square
    masked_scores: Square
    """-inf (null in JSON) where a word would look ahead."""
    exponentials: Square
    """e^(score - the row's largest)."""
    exponential_sums: Pair
    weights: Square
    mixed: Square
    attention_output: Square
    residual_attention: Square
    hidden: Square
    activated: Square
    narrowed: Square
    residual_feed_forward: Square
    logits: Square
    """[place][word of the vocabulary]."""
    logit_exponentials: Square
    logit_sums: Pair
    probabilities: Square
    right_probabilities: Pair
    """Of the right next word at each place: after the first word the second, after the second the first again."""
    token_losses: Pair
    loss: float
    """Their mean, in nats."""
    guess_loss: float
    """What guessing evenly between two words costs: ln 2."""
    own_share: float
    """Of the attention of the second word: on itself, …"""
    other_share: float
    """… and on the first."""
    first_right: float
    """Probability of the second word after the first."""
    second_right: float
    """Probability of the first word after the second."""
    checked: int
    """Numbers compared with those of this project's `Transformer`, configured this small, with these weights."""
    largest_difference: float
    """The largest difference among them: rounding."""


@experiment("by-hand", "a whole Transformer so small that it fits on paper", ByHandOptions, ByHand)
def compute_by_hand(models: Models, sentence: str, options: ByHandOptions) -> ByHand:
    """Work through every step, and compare with `model.transformer`. Raises `LearnerError`.

    Only the names of the two words come from the sentence; the numbers are the same for every sentence.
    """
    if not 0 <= options.step <= len(STEPS):
        raise LearnerError(
            f"there is no step {options.step}; by-hand has steps 1 to {len(STEPS)}, and 0 for all of them"
        )
    done = work_through(options.step, *_two_words(models, sentence))
    checked, difference = _compare(done)
    return replace(done, checked=checked, largest_difference=difference)


def work_through(step: int, first: str, second: str) -> ByHand:
    """All the arithmetic, in plain numbers; nothing is compared yet."""
    inputs = _add(_EMBEDDINGS, _POSITIONS)
    queries, keys, values = (_times(matrix, inputs) for matrix in (_QUERY, _KEY, _VALUE))
    raw = _times(keys, queries)  # the keys are the rows of a matrix here
    scaled = _each(raw, lambda score: score / math.sqrt(2))
    masked: Square = ((scaled[0][0], -math.inf), scaled[1])
    exponentials, sums, weights = _softmax(masked)
    mixed = _times(_turned(values), weights)
    attention_output = _times(_OUTPUT, mixed)
    stream = _add(inputs, attention_output)
    hidden = _times(_WIDEN, stream)
    activated = _each(hidden, lambda number: max(0.0, number))
    narrowed = _times(_NARROW, activated)
    output = _add(stream, narrowed)
    logits = _times(_EMBEDDINGS, output)
    logit_exponentials, logit_sums, probabilities = _softmax(logits)
    right: Pair = (probabilities[0][_RIGHT[0]], probabilities[1][_RIGHT[1]])
    losses: Pair = (-math.log(right[0]), -math.log(right[1]))
    return ByHand(
        step=step,
        last_step=len(STEPS),
        step_name=STEPS[step - 1] if step else "",
        first_word=first,
        second_word=second,
        embeddings=_EMBEDDINGS,
        positions=_POSITIONS,
        inputs=inputs,
        w_query=_QUERY,
        w_key=_KEY,
        w_value=_VALUE,
        w_output=_OUTPUT,
        w_widen=_WIDEN,
        w_narrow=_NARROW,
        queries=queries,
        keys=keys,
        values=values,
        raw_scores=raw,
        root=math.sqrt(2),
        scaled_scores=scaled,
        masked_scores=masked,
        exponentials=exponentials,
        exponential_sums=sums,
        weights=weights,
        mixed=mixed,
        attention_output=attention_output,
        residual_attention=stream,
        hidden=hidden,
        activated=activated,
        narrowed=narrowed,
        residual_feed_forward=output,
        logits=logits,
        logit_exponentials=logit_exponentials,
        logit_sums=logit_sums,
        probabilities=probabilities,
        right_probabilities=right,
        token_losses=losses,
        loss=sum(losses) / 2,
        guess_loss=math.log(2),
        own_share=weights[1][1],
        other_share=weights[1][0],
        first_right=right[0],
        second_right=right[1],
        checked=0,
        largest_difference=0.0,
    )


def small_transformer() -> Transformer:
    """This project's decoder with one block, one head, two numbers a word, and the weights of this page."""
    import torch

    from model.config import TransformerConfig
    from model.transformer import Transformer

    config = TransformerConfig(
        vocabulary_size=2, d_model=2, heads=1, encoder_layers=0, decoder_layers=1, d_feed_forward=2, max_tokens=2,
        dropout=0.0, pad_id=-1,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        model = Transformer(config).double().eval()
    weights = {
        "embedding.weight": _EMBEDDINGS,
        "decoder.blocks.0.attention.w_query.weight": _QUERY,
        "decoder.blocks.0.attention.w_key.weight": _KEY,
        "decoder.blocks.0.attention.w_value.weight": _VALUE,
        "decoder.blocks.0.attention.w_output.weight": _OUTPUT,
        "decoder.blocks.0.feed_forward.widen.weight": _WIDEN,
        "decoder.blocks.0.feed_forward.narrow.weight": _NARROW,
    }
    loaded = {name: torch.tensor(rows, dtype=torch.float64) for name, rows in weights.items()}
    model.load_state_dict(model.state_dict() | loaded)  # biases begin as 0
    assert model.decoder is not None
    model.decoder.positions = torch.tensor(_POSITIONS, dtype=torch.float64)
    model.decoder.scale = 1.0
    return model


def run_small(model: Transformer) -> Trace:
    """One pass over the two words, every norm left out; the right answers are the second word and the first."""
    import torch

    from model.edits import bypass

    norms = ("decoder.blocks.0.attention_norm", "decoder.blocks.0.feed_forward_norm", "decoder.output")
    with torch.no_grad():
        trace: Trace = model(
            target=torch.tensor([[0, 1]]), labels=torch.tensor([_RIGHT]), edits=[bypass(path) for path in norms]
        )
    return trace


_NAMES = {
    "embeddings": "decoder.embedding",
    "positions": "decoder.positions",
    "inputs": "decoder.input",
    "queries": "decoder.blocks.0.attention.query",
    "keys": "decoder.blocks.0.attention.key",
    "values": "decoder.blocks.0.attention.value",
    "raw_scores": "decoder.blocks.0.attention.raw_scores",
    "scaled_scores": "decoder.blocks.0.attention.scaled_scores",
    "weights": "decoder.blocks.0.attention.weights",
    "mixed": "decoder.blocks.0.attention.head_outputs",
    "attention_output": "decoder.blocks.0.attention.output",
    "residual_attention": "decoder.blocks.0.residual_attention",
    "hidden": "decoder.blocks.0.feed_forward.hidden",
    "activated": "decoder.blocks.0.feed_forward.activated",
    "narrowed": "decoder.blocks.0.feed_forward.output",
    "residual_feed_forward": "decoder.blocks.0.residual_feed_forward",
    "logits": "logits",
    "probabilities": "probabilities",
    "token_losses": "token_losses",
    "loss": "loss",
}
"""Fields, and the trace paths of the same numbers."""


def _compare(done: ByHand) -> tuple[int, float]:
    """How many numbers stand in the small Transformer's trace as well, and the largest difference from them."""
    import torch

    from model.trace import value_at

    trace = run_small(small_transformer())
    count, largest = 0, 0.0
    for field, path in _NAMES.items():
        theirs = value_at(trace, path)
        ours = torch.tensor(getattr(done, field), dtype=torch.float64).reshape(theirs.shape)
        count += ours.numel()
        largest = max(largest, (ours - theirs).abs().max().item())
    return count, largest


def _two_words(models: Models, sentence: str) -> tuple[str, str]:
    """The first two words that differ; where there are too few, marks and in the end the end mark."""
    from model.tokenizer import normalise

    models.source_ids(sentence)  # what the translator cannot read is refused here, too
    parts = words_and_single_marks(normalise(sentence))
    words = [part for part in parts if part[0].isalnum()]
    different: dict[str, str] = {}
    for part in (*words, *parts, END_MARK, "‹start›"):
        different.setdefault(part.casefold(), part)
    first, second, *_ = different.values()
    return first, second


def _times(matrix: Square, rows: Square) -> Square:
    """The matrix times each row: number i is row i of the matrix times the row, number by number, added up."""
    (a, b), (c, d) = matrix
    (x0, x1), (y0, y1) = rows
    return (a * x0 + b * x1, c * x0 + d * x1), (a * y0 + b * y1, c * y0 + d * y1)


def _turned(rows: Square) -> Square:
    """Rows and columns exchanged."""
    return (rows[0][0], rows[1][0]), (rows[0][1], rows[1][1])


def _add(one: Square, other: Square) -> Square:
    return (one[0][0] + other[0][0], one[0][1] + other[0][1]), (one[1][0] + other[1][0], one[1][1] + other[1][1])


def _each(rows: Square, change: Callable[[float], float]) -> Square:
    return (change(rows[0][0]), change(rows[0][1])), (change(rows[1][0]), change(rows[1][1]))


def _softmax(rows: Square) -> tuple[Square, Pair, Square]:
    """Of each row: the powers of e, their sum, and the shares."""
    largest = max(rows[0]), max(rows[1])
    powers: Square = (
        (math.exp(rows[0][0] - largest[0]), math.exp(rows[0][1] - largest[0])),
        (math.exp(rows[1][0] - largest[1]), math.exp(rows[1][1] - largest[1])),
    )
    sums: Pair = (sum(powers[0]), sum(powers[1]))
    shares: Square = (
        (powers[0][0] / sums[0], powers[0][1] / sums[0]),
        (powers[1][0] / sums[1], powers[1][1] / sums[1]),
    )
    return powers, sums, shares
