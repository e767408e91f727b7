"""Expressions in one variable, as trees that can be asked for their variables and values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Number:
    value: Fraction


@dataclass(frozen=True)
class Constant:
    """e or pi."""

    name: str


@dataclass(frozen=True)
class Variable:
    name: str


@dataclass(frozen=True)
class Sum:
    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Product:
    """A quotient is a product with a power of -1."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class Power:
    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Function:
    """One of sin, cos, exp, ln, sqrt, tanh, sigmoid."""

    name: str
    argument: Expression


Expression = Number | Constant | Variable | Sum | Product | Power | Function

ZERO, ONE, MINUS_ONE = Number(Fraction(0)), Number(Fraction(1)), Number(Fraction(-1))


def number(value: int | Fraction) -> Number:
    return Number(Fraction(value))


def children(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case Sum(parts) | Product(parts):
            return parts
        case Power(base, exponent):
            return base, exponent
        case Function(_, argument):
            return (argument,)
        case _:
            return ()


def variables(expression: Expression) -> set[str]:
    if isinstance(expression, Variable):
        return {expression.name}
    return {name for child in children(expression) for name in variables(child)}


def coefficient_of(expression: Expression) -> tuple[Fraction, tuple[Expression, ...]]:
    """A term as its number and its other factors."""
    factors = expression.factors if isinstance(expression, Product) else (expression,)
    numbers = [factor.value for factor in factors if isinstance(factor, Number)]
    return math.prod(numbers, start=Fraction(1)), tuple(f for f in factors if not isinstance(f, Number))


def parted(factors: Iterable[Expression]) -> tuple[list[Expression], list[Expression]]:
    """Factors above and below the line: x · y^-2 is x over y^2."""
    above: list[Expression] = []
    below: list[Expression] = []
    for factor in factors:
        if isinstance(factor, Power) and isinstance(factor.exponent, Number) and factor.exponent.value < 0:
            exponent = -factor.exponent.value
            below.append(factor.base if exponent == 1 else Power(factor.base, number(exponent)))
        else:
            above.append(factor)
    return above, below


_WAVES: dict[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "exp": math.exp,
    "ln": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "sigmoid": lambda x: 0.5 * (1 + math.tanh(x / 2)),
}


def value_at(expression: Expression, point: float) -> float:
    """The value where the variable is `point`; raises ArithmeticError or ValueError where there is none."""
    match expression:
        case Number(value):
            return float(value)
        case Constant(name):
            return math.e if name == "e" else math.pi
        case Variable():
            return point
        case Sum(terms):
            result = math.fsum(value_at(term, point) for term in terms)
        case Product(factors):
            result = math.prod(value_at(factor, point) for factor in factors)
        case Power(base, exponent):
            raised = value_at(base, point) ** value_at(exponent, point)
            if isinstance(raised, complex):
                raise ValueError("no real root")
            result = float(raised)
        case Function(name, argument):
            result = _WAVES[name](value_at(argument, point))
    if not math.isfinite(result):
        raise OverflowError("too large")
    return result
