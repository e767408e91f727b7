"""A node is found by its wordings: computed beforehand or now, with and without a question that was learned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.errors import BrokenFileError
from tutor.understanding import index
from tutor.understanding.encoder import unit
from tutor.understanding.index import Index, key_of, load_index, pack

WIDTH = 12
WORDINGS = {
    "softmax.what": ("what is softmax", "explain softmax", "softmax meaning", "tell me of softmax"),
    "scaling.why": ("why divide",),
    "mask.how": ("how are words hidden", "how does the mask work"),
}


class Encoder:
    """Gives each text a direction of its own, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def vectors(self, texts: Sequence[str]) -> Any:
        self.read += texts
        return np.stack([direction(text) for text in texts])


def direction(text: str) -> Any:
    drawn = np.random.default_rng(abs(key_of(text))).standard_normal(WIDTH)
    return unit(drawn.astype(np.float32))


def made(
    path: Path, wordings: dict[str, Sequence[str]], learned: dict[str, Any], known: Sequence[str] | None = None
) -> Index:
    texts = [text for own in wordings.values() for text in own] if known is None else list(known)
    path.write_bytes(pack(texts, np.stack([direction(text) for text in texts]), learned))
    return Index(wordings, Encoder(), path)  # type: ignore[arg-type]


@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_what_is_packed_is_read_back_to_within_half_a_step(texts: int, nodes: int, seed: int) -> None:
    import tempfile

    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((texts, WIDTH)).astype(np.float32)
    learned = {f"n.{number}": rng.standard_normal(WIDTH).astype(np.float32) for number in range(nodes)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / index.FILE
        path.write_bytes(pack([str(number) for number in range(texts)], rows, learned))
        known, questions = load_index(path)
    assert set(known) == {key_of(str(number)) for number in range(texts)} and list(questions) == list(learned)
    for number, row in enumerate(rows):
        assert np.abs(known[key_of(str(number))] - row).max() <= np.abs(row).max() / 127 / 2 * 1.001
    for name, row in learned.items():
        assert np.abs(questions[name] - unit(row)).max() <= 0.5 / 127 * 1.001


def test_a_turn_in_the_words_of_a_node_finds_it(tmp_path: Path) -> None:
    found = made(tmp_path / index.FILE, WORDINGS, {"softmax.what": direction("learned")})
    assert found.nodes == list(WORDINGS)
    for place, own in enumerate(WORDINGS.values()):
        for text in own:
            _, nearest = found.scores(direction(text))
            assert nearest.argmax() == place and nearest[place] == pytest.approx(1, abs=0.02)


def test_the_score_is_the_sum_of_the_likest_the_three_likest_and_the_question_as_such(tmp_path: Path) -> None:
    learned = {"softmax.what": direction("learned")}
    found = made(tmp_path / index.FILE, WORDINGS, learned)
    turn = direction("a turn")
    scores, nearest = found.scores(turn)
    for place, (node, own) in enumerate(WORDINGS.items()):
        likeness = sorted((float(direction(text) @ turn) for text in own), reverse=True)
        as_such = float(learned[node] @ turn) if node in learned else likeness[0]
        three = sum(likeness[:3]) / len(likeness[:3])
        wanted = index.NEAREST * likeness[0] + index.MEAN * three + index.LEARNED * as_such
        assert float(scores[place]) == pytest.approx(wanted, abs=0.01)
        assert float(nearest[place]) == pytest.approx(likeness[0], abs=0.01)
    assert scores.dtype == np.float32


def test_a_new_node_is_found_by_its_wordings_without_any_training(tmp_path: Path) -> None:
    known = [text for node, own in WORDINGS.items() if node != "mask.how" for text in own]
    found = made(tmp_path / index.FILE, WORDINGS, {"softmax.what": direction("learned")}, known)
    assert found.missing() == list(WORDINGS["mask.how"])
    scores, nearest = found.scores(direction("how does the mask work"))
    assert found.nodes[int(scores.argmax())] == "mask.how" and nearest.max() == pytest.approx(1, abs=0.001)
    assert found._encoder.read == list(WORDINGS["mask.how"])  # type: ignore[attr-defined]


def test_what_was_learned_of_a_node_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    found = made(tmp_path / index.FILE, WORDINGS, {"gone.what": direction("x")})
    assert found.missing() == [] and len(found.scores(direction("y"))[0]) == len(WORDINGS)


def test_vectors_of_other_texts_are_computed_once_and_in_order(tmp_path: Path) -> None:
    found = made(tmp_path / index.FILE, WORDINGS, {"softmax.what": direction("learned")})
    rows = found.vectors(["why divide", "new", "what is softmax", "new"])
    for row, text in zip(rows, ("why divide", "new", "what is softmax", "new"), strict=True):
        assert row == pytest.approx(direction(text), abs=0.02)
    assert found._encoder.read == ["new"]  # type: ignore[attr-defined]


def test_the_key_of_a_text_is_the_same_in_every_process_and_fits_eight_bytes() -> None:
    assert key_of("what is softmax") == 3628503151596951130
    assert all(-(2**63) <= key_of(str(number)) < 2**63 for number in range(50))
    assert len({key_of(str(number)) for number in range(1000)}) == 1000


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / index.FILE
    if damage is not None:
        path.write_bytes(damage)
    with pytest.raises(BrokenFileError, match=r"^index\.safetensors: cannot be read") as told:
        Index(WORDINGS, Encoder(), path).warm_up()  # type: ignore[arg-type]
    assert "\n" not in str(told.value)


def test_an_encoder_in_the_place_of_the_index_is_one_line(tmp_path: Path) -> None:
    from safetensors.numpy import save

    (tmp_path / index.FILE).write_bytes(save({"pieces": np.zeros((1, 1), np.float32)}, metadata={"nodes": "[]"}))
    with pytest.raises(BrokenFileError):
        load_index(tmp_path / index.FILE)
