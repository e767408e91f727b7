"""`compare`: cosines, attention and loss recomputed with NumPy from two trace files, and what is promised of them."""

from __future__ import annotations

import difflib
from pathlib import Path

import numpy as np
import pytest

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.alignment import aligned, aligned_words, first_difference, words_of
from tutor.experiments.compare import OURS, Compare
from tutor.experiments.models import Models
from tutor.tracing import save_trace

SENTENCE = "My sister reads the letter in the kitchen."
SENTENCES = [
    SENTENCE,
    "Why?",
    "a",
    "She was tired because she had worked all day.",
    "no punctuation here",
    "It is an old house.",
    "HE WAS HERE.",
]
LONGER = "Yesterday my little sister read the letter in the kitchen."
Arrays = dict[str, np.ndarray]


def compare(models: Models, sentence: str, **options: object) -> Compare:
    found: Compare = registry.run("compare", models, sentence, options).result
    return found


def traced(models: Models, sentence: str, folder: Path) -> Arrays:
    save_trace(models, sentence, folder / "run.npz")
    with np.load(folder / "run.npz") as held:
        return dict(held)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64), b.astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def equal_pairs(first: np.ndarray, second: np.ndarray) -> list[tuple[int, int]]:
    blocks = difflib.SequenceMatcher(None, first.tolist(), second.tolist(), autojunk=False).get_matching_blocks()
    return [(block.a + n, block.b + n) for block in blocks for n in range(block.size)]


def apart(first: np.ndarray, second: np.ndarray, queries: list[tuple[int, int]], keys: list[tuple[int, int]]) -> list:
    """For each head, the total variation of each query's rows when all keys that are not shared are made one."""
    found = []
    for a, b in zip(first.astype(np.float64), second.astype(np.float64), strict=True):
        rows = []
        for i, j in queries:
            p, q = [a[i, k] for k, _ in keys], [b[j, k] for _, k in keys]
            p, q = np.array([*p, 1 - sum(p)]), np.array([*q, 1 - sum(q)])
            rows.append(float(np.abs(p - q).sum() / 2))
        found.append(rows)
    return found


@pytest.mark.parametrize("other", ["", LONGER])
def test_cosines_attention_and_losses_can_be_recomputed_from_two_trace_files(
    models: Models, tmp_path: Path, other: str
) -> None:
    result = compare(models, SENTENCE, other=other)
    one, two = traced(models, SENTENCE, tmp_path), traced(models, result.other, tmp_path)
    pairs = equal_pairs(one["encoder.tokens"][0], two["encoder.tokens"][0])
    assert [token.same for token in result.tokens].count(True) == len(pairs)
    given = [token.cosine for token in result.tokens if token.same]
    expected = [cosine(one["encoder.output"][0, a], two["encoder.output"][0, b]) for a, b in pairs]
    assert given == pytest.approx(expected, abs=1e-5)
    names = models.read(SENTENCE).source_tokens
    words = [at for at, (a, _) in enumerate(pairs) if names[a].isalpha()]
    assert result.mean_cosine == pytest.approx(np.mean([expected[at] for at in words]), abs=1e-5)
    assert result.word_cosine == pytest.approx(min(expected[at] for at in words), abs=1e-5)
    assert result.shared_words == len(words) and result.differing == len(result.tokens) - len(pairs)
    assert result.moved == sum(a != b for a, b in pairs)

    read = equal_pairs(one["decoder.tokens"][0], two["decoder.tokens"][0])
    targets = [np.array(models.read(text).target_ids) for text in (SENTENCE, result.other)]
    written = equal_pairs(*targets)
    french = models.read(SENTENCE).target_tokens
    found = {}
    for layer in range(3):
        for part, path, queries, keys in (
            ("encoder", f"encoder.blocks.{layer}.attention", [pairs[at] for at in words], pairs),
            (
                "decoder",
                f"decoder.blocks.{layer}.attention",
                [p for p in read if p[0] and wordy(french[p[0] - 1])],
                read,
            ),
            ("cross", f"decoder.blocks.{layer}.cross_attention", [p for p in written if wordy(french[p[0]])], pairs),
        ):
            heads = apart(one[f"{path}.weights"][0], two[f"{path}.weights"][0], queries, keys)
            found |= {(part, layer + 1, head + 1): np.mean(rows) for head, rows in enumerate(heads)}
    assert (result.part, result.layer, result.head) == max(found, key=found.__getitem__)
    assert result.difference == pytest.approx(max(found.values()), abs=1e-5)
    assert result.loss == pytest.approx(float(one["loss"]), abs=1e-5)
    assert result.other_loss == pytest.approx(float(two["loss"]), abs=1e-5)


def wordy(token: str) -> bool:
    return not token.startswith("‹") and any(map(str.isalnum, token))


