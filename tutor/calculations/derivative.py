"""A derivative, rule by rule: what is outer, what is inner, and what they give together."""

from __future__ import annotations

import re
from collections import Counter

from tutor.calculations.asked import LARGEST, Asked, Name
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.differentiation import (
    differentiate,
    multiply,
    outer_derivative,
    power,
    tidy,
)
from tutor.calculations.digits import significant
from tutor.calculations.expressions import (
    ONE,
    Expression,
    Function,
    Number,
    Power,
    Product,
    Sum,
    Variable,
    parted,
    value_at,
    variables,
)
from tutor.calculations.parsing import cleaned, numbers_in, parse
from tutor.calculations.printing import in_brackets, printed
from tutor.errors import LearnerError

LONGEST_DERIVATIVE = 300
_POINT = re.compile(
    r"\s*,?\s+(?:at|for|where|when|with)\s+(?:[a-z]\s*=\s*)?(-?\d+\.?\d*|-?\.\d+)\s*[.?!]?\s*$", re.IGNORECASE
)


def work_out_derivative(asked: Asked) -> Calculation:
    """The derivative of the slot `expression`; the one value is the slope at a point, where a point is given."""
    typed = asked.slots.get("expression", "")
    at = _POINT.search(typed)
    text = cleaned(typed[: at.start()] if at else typed)
    raw = parse(text)
    names = sorted(variables(raw))
    if len(names) > 1:
        raise LearnerError(
            f"I differentiate by one variable: this has {' and '.join(names)}; put numbers for all but one"
        )
    name = names[0] if names else "x"
    expression = tidy(raw)
    derivative = differentiate(expression)
    said = printed(derivative)
    if len(said) > LONGEST_DERIVATIVE:
        raise LearnerError("that derivative is too long to follow by eye; try a shorter expression")
    typed_again = "" if _same(text, printed(expression)) else f", that is, {printed(expression)}"
    lines = [f"f({name}) = {text}{typed_again}", *_explained(expression, name)]
    lines.append(f"f'({name}) = {said}")
    result = f"The derivative of {text} is {said}"
    point = float(at.group(1)) if at else _point(asked, text, name)
    if point is None:
        return worked(f"{result}.", lines, ())
    where, height, slope = _at(raw, derivative, name, point)
    lines.append(f"At {name} = {where}: f {_equals(height)}, and the slope f' {_equals(slope)}.")
    return worked(f"{result}; at {name} = {where} it {_is(slope)}.", lines, (slope,))


def _point(asked: Asked, text: str, name: str) -> float | None:
    """The number that is not the expression's own: after x in 'x^2' the 2 is, in 'at x = 2' it is not."""
    inside = Counter(map(abs, numbers_in(text)))
    numbers = Counter(map(abs, asked.numbers))
    named = asked.get(Name(name, frozenset((name,))))
    if inside - numbers:
        return named
    left = list((numbers - inside).elements())
    if named is not None and abs(named) in left:
        return named
    if len(left) != 1:
        return None
    return next(number for number in reversed(asked.numbers) if abs(number) == left[0])


def _at(raw: Expression, derivative: Expression, name: str, point: float) -> tuple[str, float, float]:
    if abs(point) > LARGEST:
        raise LearnerError(f"{name} = {point:g} is too far out; take a point from {-LARGEST:,} to {LARGEST:,}")
    where = significant(point, 9)[0]
    try:
        height = value_at(raw, point)
    except (ArithmeticError, ValueError):
        raise LearnerError(f"that expression has no value I can show at {name} = {where}; try another point") from None
    try:
        return where, height, value_at(derivative, point)
    except (ArithmeticError, ValueError):
        raise LearnerError(f"that expression has no slope I can show at {name} = {where}; try another point") from None


