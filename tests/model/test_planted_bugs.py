"""Bugs planted in the model's own source, each of which must turn the oracles named beside it red.

A test that cannot fail proves nothing: this is the list of mistakes that the oracles are known to see. Each oracle
returns how far the model is from the truth: rounding without a bug, far above `RED` with it.
"""

import itertools
from collections.abc import Callable

import pytest
import torch
from captum.attr import IntegratedGradients
from oracles import (
    core_difference,
    difference_from_slopes,
    entries_of,
    largest,
    layer_difference,
    model_difference,
    padded_tokens,
    random_tokens,
    randomised,
    shaped,
    signal_of,
    small_model,
    torch_run,
)
from planted_bugs import (
    ATTENTION,
    BEAM,
    CAUSAL,
    CROSS,
    EVERYWHERE,
    GRADIENT,
    LOSS,
    PADDING,
    PATH,
    READING_ON,
    Bug,
    plant,
)

from model import attribution, edits, generation
from model.attention import MultiHeadAttention
from model.gradients import gradients
from model.next_token import NextToken
from model.tokenizer import END, START

RED = 1e-3
"""Far above rounding (1e-12 in float64): a planted bug must be unmistakable."""
SOURCE, TARGET = padded_tokens([7, 4, 6]), padded_tokens([5, 8, 3], seed=2)

# --- the oracles -------------------------------------------------------------------------------------------


def whole_model() -> float:
    return model_difference(small_model(), SOURCE, TARGET)


def decoder_alone() -> float:
    return model_difference(shaped((0, 2)), None, TARGET)


def encoder_alone() -> float:
    return model_difference(shaped((2, 0)), SOURCE, None)


def whole_layer() -> float:
    layer = randomised(MultiHeadAttention(22, 2), seed=3)
    chance = torch.Generator().manual_seed(5)
    queries_from = torch.randn(3, 5, 22, generator=chance, dtype=torch.float64)
    keys_from = torch.randn(3, 7, 22, generator=chance, dtype=torch.float64)
    allowed = torch.ones(3, 1, 5, 7, dtype=torch.bool)
    allowed[1, ..., 5:] = False
    return layer_difference(layer, queries_from, keys_from, allowed)


def loss() -> float:
    """The mean of -ln p of the right tokens, from the logits."""
    labels = torch.where(TARGET != 0, 1 + TARGET % 22, 0)
    trace = small_model()(SOURCE, TARGET, labels)
    right = trace.logits.log_softmax(-1).gather(2, labels.unsqueeze(2)).squeeze(2)
    return largest(trace.loss + right[labels != 0].mean())


def slopes() -> float:
    """Every parameter's gradient of the loss, and central differences."""
    model = small_model(encoder_layers=1, decoder_layers=1)
    trace = model(SOURCE, TARGET, TARGET)
    found = gradients(trace, trace.loss, model).parameters
    worst = 0.0
    for seed, (name, parameter) in enumerate(model.named_parameters()):

        def nudged(place: tuple[int, ...], step: float, parameter: torch.Tensor = parameter) -> float:
            kept = parameter[place].item()
            parameter[place] = kept + step
            reached = model(SOURCE, TARGET, TARGET).loss.item()
            parameter[place] = kept
            return reached

        places = entries_of(found[name], torch.ones_like(parameter, dtype=torch.bool), seed)
        worst = max(worst, difference_from_slopes(found[name], places, nudged))
    return worst


def reading_on() -> float:
    """What a beam's rows say token by token, and what they say when everything is read again."""
    model, source, worst = small_model(1), random_tokens(1, 6), 0.0
    written, parents = torch.tensor([[START, 8]]), None
    reader = NextToken(model, source, written, (), traced=False)
    for then in ([0, 0, 0], [2, 0, 1], [1]):
        found, _ = reader(written, parents)
        logits = model(source.expand(written.size(0), -1), written).logits
        worst = max(worst, largest(found - logits[:, -1].log_softmax(-1)))
        parents = torch.tensor(then)
        written = torch.cat([written[parents], random_tokens(len(then), 1, seed=len(then))], dim=1)
    return worst