def test_the_row_named_is_in_that_head_as_the_two_trace_files_have_it(models: Models, tmp_path: Path) -> None:
    result = compare(models, SENTENCE, word="letter", other=LONGER)
    one, two = traced(models, SENTENCE, tmp_path), traced(models, LONGER, tmp_path)
    assert (result.part, result.word, result.query, result.looker) == ("encoder", "letter", "letter", "“letter”")
    at, beside = models.read(SENTENCE).source_tokens.index("letter"), models.read(LONGER).source_tokens.index("letter")
    pairs = equal_pairs(one["encoder.tokens"][0], two["encoder.tokens"][0])
    heads = {
        (layer + 1, head + 1): rows[0]
        for layer in range(3)
        for head, rows in enumerate(
            apart(*(run[f"encoder.blocks.{layer}.attention.weights"][0] for run in (one, two)), [(at, beside)], pairs)
        )
    }
    assert (result.layer, result.head) == max(heads, key=heads.__getitem__)
    assert result.difference == pytest.approx(max(heads.values()), abs=1e-5)
    path = f"encoder.blocks.{result.layer - 1}.attention.weights"
    row, other_row = one[path][0, result.head - 1, at], two[path][0, result.head - 1, beside]
    key, other_key = max(pairs, key=lambda pair: abs(row[pair[0]] - other_row[pair[1]]))
    assert result.key.strip("…") == models.read(SENTENCE).source_tokens[key]
    assert result.key_weight == pytest.approx(row[key], abs=1e-6)
    assert result.other_key_weight == pytest.approx(other_row[other_key], abs=1e-6)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_by_default_one_word_is_exchanged_or_the_other_is_one_of_ours(models: Models, sentence: str) -> None:
    result = compare(models, sentence)
    assert not result.given and result.other != sentence
    if result.exchanged_word:
        before, after = sentence.split(), result.other.split()
        unlike = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        assert len(unlike) == 1
        assert unlike[0][0].replace(result.exchanged_word, result.exchanged_for) == unlike[0][1]
    else:
        assert result.other in OURS and not result.exchanged_for


def test_an_exchange_keeps_capitals_and_the_article_right(models: Models) -> None:
    assert compare(models, "HE WAS HERE.").other == "SHE WAS HERE."
    assert compare(models, "He was here.").other == "She was here."
    assert compare(models, "It is an old tree.").other == "It was an old tree."
    assert compare(models, "It is a new tree.").other == "It was a new tree."
    assert compare(models, "The cat's milk is cold.").exchanged_word == "milk"


@pytest.mark.parametrize("sentence", SENTENCES)
def test_both_texts_are_whole_in_their_alignments(models: Models, sentence: str) -> None:
    result = compare(models, sentence)
    for given, text, side in (
        ([t.token for t in result.tokens], sentence, 0),
        ([t.other_token for t in result.tokens], result.other, 1),
    ):
        tokens = [token for token in given if token]
        assert [token.strip("…") for token in tokens] == list(models.read(text).source_tokens), side
    assert [word.word for word in result.words if word.word] == words_of(result.translation)
    assert [word.other_word for word in result.words if word.other_word] == words_of(result.other_translation)
    for row in result.words:
        assert row.same == (row.word == row.other_word)
    assert result.changed_words == sum(not word.same for word in result.words)
    assert (result.changed_from + result.changed_to == "") == (result.changed_words == 0)


def test_words_and_marks_are_set_side_by_side() -> None:
    assert words_of("J'ai peur, aujourd'hui !") == ["J'ai", "peur", ",", "aujourd'hui", "!"]
    rows = aligned_words("Le chat dort.", "Le chien noir dort.")
    assert [(row.word, row.other_word) for row in rows] == [
        ("Le", "Le"), ("chat", "chien"), ("", "noir"), ("dort", "dort"), (".", "."),
    ]  # fmt: skip
    assert [row.other_word for row in first_difference(rows)] == ["chien", "noir"]
    assert first_difference(aligned_words("a b", "a b")) == []
    assert aligned("ab", "xb") == ([(0, 0), (1, 1)], frozenset({(1, 1)}))


def test_what_cannot_be_compared_is_refused(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^the two sentences are the same; give a different one with the option"):
        compare(models, SENTENCE, other=SENTENCE)
    with pytest.raises(LearnerError, match=r"^'sister' does not stand in both sentences; what does: My · read"):
        compare(models, SENTENCE, word="sister")
    with pytest.raises(LearnerError, match=r"^there is no 'dog' in this sentence; its tokens are My"):
        compare(models, SENTENCE, word="dog")


@pytest.mark.parametrize(
    ("sentence", "options", "told"),
    [
        ("no punctuation here", {"other": "Why not?"}, "have no word in common"),
        ("The cat is on the mat.", {}, "“cat” has become “dog”, and in the French “chat” has become “chien”"),
        (SENTENCE, {}, "the French differs in 2 places"),
        (SENTENCE, {"other": "My sister reads the letter in the kitchen"}, "the very same French"),
        ("I see the dog in the garden.", {"other": "Today I see the dog in the garden."}, "some tokens have moved"),
        ("I see the dog here.", {"other": "I see the tree here."}, "stands in the same places"),
    ],
)
def test_each_way_it_can_come_out_is_told(models: Models, sentence: str, options: dict, told: str) -> None:
    result = compare(models, sentence, **options)
    assert told in narrate(load_library().narrations["compare"].branches, result), result
