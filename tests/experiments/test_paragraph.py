"""`paragraph`: attention across the full stop and losses recomputed with NumPy from the pass over both sentences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from model.generation import greedy
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.experiments.paragraph import OURS, Paragraph

SENTENCES = [
    "They are tired.",
    "It is very big.",
    "My sister reads the letter in the kitchen.",
    "Why?",
    "a",
    "no punctuation here",
]


def read_on(models: Models, sentence: str, **options: object) -> Paragraph:
    found: Paragraph = registry.run("paragraph", models, sentence, options).result
    return found


def wordy(token: str) -> bool:
    return not token.startswith("‹") and any(map(str.isalnum, token))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_crosses_the_full_stop_can_be_recomputed_from_the_encoder(models: Models, sentence: str) -> None:
    result = read_on(models, sentence)
    ids = [*models.source_ids(result.first)[:-1], *models.source_ids(result.second)]
    names, cut, end = models.show(ids), len(models.source_ids(result.first)) - 1, len(ids) - 1
    assert [token.strip("…") for token in result.tokens] == list(names) and result.first_count == cut
    blocks = models.encode(torch.tensor([ids])).blocks
    first = [at for at in range(cut) if wordy(names[at])]
    second = [at for at in range(cut, end) if wordy(names[at])]
    for row, block in zip(result.rows, blocks, strict=True):
        weights = block.attention.weights[0].double().numpy()  # (H, S, S)
        assert row.back == pytest.approx(np.mean([weights[:, at, :cut].sum(-1).mean() for at in second]), abs=1e-5)
        assert row.ahead == pytest.approx(np.mean([weights[:, at, cut:end].sum(-1).mean() for at in first]), abs=1e-5)
    assert result.mean_back == pytest.approx(np.mean([row.back for row in result.rows]), abs=1e-6)
    assert result.mean_ahead == pytest.approx(np.mean([row.ahead for row in result.rows]), abs=1e-6)
    assert result.most_back == max(row.back for row in result.rows)
    assert result.rows[result.most_layer - 1].back == result.most_back
    assert result.even_back == pytest.approx(cut / len(ids)) and result.even_ahead == pytest.approx(
        (end - cut) / len(ids)
    )


def test_the_pronoun_looks_at_what_it_stands_for_in_the_head_that_is_named(models: Models) -> None:
    result = read_on(models, "It is very big.")
    assert (result.pronoun, result.looker, result.looked_at) == ("it", "It", "table")
    layer, head = (int(part) for part in result.where.replace("encoder layer ", "").split(", head "))
    ids = [*models.source_ids(result.first)[:-1], *models.source_ids(result.second)]
    names = models.show(ids)
    weights = models.encode(torch.tensor([ids])).blocks[layer - 1].attention.weights[0, head - 1]
    assert result.look == pytest.approx(weights[names.index("It"), names.index("table")].item(), abs=1e-6)
    assert result.look > 0.8


def test_without_a_pronoun_the_sharpest_look_back_at_a_content_word_is_named(models: Models) -> None:
    result = read_on(models, "The cat is on the mat.")
    ids = [*models.source_ids(result.first)[:-1], *models.source_ids(result.second)]
    names, cut = models.show(ids), result.first_count
    words = [at for at in range(cut, len(ids)) if wordy(names[at])]
    looks = {
        (layer + 1, head + 1, at): block.attention.weights[0, head, at, names.index("home")].item()
        for layer, block in enumerate(models.encode(torch.tensor([ids])).blocks)
        for head in range(4)
        for at in words
    }
    layer, head, at = max(looks, key=looks.__getitem__)
    assert (result.pronoun, result.looker, result.looked_at) == ("", names[at], "home")
    assert result.where == f"encoder layer {layer}, head {head}"
    assert result.look == pytest.approx(max(looks.values()), abs=1e-6)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_both_are_read_in_one_go_and_the_translation_is_cut_in_two(models: Models, sentence: str) -> None:
    result = read_on(models, sentence)
    ids = [*models.source_ids(result.first)[:-1], *models.source_ids(result.second)]
    written = models.tokenizer.decode(greedy(models.model, torch.tensor([ids]))[0].ids)
    assert f"{result.first_after} {result.after}".strip() == written
    assert result.alone == models.read(sentence).translation
    assert result.first_alone == models.read(result.first).translation
    assert result.lost == (not any(map(str.isalnum, result.after)))
    assert result.same == (result.after == result.alone) and result.first_same == (
        result.first_after == result.first_alone
    )


def test_the_loss_is_of_what_is_written_for_the_second_sentence(models: Models) -> None:
    result = read_on(models, "They are tired.")
    ids = [*models.source_ids(result.first)[:-1], *models.source_ids(result.second)]
    reading = models.read_ids("", ids)
    cut = reading.target_tokens.index(".") + 1
    logits = reading.trace.logits[0].double().numpy()
    right = logits[range(len(logits)), list(reading.target_ids)] - np.log(np.exp(logits).sum(-1))
    assert result.loss_after == pytest.approx(-right[cut:].mean(), abs=1e-5)
    assert result.loss_alone == pytest.approx(models.read(result.second).trace.loss.item(), abs=1e-6)
    assert result.less_sure == (result.loss_after > 1.2 * result.loss_alone + 0.01)


def test_a_pronoun_takes_its_gender_from_the_sentence_before(models: Models) -> None:
    result = read_on(models, "They are tired.")
    assert result.first == "My sisters are here." and result.shows
    assert (result.changed_from, result.changed_to, result.changed_words) == ("Ils", "Elles", 1)
    other = read_on(models, "They are tired.", other="My brothers are here.")
    assert other.same and other.source == "option"


@pytest.mark.parametrize(
    ("text", "first", "second", "source"),
    [
        ("I have a car. It is red.", "I have a car.", "It is red.", "text"),
        ("What?! Where is it?", "What?!", "Where is it?", "text"),
        ("Mr. Smith is here.", OURS[""], "Mr. Smith is here.", "ours"),
        ("It is red.", "I bought a table.", "It is red.", "ours"),
        ("The dog slept because it was tired.", OURS[""], "The dog slept because it was tired.", "ours"),
    ],
)
def test_where_the_first_sentence_comes_from(models: Models, text: str, first: str, second: str, source: str) -> None:
    result = read_on(models, text)
    assert (result.first, result.second, result.source) == (first, second, source)


def test_a_sentence_before_is_closed_with_a_full_stop(models: Models) -> None:
    assert read_on(models, "It is red.", other=" I have a car ").first == "I have a car."


def test_what_is_too_long_together_is_refused(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^(Together that|That sentence) is \d+ tokens"):
        read_on(models, "We see the dog. " * 14, other="We see the cat. " * 14)


@pytest.mark.parametrize(
    ("sentence", "options", "told"),
    [
        ("no punctuation here", {}, "gets no sentence of its own"),
        ("They are tired.", {}, "less sure of what it writes"),
        ("It is very big.", {}, "Nobody told the model what a pronoun stands for"),
        ("My sister reads the letter in the kitchen.", {}, "so do not take every change for an improvement"),
        ("Why?", {}, "but the model is less sure of it"),
        ("It was red.", {}, "What a pronoun takes from there does not always show"),
        ("The cat is on the mat.", {}, "A sentence that begins with a pronoun has more to look for"),
    ],
)
def test_each_way_it_can_come_out_is_told(models: Models, sentence: str, options: dict, told: str) -> None:
    result = read_on(models, sentence, **options)
    assert told in narrate(load_library().narrations["paragraph"].branches, result), result
