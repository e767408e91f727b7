"""`learn-sentence`: the copy is what PyTorch's own optimiser makes of one, and the translator stays as it was."""

from __future__ import annotations

import copy
import dataclasses
import functools
from typing import Any

import numpy as np
import pytest
import torch

from model.generation import beam_search, greedy
from model.trace import Trace
from model.transformer import Transformer
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import learn_sentence, registry
from tutor.experiments.learn_sentence import LearnSentence
from tutor.experiments.models import Models, Reading

SENTENCE = "The cat is on the mat."
SENTENCES = [SENTENCE, "She sings well.", "Why?"]
STEPS = 6


@functools.cache
def taught(models: Models, sentence: str, **options: Any) -> LearnSentence:
    found: LearnSentence = registry.run("learn-sentence", models, sentence, {"steps": STEPS, **options}).result
    return found


@functools.cache
def pupil(models: Models, sentence: str, steps: int) -> tuple[Transformer, Reading, list[float]]:
    """A copy taught by PyTorch's SGD what the experiment taught its own, the lesson, and the losses on the way."""
    lesson = models.read_with_target(sentence, taught(models, sentence).target)
    network = copy.deepcopy(models.model)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        with torch.enable_grad():
            logits = network(lesson.source, lesson.target).logits[0]
            loss = torch.nn.functional.cross_entropy(logits, lesson.labels[0])
            torch.autograd.backward(loss)
        losses.append(loss.item())
        optimiser.step()
    return network, lesson, losses


def read_by(network: Transformer, reading: Reading) -> Trace:
    with torch.no_grad():
        trace: Trace = network(reading.source, reading.target, reading.labels)
    return trace


def written_by(models: Models, network: Transformer, reading: Reading) -> str:
    return models.tokenizer.decode(greedy(network, reading.source, 40)[0].ids)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_copy_is_trained_by_plain_gradient_descent(models: Models, sentence: str) -> None:
    result = taught(models, sentence)
    network, lesson, losses = pupil(models, sentence, STEPS)
    after = read_by(network, lesson)
    assert after.loss is not None
    assert len(result.losses) == result.steps + 1 == STEPS + 1
    assert result.losses == pytest.approx((*losses, after.loss.item()), abs=1e-4)
    assert (result.loss_before, result.loss_after) == (result.losses[0], result.losses[-1])
    assert result.translation_after == written_by(models, network, lesson)
    assert result.learned == (result.translation_after == result.target)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_holds_before_any_step_is_that_of_the_trace(models: Models, sentence: str) -> None:
    result = taught(models, sentence)
    reading = models.read_with_target(sentence, result.target)
    logits = reading.trace.logits[0].numpy().astype(np.float64)
    odds = np.exp(logits - logits.max(-1, keepdims=True))
    right = (odds / odds.sum(-1, keepdims=True))[np.arange(len(logits)), list(reading.target_ids)]
    assert result.loss_before == pytest.approx(-np.log(right).mean(), abs=1e-5)
    assert result.probability_before == pytest.approx(right.prod(), rel=1e-4)
    assert result.probability_after == pytest.approx(np.exp(-result.loss_after * len(right)), rel=1e-6)
    assert result.translation == models.read(sentence).translation


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_word_told_of_is_the_content_word_whose_look_moved_most(models: Models, sentence: str) -> None:
    result = taught(models, sentence)
    network, lesson, _ = pupil(models, sentence, STEPS)
    before, after = (
        trace.decoder.blocks[-1].cross_attention.weights[0].mean(0).numpy()
        for trace in (lesson.trace, read_by(network, lesson))
        if trace.decoder is not None and trace.decoder.blocks[-1].cross_attention is not None
    )
    moved = np.abs(after - before).sum(-1) / 2
    at = int(np.abs(before - np.array(result.weights_before)).sum(-1).argmin())
    assert result.target_tokens[at] == result.word
    assert result.weights_before == pytest.approx(before[at], abs=1e-5)
    assert result.weights_after == pytest.approx(after[at], abs=1e-4)
    assert result.moved == pytest.approx(moved[at], abs=1e-4)
    rivals = [n for n, name in enumerate(result.target_tokens) if learn_sentence.is_content(name)]
    assert at in rivals or not rivals
    assert moved[at] >= max((moved[n] for n in rivals), default=0) - 1e-4
    assert result.looked_at_before == max(result.weights_before)
    assert result.now_at_after == max(result.weights_after)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_other_sentence_is_read_by_the_same_copy(models: Models, sentence: str) -> None:
    result = taught(models, sentence)
    other, network = models.read(result.other), pupil(models, sentence, STEPS)[0]
    before, after = other.trace.loss, read_by(network, other).loss
    assert before is not None and after is not None
    assert (result.other_loss_before, result.other_loss_after) == pytest.approx((before.item(), after.item()), abs=1e-4)
    assert result.other_translation == other.translation
    assert result.other_translation_after == written_by(models, network, other)
    assert result.other_same == (result.other_translation_after == other.translation)


