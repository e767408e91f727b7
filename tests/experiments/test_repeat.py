"""`repeat`: probabilities and attention recomputed from the trace of the whole text, and what is promised of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.ablation import continued
from tutor.experiments.habits import repeats
from tutor.experiments.models import Models
from tutor.experiments.repeat import Repeat
from tutor.tracing import save_trace

SENTENCE = "The dog did not cross the street because it was too tired."
SENTENCES = [SENTENCE, "Why?", "a", "She sings", "no punctuation here", "Anna Berger called.", "The cat is on the mat."]


def say(models: Models, sentence: str, **options: object) -> Repeat:
    found: Repeat = registry.run("repeat", models, sentence, options).result
    return found


def expected(result: Repeat, models: Models, folder: Path) -> tuple[list[int], dict[str, np.ndarray]]:
    """The sentence's ids, and the trace file of the whole text."""
    save_trace(models, result.text, folder / "run.npz", model="next-word")
    with np.load(folder / "run.npz") as held:
        trace = dict(held)
    return trace["decoder.tokens"][0].tolist(), trace


@pytest.mark.parametrize("sentence", [SENTENCE, "no punctuation here", "The cat is on the mat."])
def test_probabilities_and_looks_can_be_recomputed_from_the_trace_file(
    models: Models, tmp_path: Path, sentence: str
) -> None:
    result = say(models, sentence)
    read, trace = expected(result, models, tmp_path)
    own = models.text_ids(sentence)
    half = len(read) - 1 - len(own)
    assert read == [1, *own, *own[:half]]
    logits = trace["logits"][0].astype(np.float64)
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    looks = trace[f"decoder.blocks.{result.layer - 1}.attention.weights"][0, result.head - 1]
    assert len(result.words) == half + 1
    for at, word in enumerate(result.words):
        # Position 0 is the start mark: token `at` comes after position `at`, again after `len(own) + at`.
        assert word.first == pytest.approx(shares[at, own[at]], abs=1e-5)
        assert word.again == pytest.approx(shares[len(own) + at, own[at]], abs=1e-5)
        assert word.look == pytest.approx(looks[len(own) + at, 1 + at] if at else 0, abs=1e-5)
    later = result.words[1:]
    assert result.compared == len(later)
    assert result.mean_first == pytest.approx(np.mean([word.first for word in later]), abs=1e-6)
    assert result.mean_again == pytest.approx(np.mean([word.again for word in later]), abs=1e-6)
    assert result.mean_without == pytest.approx(np.mean([word.without for word in later]), abs=1e-6)
    every = {
        (layer + 1, head + 1): np.mean([weights[len(own) + at, 1 + at] for at in range(1, half + 1)])
        for layer in range(5)
        for head, weights in enumerate(trace[f"decoder.blocks.{layer}.attention.weights"][0])
    }
    assert (result.layer, result.head) == max(every, key=every.__getitem__)
    assert result.share == pytest.approx(max(every.values()), abs=1e-5)
    assert result.heads_alike == sum(every[result.layer, head] >= 0.4 for head in range(1, 5))


def test_with_the_head_or_its_layer_off_it_is_the_edit_that_it_says(models: Models) -> None:
    result = say(models, SENTENCE)
    subject, own = continued(models, result.text), models.text_ids(SENTENCE)
    off = subject.off(result.layer)
    alone = subject.without([off[result.head - 1]]).probabilities[0]
    together = subject.without(off).probabilities[-1]
    for at, word in enumerate(result.words):
        assert word.without == pytest.approx(alone[len(own) + at, own[at]].item(), abs=1e-5)
    means = [together[len(own) + at, own[at]].item() for at in range(1, len(result.words))]
    assert result.mean_layer_off == pytest.approx(np.mean(means), abs=1e-5)


def test_what_is_looked_up_is_what_the_heads_experiment_finds_too(models: Models) -> None:
    result = say(models, "Anna Berger called.")
    subject = continued(models, result.text)
    again = repeats(subject.key_ids, subject.key_tokens)
    own = len(models.text_ids("Anna Berger called."))
    assert again == [(1 + own + at, 2 + at) for at in range(len(result.words) - 1)]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_word_named_is_of_those_looked_up_the_one_that_gains_most(models: Models, sentence: str) -> None:
    result = say(models, sentence)
    later = result.words[1:] or result.words
    looked_up = [word for word in later if word.look >= 0.4] or later
    best = max(looked_up, key=lambda word: word.again - word.first)
    assert (result.word, result.word_again, result.word_look) == (best.token, best.again, best.look)
    at = result.words.index(best)
    assert result.word_before == (result.words[at - 1].token if at else "")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_half_of_the_words_rounded_up_stand_again(models: Models, sentence: str) -> None:
    result = say(models, sentence)
    words = sentence.split()
    assert result.text == " ".join([sentence, *words[: (len(words) + 1) // 2]])
    assert result.rest == " ".join(words[(len(words) + 1) // 2 :])


def test_a_sentence_is_said_again_to_its_end(models: Models) -> None:
    result = say(models, SENTENCE)
    assert result.said_again and result.shows
    assert result.goes_on == result.rest == "street because it was too tired."
    assert not say(models, "The cat is on the mat.").said_again


def test_a_head_may_be_named_and_one_that_is_not_there_is_refused(models: Models) -> None:
    named = say(models, SENTENCE, layer=1, head=2)
    assert (named.layer, named.head, named.where) == (1, 2, "the English model's layer 1, head 2")
    assert say(models, SENTENCE, head=2).head == 2
    assert say(models, SENTENCE, layer=4).layer == 4
    run = registry.run("repeat", models, SENTENCE)
    assert (run.options.layer, run.options.head) == (run.result.layer, run.result.head)
    with pytest.raises(LearnerError, match=r"^there is no layer 9; the English model has layers 1 to 5$"):
        say(models, SENTENCE, layer=9)
    with pytest.raises(LearnerError, match=r"^there is no head 7; each layer has heads 1 to 4$"):
        say(models, SENTENCE, head=7)


def test_a_long_sentence_is_said_again_as_far_as_it_fits(models: Models) -> None:
    sentence = "we " * 100
    result = say(models, sentence)
    assert len(models.text_ids(result.text)) <= models.predictor.config.max_tokens - 1
    with pytest.raises(LearnerError, match=r"^That sentence leaves no room to say a part of it again"):
        say(models, "we " * 127)


@pytest.mark.parametrize(
    ("sentence", "options", "told"),
    [
        ("a", {}, "too little here"),
        ("Why?", {}, "too little here"),
        (SENTENCE, {}, "where more heads look back alike"),
        ("He gave her an old book.", {}, "induction head"),
        (SENTENCE, {"layer": 1, "head": 1}, "hardly hangs on head 1 of layer 1"),
    ],
)
def test_each_way_it_can_come_out_is_told(models: Models, sentence: str, options: dict, told: str) -> None:
    result = say(models, sentence, **options)
    assert told in narrate(load_library().narrations["repeat"].branches, result), result
