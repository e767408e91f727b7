"""`bottleneck`: three translators on one translation, each number recomputed from the networks without padding."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from model.generation import greedy
from model.tokenizer import START
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate_run
from tutor.errors import LearnerError
from tutor.experiments import bottleneck, registry
from tutor.experiments.bottleneck import Bottleneck
from tutor.experiments.models import Models

SENTENCE = "My sister gave the old book to the teacher."
SENTENCES = [SENTENCE, "Why did you leave so early?", "She sings", "The dog slept because it was tired."]
NAMES = ("fixed", "attention", "transformer")


def compare(models: Models, sentence: str, **options: object) -> Bottleneck:
    found: Bottleneck = registry.run("bottleneck", models, sentence, options).result
    return found


def losses(models: Models, name: str, source: str, target: list[int]) -> torch.Tensor:
    """-ln p of each token of `target`, by PyTorch's cross-entropy of one network's logits for this source alone."""
    network = {"fixed": models.recurrent, "attention": models.recurrent_attention, "transformer": models.model}[name]
    with torch.no_grad():
        trace = network(torch.tensor([models.source_ids(source)]), torch.tensor([[START, *target[:-1]]]))
    return functional.cross_entropy(trace.logits[0].double(), torch.tensor(target), reduction="none")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_loss_is_cross_entropy_of_that_networks_logits(models: Models, sentence: str) -> None:
    result, reading = compare(models, sentence), models.read(sentence)
    assert result.translation == reading.translation
    target = list(reading.target_ids[: len(result.tokens)])
    assert [token.token for token in result.tokens] == list(models.show(target))
    for name in NAMES:
        for stage in result.stages:
            expected = losses(models, name, stage.source, target)
            assert getattr(stage, name) == pytest.approx(expected.mean().item(), abs=1e-5)
        alone = losses(models, name, sentence, target)
        assert [getattr(token, name) for token in result.tokens] == pytest.approx(alone.tolist(), abs=1e-5)
        assert getattr(result, f"{name}_loss") == getattr(result.stages[0], name)
        assert getattr(result, f"{name}_loss_joined") == getattr(result.stages[-1], name)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_closes_the_translation_is_left_out_and_nothing_else(models: Models, sentence: str) -> None:
    tokens, all_tokens = compare(models, sentence).tokens, models.read(sentence).target_tokens
    assert any(map(str.isalnum, tokens[-1].token))
    assert all(token == "‹end›" or not any(map(str.isalnum, token)) for token in all_tokens[len(tokens) :])


def test_what_is_joined_stands_before_the_closing_mark_and_grows(models: Models) -> None:
    stages = compare(models, SENTENCES[1]).stages
    assert [stage.source for stage in stages[:2]] == [
        "Why did you leave so early?",
        "Why did you leave so early, and it is raining?",
    ]
    assert [stage.source_count for stage in stages] == sorted({stage.source_count for stage in stages})
    assert all(stage.source_count == len(models.source_ids(stage.source)) for stage in stages)
    result = compare(models, SENTENCE)
    assert result.joined_words == len(("teacher" + "".join(bottleneck.JOINED)).split()) - 1


def test_nothing_is_joined_that_the_models_could_not_read(models: Models) -> None:
    run = registry.run("bottleneck", models, "a " * 126)
    assert len(run.result.stages) == 1 and run.result.joined_words == 0 and not run.result.shows
    assert "already about as long" in narrate_run(load_library(), run)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_row_of_weights_is_that_of_the_network_and_sums_to_one(models: Models, sentence: str) -> None:
    result, reading = compare(models, sentence, part="looks"), models.read(sentence)
    with torch.no_grad():
        trace = models.recurrent_attention(reading.source, reading.target)
    for at, row in enumerate(result.weights):
        assert len(row) == len(result.source_tokens) == result.source_count
        assert sum(row) == pytest.approx(1, abs=1e-5)
        assert row == pytest.approx(trace.decoder.weights[0, at].tolist(), abs=1e-5)
    assert len(result.weights) == len(result.tokens)
    assert result.sharpest_weight in {max(row) for row in result.weights}
    assert result.even_weight == pytest.approx(1 / result.source_count)


def test_the_fixed_context_is_the_same_at_each_step_and_attentions_is_not(models: Models) -> None:
    reading, result = models.read(SENTENCE), compare(models, SENTENCE)
    with torch.no_grad():
        fixed = models.recurrent(reading.source, reading.target).decoder
        attention = models.recurrent_attention(reading.source, reading.target)
    context, made = fixed.context[0], attention.decoder.context[0]
    assert context.shape == (len(reading.target_ids), result.vector_size)
    assert context.equal(context[:1].expand_as(context)) and fixed.weights is None
    assert (made - made[:1]).abs().amax(dim=-1)[1:].min() > 1e-3
    mixed = attention.decoder.weights[0] @ attention.encoder.output[0]
    assert attention.encoder.output.shape[1:] == (result.source_count, result.vector_size)
    assert torch.allclose(made, mixed, atol=1e-5)


def test_the_translations_are_what_each_network_writes_greedily(models: Models) -> None:
    result, source = compare(models, SENTENCE), models.read(SENTENCE).source
    for network, written in (
        (models.recurrent, result.fixed_translation),
        (models.recurrent_attention, result.attention_translation),
    ):
        whole = models.tokenizer.decode(greedy(network, source)[0].ids)
        assert whole.startswith(written) and written


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_shows_where_the_fixed_vector_loses_clearly_more(models: Models, sentence: str) -> None:
    result = compare(models, sentence)
    rises = [getattr(result, f"{name}_loss_joined") - getattr(result, f"{name}_loss") for name in NAMES[:2]]
    behind = result.fixed_loss_joined > result.attention_loss_joined
    assert result.shows == (behind and rises[0] - rises[1] > bottleneck.APART)
    assert not (result.shows and result.elsewhere)


def test_the_sentence_to_try_instead_is_one_that_was_run_and_shows_it(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A bar that no sentence takes but the last of those tried.
    leads = {}
    for text in bottleneck.ELSEWHERE:
        result = compare(models, text)
        leads[text] = (result.fixed_loss_joined - result.attention_loss_joined) - (
            result.fixed_loss - result.attention_loss
        )
    best = max(leads, key=lambda text: leads[text])
    worst = min(leads, key=lambda text: leads[text])
    for bar, expected in ((sorted(leads.values())[-2], best), (leads[best] + 1, "")):
        monkeypatch.setattr(bottleneck, "APART", bar)
        bottleneck._elsewhere.cache_clear()
        found = compare(models, worst)
        assert not found.shows and found.elsewhere == expected
    bottleneck._elsewhere.cache_clear()


def test_a_part_that_does_not_exist_is_named(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^there is no part 'weights'; bottleneck has loss and looks$"):
        compare(models, SENTENCE, part="weights")
