"""A whole Transformer on paper: every step in a line, or one step with its arithmetic written out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from tutor.experiments.by_hand import ByHand, Pair, Square, work_through
from tutor.views.base import Column, Page, view
from tutor.views.numbers import noise
from tutor.views.page import NARROW

_NAME, _NAME_NARROW = 10, 6
_JOINED = 78
"""From this width on query, key and value share a line of the overview, and both words stand on a brief page."""


@dataclass(frozen=True)
class _Row:
    """One number of each word: how it comes about."""

    name: str
    first: str
    second: str
    matrix: str = ""
    """The row of the matrix that it is made with."""


@dataclass(frozen=True)
class _Step:
    """A step written out."""

    rule: str
    rows: Sequence[_Row]
    head: str = ""
    """Over the names of the rows."""
    matrix: str = ""
    """Over the rows of the matrix."""
    more: str = ""


@view.register
def _(result: ByHand, page: Page) -> None:
    if result.step == 0:
        _overview(result, page)
        return
    step = _WRITTEN_OUT[result.step - 1](result, _names(result, page))
    title = f"step {result.step} of {result.last_step}: {result.step_name}"
    page.title(f"By hand, {title}", title.capitalize(), f"Step {result.step}: {result.step_name}")
    if page.brief:
        _table(step, result, page, both=page.width >= _JOINED)
        if page.left:
            page.rest_at("by-hand", "the rule. These weights are chosen, not learned", step=result.step)
        return
    page.note(step.rule)
    page.blank()
    _table(step, result, page)
    page.blank()
    if step.more:
        page.note(step.more)
    _checked(result, page)
    if result.step < result.last_step:
        page.note(f"Next: /show by-hand --step {result.step + 1}")


def _table(step: _Step, result: ByHand, page: Page, both: bool = True) -> None:
    """One column a word; alone, the second, which sees both."""
    columns = [Column(step.head, [row.name for row in step.rows], right=False, style="view.strong")]
    if step.matrix and both:
        columns.append(Column(step.matrix, [row.matrix for row in step.rows], right=False, style="view.note"))
    words = _names(result, page)
    if both:
        columns.append(Column(words[0], [row.first for row in step.rows], right=False))
    columns.append(Column(words[1], [row.second for row in step.rows], right=False))
    page.table(columns, gap=2 if page.width >= NARROW else 1)


def _checked(result: ByHand, page: Page) -> None:
    page.note(
        "Weights chosen to be easy, not learned. This project's Transformer class with these weights gives the same "
        f"{result.checked} numbers; largest difference {noise(result.largest_difference)}."
    )


def _names(result: ByHand, page: Page) -> tuple[str, str]:
    """Both words, short enough for the head of a column."""
    most = _NAME if page.width >= NARROW else _NAME_NARROW
    first, second = (
        page.label(word, min(most, cell_len(page.clean(word)))).rstrip() or "?"
        for word in (result.first_word, result.second_word)
    )
    return first, second


# --- all steps -------------------------------------------------------------------------------------------


def _overview(result: ByHand, page: Page) -> None:
    words = " ".join(_names(result, page))
    if page.brief:
        page.short(
            f"“{words}” by hand, through a Transformer with chosen weights, not learned",
            "By hand; weights chosen, not learned",
            style="view.title",
        )
        _lines(_brief_lines(result), result, page, both=page.width >= NARROW)
        page.rest_at("by-hand", "all steps; --step 1 writes the first out")
        return
    page.title(f"“{words}” by hand: a Transformer of two numbers a word, one head, one block")
    _lines(_all_lines(result, joined=page.width >= _JOINED), result, page)
    first, second = _names(result, page)
    page.note(
        f"3-5, 10, 11: one number for {first}, one for {second}. Right: {second} after {first}, then {first} again; "
        f"mean loss {_n(result.loss)}. Left out: norms, biases, factor √2."
    )
    _checked(result, page)


def _lines(lines: Sequence[tuple[str, str, str]], result: ByHand, page: Page, both: bool = True) -> None:
    first, second = _names(result, page)
    columns = [Column("step", [name for name, _, _ in lines], right=False)]
    if both:
        columns.append(Column(first, [cell for _, cell, _ in lines], right=False))
    columns.append(Column(second, [cell for _, _, cell in lines], right=False))
    page.table(columns, gap=2 if page.width >= NARROW else 1)


def _all_lines(result: ByHand, joined: bool) -> list[tuple[str, str, str]]:
    def line(name: str, *held: Square) -> tuple[str, str, str]:
        return name, " ".join(_pair(rows[0]) for rows in held), " ".join(_pair(rows[1]) for rows in held)

    parts = (("query", result.queries), ("key", result.keys), ("value", result.values))
    return [
        line(" 1 word + position", result.inputs),
        *(
            [line(" 2 query key value", *(rows for _, rows in parts))]
            if joined
            else [line(f" 2 {name}", rows) for name, rows in parts]
        ),
        line(" 3 scores", result.raw_scores),
        line(" 4 ÷ √2, mask", result.masked_scores),
        line(" 5 softmax: shares", result.weights),
        line(" 6 mix of values", result.mixed),
        line(" 7 output, + x", result.residual_attention),
        line(" 8 matrix, ReLU", result.activated),
        line(" 9 matrix, + r", result.residual_feed_forward),
        line("10 logits", result.logits),
        line("11 probabilities", result.probabilities),
        ("12 loss", _n(result.token_losses[0]), _n(result.token_losses[1])),
    ]


def _brief_lines(result: ByHand) -> list[tuple[str, str, str]]:
    lines = _all_lines(result, joined=False)
    return [line for line in lines if line[0].split()[0] in ("1", "5", "6", "11", "12")]


# --- one step --------------------------------------------------------------------------------------------


def _embedding(result: ByHand, names: tuple[str, str]) -> _Step:
    return _Step(
        "x = embedding + position: the word's row of the table, plus two numbers for its place.",
        _addition("x", result.embeddings, result.positions, result.inputs),
        more=(
            f"Table: {names[0]} {_pair(result.embeddings[0])}, {names[1]} {_pair(result.embeddings[1])}. Places: "
            f"{_pair(result.positions[0])}, {_pair(result.positions[1])}, sine and cosine of 0 and 1 rounded to halves."
        ),
    )


def _projections(result: ByHand, names: tuple[str, str]) -> _Step:
    return _Step(
        "Three matrices make q, k and v of x. Each number: a row of the matrix times x, number by number, added up.",
        [
            *_product("q", result.w_query, result.inputs, result.queries),
            *_product("k", result.w_key, result.inputs, result.keys),
            *_product("v", result.w_value, result.inputs, result.values),
        ],
        matrix="matrix",
        more="A norm would come before this; it is left out, as of two numbers it keeps only which is larger.",
    )


def _scores(result: ByHand, names: tuple[str, str]) -> _Step:
    def cell(query: int, key: int) -> str:
        return f"{_sum(result.queries[query], result.keys[key])} = {_n(result.raw_scores[query][key])}"

    return _Step(
        "score = query · key: the query of the word over the column, times the key of each word.",
        [_Row(names[key], cell(0, key), cell(1, key)) for key in (0, 1)],
        head="key of",
    )


def _scaling(result: ByHand, names: tuple[str, str]) -> _Step:
    def cell(query: int, key: int) -> str:
        divided = f"{_n(result.raw_scores[query][key])} ÷ {_n(result.root)} = {_n(result.scaled_scores[query][key])}"
        return divided if math.isfinite(result.masked_scores[query][key]) else f"{divided} → -inf"

    return _Step(
        f"Each score ÷ √2 = {_n(result.root)}, as keys have two numbers. Mask (→): -inf where a word would look ahead.",
        [_Row(names[key], cell(0, key), cell(1, key)) for key in (0, 1)],
        head="key of",
    )


def _shares(result: ByHand, names: tuple[str, str]) -> _Step:
    return _Step(
        "share = e^ of the score, divided by the sum of both. The larger score is taken off both first: that changes "
        "no share.",
        _softmax("share", names, result.masked_scores, result.exponentials, result.exponential_sums, result.weights),
    )


def _mix(result: ByHand, names: tuple[str, str]) -> _Step:
    def cell(word: int, n: int) -> str:
        values = result.values[0][n], result.values[1][n]
        return f"{_sum(result.weights[word], values)} = {_n(result.mixed[word][n])}"

    return _Step(
        "m = share × value of one word + share × value of the other, for each of the two numbers.",
        _both("m", cell),
        more=f"Values: {names[0]} {_pair(result.values[0])}, {names[1]} {_pair(result.values[1])}.",
    )


def _output(result: ByHand, names: tuple[str, str]) -> _Step:
    return _Step(
        "o = output matrix × m. Then r = x + o, the residual connection: what was there stays, and o is added.",
        [
            *_product("o", result.w_output, result.mixed, result.attention_output),
            *_addition("r", result.inputs, result.attention_output, result.residual_attention),
        ],
        matrix="matrix",
    )


def _relu(result: ByHand, names: tuple[str, str]) -> _Step:
    def cell(word: int, n: int) -> str:
        return f"max(0, {_n(result.hidden[word][n])}) = {_n(result.activated[word][n])}"

    return _Step(
        "h = first matrix of the feed-forward layer × r. ReLU makes 0 of what is below 0: a = max(0, h).",
        [*_product("h", result.w_widen, result.residual_attention, result.hidden), *_both("a", cell)],
        matrix="matrix",
        more="A norm would come before this; it is left out. So are the biases.",
    )


def _narrow(result: ByHand, names: tuple[str, str]) -> _Step:
    return _Step(
        "f = second matrix × a. Then y = r + f, the second residual connection: y leaves the block.",
        [
            *_product("f", result.w_narrow, result.activated, result.narrowed),
            *_addition("y", result.residual_attention, result.narrowed, result.residual_feed_forward),
        ],
        matrix="matrix",
    )


def _logits(result: ByHand, names: tuple[str, str]) -> _Step:
    rows = _product("", result.embeddings, result.residual_feed_forward, result.logits)
    return _Step(
        "logit = row of the embedding table · y, for each of the two words there are: how well it would follow.",
        [replace(row, name=name) for name, row in zip(names, rows, strict=True)],
        head="logit of",
        matrix="table",
        more="A last norm would come before this; it is left out.",
    )


def _probabilities(result: ByHand, names: tuple[str, str]) -> _Step:
    return _Step(
        "As in step 5: e^ of each logit, less the larger, divided by the sum of both. p: how likely the word is next.",
        _softmax("p", names, result.logits, result.logit_exponentials, result.logit_sums, result.probabilities),
    )


def _loss(result: ByHand, names: tuple[str, str]) -> _Step:
    first, second = (
        f"-ln {_n(p)} = {_n(loss)}" for p, loss in zip(result.right_probabilities, result.token_losses, strict=True)
    )
    mean = f"({_n(result.token_losses[0])} + {_n(result.token_losses[1])}) ÷ 2 = {_n(result.loss)}"
    return _Step(
        "loss = -ln of the probability of the right next word; 0 would be certain. The model's loss is the mean.",
        [_Row("right", names[1], names[0]), _Row("loss", first, second), _Row("mean", "", mean)],
        more=f"Guessing evenly between two words costs {_n(result.guess_loss)}. Training would now change the weights.",
    )


_WRITTEN_OUT: Sequence[Callable[[ByHand, tuple[str, str]], _Step]] = (
    *(_embedding, _projections, _scores, _scaling, _shares, _mix, _output),
    *(_relu, _narrow, _logits, _probabilities, _loss),
)
"""In the order of the steps."""


def _both(name: str, cell: Callable[[int, int], str], matrix: Square | None = None) -> list[_Row]:
    """A row for each number of a vector; `cell(word, number)` is how it comes about."""
    return [
        _Row(f"{name}{digit}", cell(0, n), cell(1, n), _pair(matrix[n]) if matrix else "")
        for n, digit in enumerate("₁₂")
    ]


def _product(name: str, matrix: Square, vectors: Square, results: Square) -> list[_Row]:
    """A matrix times each word's vector."""
    return _both(name, lambda word, n: f"{_sum(matrix[n], vectors[word])} = {_n(results[word][n])}", matrix)


