"""`way-back`: every length recomputed by hand or by nudging, and what the roads and the error say about them."""

from __future__ import annotations

import copy
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from model.recurrent import ReaderTrace, RecurrentTranslator
from model.transformer import Transformer
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate_run
from tutor.experiments import registry, way_back
from tutor.experiments.models import Models
from tutor.experiments.way_back import Road, WayBack

SENTENCE = "My sister gave the old book to the teacher."
LONG = "The teacher told the children that the old man who lives near the river had lost his dog in the snow."
SENTENCES = [SENTENCE, "Why?", "She sings", LONG]
READERS = ("untrained", "transformer_untrained", "fixed", "attention", "transformer")
NUDGE = 1e-5


def go(models: Models, sentence: str) -> WayBack:
    found: WayBack = registry.run("way-back", models, sentence).result
    return found


def table_of(network: nn.Module) -> nn.Embedding:
    return next(module for module in network.modules() if isinstance(module, nn.Embedding))


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("name", ["fixed", "attention", "transformer"])
def test_the_error_at_each_word_is_that_of_cross_entropy_by_hand(models: Models, name: str, sentence: str) -> None:
    network = {"fixed": models.recurrent, "attention": models.recurrent_attention, "transformer": models.model}[name]
    result, reading = go(models, sentence), models.read(sentence)
    read: list[Tensor] = []

    def keep(_: object, __: object, found: Tensor) -> Tensor:
        read.append(found.detach().requires_grad_())
        return read[-1]

    hook = table_of(network).register_forward_hook(keep)
    logits = network(reading.source, reading.target).logits
    hook.remove()
    loss = functional.cross_entropy(logits[0], reading.labels[0])
    by_hand = torch.autograd.grad(loss, read[0])[0][0].norm(dim=-1)
    shown = [getattr(word, name) for word in result.words]
    assert shown == pytest.approx((by_hand / by_hand.mean()).tolist(), rel=1e-3)
    assert tuple(word.token for word in result.words) == result.source_tokens
    places = [result.source_tokens.index(result.first_word), len(shown) - 2]
    if result.source_tokens[-2] in ".?":
        places[1] -= 1
    assert getattr(result, f"{name}_ratio") == pytest.approx(shown[places[0]] / shown[places[1]])
    assert result.last_word == result.source_tokens[places[1]]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_is_left_without_attention_is_what_comes_by_the_first_state(models: Models, sentence: str) -> None:
    result, reading, network = go(models, sentence), models.read(sentence), models.recurrent_attention
    encoder = network.encode(reading.source)
    memory = encoder.output

    def lengths(seen: Tensor) -> Tensor:
        """With the history of the writer's first state, and of what attention sees only if `seen` has one."""
        start = network.decode(reading.target, reading.source, memory).start
        written = network.decode(reading.target, reading.source, seen, start)
        loss = functional.cross_entropy(network.score_vocabulary(written.output)[0], reading.labels[0])
        found: Tensor = torch.autograd.grad(loss, encoder.embedding, retain_graph=True)[0][0].norm(dim=-1)
        return found

    states, whole = lengths(memory.detach()), lengths(memory)
    left = [word.without_attention for word in result.words]
    assert left == pytest.approx((states / whole.mean()).tolist(), rel=1e-3)
    assert result.left_without_attention == pytest.approx((states.sum() / whole.sum()).item(), rel=1e-3)


def nudged_length(network: Transformer | RecurrentTranslator, ids: tuple[int, ...], at: int) -> float:
    """Frobenius norm of d last state / d embedding of token `at`, each number of it nudged up and down, in float64."""
    network = copy.deepcopy(network).double()
    source = torch.tensor([ids])
    table = table_of(network)
    scale = network.encode(source).embedding.norm() / table(source).norm()
    size = table.embedding_dim
    nudges = torch.zeros(2 * size, len(ids), size, dtype=torch.float64)
    nudges[:size, at], nudges[size:, at] = NUDGE * torch.eye(size), -NUDGE * torch.eye(size)
    table.register_forward_hook(lambda _, __, found: found + nudges / scale)
    with torch.no_grad():
        encoder = network.encode(source.expand(2 * size, -1))
    states = encoder.left_to_right.state if isinstance(encoder, ReaderTrace) else encoder.output
    up, down = states[:, -1].chunk(2)
    return float(((up - down) / (2 * NUDGE)).norm())


@pytest.mark.parametrize("name", ["attention", "transformer"])
def test_a_roads_lengths_are_those_found_by_nudging_each_number_of_a_word(models: Models, name: str) -> None:
    result = go(models, "The cat is on the mat.")
    ids = models.source_ids(result.longer)
    nudged = nudged_length(models.model if name == "transformer" else models.recurrent_attention, ids, 11)
    # Eight directions of many: a length is known to about a tenth.
    assert result.rows[READERS.index(name)].lengths[11] == pytest.approx(nudged, rel=0.2)


