"""Calculations against oracles, and the law that every printed equation holds in the digits shown."""

from __future__ import annotations

import math
import re
from collections import Counter
from decimal import Decimal, localcontext
from itertools import pairwise

import numpy
import pytest
import sympy
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from tutor.calculations import KINDS, Calculation, work_out
from tutor.calculations.expressions import value_at
from tutor.calculations.parsing import parse
from tutor.errors import LearnerError

FEW = settings(max_examples=25, deadline=None, derandomize=True)
SCORES = st.lists(st.floats(-30, 30).map(lambda x: round(x, 3)), min_size=2, max_size=12)
VECTOR_NUMBERS = st.floats(-1000, 1000).map(lambda x: round(x, 2))
PROBABILITIES = st.lists(st.floats(1e-6, 1).map(lambda p: max(1e-6, round(p, 6))), min_size=1, max_size=6)


def of(kind: str, *numbers: float, slots: dict[str, str] | None = None, **named: float) -> Calculation:
    """A calculation; the named numbers stand at the end of the turn."""
    calculation = work_out(kind, (*numbers, *named.values()), named, slots or {})
    assert all(0 < len(step) <= 76 and step == step.rstrip() for step in calculation.steps)
    assert "\n" not in calculation.result and calculation.result.endswith(".")
    return calculation


def derivative(expression: str, *numbers: float, **named: float) -> Calculation:
    return of("derivative", *numbers, slots={"expression": expression}, **named)


# The law of printed equations

NUMERIC = re.compile(r"(?:e\^|−?ln |sin |cos |[-\d.,+×/()√− ])+")


def unfolded(calculation: Calculation) -> list[str]:
    lines: list[str] = []
    for step in calculation.steps:
        if step.startswith("    "):
            lines[-1] += " " + step.strip()
        else:
            lines.append(step)
    return lines


def equations(calculation: Calculation) -> list[tuple[str, str, str]]:
    """(left, sign, right) of everything printed as an equation of numbers."""
    found = []
    for line in unfolded(calculation):
        for part in re.split(r"; |, (?=cos)", line):
            part = re.sub(r"10000\^\((\d+)/(\d+)\)", "skip", part)
            part = re.sub(r"√\d+:$|: (the shares add up to 1|1, but for the rounding)\.$|:$", "", part)
            part = re.sub(r"^.*: (?=.* [=≈] )", "", part)
            part = re.sub(r"( nats| numbers| bytes| [kMG]B)\b", "", part)
            pieces = re.split(r" ([=≈]) ", part)
            for at in range(0, len(pieces) - 2, 2):
                left, sign, right = pieces[at : at + 3]
                if NUMERIC.fullmatch(left) and NUMERIC.fullmatch(right) and re.search(r"\d", left):
                    found.append((left.strip(), sign, right.strip()))
    return found


def evaluated(text: str) -> Decimal:
    text = text.replace(",", "").replace("×", "*")
    text = re.sub(r"(?<![\d.])(\d+(?:\.\d+)?)", r"D('\1')", text)
    text = re.sub(r"e\^(-?D\('[\d.]+'\))", r"(\1).exp()", text)
    text = re.sub(r"√(D\('[\d.]+'\))", r"(\1).sqrt()", text)
    text = re.sub(r"√(\([^()]*(?:\([^()]*\)[^()]*)*\))", r"\1.sqrt()", text)
    text = re.sub(r"−ln (D\('[\d.]+'\))", r"-(\1).ln()", text)
    text = re.sub(r"ln (D\('[\d.]+'\))", r"(\1).ln()", text)
    text = re.sub(r"(sin|cos) (-?D\('[\d.]+'\))", r"\1(\2)", text)
    waves = {"sin": lambda x: Decimal(repr(math.sin(x))), "cos": lambda x: Decimal(repr(math.cos(x)))}
    return Decimal(eval(text.replace("−", "-"), {"D": Decimal, **waves}))


def assert_equations_hold(calculation: Calculation, at_least: int = 1) -> None:
    found = equations(calculation)
    assert len(found) >= at_least, calculation.steps
    with localcontext() as context:
        context.prec = 60
        for left, sign, right in found:
            difference = abs(evaluated(left) - evaluated(right))
            if sign == "=":
                assert difference == 0, (left, sign, right)
            else:
                places = len(right.partition(".")[2])
                assert difference <= Decimal("0.5").scaleb(-places), (left, sign, right)
                assert difference or "e^" in left, (left, "is exact and printed as rounded")


# Softmax


@FEW
@given(SCORES, st.sampled_from([1.0, 0.5, 2.0, 0.7, 10.0]))
@example([2, 1, 0.1], 1.0)
@example([1, 1, 1], 1.0)
@example([-20, -20], 2.0)
@example([-9, -8.5], 1.0)
@example([1e6, -1e6], 0.001)
@example([0.1 + 0.2, 1 / 3], 1.0)
def test_softmax_agrees_with_torch_and_its_equations_hold(scores: list[float], temperature: float) -> None:
    calculation = of("softmax", *scores, **({} if temperature == 1 else {"temperature": temperature}))
    expected = torch.softmax(torch.tensor(scores, dtype=torch.float64) / temperature, -1).tolist()
    assert calculation.values == pytest.approx(expected, abs=1e-12)
    assert_equations_hold(calculation, 2 * len(scores) + 1)
    shown = re.search(r"the shares (.*)\.$", calculation.result)
    assert shown
    for share, truth in zip(shown.group(1).split(", "), expected, strict=True):
        assert abs(float(share) - truth) <= 0.000501


