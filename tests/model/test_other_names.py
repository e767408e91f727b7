"""The same values under the names, and with the axes, that TransformerLens gives them."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from model.config import TransformerConfig
from model.other_names import transformerlens
from model.trace import trace_paths
from tutor.cli import main

SENTENCE = "The old man sat down."


@pytest.mark.parametrize("layers", [(2, 2), (2, 0), (0, 2)])
def test_no_two_values_get_one_name(layers: tuple[int, int]) -> None:
    config = TransformerConfig(vocabulary_size=50, encoder_layers=layers[0], decoder_layers=layers[1])
    names = [transformerlens(info.path, both_stacks=all(layers)).name for info in trace_paths(config)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("path", "both", "name"),
    [
        ("decoder.blocks.1.attention.query", False, "blocks.1.attn.hook_q"),
        ("decoder.blocks.0.feed_forward_norm", False, "blocks.0.ln2.hook_normalized"),
        ("decoder.blocks.0.feed_forward_norm", True, "decoder.0.ln3.hook_normalized"),
        ("encoder.blocks.0.feed_forward_norm", True, "encoder.0.ln2.hook_normalized"),
        ("decoder.blocks.2.cross_attention.weights", True, "decoder.2.cross_attn.hook_pattern"),
        ("decoder.input", False, "blocks.0.hook_resid_pre"),
        ("encoder.output", True, "encoder_final_ln.hook_normalized"),
        ("decoder.blocks.0.attention.raw_scores", False, "decoder.blocks.0.attention.raw_scores"),
        ("logits", True, "logits"),
    ],
)
def test_these_are_the_names(path: str, both: bool, name: str) -> None:
    assert transformerlens(path, both_stacks=both).name == name


def test_trace_writes_the_same_numbers_under_both(tmp_path: Path) -> None:
    own, other = tmp_path / "own.npz", tmp_path / "other.npz"
    for names, file in (("own", own), ("transformerlens", other)):
        assert main(["trace", SENTENCE, "--out", str(file), "--model", "next-word", "--names", names]) == 0
    ours, theirs = numpy.load(own), numpy.load(other)
    assert len(ours.files) == len(theirs.files)
    assert (ours["decoder.blocks.0.attention.weights"] == theirs["blocks.0.attn.hook_pattern"]).all()
    query = ours["decoder.blocks.1.attention.query"]
    assert (query.transpose(0, 2, 1, 3) == theirs["blocks.1.attn.hook_q"]).all()
    before, added, after = (
        theirs[f"blocks.0.{name}"] for name in ("hook_resid_pre", "hook_attn_out", "hook_resid_mid")
    )
    assert numpy.allclose(before + added, after, atol=1e-5)


def test_the_list_has_the_same_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "--list", "--model", "next-word", "--names", "transformerlens"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("blocks.0.attn.hook_q "))
    assert "batch query head d_head" in line
