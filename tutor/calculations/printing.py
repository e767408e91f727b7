"""An expression printed as a learner would type it: 6(3x + 1), 2x · cos(x^2), 1 / (2 · sqrt(x))."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from tutor.calculations.expressions import (
    Constant,
    Expression,
    Function,
    Number,
    Power,
    Product,
    Sum,
    Variable,
    coefficient_of,
    parted,
)


def printed(expression: Expression) -> str:
    """The expression as a learner would type it; `parse` reads it back."""
    match expression:
        case Number(value):
            return _number_text(value)
        case Constant(name) | Variable(name):
            return name
        case Sum(terms):
            return _sum_text(terms)
        case Product():
            return _product_text(expression)
        case Power(base, exponent):
            if isinstance(exponent, Number) and exponent.value < 0:
                return _product_text(Product((expression,)))
            return f"{_tight(base)}^{_exponent_text(exponent)}"
        case Function(name, argument):
            return f"e^{_exponent_text(argument)}" if name == "exp" else f"{name}({printed(argument)})"


def in_brackets(expression: Expression) -> str:
    """Printed, in brackets where it stands beside a product's dot and could be misread."""
    text = printed(expression)
    return f"({text})" if isinstance(expression, Sum) or text.startswith("-") or " / " in text else text


def _number_text(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    if _terminates(value):
        return f"{'-' if value < 0 else ''}{abs(value).numerator / value.denominator:.6f}".rstrip("0")
    return f"{value.numerator} / {value.denominator}"


def _terminates(value: Fraction) -> bool:
    return (value * 10**6).denominator == 1 and abs(value) < 10**6


def _sum_text(terms: Iterable[Expression]) -> str:
    text = ""
    for term in terms:
        part = printed(term)
        part = f"({part})" if isinstance(term, Sum) else part
        if not text:
            text = part
        elif part.startswith("-"):
            text += f" - {part[1:]}"
        else:
            text += f" + {part}"
    return text


def _product_text(product: Product) -> str:
    coefficient, factors = coefficient_of(product)
    above, below = parted(factors)
    sign, coefficient = "-" if coefficient < 0 else "", abs(coefficient)
    if below or not _terminates(coefficient):
        top, bottom = Fraction(coefficient.numerator), Fraction(coefficient.denominator)
    else:
        top, bottom = coefficient, Fraction(1)
    if not below and bottom == 1:
        return sign + _line(top, above)
    under = _line(bottom, below)
    alone = not below or (bottom == 1 and len(below) == 1)  # `_line` has bracketed a single sum
    return f"{sign}{_line(top, above)} / {under if alone else f'({under})'}"


def _line(coefficient: Fraction, factors: list[Expression]) -> str:
    """Factors side by side: 6(3x + 1), 2x · cos(x)."""
    only = len(factors) == 1 and coefficient == 1 and not isinstance(factors[0], Sum | Product)
    texts = [printed(factor) if only else _tight_factor(factor) for factor in factors]
    if coefficient == 1 and texts:
        return " · ".join(texts)
    start = _number_text(coefficient)
    if not texts:
        return start
    joint = "" if re.match(r"\(|[a-z](?![a-z])", texts[0]) else " · "
    return start + joint + " · ".join(texts)


def _tight_factor(factor: Expression) -> str:
    return f"({printed(factor)})" if isinstance(factor, Sum | Product) else printed(factor)


def _tight(base: Expression) -> str:
    """A base of a power: in brackets unless it is one thing."""
    text = printed(base)
    one_thing = isinstance(base, Variable | Constant) or (isinstance(base, Function) and base.name != "exp")
    return text if one_thing or re.fullmatch(r"[\d.]+", text) else f"({text})"


def _exponent_text(exponent: Expression) -> str:
    text = printed(exponent)
    return text if isinstance(exponent, Variable) or re.fullmatch(r"[\d.]+", text) else f"({text})"