def test_softmax_prints_what_can_be_checked_by_eye() -> None:
    assert of("softmax", 2, 1, 0.1) == Calculation(
        "Softmax turns 2, 1, 0.1 into the shares 0.659, 0.242, 0.099.",
        (
            "e to the power of each score:",
            "  e^2 ≈ 7.3891",
            "  e^1 ≈ 2.7183",
            "  e^0.1 ≈ 1.1052",
            "Their sum:",
            "  7.3891 + 2.7183 + 1.1052 = 11.2126",
            "Each power divided by the sum:",
            "  7.3891 / 11.2126 ≈ 0.659",
            "  2.7183 / 11.2126 ≈ 0.242",
            "  1.1052 / 11.2126 ≈ 0.099",
            "Check: 0.659 + 0.242 + 0.099 = 1: the shares add up to 1.",
        ),
        (0.6590011388859679, 0.24243297070471392, 0.09856589040931818),
    )


def test_shares_that_do_not_add_up_in_digits_are_not_said_to() -> None:
    assert of("softmax", 1, 1, 1).steps[-1] == "Check: 0.333 + 0.333 + 0.333 = 0.999: 1, but for the rounding."


@pytest.mark.parametrize("name", ["temperature", "T", "t", "temp", "tau", "τ"])
def test_a_temperature_is_no_score_wherever_it_stands(name: str) -> None:
    at_the_end = work_out("softmax", (2, 1, 0.5, 0.5), {name: 0.5}, {})
    at_the_start = work_out("softmax", (2, 2, 1, 0.5), {name: 2}, {})
    assert at_the_end.values == of("softmax", 4, 2, 1).values
    assert work_out("softmax", (0.5, 2, 1, 0.5), {name: 0.5}, {}).values == of("softmax", 1, 4, 2).values
    assert at_the_start.values == of("softmax", 1, 0.5, 0.25).values


def test_a_temperature_may_come_as_a_slot_alone() -> None:
    assert of("softmax", 2, 1, slots={"temperature": "temperature 0.5"}).values == of("softmax", 4, 2).values


def test_an_unknown_name_takes_no_score_away() -> None:
    assert work_out("softmax", (2, 1), {"scores": 2}, {}).values == of("softmax", 2, 1).values


# Dot product


@FEW
@given(st.lists(st.tuples(VECTOR_NUMBERS, VECTOR_NUMBERS), min_size=1, max_size=6))
@example([(1, 3), (2, 4)])
@example([(1e6, 1e6), (1e6, -1e6)])
@example([(1e-9, 1 / 3), (2e-9, 0.1)])
def test_dot_agrees_with_numpy_and_its_equations_hold(pairs: list[tuple[float, float]]) -> None:
    first, second = (numpy.array(side) for side in zip(*pairs, strict=True))
    assume(first.any() and second.any())
    calculation = of("dot", *first, *second)
    lengths = numpy.linalg.norm(first), numpy.linalg.norm(second)
    expected = (first @ second, *lengths, first @ second / lengths[0] / lengths[1])
    assert calculation.values == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert_equations_hold(calculation, len(pairs))
    shown = re.search(r"cosine (-?[\d.]+)", calculation.result)
    assert shown and abs(float(shown.group(1)) - expected[3]) < 0.000501


def test_a_zero_vector_has_no_cosine() -> None:
    calculation = of("dot", 1, 0, 0, 0)
    assert calculation.result == "The dot product is 0; with a zero vector there is no cosine."
    assert calculation.values == (0, 1, 0)


# Attention


@FEW
@given(st.data(), st.integers(1, 4), st.integers(1, 3))
def test_attention_agrees_with_torch_and_its_equations_hold(data: st.DataObject, count: int, width: int) -> None:
    size = width * (1 + 2 * count)
    numbers = data.draw(st.lists(st.floats(-5, 5).map(lambda x: round(x, 1)), min_size=size, max_size=size))
    query, keys, values = torch.tensor(numbers, dtype=torch.float64).split([width, width * count, width * count])
    expected = functional.scaled_dot_product_attention(
        query.view(1, width), keys.view(count, width), values.view(count, width)
    )
    calculation = of("attention", *numbers, **({} if width == 2 else {"d": width, "keys": count}))
    assert calculation.values == pytest.approx(expected[0].tolist(), abs=1e-9)
    assert_equations_hold(calculation, 3 * count)
    shown = re.search(r"row is \(?([^();]+)", calculation.result)
    assert shown and [float(x) for x in shown.group(1).split(", ")] == pytest.approx(expected[0].tolist(), abs=0.000501)


