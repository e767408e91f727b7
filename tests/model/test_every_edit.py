"""Every edit works in every model that has its place, on whatever device the model is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from oracles import DEVICES, fitting, largest, padded_tokens, shaped

from model import edits as make
from model.edits import Edit
from model.errors import EditError

ENCODER, DECODER, CROSS = "encoder.blocks.1.attention", "decoder.blocks.0.attention", "decoder.blocks.1.cross_attention"
SOURCE, TARGET = padded_tokens([6, 4]), padded_tokens([5, 5], seed=2)

EVERY_EDIT: dict[str, Callable[[], list[Edit]]] = {
    "zero head": lambda: [make.zero_head(DECODER, 1)],
    "keep head": lambda: [make.keep_head(DECODER, 1)],
    "uniform": lambda: [make.uniform_weights(DECODER, head=0)],
    "one-hot": lambda: [make.one_hot_weights(DECODER, 0, head=1)],
    "given": lambda: [make.given_weights(DECODER, torch.eye(5), head=1)],
    "forbid": lambda: [make.forbid_link(DECODER, 3, 1, head=0)],
    "force": lambda: [make.force_link(DECODER, 3, 1)],
    "no scale": lambda: [make.bypass(f"{DECODER}.scaled_scores")],
    "no mask": lambda: [make.bypass(f"{DECODER}.masked_scores")],
    "no norm": lambda: [make.bypass("decoder.blocks.0.attention_norm")],
    "no residual": lambda: [make.bypass("decoder.blocks.0.residual_attention")],
    "no positions": lambda: [make.bypass("decoder.input")],
    "shuffled positions": lambda: [make.shuffle_positions("decoder", [4, 3, 2, 1, 0])],
    "replace": lambda: [make.replace("decoder.output", torch.ones(1, 5, 14))],
    "transplant": lambda: [make.transplant("decoder.output", torch.ones(1, 5, 14), 1, 2)],
    "detach": lambda: [make.detach("decoder.output")],
    "three at once": lambda: [
        make.zero_head(DECODER, 1),
        make.bypass("decoder.input"),
        make.forbid_link(DECODER, 3, 1, head=0),
    ],
}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("layers", [(1, 2), (0, 2)], ids=["encoder-decoder", "decoder only"])
@pytest.mark.parametrize("name", EVERY_EDIT)
def test_every_edit_works_in_every_model_that_has_its_place_and_where_the_model_is(
    name: str, layers: tuple[int, int], device: str
) -> None:
    """In float32, which every device has. With another default device, a tensor made without one shows anywhere."""
    source, target = fitting(layers, SOURCE, TARGET)
    edits = EVERY_EDIT[name]()
    expected = shaped(layers, 0, torch.float32)(source, target, edits=edits).logits
    moved = shaped(layers, 0, torch.float32).to(device)
    ids = (None if given is None else given.to(device) for given in (source, target))
    with torch.device("meta"):
        found = moved(*ids, edits=edits).logits
    assert largest(found.cpu() - expected) <= 1e-5
    plain = shaped(layers, 0, torch.float32)(source, target).logits
    assert torch.equal(plain, expected) == (name == "detach")


def test_an_edit_of_what_a_decoder_alone_does_not_have_is_refused() -> None:
    with pytest.raises(
        EditError, match=r"^no value is called 'decoder\.blocks\.0\.cross_attention\.head_outputs'; did you"
    ):
        shaped((0, 2))(None, TARGET, edits=[make.zero_head("decoder.blocks.0.cross_attention", 0)])