def best_output() -> float:
    """How far the ranks of a wide beam's five best outputs are from those of the five best there are."""
    worst, size, limit, penalty = 0.0, 5, 3, 1.0
    others = [id_ for id_ in range(size) if id_ != END]
    outputs = [(*ids, END) for n in range(limit) for ids in itertools.product(others, repeat=n)]
    outputs += itertools.product(others, repeat=limit)
    for seed in range(4):
        model, source = small_model(seed, vocabulary_size=size), random_tokens(1, 4, seed, size)
        true = {}
        for ids in outputs:
            logits = model(source, torch.tensor([[START, *ids[:-1]]])).logits[0].log_softmax(-1)
            true[ids] = logits.gather(1, torch.tensor(ids).unsqueeze(1)).sum().item()
        ranks = {ids: total / ((5 + len(ids)) / 6) ** penalty for ids, total in true.items()}
        found = generation.beam_search(model, source, len(others) ** limit, penalty, limit)
        for best, output in zip(sorted(ranks.values(), reverse=True)[:5], found, strict=False):
            worst = max(worst, best - ranks[output.ids], abs(output.log_probability - true[output.ids]))
    return worst


def captum() -> float:
    """Integrated gradients, and Captum's on PyTorch's model."""
    model, source, target = small_model(), SOURCE[:1], TARGET[:1, :4]

    def log_probabilities(embedding: torch.Tensor) -> torch.Tensor:
        rows, length = embedding.shape[:2]
        ids = source.expand(rows, -1), target.expand(rows, -1)
        return torch_run(model, *ids, embedding + signal_of(model, length))[1][:, -1, 7]

    table = model.embedding.weight.detach()
    expected = IntegratedGradients(log_probabilities).attribute(table[source] * table.size(1) ** 0.5, n_steps=400)
    found = attribution.integrated_gradients(model, source, target, lambda trace: trace.logits[:, -1, 7].sum())
    # Both approximate: to 1 % of the largest score.
    return max(0.0, largest(found.scores - expected.sum(-1)[0]) / largest(expected.sum(-1)) - 0.01)


# --- which oracle sees which bug ---------------------------------------------------------------------------

Oracle = Callable[[], float]
SEEN_BY: list[tuple[dict[str, Bug], tuple[Oracle, ...]]] = [
    (ATTENTION, (whole_layer, whole_model, decoder_alone, encoder_alone)),
    (EVERYWHERE, (whole_model, decoder_alone, encoder_alone)),
    (CAUSAL, (whole_model, decoder_alone)),
    (PADDING, (whole_model, encoder_alone)),
    (CROSS, (whole_model,)),
    (LOSS, (loss,)),
    (GRADIENT, (slopes,)),
    (READING_ON, (reading_on,)),
    (BEAM, (best_output,)),
    (PATH, (captum,)),
]
ORACLES = list(dict.fromkeys(oracle for _, oracles in SEEN_BY for oracle in oracles))


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.__name__)
def test_without_a_bug_every_oracle_is_green(oracle: Oracle) -> None:
    assert oracle() <= (1e-6 if oracle is slopes else 1e-12)


@pytest.mark.parametrize(
    ("bug", "oracle"),
    [
        pytest.param(bug, oracle, id=f"{oracle.__name__}-{name}")
        for bugs, oracles in SEEN_BY
        for name, bug in bugs.items()
        for oracle in oracles
    ],
)
def test_a_planted_bug_is_seen(bug: Bug, oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, bug)
    assert oracle() > RED


def test_a_forgotten_device_is_seen_on_any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made without saying where, a tensor goes to the default device, which here is another one than the model's."""
    model, edit = small_model(), edits.uniform_weights("encoder.blocks.0.attention", head=0)
    plant(monkeypatch, (edits, "_in_head", {", device=value.device": ""}))
    with torch.device("meta"), pytest.raises((RuntimeError, NotImplementedError)):
        model(SOURCE, TARGET, edits=[edit])


def test_only_central_differences_see_a_gradient_that_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The values stay right, so that no oracle on values could."""
    for bug in GRADIENT.values():
        with monkeypatch.context() as patch:
            plant(patch, bug)
            assert whole_model() <= 1e-12


def test_the_oracle_on_traced_values_sees_a_dropped_scale_but_not_swapped_matrices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Why two oracles: the one inside the layer takes the traced q, k and v as they are."""
    allowed = (SOURCE != 0)[:, None, None, :]
    seen = {}
    for name in ("dropped scale", "values from the keys' matrix"):
        with monkeypatch.context() as patch:
            plant(patch, ATTENTION[name])
            trace = small_model()(SOURCE, SOURCE).encoder.blocks[0].attention
            seen[name] = core_difference(trace, allowed) > RED
    assert seen == {"dropped scale": True, "values from the keys' matrix": False}