def test_an_even_count_of_another_form_is_scores_and_values() -> None:
    calculation = of("attention", 2, 1, 10, 20)
    weight = 1 / (1 + math.exp(-1))
    assert calculation.values == pytest.approx([weight * 10 + (1 - weight) * 20])
    assert calculation.steps[:2] == ("Taken as 2 scores: 2, 1", "  and values: 10, 20")
    assert_equations_hold(calculation)


def test_a_named_width_alone_tells_the_keys() -> None:
    numbers = (1, 0, 2, 1, 0, 1, 0, 1, 1, 1, 2, 3, 4, 5, 6)
    assert of("attention", *numbers, d_k=3).values == of("attention", *numbers, d=3, keys=2).values


# Losses


@FEW
@given(PROBABILITIES)
@example([1.0])
@example([1e-11])
def test_cross_entropy_agrees_with_torch_and_its_equations_hold(probabilities: list[float]) -> None:
    calculation = of("cross-entropy", *probabilities)
    given_ = torch.tensor(probabilities, dtype=torch.float64)
    nats = functional.binary_cross_entropy(given_, torch.ones_like(given_)).item()
    assert calculation.values == pytest.approx((nats, nats / math.log(2), math.exp(nats)), rel=1e-9, abs=1e-12)
    assert_equations_hold(calculation, len(probabilities) + 2)


@FEW
@given(PROBABILITIES.filter(lambda p: len(p) > 1))
def test_perplexity_of_probabilities_is_one_over_their_geometric_mean(probabilities: list[float]) -> None:
    calculation = of("perplexity", *probabilities)
    assert calculation.values[0] == pytest.approx(math.prod(p ** (-1 / len(probabilities)) for p in probabilities))
    assert_equations_hold(calculation, len(probabilities) + 2)


@FEW
@given(st.floats(0, 27))
def test_perplexity_of_a_loss_is_e_to_its_power(loss: float) -> None:
    calculation = of("perplexity", loss)
    assert calculation.values == pytest.approx((math.exp(loss), loss))
    assert_equations_hold(calculation)


def test_one_number_is_a_loss_unless_it_is_called_a_probability() -> None:
    assert of("perplexity", 0.5).values[0] == pytest.approx(math.exp(0.5))
    assert of("perplexity", p=0.5).values[0] == pytest.approx(2)
    assert of("perplexity", 2.1, 0.3).values[0] == pytest.approx(math.exp(1.2))
    assert of("cross-entropy", 0.25).result == (
        "The cross-entropy is 1.386 nats, or 2 bits: as uncertain as a choice among 4 equally likely tokens."
    )
    assert of("cross-entropy", 1).result == "The cross-entropy is 0 nats, or 0 bits: no uncertainty at all."


# Derivatives


EXPRESSIONS = (
    "(3x+1)^2", "x^2", "sin(x^2)", "1/(1+e^(-x))", "x*sin(x)", "sin(x)/x", "ln(x^2+1)", "sqrt(x)", "1/x", "2^x", "x^x",
    "3x^3-2x+7", "tanh(3x)", "sigmoid(2x-1)", "e^(sin(x^2))", "x/3", "(x^2+1)/(x-1)", "-x^2", "3/(2x)", "x^-2", "x^0.5",
    "exp(2x)^2", "sqrt(1+x^2)", "(x+1)(x-2)", "x^2·e^x", "5", "(2x)^3", "ln(ln(x+3))", "x**3", "x² + 2x", "pi x^2",
    "1/(3x+1)^2", "x*x*x", "(x+1)^x", "cos(x)^3", "x/(x/(x+1))", "e x", "log(x)/x^2", "-(-x)", "2^(x^2)", "x-x",
)  # fmt: skip
ORACLE_NAMES = {"ln": sympy.log, "e": sympy.E, "sigmoid": lambda x: 1 / (1 + sympy.exp(-x))}


def as_sympy(text: str) -> sympy.Expr:
    text = text.replace("·", "*").replace("²", "^2").replace("**", "^").replace("pi x", "pi*x").replace("e x", "e*x")
    text = re.sub(r"(?<=[\dx)])\s*(?=[a-z(])(?!\s*\*)", "*", text).replace("ex*p", "exp").replace("^", "**")
    text = re.sub(r"\b(x)\*(?=p)", r"\1", text)
    return sympy.sympify(text, locals=ORACLE_NAMES)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_derivative_agrees_with_sympy(expression: str) -> None:
    calculation = derivative(expression, 0.625, x=1.375)
    x = sympy.Symbol("x")
    expected = sympy.diff(as_sympy(expression), x)
    said = calculation.result.partition(" is ")[2].partition("; at")[0]
    assert calculation.steps[-2] == f"f'(x) = {said}" or len(said) > 60
    for point in (0.625, 1.375, 2.5):
        truth = float(expected.subs(x, point))
        assert value_at(parse(said.replace("·", "*")), point) == pytest.approx(truth), said
    assert derivative(f"{expression} at x = 1.375").values == pytest.approx([float(expected.subs(x, 1.375))])


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_rule_shown_holds_at_a_point(expression: str) -> None:
    def at(text: str, point: float = 0.625) -> float:
        return value_at(parse(text.replace("·", "*")), point)

    for line in unfolded(derivative(expression)):
        chain = re.fullmatch(r"  outer derivative · inner derivative: (.*) = (.*)", line)
        if chain:
            assert at(chain.group(1)) == pytest.approx(at(chain.group(2))), line
        plain = re.fullmatch(r"(?:The|Power rule: the) derivative of (.*) is (.*)\.", line)
        if plain:
            rise = at(plain.group(1), 0.625 + 1e-5) - at(plain.group(1), 0.625 - 1e-5)
            assert rise / 2e-5 == pytest.approx(at(plain.group(2)), rel=1e-6, abs=1e-8), line


