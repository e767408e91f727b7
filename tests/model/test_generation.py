"""Writing: against a plain loop over the whole model, and the beam against trying every output there is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import pytest
import torch
from oracles import DEVICES, largest, padded_tokens, random_tokens, randomised, shaped, small_model
from torch import Tensor

from model import edits as make
from model.edits import Edit
from model.errors import EditError, InputError
from model.generation import LISTED, Generated, Step, beam_search, cut_at_end, greedy, sample
from model.next_token import NextToken
from model.recurrent import RecurrentConfig, RecurrentTranslator
from model.tokenizer import END, START
from model.trace import Trace, named_values
from model.transformer import Transformer

TINY = 5
"""Entries of a vocabulary small enough to try every output."""
BOTH = pytest.mark.parametrize("layers", [(1, 2), (0, 2)], ids=["encoder-decoder", "decoder only"])


def small_vocabulary(seed: int, layers: tuple[int, int] = (1, 1)) -> Transformer:
    return shaped(layers, seed, vocabulary_size=TINY)


def start_from(layers: tuple[int, int], source: Tensor, prompt: list[int]) -> dict[str, Tensor | None]:
    """What a model of these layers begins with; the prompt follows the start mark."""
    rows = source.size(0)
    return {"source": source if layers[0] else None, "prompt": torch.tensor([[START, *prompt]] * rows)}


@torch.no_grad()
def whole(
    model: Transformer, begin: dict[str, Tensor | None], ids: tuple[int, ...], edits: Sequence[Edit] = ()
) -> Trace:
    """The full run over everything but the last of `ids`, without the edits where they have nothing to do yet."""
    written = torch.cat([begin["prompt"], torch.tensor([ids[:-1]], dtype=torch.long)], dim=1)
    try:
        return model(begin["source"], written, edits=edits)
    except EditError:
        return model(begin["source"], written)


def log_probability(model: Transformer, begin: dict[str, Tensor | None], ids: tuple[int, ...]) -> float:
    """ln p of one output, computed in one go from the whole model."""
    logits = whole(model, begin, ids).logits[0, -len(ids) :]
    return logits.log_softmax(-1).gather(1, torch.tensor(ids).unsqueeze(1)).sum().item()


def plain_greedy(
    model: Transformer, begin: dict[str, Tensor | None], limit: int, edits: Sequence[Edit] = ()
) -> tuple[int, ...]:
    written: list[int] = []
    while len(written) < limit and written[-1:] != [END]:
        written.append(int(whole(model, begin, (*written, 0), edits).logits[0, -1].argmax()))
    return tuple(written)


def every_output(limit: int) -> list[tuple[int, ...]]:
    """All that may be written: ended by the end mark, or cut by the limit."""
    others = [id_ for id_ in range(TINY) if id_ != END]
    ended = [(*ids, END) for length in range(limit) for ids in itertools.product(others, repeat=length)]
    return ended + list(itertools.product(others, repeat=limit))


def rank(found: Generated, length_penalty: float) -> float:
    return found.log_probability / ((5 + len(found.ids)) / 6) ** length_penalty


# --- greedy ------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("seed", range(4))
def test_greedy_is_a_plain_argmax_loop(layers: tuple[int, int], dtype: torch.dtype, seed: int) -> None:
    model = shaped(layers, seed, dtype)
    begin = start_from(layers, random_tokens(1, 6, seed), [5, 9, 7][: seed % 4])
    (found,) = greedy(model, max_new=9, **begin)
    assert found.ids == plain_greedy(model, begin, 9)
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    assert found.log_probability == pytest.approx(log_probability(model, begin, found.ids), rel=tolerance)


def test_greedy_writes_the_same_for_a_sentence_in_a_batch() -> None:
    model = small_model(2)
    lengths = [7, 2, 5]
    source = padded_tokens(lengths)
    together = greedy(model, source, max_new=8)
    for row, length in enumerate(lengths):
        (alone,) = greedy(model, source[row : row + 1, :length], max_new=8)
        assert together[row].ids == alone.ids
        assert together[row].log_probability == pytest.approx(alone.log_probability, rel=1e-12)


def test_a_row_that_has_ended_stays_ended_and_gains_no_probability() -> None:
    for seed in range(20):
        model, source = small_vocabulary(seed), random_tokens(6, 4, seed, TINY)
        found = greedy(model, source, max_new=6)
        lengths = {len(row.ids) for row in found}
        for row, output in enumerate(found):
            assert END not in output.ids[:-1]
            expected = log_probability(model, start_from((1, 1), source[row : row + 1], []), output.ids)
            assert output.log_probability == pytest.approx(expected, rel=1e-12)
        if len(lengths) > 1:
            return
    pytest.fail("no batch whose rows end at different times: nothing was tested")


@pytest.mark.parametrize(
    "edit",
    [
        make.zero_head("decoder.blocks.0.attention", 0),
        make.bypass("encoder.blocks.1.feed_forward_norm"),
        make.bypass("decoder.blocks.0.attention.masked_scores"),
        make.forbid_link("decoder.blocks.1.attention", 2, 0),
        Edit("logits", lambda value, _: value.flip(-1), "turn round"),
    ],
    ids=lambda edit: edit.path,
)
def test_edits_reach_every_step(edit: Edit) -> None:
    """Also those that have nothing to do at first: the third position is not there before the third token."""
    model, begin = small_model(3), start_from((2, 3), random_tokens(1, 6), [])
    expected = plain_greedy(model, begin, 6, [edit])
    assert len(expected) > 3, "too short to have tested anything: choose another seed"
    assert greedy(model, begin["source"], 6, [edit])[0].ids == expected
    assert greedy(model, begin["source"], 6, [edit], steps=[])[0].ids == expected
    assert beam_search(model, begin["source"], 1, 0.0, 3, [edit])[0].log_probability <= 0.0


def test_a_misspelt_edit_is_refused_before_anything_is_written() -> None:
    with pytest.raises(EditError, match=r"did you mean 'encoder\.output'"):
        greedy(small_model(), random_tokens(1, 3), edits=[make.bypass("encodr.output")])


@pytest.mark.parametrize("write", [greedy, beam_search, sample])
def test_an_edit_that_changed_nothing_in_any_step_is_an_error(write: type) -> None:
    with pytest.raises(EditError) as caught:
        write(
            small_model(),
            random_tokens(1, 3),
            max_new=3,
            edits=[make.bypass("encoder.blocks.0.attention.masked_scores")],
        )
    assert str(caught.value).endswith("'leave this step out' changes nothing here; the run would be the same")
    with pytest.raises(EditError) as caught:
        write(
            small_model(), random_tokens(1, 3), max_new=3, edits=[make.forbid_link("decoder.blocks.0.attention", 9, 1)]
        )
    assert str(caught.value) == "decoder.blocks.0.attention: query 9 does not exist; they go from 0 to 2"


# --- nothing computed twice ---------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_what_is_remembered_gives_what_reading_everything_again_gives(
    layers: tuple[int, int], dtype: torch.dtype
) -> None:
    """Rows of different sources, prompts of two tokens, and even padding and the end mark in what is written."""
    model = shaped(layers, 1, dtype)
    begin = start_from(layers, padded_tokens([6, 3, 5]), [8])
    reader = NextToken(model, begin["source"], begin["prompt"], (), traced=False)
    written = begin["prompt"]
    for new in ([4, 7, 9], [0, 5, END], [3, 0, 6], [11, 2, 0]):
        found, trace = reader(written)
        with torch.no_grad():
            expected = model(begin["source"], written).logits[:, -1].log_softmax(-1)
        assert trace is None
        assert largest(found - expected) <= (1e-5 if dtype == torch.float32 else 1e-13)
        written = torch.cat([written, torch.tensor(new).unsqueeze(1)], dim=1)


@BOTH
def test_rows_of_a_beam_take_what_is_remembered_along(layers: tuple[int, int]) -> None:
    model = shaped(layers, 1)
    begin = start_from(layers, random_tokens(1, 6), [8, 3])
    source, written = begin["source"], begin["prompt"]
    reader, parents = NextToken(model, source, written, (), traced=False), None
    for then in ([0, 0, 0], [2, 0, 0, 1], [3, 1], [1]):
        found, _ = reader(written, parents)
        with torch.no_grad():
            trace = model(None if source is None else source.expand(written.size(0), -1), written)
        assert largest(found - trace.logits[:, -1].log_softmax(-1)) <= 1e-13
        parents = torch.tensor(then)
        written = torch.cat([written[parents], random_tokens(len(then), 1, seed=len(then))], dim=1)


# --- sampling ----------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(("temperature", "top_k"), [(1.0, None), (0.5, None), (2.0, 3), (1.0, 2)])
def test_tokens_are_drawn_as_often_as_their_probability_says(
    layers: tuple[int, int], temperature: float, top_k: int | None
) -> None:
    model, rows = small_vocabulary(3, layers), 4000
    begin = start_from(layers, random_tokens(1, 4, 3, TINY).expand(rows, -1), [3])
    found = sample(model, max_new=1, temperature=temperature, top_k=top_k, **begin)
    one = {name: None if tensor is None else tensor[:1] for name, tensor in begin.items()}
    expected = (whole(model, one, (0,)).logits[0, -1] / temperature).softmax(-1)
    if top_k is not None:
        expected[expected.argsort(descending=True)[top_k:]] = 0.0
        expected /= expected.sum()
    counted = torch.tensor([output.ids[0] for output in found]).bincount(minlength=TINY) / rows
    deviation = (expected * (1 - expected) / rows).sqrt()
    assert ((counted - expected).abs() <= 4 * deviation + 1e-12).all(), f"drawn {counted}, expected {expected}"
    assert (counted[expected == 0] == 0).all()


@BOTH
def test_a_seed_gives_the_same_text_again_and_another_one_another(layers: tuple[int, int]) -> None:
    model, begin = shaped(layers, 1), start_from(layers, random_tokens(1, 6), [])
    written = [sample(model, max_new=8, seed=seed, **begin)[0] for seed in (7, 7, 8)]
    assert written[0] == written[1]
    assert written[0].ids != written[2].ids


@BOTH
def test_one_candidate_or_no_warmth_is_greedy(layers: tuple[int, int]) -> None:
    model, begin = shaped(layers, 2), start_from(layers, random_tokens(1, 6), [4])
    (expected,) = greedy(model, max_new=8, **begin)
    assert sample(model, max_new=8, top_k=1, **begin)[0].ids == expected.ids
    assert sample(model, max_new=8, temperature=1e-4, **begin)[0].ids == expected.ids


def test_what_is_drawn_keeps_the_models_own_probability() -> None:
    model, begin = small_model(1), start_from((2, 3), random_tokens(1, 6), [])
    (found,) = sample(model, max_new=6, temperature=3.0, top_k=5, **begin)
    assert found.log_probability == pytest.approx(log_probability(model, begin, found.ids), rel=1e-12)


# --- step by step ------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("how", ["greedy", "sample"])
def test_each_step_holds_the_run_the_distribution_and_the_choice(layers: tuple[int, int], how: str) -> None:
    model, begin = shaped(layers, 2), start_from(layers, random_tokens(1, 6), [4])
    steps: list[Step] = []
    options = {"temperature": 1.7, "top_k": 4, "seed": 3} if how == "sample" else {}
    write = sample if how == "sample" else greedy
    (found,) = write(model, max_new=7, steps=steps, **options, **begin)
    assert found.ids == write(model, max_new=7, **options, **begin)[0].ids
    assert len(steps) == len(found.ids)
    for count, step in enumerate(steps, start=1):
        expected = whole(model, begin, found.ids[:count])
        for (path, value), (_, there) in zip(named_values(expected), named_values(step.trace), strict=True):
            assert torch.equal(value, there), path
        shares = (expected.logits[0, -1] / options.get("temperature", 1.0)).softmax(-1)
        kept = shares.argsort(descending=True)[: options.get("top_k", LISTED)]
        if how == "sample":
            shares = torch.zeros_like(shares).scatter(0, kept, shares[kept] / shares[kept].sum())
        assert largest(step.distribution[0] - shares) <= 1e-13
        assert [candidate.ids[-1] for candidate in step.candidates] == kept.tolist()
        for candidate in (*step.candidates, *step.chosen):
            assert candidate.ids[:-1] == found.ids[: count - 1]
            assert candidate.probability == pytest.approx(shares[candidate.ids[-1]].item(), rel=1e-12)
            assert candidate.log_probability == pytest.approx(log_probability(model, begin, candidate.ids), rel=1e-12)
        assert [choice.ids for choice in step.chosen] == [found.ids[:count]]
        assert [done.ids for done in step.finished] == ([found.ids] if found.ids[:count][-1] == END else [])


@BOTH
def test_each_step_of_a_beam_holds_the_open_outputs_and_what_they_grew_from(layers: tuple[int, int]) -> None:
    model, width = small_vocabulary(4, layers), 3
    begin = start_from(layers, random_tokens(1, 4, 4, TINY), [3])
    steps: list[Step] = []
    found = beam_search(model, width=width, max_new=5, steps=steps, **begin)
    assert [output.ids for output in found] == [o.ids for o in beam_search(model, width=width, max_new=5, **begin)]
    before: tuple[tuple[int, ...], ...] = ((),)
    for step in steps:
        assert step.distribution.shape == (len(before), TINY)
        for row, ids in enumerate(before):
            expected = whole(model, begin, (*ids, 0))
            assert largest(step.trace.probabilities[row] - expected.probabilities[0]) <= 1e-13
            assert largest(step.distribution[row] - expected.probabilities[0, -1]) <= 1e-13
        for candidate in step.candidates:
            assert candidate.ids[:-1] == before[candidate.parent]
            assert candidate.log_probability == pytest.approx(log_probability(model, begin, candidate.ids), rel=1e-12)
            share = step.distribution[candidate.parent, candidate.ids[-1]].item()
            assert candidate.probability == pytest.approx(share, rel=1e-12)
        everything = [c.log_probability for c in step.candidates]
        assert everything == sorted(everything, reverse=True)
        open_ones = [c for c in step.candidates if c.ids[-1] != END]
        assert step.chosen == (() if step is steps[-1] and len(open_ones[0].ids) == 5 else tuple(open_ones[:width]))
        before = tuple(c.ids for c in step.chosen)
    assert list(steps[-1].finished) == found
    assert any(step.finished for step in steps[:-1]), "no output ended early: choose another seed"


# --- the beam ----------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
def test_a_wide_beam_finds_the_best_of_all_outputs(layers: tuple[int, int], seed: int, length_penalty: float) -> None:
    model, limit = small_vocabulary(seed, layers), 4
    begin = start_from(layers, random_tokens(1, 4, seed, TINY), [])
    outputs = [Generated(ids, log_probability(model, begin, ids)) for ids in every_output(limit)]
    assert sum(torch.tensor([o.log_probability for o in outputs]).exp()) == pytest.approx(1.0, abs=1e-5)
    outputs.sort(key=lambda found: rank(found, length_penalty), reverse=True)
    width = (TINY - 1) ** limit
    found = beam_search(model, width=width, length_penalty=length_penalty, max_new=limit, **begin)
    assert [f.ids for f in found[:5]] == [o.ids for o in outputs[:5]]
    for f, o in zip(found[:5], outputs[:5], strict=True):
        assert f.log_probability == pytest.approx(o.log_probability, rel=1e-12)


@BOTH
@pytest.mark.parametrize("length_penalty", [0.6, 2.0])
@pytest.mark.parametrize("seed", range(5))
def test_stopping_early_loses_nothing_that_a_beam_of_that_width_would_find(
    layers: tuple[int, int], seed: int, length_penalty: float
) -> None:
    model, limit, width = small_vocabulary(seed, layers), 6, 2
    begin = start_from(layers, random_tokens(1, 4, seed, TINY), [])
    found = beam_search(model, width=width, length_penalty=length_penalty, max_new=limit, **begin)[0]
    assert found.ids == plain_beam(model, begin, width, length_penalty, limit).ids


def plain_beam(
    model: Transformer, begin: dict[str, Tensor | None], width: int, length_penalty: float, limit: int
) -> Generated:
    """A beam that never stops before the limit, one hypothesis at a time."""
    live, done = [Generated((), 0.0)], []
    for length in range(1, limit + 1):
        grown = []
        for parent in live:
            scores = whole(model, begin, (*parent.ids, 0)).logits[0, -1].log_softmax(-1)
            grown += [
                Generated((*parent.ids, id_), parent.log_probability + score)
                for id_, score in enumerate(scores.tolist())
            ]
        grown.sort(key=lambda found: found.log_probability, reverse=True)
        best = grown[: 2 * width]
        done += [g for g in best if g.ids[-1] == END or length == limit]
        live = [g for g in best if g.ids[-1] != END][:width]
    return max(done, key=lambda found: rank(found, length_penalty))


def test_a_beam_of_one_is_never_less_likely_than_greedy() -> None:
    for seed in range(5):
        model, source = small_model(seed), random_tokens(1, 5, seed)
        (found,) = beam_search(model, source, 1, 0.0, max_new=7)
        # A beam of one still compares its first finished output with what it could have gone on to write.
        assert found.log_probability >= greedy(model, source, max_new=7)[0].log_probability - 1e-12


def test_a_beams_outputs_come_best_first_and_differ() -> None:
    found = beam_search(small_model(), random_tokens(1, 5), 4, 0.6, max_new=6)
    assert len({output.ids for output in found}) == len(found) == 4
    ranks = [rank(output, 0.6) for output in found]
    assert ranks == sorted(ranks, reverse=True)


# --- models that are no Transformer ------------------------------------------------------------------------


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


# --- limits, devices, refusals -----------------------------------------------------------------------------


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
