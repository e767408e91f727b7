"""What went wrong with a number, found by making the mistake: the slips that any exercise can meet.

A lesson names the mistakes that belong to it; these are computed from the answer's own expression (added where one
multiplies, divided the wrong way round) and from the result's fields (the division by √d left out, another key's
share, shared out over masked keys too, row and column exchanged, per cent taken for a share).
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tutor.curriculum.conditions import evaluate, parse
from tutor.curriculum.numbers import Reading
from tutor.errors import AuthorError

Slip = tuple[float, str]
"""What the mistake comes to, and what to say to it."""
SAME = 5e-4
"""Relative difference up to which a number, worked out from what is printed, is taken for an entry of a list."""
FINEST, COARSEST = 0.004, 0.03
"""What a typed number may differ from a mistake's, as a part of it, however many or few digits were typed."""


def diagnosed(expression: str, wanted: float, reading: Reading, fields: Mapping[str, Any], share: bool) -> str:
    """What to say to a wrong number; empty where no slip comes to it."""
    found = [
        (abs(value - reading.value), say)
        for value, say in _slips(expression, wanted, fields, share)
        if math.isfinite(value) and _is(reading, value) and not _alike(value, wanted)
    ]
    return min(found, key=lambda one: one[0])[1] if found else ""


def _is(reading: Reading, value: float) -> bool:
    nearness = min(max(reading.rounding, FINEST * abs(value)), COARSEST * abs(value))
    return abs(reading.value - value) <= nearness + 1e-9


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(abs(one), abs(other), 1e-6)


def _slips(expression: str, wanted: float, fields: Mapping[str, Any], share: bool) -> Iterator[Slip]:
    yield from _of_rows(wanted, fields)
    yield from _of_tables(wanted, fields)
    yield from _of_the_root(wanted, fields)
    yield from _of_arithmetic(expression, fields)
    yield from _of_units(wanted, share)


# --- what the fields tell -------------------------------------------------------------------------------------


def _of_rows(wanted: float, fields: Mapping[str, Any]) -> Iterator[Slip]:
    """One row of a head: scores, scaled scores, weights, and the keys they belong to."""
    raw, scaled, weights = (_numbers(fields.get(name)) for name in ("raw_scores", "scaled_scores", "weights"))
    tokens = fields.get("key_tokens", ())
    if (at := _place(wanted, weights)) is not None:
        yield from _of_a_weight(at, raw, scaled, fields)
        yield from _of_other_keys(at, weights, tokens, "share")
    if (at := _place(wanted, scaled)) is not None:
        yield from _of_other_keys(at, scaled, tokens, "scaled score")
        if len(weights) == len(scaled):
            yield weights[at], "That is the share already. Its score comes before softmax."
    if (at := _place(wanted, raw)) is not None:
        yield from _of_other_keys(at, raw, tokens, "score")


def _of_a_weight(at: int, raw: Sequence[float], scaled: Sequence[float], fields: Mapping[str, Any]) -> Iterator[Slip]:
    if len(raw) > at:
        value = _softmax(raw)[at]
        yield value, f"That is the share without the division by √d, {value:.3f}. Divide each score first."
    if len(scaled) > at:
        yield scaled[at], "That is its score. Softmax has still to make a share of it."
        yield math.exp(min(scaled[at], 50)), "That is e to its score. Divide it by the sum over all keys."
        if total := sum(scaled):
            yield scaled[at] / total, "You shared out the scores themselves. Softmax shares out e to the scores."
        value = _softmax(scaled)[at]
        if not all(fields.get("allowed", [True])):
            yield value, f"You shared out over all keys, the masked ones too: {value:.3f}. Mask first, then normalise."
    exponentials = _numbers(fields.get("exponentials"))
    if len(exponentials) > at:
        yield exponentials[at], "That is its part. Divide it by what all parts come to."
        yield sum(exponentials), "That is the whole. The share is a part of it: divide the part by the whole."


def _of_other_keys(at: int, values: Sequence[float], tokens: Sequence[str], what: str) -> Iterator[Slip]:
    for place, value in enumerate(values):
        if place != at and len(tokens) == len(values) and tokens[place] != tokens[at]:
            yield value, f"That is the {what} of “{tokens[place]}”. “{tokens[at]}” is asked for."


def _of_tables(wanted: float, fields: Mapping[str, Any]) -> Iterator[Slip]:
    """Row and column exchanged; softmax down the column."""
    for name, table in fields.items():
        rows = [_numbers(row) for row in table] if isinstance(table, tuple | list) else []
        if len(rows) < 2 or not all(len(row) == len(rows[0]) > 1 for row in rows):
            continue
        for i, row in enumerate(rows):
            if (j := _place(wanted, row)) is None:
                continue
            if len(rows) == len(row) and i != j:
                yield rows[j][i], "Row and column are exchanged: who looks gives the row, who is looked at the column."
            column = [one[j] for one in rows]
            if name.endswith("weights") and (total := sum(column)):
                yield row[j] / total, "That is its part of the column. A query's shares go along its row."
    for scores in (fields.get("scores"), fields.get("scaled_scores")):
        rows = [_numbers(row) for row in scores] if isinstance(scores, tuple | list) else []
        if len(rows) > 1 and all(len(row) == len(rows[0]) > 1 for row in rows):
            yield from _down_the_column(wanted, rows)