LEAVES = st.sampled_from(["x", "2", "3", "0.5", "e", "(x+1)", "x^2"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"({p[0]}{p[1]}{p[2]})"),
        st.tuples(st.sampled_from(["sin", "cos", "exp", "sqrt", "tanh", "sigmoid", "ln"]), inner).map(
            lambda p: f"{p[0]}({p[1]})"
        ),
        st.tuples(inner, st.sampled_from(["2", "3", "(-1)", "0.5", "x"])).map(lambda p: f"({p[0]})^{p[1]}"),
        inner.map(lambda p: f"(-{p})"),
    ),
    max_leaves=5,
).filter(lambda text: len(text) <= 60)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TREES)
def test_a_derivative_agrees_with_autograd_and_prints_what_reads_back(expression: str) -> None:
    x = torch.tensor(0.8125, dtype=torch.float64, requires_grad=True)
    names = {name: getattr(torch, name) for name in ("sin", "cos", "exp", "sqrt", "tanh", "sigmoid")}
    constants = {"e": torch.tensor(math.e, dtype=torch.float64), "ln": torch.log, "x": x}
    code = re.sub(r"(?<![\d.a-z^])(\d+(?:\.\d+)?)", r"(0*x+\1)", expression).replace("^", "**")
    height = eval(code, {**names, **constants}) + 0 * x
    height.backward()
    assert x.grad is not None
    truth = x.grad.item()
    assume(math.isfinite(truth) and abs(truth) < 1e9 and math.isfinite(height.item()) and abs(height.item()) < 1e9)
    try:
        calculation = derivative(f"{expression} at 0.8125")
    except LearnerError as error:
        assert str(error) in (TOO_LONG, DIVIDES_BY_ZERO, POWER_OF_ZERO)
        return
    said = calculation.result.partition(" is ")[2].partition("; at")[0]
    assert calculation.values == pytest.approx([truth], rel=1e-6, abs=1e-9)
    assert value_at(parse(said.replace("·", "*")), 0.8125) == pytest.approx(truth, rel=1e-6, abs=1e-9), said


TOO_LONG = "that derivative is too long to follow by eye; try a shorter expression"
POWER_OF_ZERO = "0 to a power with a variable has no derivative to show; try another base"
DIVIDES_BY_ZERO = "that expression divides by 0, so it has no derivative"


def test_the_chain_rule_is_shown_as_outer_and_inner() -> None:
    assert derivative("(3x+1)^2", 3, 1, 2, x=2) == Calculation(
        "The derivative of (3x+1)^2 is 6(3x + 1); at x = 2 it is 42.",
        (
            "f(x) = (3x+1)^2",
            "Chain rule on (3x + 1)^2:",
            "  outer: u^2, derivative 2u",
            "  inner: u = 3x + 1, derivative 3",
            "  outer derivative · inner derivative: 2(3x + 1) · 3 = 6(3x + 1)",
            "f'(x) = 6(3x + 1)",
            "At x = 2: f = 49, and the slope f' = 42.",
        ),
        (42.0,),
    )


def test_the_numbers_of_the_expression_are_not_the_point() -> None:
    slots = {"expression": "x^2"}
    assert work_out("derivative", (2,), {"x": 2}, slots).values == ()
    assert work_out("derivative", (2, 2), {"x": 2}, slots).values == (4,)
    assert work_out("derivative", (2, 5), {}, slots).values == (10,)
    assert work_out("derivative", (), {"x": 3}, slots).values == (6,)
    assert work_out("derivative", (2, -3), {"x": -3}, slots).values == (-6,)


@pytest.mark.parametrize("expression", ["f(x) = t^2", "y = t^2", "d/dt t^2", "T**2?", "t²"])
def test_any_letter_may_be_the_variable(expression: str) -> None:
    assert derivative(expression).steps[-1] == "f'(t) = 2t"


@pytest.mark.parametrize("expression", ["^".join("x" * 30), "9^9^9^9^9^9", "(" * 30 + "x" + ")" * 29, "x" * 60])
def test_hostile_expressions_end_at_once(expression: str) -> None:
    try:
        derivative(expression)
    except LearnerError as error:
        assert "\n" not in str(error)


# Descent, positions


