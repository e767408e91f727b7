"""Expressions in one variable: read from a learner's text by a small grammar, never run as code.

sum     = product (("+" | "-") product)*
product = signed (("*" | "/")? signed)*        2x is 2 · x
signed  = "-" signed | power
power   = atom ("^" signed)?                   -x^2 is -(x^2)
atom    = number | letter | function "(" sum ")" | "(" sum ")"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from tutor.calculations.expressions import (
    MINUS_ONE,
    Constant,
    Expression,
    Function,
    Number,
    Power,
    Product,
    Sum,
    Variable,
)
from tutor.errors import LearnerError

MOST_CHARACTERS = 60
LARGEST_NUMBER = 1_000_000
MOST_DIGITS = 12
FUNCTIONS = ("sigmoid", "sqrt", "tanh", "sin", "cos", "exp", "log", "ln")
EXAMPLE = "derivative of (3x+1)^2"
_REPLACED = {
    "**": "^", "·": "*", "×": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "²": "^2", "³": "^3", "√": "sqrt",
    "σ": "sigmoid", "π": "pi", "[": "(", "]": ")",
}  # fmt: skip
_TOKEN = re.compile(rf"\s*(?:(\d+\.?\d*|\.\d+)|({'|'.join(FUNCTIONS)}|pi|[a-z])|([-+*/^()]))")


def cleaned(typed: str) -> str:
    """What was typed, in the grammar's characters, without 'f(x) =' or 'd/dx'; raises `LearnerError` for any other."""
    text = " ".join(typed.split()).rstrip(".?!,;").casefold()
    for symbol, plain in _REPLACED.items():
        text = text.replace(symbol, plain)
    text = re.sub(r"^\s*([a-z]\s*(\(\s*[a-z]\s*\))?\s*=|d\s*/\s*d[a-z])", "", text).strip()
    if not text:
        raise LearnerError(f"a derivative needs an expression, as in: {EXAMPLE}")
    if len(text) > MOST_CHARACTERS:
        raise LearnerError(
            f"that expression is {len(text)} characters long, and I take at most {MOST_CHARACTERS}; shorten it"
        )
    foreign = re.search(r"[^0-9a-z+\-*/^(). ]", text)
    if foreign:
        raise LearnerError(
            f"I cannot read {foreign.group()!r} in an expression; it may hold digits, one letter, + - * / ^ ( ) "
            "and sin, cos, exp, ln, sqrt, tanh, sigmoid"
        )
    return text


def parse(text: str) -> Expression:
    """A cleaned text as an expression, nothing simplified; raises `LearnerError` where it breaks off."""
    return _Parser(text).whole()


def numbers_in(text: str) -> list[float]:
    """The numbers written in a cleaned text."""
    return [float(digits) for digits, _, _ in _TOKEN.findall(text) if digits]


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split())
        self._at = 0

    def whole(self) -> Expression:
        expression = self._sum()
        if self._next():
            self._lost()
        return expression

    def _split(self) -> Iterator[str]:
        at, text = 0, self._text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if not match:
                raise LearnerError(f"I cannot follow '{self._text}' at '{text[at:].strip()}'; as in: {EXAMPLE}")
            at = match.end()
            yield match.group().strip()

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _lost(self) -> None:
        where = f"at '{''.join(self._tokens[self._at :])}'" if self._next() else "at its end"
        raise LearnerError(f"I cannot follow '{self._text}' {where}; as in: {EXAMPLE}")

    def _sum(self) -> Expression:
        terms = [self._product()]
        while self._next() in ("+", "-") and self._next():
            minus = self._take() == "-"
            term = self._product()
            terms.append(Product((MINUS_ONE, term)) if minus else term)
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def _product(self) -> Expression:
        factors = [self._signed()]
        while (token := self._next()) and token not in ("+", "-", ")", "^"):
            if token in ("*", "/"):
                self._take()
            factor = self._signed()
            factors.append(Power(factor, MINUS_ONE) if token == "/" else factor)
        return factors[0] if len(factors) == 1 else Product(tuple(factors))

    def _signed(self) -> Expression:
        if self._next() == "-":
            self._take()
            return Product((MINUS_ONE, self._signed()))
        if self._next() == "+":
            self._take()
            return self._signed()
        base = self._atom()
        if self._next() != "^":
            return base
        self._take()
        exponent = self._signed()
        return Function("exp", exponent) if base == Constant("e") else Power(base, exponent)

    def _atom(self) -> Expression:
        token = self._next()
        if not token or token in "+-*/^)":
            self._lost()
        self._take()
        if token == "(":
            return self._closed()
        if token in FUNCTIONS:
            if self._next() != "(":
                raise LearnerError(f"{token} needs brackets, as in: {token}(x)")
            self._take()
            return Function("ln" if token == "log" else token, self._closed())
        if token in ("e", "pi"):
            return Constant(token)
        if token[0].isalpha():
            return Variable(token)
        value = Fraction(token)
        if value > LARGEST_NUMBER or len(token) > MOST_DIGITS:
            raise LearnerError(
                f"{token} is too long a number for an expression; "
                f"I take at most {MOST_DIGITS} characters, up to {LARGEST_NUMBER:,}"
            )
        return Number(value)

    def _closed(self) -> Expression:
        inside = self._sum()
        if self._next() != ")":
            self._lost()
        self._take()
        return inside
