"""`teacher-forcing`: each column of grades recomputed from traces with NumPy, and what is right, wrong and its own."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
import torch

from model.generation import greedy
from model.tokenizer import END, START
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.experiments.teacher_forcing import HURT, TeacherForcing, _second_word

SENTENCE = "My sister reads the letter in the kitchen."
RIGHT = "Ma sœur lit la lettre dans la cuisine."
SENTENCES = [SENTENCE, "The old man gave the black cat some milk.", "He saw her duck.", "Hello.", "a", "Why?"]


@functools.cache
def grade(models: Models, sentence: str = SENTENCE, **options: object) -> TeacherForcing:
    found: TeacherForcing = registry.run("teacher-forcing", models, sentence, options).result
    return found


def chances(models: Models, sentence: str, written: list[int]) -> np.ndarray:
    """(T, V): the probabilities at each place of these tokens, softmax of a trace's logits."""
    trace = models.read_pair(sentence, models.source_ids(sentence), written).trace
    scores = trace.logits[0].numpy().astype(np.float64)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(-1, keepdims=True)
    return shares


@pytest.mark.parametrize("wrong", ["petite", "chaise", "mère aimée"])
def test_every_grade_is_that_of_a_trace_over_these_very_words(models: Models, wrong: str) -> None:
    result = grade(models, target=RIGHT, wrong=wrong)
    encode = models.tokenizer.encode
    before, word, other = encode("Ma"), encode("sœur"), encode(wrong)
    rest = [*encode("lit la lettre dans la cuisine."), END]
    prompt = torch.tensor([[START, *before, *other]])
    own = list(greedy(models.model, torch.tensor([models.source_ids(SENTENCE)]), prompt=prompt)[0].ids)
    given = {
        "given_right": chances(models, SENTENCE, [*before, *word, *rest])[2:],
        "given_wrong": chances(models, SENTENCE, [*before, *other, *rest])[1 + len(other) :],
        "given_own": chances(models, SENTENCE, [*before, *other, *own])[1 + len(other) :],
    }
    assert result.token_count == len(rest)
    for name, expected in given.items():
        graded = [getattr(one, name) for one in result.graded if getattr(one, name) is not None]
        assert graded == pytest.approx([p[id_] for p, id_ in zip(expected, rest, strict=False)], rel=1e-4)
    losses = [-np.log([p[i] for p, i in zip(each, rest, strict=False)]).mean() for each in given.values()]
    assert [result.loss_right, result.loss_wrong, result.loss_own] == pytest.approx(losses, abs=1e-5)
    sure = [p[id_] for p, id_ in zip(given["given_own"], own, strict=False)]
    assert result.own_token_probability == pytest.approx(math.exp(np.log(sure).mean()), rel=1e-5)
    assert result.own_text == models.tokenizer.decode([*before, *other, *own])


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_first_piece_after_the_wrong_word_is_graded_alike_with_and_without_a_teacher(
    models: Models, sentence: str
) -> None:
    first = grade(models, sentence).graded[0]
    assert first.given_own == pytest.approx(first.given_wrong, rel=1e-4)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_is_told_of_the_pieces_is_read_off_them(models: Models, sentence: str) -> None:
    result = grade(models, sentence)
    falls = [one.given_right - one.given_wrong for one in result.graded]
    assert result.worst_right - result.worst_wrong == pytest.approx(max(falls))
    assert result.hurt == sum(fall > HURT for fall in falls)
    assert result.own_count == sum(one.given_own is not None for one in result.graded)
    assert -np.mean([math.log(one.given_right) for one in result.graded]) == pytest.approx(result.loss_right, abs=1e-5)
    if result.own_same:
        assert [one.given_own for one in result.graded] == pytest.approx([one.given_wrong for one in result.graded])
        assert result.shift == 0 and result.same_at_end == result.token_count


def test_by_default_right_is_what_the_model_writes_and_wrong_its_second_choice(models: Models) -> None:
    result, reading = grade(models), models.read(SENTENCE)
    assert result.target == reading.translation == RIGHT and not result.target_given
    expected = chances(models, SENTENCE, list(reading.target_ids))
    ranked = np.argsort(expected[1])[::-1]
    right, wrong = models.tokenizer.encode("sœur")[0], models.tokenizer.encode(result.wrong_word)[0]
    likelier = [models.tokenizer.token(int(id_)) for id_ in ranked[: list(ranked).index(wrong)]]
    assert all(t.id == right or not t.text.isalpha() or not t.starts_word for t in likelier)
    assert result.right_probability == pytest.approx(expected[1, right], rel=1e-5)
    assert result.right_probability > result.wrong_probability > 0


def test_its_own_words_are_the_likeliest_each_time(models: Models) -> None:
    result = grade(models)
    prefix = len(models.tokenizer.encode(f"{result.before} {result.wrong_word}"))
    ids = [*models.tokenizer.encode(result.own_text), END]
    best = chances(models, SENTENCE, ids).argmax(-1)
    assert best[prefix:].tolist() == ids[prefix:]


def test_a_target_of_somebody_else_is_graded_and_not_the_models_own(models: Models) -> None:
    result = grade(models, "The cat is on the mat.", target="Le chat dort sur le tapis.", wrong="chien")
    assert result.target_given and result.wrong_given
    assert (result.before, result.right_word, result.wrong_word) == ("Le", "chat", "chien")
    assert result.graded[0].token == "dort"
    assert result.loss_right > grade(models, "The cat is on the mat.").loss_right


@pytest.mark.parametrize(
    ("target", "second"),
    [
        ("J'ai laissé mon cœur.", "laissé"),
        ("Il l'a vue.", "l'a"),
        ("Où est-ce que tu vas ?", "est-ce"),
        ("Bonjour.", "Bonjour"),
        ("Oui, merci.", "merci"),
        ("« Non », dit-il.", "dit-il"),
        ("3 chats noirs", "noirs"),
    ],
)
def test_words_are_what_stands_between_spaces_without_punctuation(models: Models, target: str, second: str) -> None:
    ids = [*models.tokenizer.encode(target), END]
    start, stop = _second_word(models, ids)
    assert models.tokenizer.decode(ids[start:stop]) == second


def test_the_right_word_as_a_wrong_one_is_refused(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"“sœur” is the right word there; give another one"):
        registry.run("teacher-forcing", models, SENTENCE, {"wrong": "sœur"})


def test_french_that_is_too_long_is_refused_in_a_line(models: Models) -> None:
    for options in ({"target": "mot " * 300}, {"wrong": "mot " * 200}):
        with pytest.raises(LearnerError, match=r"tokens long and the model reads 128; shorten it"):
            registry.run("teacher-forcing", models, SENTENCE, options)


@pytest.mark.parametrize(
    ("sentence", "options", "told"),
    [
        ("The cat is on the mat.", {}, "hardly does harm: the loss on what follows is"),
        ("The bank of the river was steep.", {}, "does little harm"),
        (SENTENCES[1], {}, "Yet left alone it goes on with the right words"),
        ("The cat is on the mat.", {"target": "Le chat dort sur le tapis.", "wrong": "chien"}, "Left alone after it"),
        (SENTENCE, {}, "each piece stands in another place"),
        (SENTENCES[2], {}, "the model goes another way"),
    ],
)
def test_each_way_it_can_come_out_is_told_in_its_own_words(
    models: Models, sentence: str, options: dict[str, str], told: str
) -> None:
    branches = load_library().narrations["teacher-forcing"].branches
    assert told in narrate(branches, grade(models, sentence, **options))