def _explained(expression: Expression, name: str) -> list[str]:
    """The rules used, outermost first."""
    slope = printed(differentiate(expression))
    if not variables(expression):
        return [f"{printed(expression)} does not depend on {name}: its derivative is 0."]
    match expression:
        case Variable():
            return [f"The derivative of {name} is 1."]
        case Sum(terms):
            lines = ["Sum rule: each part by itself."]
            return [*lines, *(line for term in terms for line in _explained(term, name))]
        case Product(factors):
            fixed = [factor for factor in factors if not variables(factor)]
            if fixed:
                varying = multiply(factor for factor in factors if variables(factor))
                inner = _explained(varying, name) if not isinstance(varying, Variable) else []
                lines = [*inner, f"The factor {printed(multiply(fixed))} stays: {printed(expression)} gives {slope}."]
                return lines if inner else [f"The derivative of {printed(expression)} is {slope}."]
            return _product_rule(expression, slope, name)
        case Power(base, exponent) if variables(exponent) and variables(base):
            rewritten = Function("exp", multiply((exponent, Function("ln", base))))
            return [f"Rewritten: {printed(expression)} = {printed(rewritten)}.", *_chain_rule(rewritten, name)]
        case Power(Variable(), Number()):
            return [f"Power rule: the derivative of {printed(expression)} is {slope}."]
        case Power(_, Variable()) | Function(_, Variable()):
            return [f"The derivative of {printed(expression)} is {slope}."]
        case _:
            return _chain_rule(expression, name)


def _product_rule(product: Product, slope: str, name: str) -> list[str]:
    above, below = parted(product.factors)
    if below:
        first, second = multiply(above), multiply(below)
        title, form = "Quotient rule", "(u'v - uv') / v^2"
    else:
        first, second = product.factors[0], multiply(product.factors[1:])
        title, form = "Product rule", "u'v + uv'"
    lines = [
        f"{title} on {printed(product)}:",
        f"  u = {printed(first)}, u' = {printed(differentiate(first))}",
        f"  v = {printed(second)}, v' = {printed(differentiate(second))}",
        f"  {form} = {slope}",
    ]
    return lines + _inner_steps(first, name) + _inner_steps(second, name)


def _chain_rule(expression: Expression, name: str) -> list[str]:
    stand_in = Variable("u" if name != "u" else "w")
    outer: Expression
    match expression:
        case Function(function, argument):
            inner = argument
            outer, outer_slope = Function(function, stand_in), outer_derivative(function, stand_in)
            at_inner = outer_derivative(function, inner)
        case Power(base, exponent) if variables(base):
            inner = base
            outer = power(stand_in, exponent)
            outer_slope = differentiate(outer)
            at_inner = multiply((exponent, power(inner, tidy(Sum((exponent, Number(-ONE.value)))))))
        case Power(base, exponent):
            inner = exponent
            outer = Power(base, stand_in)
            outer_slope = differentiate(outer)
            at_inner = multiply((expression, Function("ln", base)))
        case _:
            return []
    inner_slope, slope = differentiate(inner), printed(differentiate(expression))
    together = f"{in_brackets(at_inner)} · {in_brackets(inner_slope)}"
    u = stand_in.name
    lines = [
        f"Chain rule on {printed(expression)}:",
        f"  outer: {printed(outer)}, derivative {printed(outer_slope)}",
        f"  inner: {u} = {printed(inner)}, derivative {printed(inner_slope)}",
        f"  outer derivative · inner derivative: {together}" + ("" if together == slope else f" = {slope}"),
    ]
    return lines + _inner_steps(inner, name)


def _inner_steps(inner: Expression, name: str) -> list[str]:
    """How a part was differentiated, unless it is plain: a variable, a power of it or a sum of such."""
    parts = inner.terms if isinstance(inner, Sum) else (inner,)
    if all(_plain(part) for part in parts):
        return []
    return [f"For {printed(inner)}:", *_explained(inner, name)]


def _plain(part: Expression) -> bool:
    match part:
        case Product(factors):
            varying = [factor for factor in factors if variables(factor)]
            return len(varying) <= 1 and all(map(_plain, varying))
        case Power(base, exponent):
            return isinstance(base, Variable) and not variables(exponent)
        case Function(_, argument):
            return isinstance(argument, Variable) or not variables(argument)
        case Sum():
            return not variables(part)
        case _:
            return True


def _same(typed: str, tidied: str) -> bool:
    return typed.replace(" ", "").replace("*", "") == tidied.replace(" ", "").replace("·", "")


def _equals(value: float) -> str:
    text, whole = significant(value)
    return f"{'=' if whole else '≈'} {text}"


def _is(value: float) -> str:
    text, whole = significant(value)
    return f"is {text}" if whole else f"is about {text}"
