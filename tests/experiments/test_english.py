"""The English model's experiments: their numbers recomputed from its trace file with NumPy, and what they claim."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from model.evaluation import induction_head, likeliest_words
from model.transformer import Transformer
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.heads import Heads
from tutor.experiments.models import Models
from tutor.experiments.next_word import NextWord
from tutor.tracing import save_trace

TEXT = "The old woman sat down on the"


def traced(models: Models, text: str, path: Path) -> dict[str, np.ndarray]:
    save_trace(models, text, path, model="next-word")
    with np.load(path) as arrays:
        return dict(arrays)


def next_word(models: Models, text: str, **options: object) -> NextWord:
    found: NextWord = registry.run("next-word", models, text, options).result
    return found


def test_probabilities_and_surprises_are_those_of_the_trace(models: Models, tmp_path: Path) -> None:
    trace = traced(models, TEXT, tmp_path / "run.npz")
    result = next_word(models, TEXT)
    expected = trace["probabilities"][0].astype(np.float64)
    ranked = np.sort(expected[-1])[::-1]
    assert [c.probability for c in result.candidates] == pytest.approx(ranked[:8].tolist(), abs=1e-6)
    assert result.entropy_bits == pytest.approx(-(expected[-1] * np.log2(expected[-1])).sum(), abs=1e-4)
    ids = trace["decoder.tokens"][0, 1:]
    for at, (entry, token) in enumerate(zip(result.surprises, ids, strict=True)):
        assert entry.probability == pytest.approx(expected[at, token], abs=1e-6)
        assert entry.bits == pytest.approx(-math.log2(expected[at, token]), abs=1e-3)
        assert entry.rank == int((expected[at] > expected[at, token]).sum()) + 1


def test_a_whole_sentence_is_cut_before_its_last_word_and_that_word_is_judged(models: Models) -> None:
    result = next_word(models, "The old woman sat down on the chair.")
    assert (result.text, result.following) == (TEXT, "chair")
    assert result.candidates == next_word(models, TEXT).candidates
    assert result.following_rank >= 1 and result.following_probability <= result.probability
    assert next_word(models, TEXT).following == ""
    assert next_word(models, "Something else.", after=TEXT).candidates == result.candidates


def test_temperature_divides_the_logits(models: Models) -> None:
    cold, warm = next_word(models, TEXT, temperature=0.5), next_word(models, TEXT)
    ratio = warm.probability / warm.second_probability
    assert cold.probability / cold.second_probability == pytest.approx(ratio**2, rel=1e-4)
    with pytest.raises(LearnerError, match="temperature above 0"):
        next_word(models, TEXT, temperature=0)


def test_what_is_drawn_depends_on_the_seed_alone(models: Models) -> None:
    first = next_word(models, TEXT, drawn=4, seed=5).continuations
    assert first == next_word(models, TEXT, drawn=4, seed=5).continuations
    assert first[2:] == next_word(models, TEXT, drawn=4, seed=6).continuations[1:4]
    assert len(set(first)) > 1


def test_after_the_cat_sat_on_the_come_things_to_sit_on(models: Models) -> None:
    """The words that the model's users look at first; the list is of what an English reader would let stand there."""
    listed = likeliest_words(models.predictor, models.next_word.tokenizer, "The cat sat on the")
    nouns = {
        *("armchair", "beach", "bed", "bench", "blanket", "box", "branch", "bus", "car", "carpet", "chair", "couch"),
        *("counter", "desk", "door", "edge", "fence", "floor", "grass", "ground", "hill", "horse", "house", "lap"),
        *("lawn", "mat", "mountain", "ocean", "piano", "porch", "river", "road", "rock", "roof", "rug", "sand", "sea"),
        *("seat", "shelf", "shore", "side", "snow", "sofa", "stage", "stairs", "step", "stone", "stool", "street"),
        *("table", "throne", "top", "tree", "wall", "window"),
    }
    assert set(listed) <= nouns, set(listed) - nouns


def heads(models: Models, text: str, **options: object) -> Heads:
    found: Heads = registry.run("heads", models, text, {"part": "english"} | options).result
    return found


def test_the_heads_of_the_english_model_are_those_of_its_trace(models: Models, tmp_path: Path) -> None:
    trace = traced(models, TEXT, tmp_path / "run.npz")
    result = heads(models, TEXT, layer=3)
    weights = trace["decoder.blocks.2.attention.weights"][0]
    assert np.array([head.weights for head in result.heads]) == pytest.approx(weights, abs=1e-6)
    assert (result.layers, result.layer, result.head_count) == (5, 3, 4)
    assert result.loss == pytest.approx(float(trace["loss"]), abs=1e-6)
    assert result.repeat_count == 0 and result.repeat_head == 0  # nothing stands twice


def test_without_a_head_the_loss_is_that_of_the_model_without_it(models: Models) -> None:
    import torch

    from model.edits import zero_head
    from model.tokenizer import END, START

    result = heads(models, TEXT, layer=2)
    ids = models.text_ids(TEXT)
    target, labels = torch.tensor([[START, *ids]]), torch.tensor([[*ids, END]])
    with torch.no_grad():
        alone = models.predictor(None, target, labels, [zero_head("decoder.blocks.1.attention", 2)])
    assert alone.loss is not None
    assert result.heads[2].loss_without == pytest.approx(alone.loss.item(), rel=1e-5)


def test_there_is_no_sixth_layer_and_no_english_map_elsewhere(models: Models) -> None:
    with pytest.raises(LearnerError, match="the English model has layers 1 to 5"):
        heads(models, TEXT, layer=6)
    with pytest.raises(LearnerError, match="here there are encoder, decoder and cross"):
        registry.run("attention", models, TEXT, {"part": "english"})


FIRST_NAMES = "Anna Peter Rosa Klaus Ingrid Bruno Carla Walter Sonja Oscar Nadia Victor".split()
LAST_NAMES = "Berger Wilson Lind Novak Sanders Petrov Moreau Fischer Olsen Grant Kovacs Baker".split()
TWICE = (
    "{first} {last} called. I did not know {first}",
    "I met {first} {last} at the station. Then I saw {first}",
    "My neighbour is called {first} {last}. Everybody likes {first}",
)


def test_heads_finds_the_head_that_looks_up_a_repeated_name(models: Models) -> None:
    found = []
    for first, last in zip(FIRST_NAMES, LAST_NAMES, strict=True):
        for text in TWICE:
            result = heads(models, text.format(first=first, last=last))
            named = first.endswith(result.repeat_query.strip("…")) and last.startswith(result.repeat_key.strip("…"))
            decides = result.repeat_probability > 2 * result.repeat_probability_without
            found.append(named and decides and result.heads[result.repeat_head - 1].pattern == "repeat")
    assert sum(found) >= 0.75 * len(found), found


def test_some_head_looks_up_what_followed_a_token_in_any_sequence(models: Models) -> None:
    """Random tokens said twice: nothing about English helps, only where the last token stood before."""
    found = induction_head(models.predictor)
    assert found["share"] > 0.4 and found["probability"] > 0.2  # of 4,000 tokens
    assert induction_head(models.predictor) == found
    untrained = induction_head(Transformer(models.predictor.config).eval())
    assert untrained["share"] < 0.15 and untrained["probability"] < 0.01