@FEW
@given(VECTOR_NUMBERS, VECTOR_NUMBERS, st.floats(0.0001, 2).map(lambda x: round(x, 4)))
@example(2, 6, 0.1)
def test_a_descent_step_agrees_with_torch_and_its_equations_hold(weight: float, gradient: float, rate: float) -> None:
    start, slope = torch.tensor([weight, gradient], dtype=torch.float64)
    stepped = torch.sub(start, slope, alpha=rate)  # what SGD does; torch.optim takes seconds to import
    for calculation in (
        of("descent", weight, gradient, rate),
        of("descent", lr=rate, w=weight, gradient=gradient),
        of("descent", weight, gradient, learning_rate=rate),
    ):
        assert calculation.values == pytest.approx([stepped.item()], abs=1e-9)
        assert_equations_hold(calculation, 2)


@FEW
@given(st.integers(0, 10_000), st.integers(1, 300).map(lambda half: 2 * half))
def test_positions_agree_with_numpy_and_their_equations_hold(position: int, d_model: int) -> None:
    pairs = numpy.arange(0, d_model, 2)
    angles = position / 10_000 ** (pairs / d_model)
    expected = numpy.stack([numpy.sin(angles), numpy.cos(angles)], 1).ravel()[:8]
    calculation = of("positions", position=position, d_model=d_model)
    assert calculation.values == pytest.approx(expected, abs=1e-9)
    assert calculation.values == of("positions", position, d_model).values
    assert_equations_hold(calculation, 3)


def test_a_position_alone_is_shown_in_four_dimensions() -> None:
    calculation = of("positions", 3)
    assert calculation.result == "At position 3, the vector is 0.1411, -0.9900, 0.0300, 0.9996."
    assert calculation.steps[0] == "No d_model was given; 4 is taken."


# Sizes


