"""The encoder: its pieces, its arithmetic against PyTorch's own layers, and what the bundled file is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from tutor.understanding import encoder
from tutor.understanding.encoder import Encoder, WordPieces
from tutor.understanding.lexicon import default_root

PIECES = ["[UNK]", "[CLS]", "[SEP]", "soft", "##max", "s", "##o", "?", "why"]
WIDTH, INNER = 2 * encoder.HEADS, 32


@pytest.fixture(scope="module")
def bundled() -> Encoder:
    return Encoder(default_root() / encoder.FILE)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("why softmax?", ["why", "soft", "##max", "?"]),
        ("so", ["s", "##o"]),
        ("zebra why", ["[UNK]", "why"]),
        ("", []),
    ],
)
def test_a_word_falls_into_its_longest_known_pieces(text: str, pieces: list[str]) -> None:
    assert [PIECES[number] for number in WordPieces(PIECES).split(text)] == pieces


def test_what_was_told_comes_first_and_is_counted() -> None:
    numbers, before = WordPieces(PIECES).joined("softmax", "why?")
    assert [PIECES[n] for n in numbers] == ["[CLS]", "soft", "##max", "[SEP]", "why", "?", "[SEP]"]
    assert before == 4


def test_of_a_long_turn_the_end_is_read() -> None:
    numbers, _ = WordPieces(PIECES).joined("", "s " * 300 + "why?")
    assert len(numbers) == encoder.LONGEST
    assert [PIECES[n] for n in numbers[-3:]] == ["why", "?", "[SEP]"]


def test_the_arithmetic_is_that_of_pytorch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(
        WIDTH,
        encoder.HEADS,
        INNER,
        dropout=0.0,
        activation=lambda x: nn.functional.gelu(x, approximate="tanh"),
        layer_norm_eps=1e-12,
        batch_first=True,
    ).eval()
    norm, head = nn.LayerNorm(WIDTH, eps=1e-12), nn.Linear(WIDTH, 3)
    tables = {"positions": torch.randn(encoder.LONGEST, WIDTH), "kinds": torch.randn(2, WIDTH)}
    plain = {f"norm.{kind}": value for kind, value in norm.named_parameters()}
    renamed = {"linear1": "wide", "linear2": "narrow", "self_attn.out_proj": "out", "self_attn.in_proj": "qkv"}
    for name, value in (*layer.named_parameters(), *((f"concepts.{k}", v) for k, v in head.named_parameters())):
        stem, _, kind = name.replace("in_proj_", "in_proj.").rpartition(".")
        plain[f"{stem}.{kind}" if stem == "concepts" else f"0.{renamed.get(stem, stem)}.{kind}"] = value
    held: dict[str, torch.Tensor] = dict(tables)
    rounded: dict[str, torch.Tensor] = {}
    for name, value in {**plain, "pieces": torch.randn(len(PIECES), WIDTH)}.items():
        if value.dim() == 2:
            scale = value.detach().abs().amax(1) / 127
            held[name], held[f"{name}.scale"] = (value / scale[:, None]).round().to(torch.int8), scale
            rounded[name] = held[name].float() * scale[:, None]
        else:
            held[name] = value
    file = tmp_path / "encoder.safetensors"
    about = {"vocabulary": json.dumps(PIECES), "labels": json.dumps({"concepts": ["a", "b", "c"]})}
    save_file({name: value.detach().contiguous() for name, value in held.items()}, file, metadata=about)

    with torch.no_grad():
        for module, name in ((layer.linear1, "0.wide"), (layer.linear2, "0.narrow"), (head, "concepts")):
            module.weight.copy_(rounded[f"{name}.weight"])
        layer.self_attn.in_proj_weight.copy_(rounded["0.qkv.weight"])  # type: ignore[union-attr]
        layer.self_attn.out_proj.weight.copy_(rounded["0.out.weight"])
        numbers, before = WordPieces(PIECES).joined("softmax", "why so?")
        kinds = [1] * before + [0] * (len(numbers) - before)
        x = rounded["pieces"][numbers] + tables["positions"][: len(numbers)] + tables["kinds"][kinds]
        wanted = torch.log_softmax(head(layer(norm(x)[None])[0].mean(0)), 0)
    found = Encoder(file).read("why so?", "softmax")["concepts"]
    assert list(found.values()) == pytest.approx(wanted.tolist(), abs=1e-5)


@pytest.mark.parametrize(
    ("text", "told", "concept"),
    [
        ("how do i squash arbitrary numbers into shares of a whole?", "", "softmax"),
        ("why is it used?", "residual connection", "residual-connection"),
        ("why is it used?", "softmax", "softmax"),
        ("and the decoder?", "encoder", "decoder"),
    ],
)
def test_meaning_and_what_was_told_are_read(bundled: Encoder, text: str, told: str, concept: str) -> None:
    concepts = bundled.read(text, told)["concepts"]
    assert max(concepts, key=lambda one: concepts[one]) == concept


def test_turns_read_side_by_side_do_not_see_each_other(bundled: Encoder) -> None:
    turns = [("attention why", "and what does it cost?"), ("", "why is softmax used?"), ("", "no")]
    bundled.warm_up()
    alone = [bundled._read([turn])[0] for turn in turns]
    for (mean, readings), (own_mean, own_readings) in zip(bundled._read(turns), alone, strict=True):
        assert mean == pytest.approx(own_mean, abs=1e-4)
        for head, logs in own_readings.items():
            assert readings[head] == pytest.approx(logs, abs=1e-3)


def test_the_bundled_file_is_small_and_its_origin_is_told(bundled: Encoder) -> None:
    assert (default_root() / encoder.FILE).stat().st_size <= 16_000_000
    assert "Apache" in (default_root() / "NOTICE.md").read_text("utf-8")
    assert (default_root() / "Apache-2.0.txt").exists()


def test_reading_a_question_loads_no_torch() -> None:
    code = (
        "import sys; from tutor.understanding.reader import Reader; Reader().read('why softmax?'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"torch", "tokenizers"}.isdisjoint(done.stdout.split())