def _down_the_column(wanted: float, rows: Sequence[Sequence[float]]) -> Iterator[Slip]:
    for i, row in enumerate(rows):
        if (j := _place(wanted, _softmax(row))) is not None:
            value = _softmax([one[j] for one in rows])[i]
            yield value, f"That is softmax down the column, {value:.3f}. It goes along the row, over the keys."


def _of_the_root(wanted: float, fields: Mapping[str, Any]) -> Iterator[Slip]:
    """The division by √d left out, or made otherwise; only where a score is asked for."""
    scores = (*_numbers(fields.get("scaled_scores")), *_numbers(fields.get("masked_scores")))
    root = fields.get("sqrt_d_head")
    if not isinstance(root, int | float) or not root or _place(wanted, scores) is None:
        return
    yield wanted * root, "That is the score as it was. Divide it by √d."
    yield wanted / root, "You divided by d itself. Divide by its square root."
    yield wanted * root * root, "You multiplied by √d. Divide by it."


def _numbers(held: Any) -> list[float]:
    """A list of finite numbers; nothing for anything else."""
    if not isinstance(held, tuple | list) or not all(isinstance(one, int | float) for one in held):
        return []
    return [float(one) for one in held]


def _place(wanted: float, values: Sequence[float]) -> int | None:
    return next((at for at, value in enumerate(values) if math.isfinite(value) and _alike(value, wanted)), None)


def _softmax(scores: Sequence[float]) -> list[float]:
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


# --- what the arithmetic tells --------------------------------------------------------------------------------

_VERBS: Mapping[type[ast.operator], tuple[str, str]] = {
    ast.Mult: ("You multiplied.", "Multiply."),
    ast.Div: ("You divided.", "Divide."),
    ast.Add: ("You added.", "Add."),
    ast.Sub: ("You subtracted.", "Subtract."),
}
_TURNED: Mapping[type[ast.operator], str] = {
    ast.Div: "You divided the wrong way round.",
    ast.Sub: "You subtracted the wrong way round.",
}


def _of_arithmetic(expression: str, fields: Mapping[str, Any]) -> Iterator[Slip]:
    """The answer's own expression with one step of it done wrongly, or left out."""
    tree = parse(expression)
    for place, node in enumerate(list(ast.walk(tree))):
        if not isinstance(node, ast.BinOp):
            continue
        for operation, (done, _) in _VERBS.items():
            if operation is not type(node.op):
                say = f"{done} {_VERBS[type(node.op)][1]}"
                yield from _changed(tree, place, ast.BinOp(node.left, operation(), node.right), fields, say)
        say = _TURNED.get(type(node.op), "")
        if say:
            yield from _changed(tree, place, ast.BinOp(node.right, node.op, node.left), fields, say)
        for left in (node.left, node.right):
            yield from _changed(tree, place, left, fields, "One step is missing: there is another number to use.")
        if isinstance(node.op, ast.Mult) and ast.dump(node.left) != ast.dump(node.right):
            for one in (node.left, node.right):
                say = "You multiplied a number by itself. The other factor is another."
                yield from _changed(tree, place, ast.BinOp(one, ast.Mult(), one), fields, say)


def _changed(tree: ast.expr, place: int, new: ast.expr, fields: Mapping[str, Any], say: str) -> Iterator[Slip]:
    """What `tree` comes to with the node at that place of a walk replaced."""
    whole = ast.Expression(copy.deepcopy(tree))
    old = list(ast.walk(whole.body))[place]

    class _Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    try:
        text = ast.unparse(ast.fix_missing_locations(_Replace().visit(whole)))
        yield float(evaluate(text, fields)), say
    except (AuthorError, ValueError, TypeError):  # on these numbers the mistake cannot be made
        return


def _of_units(wanted: float, share: bool) -> Iterator[Slip]:
    if share:
        yield 1 - wanted, "That is what all the others have together."
        yield wanted * 100, "A share and per cent are mixed up: a share goes from 0 to 1; or add a % sign."
    yield wanted / 100, "A share and per cent are mixed up: it is a hundred times that."
    for power in (10, 1000):
        for value in (wanted * power, wanted / power):
            yield value, "The digits are right; the decimal point stands in the wrong place."
    if float(wanted).is_integer() and abs(wanted) >= 3:
        yield wanted + 1, "One too many. Count once more, from the first to the last."
        yield wanted - 1, "One too few. Count once more, from the first to the last, the end mark included."
    elif wanted:
        yield 1 / wanted, "That is one divided by the right number: it is turned upside down."