def parameters_of(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameters_agree_with_modules_of_torch() -> None:
    with torch.device("meta"):
        linear = parameters_of(nn.Linear(48, 96))
        attention = parameters_of(nn.MultiheadAttention(48, 4))
        block = parameters_of(nn.TransformerEncoderLayer(48, 4, 96))
        default = parameters_of(nn.TransformerEncoderLayer(48, 4, 4 * 48))
    for calculation in (of("parameters", 48, 96), of("parameters", out=96, **{"in": 48}), of("parameters", 48, out=96)):
        assert calculation.values == (linear,)
        assert_equations_hold(calculation, 2)
    assert of("parameters", d_model=48, slots={"part": "attention layer"}).values == (attention,)
    assert of("parameters", width=48, d_ff=96).values == (block,)
    assert of("parameters", 48).values == (default,)
    assert_equations_hold(of("parameters", 48), 5)


def test_gpt_2_has_124_439_808_parameters() -> None:
    calculation = of("parameters", layers=12, d_model=768, vocab=50257, context=1024)
    assert calculation.values == (124_439_808,)
    assert (
        calculation.result == "A model with 12 layers and d_model 768 has 124,439,808 parameters, about 124.4 million."
    )
    assert_equations_hold(calculation, 9)


def test_parameters_say_what_is_left_out() -> None:
    assert "No vocab was given, so the embedding is not counted." in of("parameters", layers=6, d_model=512).steps
    assert of("parameters", vocab=1000, d_model=8).values == (8000,)


def test_shapes_agree_with_attention_of_torch() -> None:
    batch, tokens, d_model, heads = 2, 3, 20, 5
    layer, x = nn.MultiheadAttention(d_model, heads, batch_first=True), torch.zeros(batch, tokens, d_model)
    output, weights = layer(x, x, x, average_attn_weights=False)
    for calculation in (
        of("shapes", batch, tokens, d_model, heads),
        of("shapes", batch=batch, tokens=tokens, d_model=d_model, heads=heads),
        of("shapes", batch, tokens, d_model, heads=heads),
    ):
        assert f"weights after softmax     {tuple(weights.shape)}" in calculation.steps
        assert f"heads side by side        {tuple(output.shape)}" in calculation.steps
        assert calculation.values == (layer.head_dim, weights.numel())
        assert_equations_hold(calculation)


def test_shapes_say_their_defaults() -> None:
    assert of("shapes", 128).steps[:4] == (
        "batch was not given; 1 is taken.",
        "d_model was not given; 512 is taken.",
        "heads was not given; 8 is taken.",
        "d_head = d_model / heads = 512 / 8 = 64",
    )


def test_a_cache_takes_the_bytes_its_tensors_take() -> None:
    layers, kv_heads, d_head, tokens, batch = 3, 2, 5, 7, 11
    held = sum(
        torch.zeros(batch, kv_heads, tokens, d_head, dtype=torch.float16).nbytes for _ in range(layers) for _ in "kv"
    )
    for calculation in (
        of("cache", layers=layers, kv_heads=kv_heads, d_head=d_head, tokens=tokens, batch=batch),
        of("cache", layers, kv_heads, d_head, tokens, batch),
        of("cache", layers=layers, heads=kv_heads, d_model=kv_heads * d_head, context=tokens, batch=batch),
    ):
        assert calculation.values == (held,)
        assert_equations_hold(calculation, 3)
    assert of("cache", 32, 8, 128, 8192, bytes=0.5).values == (268_435_456,)
    assert of("cache", 32, 8, 128, 8192).result == "The KV cache takes about 1.07 GB."


# Byte pairs


@FEW
@given(st.lists(st.text("abc", min_size=1, max_size=8), min_size=1, max_size=5))
def test_every_merge_takes_a_most_frequent_pair_and_keeps_the_words(words: list[str]) -> None:
    calculation = of("bpe", slots={"word": " ".join(words)})
    steps = [line.strip() for line in unfolded(calculation)]
    before = [list(word) for word in words]
    for at, line in enumerate(steps):
        merge = re.match(r"Merge \d: (\w+) \+ (\w+) → (\w+), (once|twice|\d+ times)", line)
        if merge:
            counts = Counter(pair for word in before for pair in pairwise(word))
            pair = (merge.group(1), merge.group(2))
            best = max(counts.values())
            assert pair == next(pair for pair, count in counts.items() if count == best)
            assert merge.group(4) == {1: "once", 2: "twice"}.get(best, f"{best} times")
            before = [word.split() for word in steps[at + 1].split(" | ")]
            assert ["".join(word) for word in before] == words
    assert calculation.values == (sum(map(len, words)), sum(map(len, before)))


def test_pairs_are_merged_step_by_step() -> None:
    calculation = of("bpe", slots={"word": "low, lower, lowest"})
    assert calculation.result == (
        "After 5 merges low, lower, lowest are 4 pieces instead of 14 letters: low | lower | lowes t."
    )
    assert calculation.steps[:6] == (
        "Start from letters:",
        "  l o w | l o w e r | l o w e s t",
        "Merge 1: l + o → lo, 3 times (1 other as often; the first is taken)",
        "  lo w | lo w e r | lo w e s t",
        "Merge 2: lo + w → low, 3 times",
        "  low | low e r | low e s t",
    )
    assert of("bpe", slots={"word": "lowest"}, merges=1).values == (6, 5)


# What cannot be done


EXPRESSION_HELP = "digits, one letter, + - * / ^ ( ) and sin, cos, exp, ln, sqrt, tanh, sigmoid"
MISFITS: list[tuple[str, tuple[float, ...], dict[str, float], dict[str, str], str]] = [
    ("sofmax", (), {}, {}, f"I cannot work out 'sofmax'; I can work out {', '.join(KINDS)}"),
    ("softmax", (1,), {}, {}, "softmax needs at least two scores, as in: softmax of 2, 1, 0.1"),
    ("softmax", (1, 0.5), {"temperature": 0.5}, {}, "softmax needs at least two scores, as in: softmax of 2, 1, 0.1"),
    ("softmax", (1, 2, 0), {"t": 0}, {},
     "a temperature lies between 0.001 and 1000: got 0; as in: softmax of 2, 1, 0.1 at temperature 0.5"),
    ("softmax", (1,) * 65, {}, {}, "that is 65 numbers, and I work through at most 64; leave some out"),
    ("softmax", (1, 2e6), {}, {},
     "2e+06 is too large to work through here; I take numbers from -1,000,000 to 1,000,000"),
    ("softmax", (1, math.nan), {}, {}, "I can only work with finite numbers: got nan"),
    ("softmax", (1, math.inf), {}, {}, "I can only work with finite numbers: got inf"),
    ("softmax", (1, 1e-12), {}, {}, "1e-12 is too close to 0 to be shown in digits; write 0 for it"),
    ("dot", (1, 2, 3), {}, {}, "a dot product needs two vectors of the same length: got 3 numbers in all, "
     "as in: dot product of (1, 2) and (3, 4)"),
    ("dot", (1,), {}, {}, "a dot product needs two vectors of the same length: got 1 number in all, "
     "as in: dot product of (1, 2) and (3, 4)"),
    ("attention", (1, 2, 3), {}, {}, "one row of attention needs a query, then the keys, then as many values: "
     "got 3 numbers, which do not divide that way; "
     "as in: attention with q (1, 0), keys (1, 0) and (0, 1), values (1, 2) and (3, 4)"),
    ("attention", (1, 2, 3, 4, 3), {"d": 3}, {}, "with d 3, a query, n keys and n values are 3 × (1 + 2n) numbers: "
     "got 4; as in: attention with q (1, 0), keys (1, 0) and (0, 1), values (1, 2) and (3, 4)"),
    ("cross-entropy", (), {}, {}, "cross-entropy needs the probability given to the right token, "
     "as in: cross-entropy of probability 0.25"),
    ("cross-entropy", (0,), {}, {}, "a probability of 0 makes the loss infinite; give one above 0, as in: 0.01"),
    ("cross-entropy", (1.5,), {}, {}, "a probability lies above 0 and at most at 1: got 1.5"),
    ("cross-entropy", (1e-20,), {}, {}, "1e-20 is too close to 0; give a probability of at least 0.00000000001"),
    ("perplexity", (), {}, {}, "perplexity needs a loss in nats or several probabilities, "
     "as in: perplexity of loss 2.3, or: perplexity of 0.5, 0.25, 0.1"),
    ("perplexity", (30,), {}, {}, "a loss in nats lies between 0 and 27 here: got 30"),
    ("perplexity", (-1,), {}, {}, "a loss in nats lies between 0 and 27 here: got -1"),
    ("derivative", (), {}, {}, "a derivative needs an expression, as in: derivative of (3x+1)^2"),
    ("derivative", (), {}, {"expression": "x+" * 40},
     "that expression is 80 characters long, and I take at most 60; shorten it"),
    ("derivative", (), {}, {"expression": "x; y"},
     f"I cannot read ';' in an expression; it may hold {EXPRESSION_HELP}"),
    ("derivative", (), {}, {"expression": "__import__"},
     f"I cannot read '_' in an expression; it may hold {EXPRESSION_HELP}"),
    ("derivative", (), {}, {"expression": "x +"}, "I cannot follow 'x +' at its end; as in: derivative of (3x+1)^2"),
    ("derivative", (), {}, {"expression": "(x+1"}, "I cannot follow '(x+1' at its end; as in: derivative of (3x+1)^2"),
    ("derivative", (), {}, {"expression": "x+1)"}, "I cannot follow 'x+1)' at ')'; as in: derivative of (3x+1)^2"),
    ("derivative", (), {}, {"expression": "x + ."}, "I cannot follow 'x +' at its end; as in: derivative of (3x+1)^2"),
    ("derivative", (), {}, {"expression": "x . 2"}, "I cannot follow 'x . 2' at '. 2'; as in: derivative of (3x+1)^2"),
    ("derivative", (), {}, {"expression": "sin x"}, "sin needs brackets, as in: sin(x)"),
    ("derivative", (), {}, {"expression": "x y"},
     "I differentiate by one variable: this has x and y; put numbers for all but one"),
    ("derivative", (), {}, {"expression": "1234567x"}, "1234567 is too long a number for an expression; "
     "I take at most 12 characters, up to 1,000,000"),
    ("derivative", (), {}, {"expression": "1/0"}, DIVIDES_BY_ZERO),
    ("derivative", (), {}, {"expression": "0^x"}, POWER_OF_ZERO),
    ("derivative", (), {}, {"expression": "^".join("x" * 30)}, TOO_LONG),
    ("derivative", (-1,), {"x": -1}, {"expression": "ln(x)"},
     "that expression has no value I can show at x = -1; try another point"),
    ("derivative", (), {}, {"expression": f"x at {'9' * 400}"},
     "x = inf is too far out; take a point from -1,000,000 to 1,000,000"),
    ("derivative", (0,), {"x": 0}, {"expression": "x/x"},
     "that expression has no value I can show at x = 0; try another point"),
    ("derivative", (0,), {"x": 0}, {"expression": "sqrt(x)"},
     "that expression has no slope I can show at x = 0; try another point"),
    ("descent", (2,), {}, {}, "a step of gradient descent still needs a gradient and a learning rate, "
     "as in: gradient descent from w 2 with gradient 6 and lr 0.1"),
    ("descent", (2, 6, 0.1, 5), {}, {}, "a step of gradient descent takes one weight, one gradient and one learning "
     "rate: got 1 more; as in: gradient descent from w 2 with gradient 6 and lr 0.1"),
    ("descent", (2, 6, -1), {}, {}, "a learning rate lies above 0: got -1; "
     "as in: gradient descent from w 2 with gradient 6 and lr 0.1"),
    ("positions", (), {}, {}, "a positional encoding needs a position, as in: positional encoding of position 3 with "
     "d_model 4"),
    ("positions", (1.5,), {}, {}, "a position must be a whole number from 0 on: got 1.5"),
    ("positions", (3, 5), {}, {}, "d_model must be even, since sines and cosines come in pairs: got 5; "
     "as in: positional encoding of position 3 with d_model 4"),
    ("parameters", (), {}, {}, "to count parameters I need sizes, at least d_model, as in: "
     "parameters of a linear layer 512 by 2048, or: parameters of a model with d_model 512, layers 6, vocab 32000"),
    ("parameters", (512,), {"in": 512}, {}, "a linear layer needs in and out: 'out' is missing; as in: "
     "parameters of a linear layer 512 by 2048, or: parameters of a model with d_model 512, layers 6, vocab 32000"),
    ("parameters", (0.5, 2), {}, {}, "the number of inputs must be a whole number from 1 on: got 0.5"),
    ("parameters", (1e6, 1e6), {}, {}, "that comes to more than 1,000,000,000,000; try smaller numbers"),
    ("parameters", (10, 3), {"d_model": 10, "heads": 3}, {},
     "d_model must divide evenly into heads: got d_model 10, heads 3"),
    ("shapes", (10, 3), {"d_model": 10, "heads": 3}, {},
     "d_model must divide evenly into heads: got d_model 10, heads 3"),
    ("shapes", (1, 2, 3, 4, 5), {}, {}, "attention shapes take batch, tokens, d_model and heads: got 1 more; "
     "as in: shapes for batch 8, tokens 128, d_model 512, heads 8"),
    ("shapes", (0,), {"tokens": 0}, {}, "tokens must be a whole number from 1 on: got 0"),
    ("shapes", (1e6,), {"tokens": 1e6}, {}, "that comes to more than 1,000,000,000,000; try smaller numbers"),
    ("cache", (32,), {"layers": 32}, {}, "the KV cache still needs kv_heads and d_head and tokens, "
     "as in: KV cache for layers 32, kv_heads 8, d_head 128, tokens 8192"),
    ("cache", (1, 1, 1, 1, 3), {"bytes": 3}, {}, "a number takes 0.5, 1, 2, 4 or 8 bytes: got 3"),
    ("cache", (10, 3), {"d_model": 10, "heads": 3}, {},
     "d_model must divide evenly into heads: got d_model 10, heads 3"),
    ("bpe", (), {}, {}, "byte-pair encoding needs a word, as in: byte-pair encoding of low, lower, lowest"),
    ("bpe", (), {}, {"word": "a" * 61},
     "that is more than 60 letters; give fewer words, as in: byte-pair encoding of low, lower, lowest"),
    ("bpe", (), {}, {"word": "a\x00b"},
     "byte-pair encoding needs words of letters, as in: byte-pair encoding of low, lower, lowest"),
    ("bpe", (0,), {"merges": 0}, {"word": "low"}, "merges must be a whole number from 1 on: got 0"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "numbers", "named", "slots", "message"), MISFITS)
def test_what_cannot_be_done_is_said_in_one_line(
    kind: str, numbers: tuple[float, ...], named: dict[str, float], slots: dict[str, str], message: str
) -> None:
    with pytest.raises(LearnerError) as caught:
        work_out(kind, numbers, named, slots)
    assert str(caught.value) == message


NAMES = "d_model heads layers temperature t vocab tokens batch x w lr gradient d keys in out bytes position p".split()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(st.floats(-1e6, 1e6) | st.integers(0, 20).map(float), max_size=12),
    st.dictionaries(st.sampled_from(NAMES), st.floats(-1e6, 1e6) | st.integers(0, 64).map(float), max_size=4),
    st.sampled_from([{}, {"expression": "sin(x)/x^2"}, {"word": "banana bandana"}, {"temperature": "temperature 2"}]),
)
def test_any_turn_gives_a_calculation_or_one_line(
    kind: str, numbers: list[float], named: dict[str, float], slots: dict[str, str]
) -> None:
    try:
        calculation = of(kind, *numbers, slots=slots, **named)
    except LearnerError as error:
        assert "\n" not in str(error)
    else:
        assert all(map(math.isfinite, calculation.values))
        if kind not in ("derivative", "bpe"):
            assert_equations_hold(calculation, 0)