def test_more_directions_change_little(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    few = go(models, SENTENCE)
    monkeypatch.setattr(way_back, "DIRECTIONS", 64)
    many = go(models, SENTENCE)
    for name in READERS:
        assert getattr(few, f"{name}_factor") == pytest.approx(getattr(many, f"{name}_factor"), abs=0.015)
        assert getattr(few, f"{name}_far") == pytest.approx(getattr(many, f"{name}_far"), rel=0.15)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_factor_and_shares_are_those_of_the_lengths(models: Models, sentence: str) -> None:
    result = go(models, sentence)
    assert len(result.long_tokens) == result.steps + 1 and len(result.rows) == len(READERS)
    bounds = [tuple(map(int, (label.split("-") * 2)[:2])) for label in result.distances]
    assert [bounds[0][0], bounds[-1][1]] == [1, result.steps]
    assert all(after[0] == before[1] + 1 for before, after in pairwise(bounds))
    for name, road in zip(READERS, result.rows, strict=True):
        back = np.array(road.lengths[::-1])
        slope = np.polyfit(np.arange(1, len(back)), np.log(back[1:]), 1)[0]
        assert road.factor == getattr(result, f"{name}_factor") == pytest.approx(math.exp(slope))
        means = np.array([back[start : end + 1].mean() for start, end in bounds])
        assert road.shares == pytest.approx(means / means[0])
        assert road.far == getattr(result, f"{name}_far") == road.shares[-1]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_shows_where_only_the_untrained_recurrent_reader_loses_the_far_words(models: Models, sentence: str) -> None:
    result = go(models, sentence)
    faded = [getattr(result, f"{name}_far") < way_back.FADED for name in READERS]
    assert result.shows == (faded[0] and not faded[1] and not faded[4])


def test_with_random_weights_a_recurrent_reader_forgets_at_each_step_and_a_transformer_does_not(models: Models) -> None:
    result = go(models, SENTENCE)
    assert result.untrained_factor < 0.7 and result.untrained_far < 0.01
    assert 0.9 < result.transformer_untrained_factor < 1.1


def test_a_short_sentence_is_made_long_and_a_long_one_is_left(models: Models) -> None:
    for sentence in SENTENCES:
        result = go(models, sentence)
        assert result.steps + 1 >= way_back.LONG
        assert result.longer[-1] == sentence[-1] or sentence[-1].isalpha()
        assert result.joined_words == len(result.longer.split()) - len(sentence.split())
    assert result.longer == LONG and result.joined_words == 0


def test_nothing_is_joined_to_the_longest_text_that_is_read(models: Models) -> None:
    assert way_back._longer(models, "a " * 126) == "a " * 126


def test_a_gradient_that_has_gone_altogether_still_has_a_finite_factor() -> None:
    assert 0 <= way_back._factor([1.0, 1e-40, 0.0]) < 1e-40


def test_models_and_their_gradients_are_left_as_they_were(models: Models) -> None:
    networks = (models.model, models.untrained, models.recurrent, models.recurrent_attention)
    before = [parameter.clone() for network in networks for parameter in network.parameters()]
    go(models, SENTENCE)
    after = [parameter for network in networks for parameter in network.parameters()]
    assert all(map(torch.equal, after, before))
    assert all(parameter.grad is None for parameter in after)


def test_the_same_twice_whatever_chance_did_meanwhile(models: Models) -> None:
    first = go(models, SENTENCE)
    state = torch.random.get_rng_state()
    way_back._untrained.cache_clear()
    assert go(models, SENTENCE) == first
    assert torch.random.get_rng_state().equal(state)
    torch.rand(3)
    assert go(models, SENTENCE) == first


def test_each_outcome_is_told_in_its_own_words(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    library = load_library()

    def told(sentence: str) -> str:
        return narrate_run(library, registry.run("way-back", models, sentence))

    assert "opened the gates" in told(SENTENCE)
    assert "try a longer sentence" in told("Why?")
    road = way_back._road
    monkeypatch.setattr(way_back, "_road", lambda name, *rest: alike(road(name, *rest)))
    assert "hold it better" in told(SENTENCE)
    monkeypatch.setattr(way_back, "FADED", 0.0)
    assert "does not tell the readers apart" in told(SENTENCE)


def alike(road: Road) -> Road:
    """The same road, but one that fades no farther with attention than with one vector."""
    return Road(road.reader, road.lengths, (1.0, 0.5), road.factor) if road.reader == "GRU, attention" else road
