"""Every way of writing: for every kind of model, within its limits, where the model is, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from oracles import DEVICES, largest, padded_tokens, random_tokens, randomised, shaped, small_model
from plain_writing import (
    BOTH,
    start_from,
)

from model import edits as make
from model.errors import EditError, InputError
from model.generation import Step, beam_search, cut_at_end, greedy, sample
from model.next_token import NextToken
from model.recurrent import RecurrentConfig, RecurrentTranslator
from model.tokenizer import END, START


@pytest.mark.parametrize("attention", [False, True])
def test_a_recurrent_model_writes_in_the_same_ways(attention: bool) -> None:
    sizes = {"d_embedding": 6, "d_reader": 5, "d_writer": 7, "d_attention": 4, "max_tokens": 17}
    model = RecurrentTranslator(RecurrentConfig(vocabulary_size=23, attention=attention, **sizes))
    randomised(model, 3)
    source = random_tokens(1, 5)
    written: list[int] = []
    with torch.no_grad():
        while len(written) < 6 and written[-1:] != [END]:
            written.append(int(model(source, torch.tensor([[START, *written]])).logits[0, -1].argmax()))
    steps: list[Step] = []
    (found,) = greedy(model, source, 6)
    assert found.ids == tuple(written)
    assert greedy(model, source, 6, steps=steps)[0].ids == found.ids
    assert largest(steps[-1].distribution - steps[-1].trace.probabilities[:, -1]) <= 1e-13
    assert sample(model, source, 6, top_k=1)[0].ids == found.ids
    best = beam_search(model, source, 3, 0.0, 6)[0]
    assert best.log_probability >= found.log_probability - 1e-12
    with pytest.raises(EditError, match=r"^a recurrent model cannot be edited; only a Transformer can$"):
        greedy(model, source, 6, [make.bypass("encoder.input")])


def test_no_output_is_longer_than_the_limit() -> None:
    model, source = small_model(1), random_tokens(2, 4)
    assert all(len(output.ids) <= 3 for output in greedy(model, source, max_new=3))
    assert all(len(output.ids) <= 3 for output in beam_search(model, source[:1], 3, max_new=3))
    assert all(len(output.ids) <= 16 for output in greedy(model, random_tokens(2, 9)))


def test_the_limit_is_twice_the_source_and_ten_within_what_the_model_reads() -> None:
    def limit(layers: tuple[int, int], length: int, prompt: list[int]) -> int:
        begin = start_from(layers, random_tokens(1, length), prompt)
        model = shaped(layers)
        assert model.config.max_tokens == 17
        return NextToken(model, begin["source"], begin["prompt"], (), traced=False).limit(None)

    assert limit((1, 1), 2, []) == 14
    assert limit((1, 1), 9, []) == 16
    assert limit((1, 1), 9, [4, 4, 4]) == 13
    assert limit((0, 1), 9, [4, 4, 4]) == 13


@pytest.mark.parametrize("device", DEVICES)
@BOTH
def test_every_way_of_writing_runs_where_the_model_is(layers: tuple[int, int], device: str) -> None:
    """In float32, which every device has. With another default device, a tensor made without one shows anywhere."""
    model = shaped(layers, 1, torch.float32)
    begin = start_from(layers, random_tokens(1, 5), [4])
    there = {name: None if tensor is None else tensor.to(device) for name, tensor in begin.items()}
    moved = shaped(layers, 1, torch.float32).to(device)
    ways = {
        "greedy": (greedy, {}),
        "traced": (greedy, {"steps": []}),
        "sample": (sample, {"top_k": 3, "seed": 1}),
        "beam": (beam_search, {"width": 3}),
        "edited beam": (
            beam_search,
            {"width": 3, "edits": [make.zero_head("decoder.blocks.0.attention", 0)], "steps": []},
        ),
    }
    for name, (write, options) in ways.items():
        expected = write(model, max_new=5, **options, **begin)
        with torch.device("meta"):
            found = write(moved, max_new=5, **options, **there)
        assert [output.ids for output in found] == [output.ids for output in expected], name
    with torch.device("meta"):
        assert len(greedy(moved, there["source"], max_new=2)) == 1


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (
            lambda: greedy(small_model(), random_tokens(2, 3), steps=[]),
            "steps are kept for one output at a time: got 2",
        ),
        (
            lambda: beam_search(small_model(), random_tokens(2, 3)),
            "a beam needs a width of at least 1 and one source: got 4, 2",
        ),
        (
            lambda: beam_search(small_model(), random_tokens(1, 3), 0),
            "a beam needs a width of at least 1 and one source: got 0, 1",
        ),
        (
            lambda: sample(small_model(), random_tokens(1, 3), temperature=0),
            "the temperature must be above 0: got 0; to take the likeliest, write greedily",
        ),
        (lambda: sample(small_model(), random_tokens(1, 3), top_k=0), "top_k must be at least 1: got 0"),
        (
            lambda: greedy(small_model(), random_tokens(1, 3), max_new=0),
            "there must be room for at least one new token: got 0; shorten the prompt",
        ),
        (
            lambda: greedy(shaped((0, 2)), prompt=random_tokens(1, 17)),
            "there must be room for at least one new token: got 0; shorten the prompt",
        ),
        (
            lambda: greedy(shaped((0, 2)), prompt=padded_tokens([4, 2])),
            "prompts that are continued together must have the same number of tokens",
        ),
        (
            lambda: greedy(shaped((0, 2)), random_tokens(1, 3)),
            "this model takes no source tokens; its configuration decides which stacks it has",
        ),
        (
            lambda: greedy(shaped((2, 2))),
            "this model needs source tokens; its configuration decides which stacks it has",
        ),
        (
            lambda: greedy(shaped((2, 0)), random_tokens(1, 3)),
            "this model takes no target tokens; its configuration decides which stacks it has",
        ),
    ],
)
def test_what_cannot_be_written_is_refused(write: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        write()
    assert str(caught.value) == message


def test_ids_are_cut_after_the_first_end_mark() -> None:
    assert cut_at_end([7, END, 8, END]) == (7, END)
    assert cut_at_end([7, 8]) == (7, 8)
    assert cut_at_end([]) == ()