def test_the_kinds_are_these() -> None:
    assert (
        list(KINDS)
        == (
            "softmax dot attention cross-entropy perplexity derivative descent positions parameters shapes cache bpe"
        ).split()
    )


# --- numbers that stand together ------------------------------------------------------------------------------


def test_numbers_outside_the_list_are_no_scores() -> None:
    grouped = work_out("softmax", (2, 1, 0, 100), {}, {}, (("", (2, 1, 0)),))
    assert grouped.values == of("softmax", 2, 1, 0).values


def test_what_stands_behind_two_vectors_is_none_of_their_numbers() -> None:
    grouped = work_out("dot", (1, 2, 3, 4, 5, 6, 30), {}, {}, (("", (1, 2, 3)), ("", (4, 5, 6))))
    assert grouped.values == of("dot", 1, 2, 3, 4, 5, 6).values


def test_a_named_key_is_never_taken_for_a_value() -> None:
    named = (("q", (1.0, 0.0)), ("keys", (1.0, 0.0)), ("keys", (0.0, 2.0)))
    shares = work_out("attention", (1, 0, 1, 0, 0, 2, 2), {"d_k": 2}, {}, named)
    assert shares.values == pytest.approx(functional.softmax(torch.tensor([1 / math.sqrt(2), 0.0]), 0).tolist())
    values = (("v", (1.0, 2.0)), ("v", (3.0, 4.0)))
    mixed = work_out("attention", (), {}, {}, (*named, *values))
    assert mixed.values == of("attention", 1, 0, 1, 0, 0, 2, 1, 2, 3, 4).values
    single = work_out("attention", (), {}, {}, (*named, ("values", (10.0, 20.0))))
    first, second = shares.values
    assert single.values == pytest.approx([10 * first + 20 * second])


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ((("q", (1, 0)), ("k", (1,))), r"a key is as long as the query: got 1 for q"),
        ((("q", (1, 0)), ("k", (1, 0)), ("v", (1,)), ("v", (2,))), "each key has a value.*got 1 key and 2 values"),
    ],
)
def test_vectors_that_do_not_fit_are_named(groups: tuple[tuple[str, tuple[float, ...]], ...], said: str) -> None:
    with pytest.raises(LearnerError, match=said):
        work_out("attention", (), {}, {}, groups)


def test_a_cache_of_a_width_alone_is_that_of_all_heads_together() -> None:
    alone = of("cache", layers=32, hidden=4096, tokens=2048)
    assert alone.values == of("cache", layers=32, kv_heads=32, d_head=128, tokens=2048).values