def _addition(name: str, one: Square, other: Square, results: Square) -> list[_Row]:
    return _both(name, lambda word, n: f"{_plus(one[word][n], other[word][n])} = {_n(results[word][n])}")


def _softmax(
    name: str, names: tuple[str, str], scores: Square, powers: Square, sums: Pair, shares: Square
) -> list[_Row]:
    def power(place: int, word: int) -> str:
        score = scores[place][word]
        taken = _plus(score, -max(scores[place])) if math.isfinite(score) else "-inf"
        return f"e^({taken}) = {_n(powers[place][word])}"

    def share(place: int, word: int) -> str:
        return f"{_n(powers[place][word])} ÷ {_n(sums[place])} = {_n(shares[place][word])}"

    first, second = (f"{_plus(*powers[place])} = {_n(sums[place])}" for place in (0, 1))
    return [
        *(_Row(f"e^ {names[word]}", power(0, word), power(1, word)) for word in (0, 1)),
        _Row("sum", first, second),
        *(_Row(f"{name} {names[word]}", share(0, word), share(1, word)) for word in (0, 1)),
    ]


def _sum(factors: Pair, numbers: Pair) -> str:
    """'1×0.5 - 1×(-2)': two products, added up."""
    (a, b), (x, y) = factors, numbers
    return f"{_n(a)}×{_factor(x)} {'-' if b < 0 else '+'} {_n(abs(b))}×{_factor(y)}"


def _factor(number: float) -> str:
    return f"({_n(number)})" if number < 0 else _n(number)


def _plus(one: float, other: float) -> str:
    """'1 + 0.5', '1 - 0.5'."""
    return f"{_n(one)} {'-' if other < 0 else '+'} {_n(abs(other))}"


def _pair(pair: Pair) -> str:
    return f"({_n(pair[0])}, {_n(pair[1])})"


def _n(number: float) -> str:
    """At most three decimals, without trailing zeros."""
    if math.isinf(number):
        return "-inf" if number < 0 else "inf"
    shown = f"{number:.3f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def demo() -> ByHand:
    """The real thing: nothing in it depends on a model."""
    return replace(work_through(0, "The", "cat"), checked=75, largest_difference=6e-17)


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo(), *(replace(demo(), step=step) for step in (2, 5)))
