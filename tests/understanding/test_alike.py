"""What is alike in meaning is found without a word in common; the file of vectors fits the lessons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load

from tutor.curriculum.loader import load_library
from tutor.understanding.alike import FILE, Alike, key_of, pack
from tutor.understanding.encoder import FILE as ENCODER
from tutor.understanding.encoder import Encoder
from tutor.understanding.lexicon import default_root
from tutor.understanding.text import fold

LIBRARY = load_library()
ENCODED = Encoder(default_root() / ENCODER)


@pytest.fixture(scope="module")
def alike() -> Alike:
    return Alike(LIBRARY, ENCODED, fold, default_root() / FILE)


def test_every_phrasing_of_the_lessons_has_its_vector(alike: Alike) -> None:
    assert alike.missing() == [], "run `python -m benchmarks.train_reader`"


@pytest.mark.parametrize("text", ["Why divide the scores by √d?", "What is a token?"])
def test_a_phrasing_is_most_like_its_own_node(alike: Alike, text: str) -> None:
    node = next(phrasing.node.id for phrasing in LIBRARY.phrasings() if phrasing.text == text)
    found = alike.nodes(text)
    assert max(found, key=found.__getitem__) == node and found[node] > 0.95


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("is anyone able to say why this way of training succeeds?", "backpropagation.limits.understood"),
        ("why put it on top of the word's vector?", "positional-encoding.how.add"),
    ],
)
def test_meaning_finds_what_shares_hardly_a_word(alike: Alike, text: str, node: str) -> None:
    found = alike.nodes(text)
    assert node in sorted(found, key=lambda name: -found[name])[:5]


def test_nothing_is_like_nothing(alike: Alike) -> None:
    assert alike.nodes("") == {}


def test_a_phrasing_without_a_stored_vector_gets_one_when_needed(tmp_path: Path) -> None:
    path = tmp_path / FILE
    texts = [phrasing.text for phrasing in LIBRARY.phrasings()][:40]
    path.write_bytes(pack(texts, ENCODED, fold))
    few = LIBRARY.__class__(LIBRARY.concepts, dict(list(LIBRARY.nodes.items())[:8]), LIBRARY.narrations)
    late = Alike(few, ENCODED, fold, path)
    asked = [phrasing for phrasing in few.phrasings() if phrasing.text not in texts]
    assert {phrasing.text for phrasing in asked} == set(late.missing())
    for phrasing in asked[:3]:
        assert late.nodes(phrasing.text)[phrasing.node.id] == pytest.approx(1.0, abs=1e-5)


def test_eight_bits_keep_the_vectors(tmp_path: Path) -> None:
    texts = ["why divide", "what is a token", "how are heads merged"]
    held = load(pack(texts, ENCODED, fold))
    raw = np.stack([ENCODED.vector(fold(text)) for text in texts])
    exact = raw - raw.mean(0)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert held["keys"].tolist() == [key_of(text) for text in texts]
    assert np.abs(held["vectors"] * held["scale"][:, None] - exact).max() < 0.002