def test_the_first_step_that_would_do_is_the_first(models: Models) -> None:
    result = taught(models, SENTENCE)
    assert result.first_step > 1
    for steps, enough in ((result.first_step - 1, False), (result.first_step, True)):
        network, lesson, _ = pupil(models, SENTENCE, steps)
        assert (written_by(models, network, lesson) == result.target) is enough
    assert taught(models, SENTENCE, steps=1).first_step == -1


def test_unless_given_the_target_is_the_best_of_a_beam_that_has_other_words(models: Models) -> None:
    for sentence, skipped in ((SENTENCE, {"Le chat est sur le tapis."}), ("Why?", {"Pourquoi ?", "Pourquoi?"})):
        reading = models.read(sentence)
        beam = [models.tokenizer.decode(one.ids) for one in beam_search(models.model, reading.source, 4)]
        result = taught(models, sentence)
        assert result.target == next(text for text in beam if text not in skipped)
        assert not result.target_given and not result.same_target
    given = taught(models, SENTENCE, target=" Le chien dort. ", steps=1)
    assert (given.target, given.target_given) == ("Le chien dort.", True)
    assert taught(models, SENTENCE, target="Le chat est sur le tapis.", steps=1).same_target


def test_the_other_sentence_is_never_the_learners_own(models: Models) -> None:
    first, second = learn_sentence._OTHERS
    assert [taught(models, text, steps=1).other for text in (SENTENCE, first)] == [first, second]
    assert taught(models, SENTENCE, steps=1, other="She sings.").other == "She sings."


def test_the_shared_model_is_left_as_it_was(models: Models) -> None:
    before = copy.deepcopy(models.model.state_dict())
    registry.run("learn-sentence", models, SENTENCE, {"steps": 2})
    assert all(value.equal(before[path]) for path, value in models.model.state_dict().items())
    assert all(parameter.grad is None for parameter in models.model.parameters())


def test_stopped_half_way_it_leaves_no_trace(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    before, updates = copy.deepcopy(models.model.state_dict()), []
    update = torch._foreach_add_

    def stop_at_the_third(*given: Any, **more: Any) -> None:
        updates.append(1)
        if len(updates) == 3:
            raise KeyboardInterrupt
        update(*given, **more)

    monkeypatch.setattr(torch, "_foreach_add_", stop_at_the_third)
    enabled = torch.is_grad_enabled()
    with pytest.raises(KeyboardInterrupt):
        registry.run("learn-sentence", models, SENTENCE)
    monkeypatch.undo()
    assert torch.is_grad_enabled() == enabled and len(updates) == 3
    assert all(value.equal(before[path]) for path, value in models.model.state_dict().items())
    again: LearnSentence = registry.run("learn-sentence", models, SENTENCE, {"steps": STEPS}).result
    assert again == taught(models, SENTENCE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps must be from 1 to 200, not 0"),
        ({"steps": 201}, "steps must be from 1 to 200, not 201"),
        ({"rate": 0.0}, "rate must be above 0, not 0; try 0.01"),
        ({"rate": 1e30, "steps": 3}, "at a rate of 1e+30 numbers overflow; try one as small as 0.01"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(models: Models, options: dict[str, Any], message: str) -> None:
    with pytest.raises(LearnerError) as told:
        registry.run("learn-sentence", models, SENTENCE, options)
    assert str(told.value) == f"learn-sentence: {message}"


def test_a_rate_too_large_makes_it_worse_and_is_told_as_that(models: Models) -> None:
    result = taught(models, SENTENCE, rate=5.0, steps=2)
    assert result.loss_after > result.loss_before
    assert "got no better" in narrate(load_library().narrations["learn-sentence"].branches, result)


def test_each_way_it_can_come_out_has_words_of_its_own(models: Models) -> None:
    found, branches = taught(models, SENTENCE), load_library().narrations["learn-sentence"].branches
    loss = found.other_loss_before
    cases: list[tuple[dict[str, Any], str]] = [
        ({"loss_after": found.loss_before}, "got no better"),
        ({"same_target": True}, "nothing new to learn"),
        ({"learned": False}, "not learned it yet"),
        ({"other_same": False, "other_loss_after": 1.2 * loss}, "something moved elsewhere"),
        ({"other_same": True, "other_loss_after": 1.2 * loss}, "less surely"),
        ({"other_same": True, "other_loss_after": 0.8 * loss}, "Nothing was forgotten where we looked"),
        ({"other_same": True, "other_loss_after": loss}, "little has moved"),
    ]
    for changed, words in cases:
        told = narrate(branches, dataclasses.replace(found, **changed))
        assert [other for _, other in cases if other in told] == [words], told
