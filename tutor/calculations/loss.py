"""Cross-entropy is −ln of the probability given to what came; perplexity is e to the power of its mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from tutor.calculations.asked import LOSS, PROBABILITY, Asked
from tutor.calculations.calculation import Calculation, worked
from tutor.calculations.digits import addition, agrees, enough_digits, equals, exact, rounded, stripped, text, total
from tutor.errors import LearnerError

RESULT_PLACES = 3
LARGEST_LOSS = 27
"""e^27 is about 5 × 10¹¹: beyond it no vocabulary is as large."""


def work_out_cross_entropy(asked: Asked) -> Calculation:
    """Probabilities given to what came: the loss in nats and bits, and e to its power.

    The values are nats, bits and perplexity.
    """
    probabilities = asked.numbers
    if not probabilities:
        raise LearnerError(
            "cross-entropy needs the probability given to the right token, as in: cross-entropy of probability 0.25"
        )
    _check_probabilities(probabilities)
    nats = max(0.0, -math.fsum(map(math.log, probabilities)) / len(probabilities))
    bits, perplexity = nats / math.log(2), math.exp(nats)

    def attempt(working: int) -> tuple[tuple[list[str], list[Decimal]], bool]:
        lines, loss = _mean_loss(probabilities, working)
        two = rounded(Decimal(2).ln(), working)
        in_bits = rounded(loss / two, RESULT_PLACES)
        lines.append(
            f"In bits, divided by ln 2 ≈ {text(two)}: {text(loss)} / {text(two)} {equals(loss / two, in_bits)}"
        )
        lines.append(f"e to that power: {_power_text(loss, perplexity)}")
        shown = [rounded(loss, RESULT_PLACES), in_bits, _power(loss, perplexity)]
        truth = [(nats, RESULT_PLACES), (bits, RESULT_PLACES), (perplexity, _power_places(perplexity))]
        return (lines, shown), all(agrees(digits, *pair) for digits, pair in zip(shown, truth, strict=True))

    lines, (in_nats, in_bits, choices) = enough_digits(attempt)
    subject = "The cross-entropy" if len(probabilities) == 1 else "The mean cross-entropy"
    return worked(
        f"{subject} is {_said(in_nats)} nats, or {_said(in_bits)} bits: {_uncertain(choices)}.",
        lines,
        (nats, bits, perplexity),
    )


def work_out_perplexity(asked: Asked) -> Calculation:
    """One loss in nats, or several probabilities (losses where one is above 1): e to the power of the mean loss.

    The values are the perplexity and the mean loss in nats.
    """
    numbers = asked.numbers
    if not numbers:
        raise LearnerError(
            "perplexity needs a loss in nats or several probabilities, "
            "as in: perplexity of loss 2.3, or: perplexity of 0.5, 0.25, 0.1"
        )
    if asked.get(LOSS) is not None:
        losses = True
    elif asked.get(PROBABILITY) is not None:
        losses = False
    else:
        losses = len(numbers) == 1 or max(numbers) > 1
    if losses:
        _check_losses(numbers)
        nats = math.fsum(numbers) / len(numbers)
    else:
        _check_probabilities(numbers)
        nats = max(0.0, -math.fsum(map(math.log, numbers)) / len(numbers))
    perplexity = math.exp(nats)

    def attempt(working: int) -> tuple[tuple[list[str], Decimal], bool]:
        lines, loss = _mean_of_losses(numbers, working) if losses else _mean_loss(numbers, working)
        lines.append(f"e to that power: {_power_text(loss, perplexity)}")
        shown = _power(loss, perplexity)
        return (lines, shown), agrees(shown, perplexity, _power_places(perplexity))

    lines, shown = enough_digits(attempt)
    return worked(
        f"The perplexity is {_said(shown)}: {_uncertain(shown)}.",
        lines,
        (perplexity, nats),
    )


def _mean_loss(probabilities: Sequence[float], working: int) -> tuple[list[str], Decimal]:
    given = [exact(probability) for probability in probabilities]
    losses = [rounded(-probability.ln(), working) for probability in given]
    lines = [
        f"−ln {_short(number, p)} {equals(-p.ln(), loss)} nats"
        for number, p, loss in zip(probabilities, given, losses, strict=True)
    ]
    return _mean(lines, losses, working)


def _mean_of_losses(numbers: Sequence[float], working: int) -> tuple[list[str], Decimal]:
    losses = [rounded(exact(number), 12) for number in numbers]
    if len(losses) == 1:
        return [f"The loss is {text(losses[0])} nats."], losses[0]
    return _mean(["These are taken for losses in nats."], losses, working)


def _mean(lines: list[str], losses: Sequence[Decimal], working: int) -> tuple[list[str], Decimal]:
    if len(losses) == 1:
        return lines, losses[0]
    summed, count = total(losses), len(losses)
    mean = rounded(summed / count, working)
    lines.append(f"Their sum: {addition(losses)} = {text(summed)}")
    lines.append(f"Their mean: {text(summed)} / {count} {equals(summed / count, mean)} nats")
    return lines, mean


def _short(number: float, digits: Decimal) -> str:
    return text(digits) if len(text(digits)) <= 20 else repr(float(number))


def _said(number: Decimal) -> str:
    return format(stripped(number), ",f")


def _uncertain(choices: Decimal) -> str:
    if choices == 1:
        return "almost no uncertainty" if "." in text(choices) else "no uncertainty at all"
    return f"as uncertain as a choice among {_said(choices)} equally likely tokens"


def _power_places(perplexity: float) -> int:
    return max(0, RESULT_PLACES - max(0, math.floor(math.log10(perplexity))))


def _power(loss: Decimal, perplexity: float) -> Decimal:
    return rounded(loss.exp(), _power_places(perplexity))


def _power_text(loss: Decimal, perplexity: float) -> str:
    return f"e^{text(loss)} {equals(loss.exp(), _power(loss, perplexity))}"


def _check_probabilities(numbers: Sequence[float]) -> None:
    for number in numbers:
        if number == 0:
            raise LearnerError("a probability of 0 makes the loss infinite; give one above 0, as in: 0.01")
        if not 0 < number <= 1:
            raise LearnerError(f"a probability lies above 0 and at most at 1: got {number:g}")
        if number < 1e-11:
            raise LearnerError(f"{number:g} is too close to 0; give a probability of at least 0.00000000001")


def _check_losses(numbers: Sequence[float]) -> None:
    for number in numbers:
        if not 0 <= number <= LARGEST_LOSS:
            raise LearnerError(f"a loss in nats lies between 0 and {LARGEST_LOSS} here: got {number:g}")
