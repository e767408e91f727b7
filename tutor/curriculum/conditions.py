"""The small language of conditions: comparisons and arithmetic over a result's fields, and nothing else.

`entropy_bits_unscaled < 0.7 * entropy_bits_scaled and layer == 1`. Names, numbers, quoted words, + - * / // % and
** with a small number behind it, comparisons, and, or, not, parentheses. No calls, no attributes, no indices: a
lesson holds no code.
"""

from __future__ import annotations

import ast
import difflib
import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tutor.errors import AuthorError

_BINARY: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARE: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
LONGEST, HIGHEST = 300, 8
"""Characters of an expression, and the power to which something may be raised."""


@functools.cache
def parse(expression: str) -> ast.expr:
    """Check that `expression` is of the language. Raises `AuthorError`."""
    if len(expression) > LONGEST:
        raise AuthorError(f"condition of {len(expression)} characters; keep it under {LONGEST}")
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise AuthorError(f"condition '{expression}' cannot be read; write it like 'weight > 0.5'") from error
    for node in ast.walk(tree):
        _check(node, expression)
    return tree


def _check(node: ast.AST, expression: str) -> None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        power = node.right
        if not (isinstance(power, ast.Constant) and isinstance(power.value, int | float) and power.value <= HIGHEST):
            raise AuthorError(f"condition '{expression}' has a power that is no number up to {HIGHEST}; write one")
    allowed = (ast.Name, ast.Load, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Compare)
    if isinstance(node, (*allowed, *_BINARY, *_COMPARE)):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return
    raise AuthorError(
        f"condition '{expression}' uses {type(node).__name__.lower()}; only fields, numbers, quoted words, "
        "+ - * / // % **, comparisons, and, or, not are allowed"
    )


def names_in(expression: str) -> set[str]:
    """The fields that an expression speaks of."""
    return {node.id for node in ast.walk(parse(expression)) if isinstance(node, ast.Name)}


def put_in(expression: str, made: Mapping[str, object]) -> str:
    """`expression` with names replaced by what `made` holds for them; itself where it grows too long."""

    class _PutIn(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            inner = made.get(node.id)
            return parse(put_in(inner, made)) if isinstance(inner, str) else node

    if not expression:
        return ""
    whole = ast.unparse(_PutIn().visit(ast.parse(expression.strip(), mode="eval").body))
    return whole if len(whole) <= LONGEST else expression


def evaluate(expression: str, fields: Mapping[str, Any]) -> Any:
    """The value of `expression`. Raises `AuthorError` for an unknown field or an impossible operation."""
    try:
        return _value(parse(expression), fields)
    except (TypeError, ArithmeticError) as error:
        raise AuthorError(f"'{expression}' cannot be computed ({error})") from error


def holds(condition: str, fields: Mapping[str, Any]) -> bool:
    """Whether `condition` is true of these fields; the empty condition always is."""
    return not condition or bool(evaluate(condition, fields))


def unknown_field(name: str, known: Iterable[str]) -> AuthorError:
    """The error for a field that a result does not have."""
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"did you mean '{near[0]}'?" if near else "the result has no such field"
    return AuthorError(f"unknown field '{name}'; {hint}")


def _value(node: ast.AST, fields: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            if name not in fields:
                raise unknown_field(name, fields)
            return fields[name]
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(value, fields) for value in values)
        case ast.BoolOp(values=values):
            return any(_value(value, fields) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, fields)
        case ast.UnaryOp(operand=operand):
            return -_value(operand, fields)
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left, fields), _value(right, fields))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            values = [_value(left, fields), *(_value(value, fields) for value in comparators)]
            return all(_COMPARE[type(op)](a, b) for op, a, b in zip(ops, values, values[1:], strict=False))
    raise AuthorError(f"{type(node).__name__.lower()} is not allowed in a condition")
