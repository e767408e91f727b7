"""One row of attention: a query's scores against the keys, their softmax, and the values mixed by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tutor.calculations.asked import KEY, KEY_WIDTH, KEYS, QUERY, TAKEN, VALUE, Asked, decimals, shortened
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.digits import (
    agrees,
    bracketed,
    counted,
    enough_digits,
    equals,
    listed,
    pair_text,
    rounded,
    stripped,
    text,
    total,
)
from tutor.calculations.softmax import share_places, shares_of, softmax
from tutor.errors import LearnerError

OUTPUT_DIGITS = 4
MOST_FLAT = 8
"""Numbers that may be half scores, half values; more are vectors whose width must be named."""
EXAMPLE = "attention with q (1, 0), keys (1, 0) and (0, 1), values (1, 2) and (3, 4)"


@dataclass(frozen=True)
class Row:
    """The numbers of one row, taken apart."""

    query: tuple[float, ...]
    """Empty where the scores were given."""
    scaled: bool = field(default=True, kw_only=True)
    """The products are divided by √d."""
    keys: tuple[tuple[float, ...], ...]
    scores: tuple[float, ...]
    """Empty where there is a query."""
    values: tuple[tuple[float, ...], ...]
    """Empty where none were given: then the shares are the result."""


def work_out_attention(asked: Asked) -> Calculation:
    """A query, then keys, then values, all flat; or scores and as many values. The values are the output's numbers.

    Where a query and keys are given by name and no values, the shares are the result.
    """
    row = replace(take_apart(asked), scaled="unscaled" not in asked.slots)
    if not row.values:
        return _shares_alone(row)
    numbers = [*row.query, *row.scores, *(x for vector in (*row.keys, *row.values) for x in vector)]
    truth_scores = row.scores or [
        math.fsum(q * k for q, k in zip(row.query, key, strict=True)) / (math.sqrt(len(row.query)) if row.scaled else 1)
        for key in row.keys
    ]
    weights = softmax(truth_scores)
    columns = list(zip(*row.values, strict=True))
    truth = [math.fsum(w * v for w, v in zip(weights, column, strict=True)) for column in columns]
    largest = max(abs(number) for column in columns for number in column)
    places = max(0, OUTPUT_DIGITS - 1 - (math.floor(math.log10(largest)) if largest else 0))
    values = [decimals(vector) for vector in row.values]

    def attempt(working: int) -> tuple[tuple[list[str], list[Decimal], tuple[Decimal, ...]], bool]:
        lines, scores = _scores(row, working)
        shares = shares_of(scores, working, working)
        lines += [*shares.lines, "The values, weighted by these shares and added:"]
        output = []
        for index, column in enumerate(zip(*values, strict=True), 1):
            products = [share * value for share, value in zip(shares.shown, column, strict=True)]
            shown = rounded(total(products), places)
            formula = " + ".join(
                f"{text(share)} × {bracketed(value)}" for share, value in zip(shares.shown, column, strict=True)
            )
            name = f"  output {index}" if len(columns) > 1 else "  output"
            rounding = "" if shown == total(products) else f" ≈ {text(shown)}"
            lines.append(f"{name} = {formula} = {text(total(products))}{rounding}")
            output.append(shown)
        right = all(agrees(shown, number, places) for shown, number in zip(output, truth, strict=True))
        return (lines, output, shares.shown), right

    lines, output, shown = enough_digits(attempt)
    strongest = max(range(len(shown)), key=shown.__getitem__)
    return worked(
        f"The output of this attention row is {pair_text([*map(stripped, output)])}; "
        f"most weight, {text(shown[strongest])}, goes to key {strongest + 1}.",
        [TAKEN, *lines] if shortened(numbers) else lines,
        truth,
    )


def _shares_alone(row: Row) -> Calculation:
    """How the query shares its attention out, where there are no values to mix."""
    width = math.sqrt(len(row.query)) if row.scaled else 1
    truth = softmax([math.fsum(q * k for q, k in zip(row.query, key, strict=True)) / width for key in row.keys])
    places = share_places(truth)

    def attempt(working: int) -> tuple[tuple[list[str], tuple[Decimal, ...]], bool]:
        lines, scores = _scores(row, working)
        shares = shares_of(scores, working, places)
        right = all(agrees(shown, share, places) for shown, share in zip(shares.shown, truth, strict=True))
        return ([*lines, *shares.lines], shares.shown), right

    lines, shown = enough_digits(attempt)
    numbers = [*row.query, *(x for key in row.keys for x in key)]
    return worked(
        f"The keys get the shares {listed(shown)}; with values, these would mix them.",
        [TAKEN, *lines] if shortened(numbers) else lines,
        truth,
    )


def take_apart(asked: Asked) -> Row:
    """The row in flat numbers.

    Where groups of numbers are called query, key and value, each is what it is called. A named width of the vectors
    (and number of keys) counts where it fits; else 2 + 4n numbers are a query, n keys and n values of two numbers
    each, and any other even count up to `MOST_FLAT` is half scores, half values.
    """
    called = _called(asked)
    if called:
        return called
    width, keys = asked.get(KEY_WIDTH), asked.get(KEYS)
    both, only_width, only_keys = asked.rest(KEY_WIDTH, KEYS), asked.rest(KEY_WIDTH), asked.rest(KEYS)
    if width and keys and width >= 1 and len(both) == width * (1 + 2 * keys):
        return _vectors(both, int(width))
    if width and width >= 1 and len(only_width) % width == 0 and _odd_from_three(len(only_width) / width):
        return _vectors(only_width, int(width))
    if width:
        raise LearnerError(
            f"with d {width:g}, a query, n keys and n values are {width:g} × (1 + 2n) numbers: "
            f"got {len(only_width)}; as in: {EXAMPLE}"
        )
    count = len(asked.numbers)
    if count >= 6 and count % 4 == 2:
        return _vectors(asked.numbers, 2)
    if keys and keys >= 1 and only_keys and len(only_keys) % (1 + 2 * keys) == 0:
        return _vectors(only_keys, int(len(only_keys) // (1 + 2 * keys)))
    if 4 <= count <= MOST_FLAT and count % 2 == 0:
        half = count // 2
        return Row((), (), asked.numbers[:half], tuple((value,) for value in asked.numbers[half:]))
    raise LearnerError(
        "one row of attention needs a query, then the keys, then as many values: "
        f"got {count} number{'' if count == 1 else 's'}, which do not divide that way; as in: {EXAMPLE}"
    )


def _called(asked: Asked) -> Row | None:
    """The row whose vectors were named; None where they were not. Raises `LearnerError` for sizes that do not fit."""
    queries, keys, values = (asked.vectors_of(name) for name in (QUERY, KEY, VALUE))
    if not (queries and keys):
        return None
    wrong = next((key for key in keys if len(key) != len(queries[0])), None)
    if wrong:
        raise LearnerError(
            f"a key is as long as the query: got {pair_text(decimals(wrong))} for q "
            f"{pair_text(decimals(queries[0]))}; as in: {EXAMPLE}"
        )
    if len(values) == 1 < len(keys) == len(values[0]):
        values = tuple((number,) for number in values[0])  # 'values 10 and 20': a number for each key
    if values and (len(values) != len(keys) or len({len(value) for value in values}) > 1):
        raise LearnerError(
            f"each key has a value, all of one length: got {counted(len(keys), 'key')} and "
            f"{counted(len(values), 'value')}; as in: {EXAMPLE}"
        )
    return Row(queries[0], keys, (), values)


def _vectors(numbers: Sequence[float], width: int) -> Row:
    vectors = [tuple(numbers[at : at + width]) for at in range(0, len(numbers), width)]
    middle = (len(vectors) + 1) // 2
    return Row(vectors[0], tuple(vectors[1:middle]), (), tuple(vectors[middle:]))


def _odd_from_three(count: float) -> bool:
    return count >= 3 and count % 2 == 1


def _scores(row: Row, working: int) -> tuple[list[str], list[Decimal]]:
    if not row.query:
        scores = list(decimals(row.scores))
        values = decimals(value for (value,) in row.values)
        return [
            f"Taken as {counted(len(scores), 'score')}: {listed(scores)}",
            f"  and values: {listed(values)}",
        ], scores
    query = decimals(row.query)
    lines, products = [f"q = {pair_text(query)}"], []
    for index, key_numbers in enumerate(row.keys, 1):
        value = f", v{index} = {pair_text(decimals(row.values[index - 1]))}" if row.values else ""
        lines.append(f"k{index} = {pair_text(decimals(key_numbers))}{value}")
    for index, key in enumerate(map(decimals, row.keys), 1):
        pairs = list(zip(query, key, strict=True))
        product = total(left * right for left, right in pairs)
        formula = " + ".join(f"{text(left)} × {bracketed(right)}" for left, right in pairs)
        lines.append(f"  q · k{index} = {formula} = {text(product)}")
        products.append(product)
    if not row.scaled:
        return [*lines, f"Not divided by √{len(query)}: the products are the scores."], products
    width = Decimal(len(query))
    root = rounded(width.sqrt(), working)
    lines.append(f"Divided by √{text(width)} {equals(width.sqrt(), root)}:")
    scores = [rounded(product / root, working) for product in products]
    lines += [
        f"  {text(product)} / {text(root)} {equals(product / root, score)}"
        for product, score in zip(products, scores, strict=True)
    ]
    return lines, scores
