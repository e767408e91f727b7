"""The derivative of an expression by the rules of the textbook, and what those rules leave made tidy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from tutor.calculations.expressions import (
    MINUS_ONE,
    ONE,
    ZERO,
    Constant,
    Expression,
    Function,
    Number,
    Power,
    Product,
    Sum,
    Variable,
    coefficient_of,
    number,
    variables,
)
from tutor.errors import LearnerError

LARGEST_FOLDED_POWER = 20
MOST_FOLDED_DIGITS = 15
PLAIN_VALUES: Mapping[tuple[str, Expression], Expression] = {
    ("ln", ONE): ZERO,
    ("ln", Constant("e")): ONE,
    ("exp", ZERO): ONE,
    ("exp", ONE): Constant("e"),
    ("sin", ZERO): ZERO,
    ("cos", ZERO): ONE,
    ("sqrt", ZERO): ZERO,
    ("sqrt", ONE): ONE,
    ("tanh", ZERO): ZERO,
    ("sigmoid", ZERO): number(Fraction(1, 2)),
}


def differentiate(expression: Expression) -> Expression:
    """The derivative by the only variable, tidy if the expression is."""
    match expression:
        case Variable():
            return ONE
        case Sum(terms):
            return add(differentiate(term) for term in terms)
        case Product(factors):
            return add(
                multiply((*factors[:at], differentiate(factor), *factors[at + 1 :]))
                for at, factor in enumerate(factors)
            )
        case Power(base, exponent):
            return _power_derivative(base, exponent)
        case Function(name, argument):
            return multiply((outer_derivative(name, argument), differentiate(argument)))
        case _:
            return ZERO


def outer_derivative(name: str, argument: Expression) -> Expression:
    """The derivative of a function at its argument, which is not differentiated."""
    same = Function(name, argument)
    match name:
        case "sin":
            return Function("cos", argument)
        case "cos":
            return multiply((MINUS_ONE, Function("sin", argument)))
        case "exp":
            return same
        case "ln":
            return power(argument, MINUS_ONE)
        case "sqrt":
            return multiply((number(Fraction(1, 2)), power(same, MINUS_ONE)))
        case "tanh":
            return add((ONE, multiply((MINUS_ONE, power(same, number(2))))))
        case _:  # sigmoid
            return multiply((same, add((ONE, multiply((MINUS_ONE, same))))))


def _power_derivative(base: Expression, exponent: Expression) -> Expression:
    if not variables(exponent):
        lowered = power(base, add((exponent, MINUS_ONE)))
        return multiply((exponent, lowered, differentiate(base)))
    whole = Power(base, exponent)
    grown = multiply((differentiate(exponent), function("ln", base)))
    if not variables(base):
        return multiply((whole, grown))
    return multiply((whole, add((grown, multiply((exponent, differentiate(base), power(base, MINUS_ONE)))))))


def tidy(expression: Expression) -> Expression:
    """The same expression with numbers worked out and like terms and factors collected."""
    match expression:
        case Sum(terms):
            return add(map(tidy, terms))
        case Product(factors):
            return multiply(map(tidy, factors))
        case Power(base, exponent):
            return power(tidy(base), tidy(exponent))
        case Function(name, argument):
            return function(name, tidy(argument))
        case _:
            return expression


def add(terms: Iterable[Expression]) -> Expression:
    """A sum with like terms collected and its number last."""
    collected: dict[tuple[Expression, ...], Fraction] = {}
    for term in _flat(terms, Sum):
        coefficient, factors = coefficient_of(term)
        collected[factors] = collected.get(factors, Fraction(0)) + coefficient
    constant = collected.pop((), Fraction(0))
    parts = [multiply((Number(value), *factors)) for factors, value in collected.items() if value]
    if constant:
        # 1 - tanh(x)^2 reads better than -tanh(x)^2 + 1.
        ahead = bool(parts) and coefficient_of(parts[0])[0] < 0 < constant
        parts.insert(0 if ahead else len(parts), Number(constant))
    return ZERO if not parts else parts[0] if len(parts) == 1 else Sum(tuple(parts))


def multiply(factors: Iterable[Expression]) -> Expression:
    """A product: its number first, powers of one base collected, the variable before functions of it."""
    coefficient = Fraction(1)
    exponents: dict[Expression, list[Expression]] = {}
    for factor in _flat(factors, Product):
        if isinstance(factor, Number):
            coefficient *= factor.value
        elif isinstance(factor, Power):
            exponents.setdefault(factor.base, []).append(factor.exponent)
        else:
            exponents.setdefault(factor, []).append(ONE)
    if not coefficient:
        return ZERO
    parts: list[Expression] = []
    for base, raised in exponents.items():
        for part in _flat((power(base, add(raised)),), Product):
            if isinstance(part, Number):
                coefficient *= part.value
            else:
                parts.append(part)
    parts.sort(key=_place)
    if coefficient != 1 or not parts:
        parts.insert(0, Number(coefficient))
    return parts[0] if len(parts) == 1 else Product(tuple(parts))


def power(base: Expression, exponent: Expression) -> Expression:
    """A power, worked out where it is a short number; raises `LearnerError` for a division by 0."""
    if exponent == ZERO:
        return ONE
    if exponent == ONE:
        return base
    if base == Constant("e"):
        return function("exp", exponent)
    if base == ZERO and variables(exponent):
        raise LearnerError("0 to a power with a variable has no derivative to show; try another base")
    if not isinstance(exponent, Number):
        return Power(base, exponent)
    whole = exponent.value.denominator == 1
    if isinstance(base, Number) and whole and abs(exponent.value) <= LARGEST_FOLDED_POWER:
        if not base.value and exponent.value < 0:
            raise LearnerError("that expression divides by 0, so it has no derivative")
        raised = Fraction(base.value ** int(exponent.value))
        if len(str(raised.numerator)) + len(str(raised.denominator)) <= MOST_FOLDED_DIGITS:
            return Number(raised)
    if isinstance(base, Power) and isinstance(base.exponent, Number) and whole and base.exponent.value.denominator == 1:
        return power(base.base, number(base.exponent.value * exponent.value))
    if isinstance(base, Product) and exponent == MINUS_ONE:
        return multiply(power(factor, exponent) for factor in base.factors)
    return Power(base, exponent)


def function(name: str, argument: Expression) -> Expression:
    """A function of an expression, worked out where its value is plain: ln(e) is 1, sin(0) is 0."""
    return PLAIN_VALUES.get((name, argument), Function(name, argument))


def _flat(parts: Iterable[Expression], kind: type[Sum] | type[Product]) -> list[Expression]:
    flat: list[Expression] = []
    for part in parts:
        if isinstance(part, Sum) and kind is Sum:
            flat += part.terms
        elif isinstance(part, Product) and kind is Product:
            flat += part.factors
        else:
            flat.append(part)
    return flat


def _place(factor: Expression) -> int:
    if not variables(factor):
        return 0
    if isinstance(factor, Variable) or (isinstance(factor, Power) and isinstance(factor.base, Variable)):
        return 1
    return 2
