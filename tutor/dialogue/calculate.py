"""A calculation on the learner's own numbers, with its steps."""

from __future__ import annotations

from tutor.curriculum.tree import Library
from tutor.dialogue import offers
from tutor.dialogue.question import question
from tutor.dialogue.types import Plan, State, Status
from tutor.errors import LearnerError
from tutor.understanding.intent import CALCULATIONS, Intent

CERTAIN = 0.8
"""Probability from which a sum that cannot be worked out is told so; below, the turn is answered as a question."""
ABOUT = {
    "calc.softmax": "softmax.how",
    "calc.dot": "dot-product.how",
    "calc.attention": "attention.example",
    "calc.cross-entropy": "loss.how",
    "calc.perplexity": "evaluation.what.perplexity",
    "calc.derivative": "chain-rule.how",
    "calc.descent": "gradient-descent.how",
    "calc.positions": "positional-encoding.how",
    "calc.parameters": "weights.how",
    "calc.shapes": "attention.math",
    "calc.cache": "kv-cache.math",
    "calc.bpe": "tokenization.how",
}
"""Calculation -> the node that explains it."""


def calculate(library: Library, intent: Intent, state: State) -> Plan:
    """Work it out; where a number is missing, say which."""
    name = next((entry.id for entry in intent.runs if entry.id in CALCULATIONS), "")
    if not name:
        return question(library, intent, state)
    slots = {slot.kind: slot.text for slot in reversed(intent.slots)}
    node = library.nodes.get(ABOUT[name])
    further = (offers.to_ask(node), *offers.after(library, state, node, see=False)) if node else ()
    from tutor.calculations import work_out

    try:
        done = work_out(name.removeprefix("calc."), intent.numbers, intent.named, slots)
    except LearnerError as error:
        answered = bool(intent.nodes) and intent.nodes[0].probability >= 0.5 and not intent.numbers
        if answered or intent.of_act("calculate") < CERTAIN:
            return question(library, intent, state)
        return Plan(Status.REFUSED, paragraphs=(str(error),), offers=offers.distinct(further))
    steps = "```\n" + "\n".join(done.steps)
    return Plan(Status.ANSWERED, telling=name, paragraphs=(done.result, steps), offers=offers.distinct(further))
