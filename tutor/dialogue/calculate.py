"""A calculation on the learner's own numbers, with its steps: asked for, or beside the answer to a question."""

from __future__ import annotations

from dataclasses import replace

from tutor.calculations.calculation import Calculation
from tutor.curriculum.tree import Library, Node
from tutor.dialogue import offers
from tutor.dialogue.case import case_of, with_case
from tutor.dialogue.question import ROOM, question
from tutor.dialogue.types import Plan, State, Status, Sum
from tutor.errors import LearnerError
from tutor.understanding.intent import CALCULATIONS, Intent

ANSWERS = 0.5
"""Probability of a node from which it is told below what is missing."""
CERTAIN = 0.8
"""Probability from which a sum that cannot be worked out is told so; below, the turn is answered as a question."""
SURELY = 0.95
"""Probability from which a calculation is meant whatever the act, where there are numbers."""
ORDERED = 0.6
"""Probability from which another run is asked for, and no number of the sum is to be changed."""
WITHOUT_SCALE = "scaling"
"""The experiment that leaves the division by √d out: said after an attention row, it is that row without."""
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

BELONGS = {
    "calc.softmax": ("softmax", "attention-weights", "logits"),
    "calc.dot": ("dot-product", "embedding-similarity", "vector", "attention-score"),
    "calc.cross-entropy": ("loss", "probability"),
    "calc.perplexity": ("evaluation", "loss", "language-model"),
    "calc.derivative": ("derivative", "chain-rule"),
    "calc.descent": ("gradient-descent", "optimizer", "training"),
    "calc.positions": ("positional-encoding",),
    "calc.parameters": ("weights", "feed-forward", "multi-head-attention", "weight-tying", "embedding", "transformer"),
    "calc.shapes": ("multi-head-attention", "query-key-value", "attention", "implementation"),
    "calc.cache": ("kv-cache", "attention-cost"),
    "calc.bpe": ("tokenization", "token"),
}
"""Calculation -> the concepts of the questions beside which it is worked out."""
MEANT = 0.3
"""Probability of a calculation from which the numbers in a question are its numbers, however few."""
FEW, MORE = 2, 3
"""How many words read as its numbers are enough, in a question for an example or a formula, and in others."""
OF_A_LIST = ("calc.softmax", "calc.dot")
"""What is worked out on any numbers of its subject: they need no names."""


def with_own_numbers(library: Library, intent: Intent, state: State) -> Plan:
    """The answer to a question; what its numbers come to stands first, by the node's own rule or its subject's."""
    plan = question(library, intent, state)
    if of_case := with_case(library, intent, plan, ROOM):
        return of_case
    done = _beside(intent, library.nodes.get(plan.node))
    if done is None or plan.telling != "say":
        return plan
    node = library.nodes[plan.node]
    paragraphs = (done.result, "```\n" + "\n".join(done.steps), f"*{node.ask}* {node.line}")
    run = next(entry.id for entry in intent.runs if node.concept in BELONGS.get(entry.id, ()))
    return replace(
        plan,
        telling="line",
        paragraphs=paragraphs,
        wanted=(),
        offers=(offers.to_ask(node), *plan.offers)[:3],
        sum=_sum(intent, run),
    )


def _beside(intent: Intent, node: Node | None) -> Calculation | None:
    from tutor.calculations import again, work_out

    run = next((entry for entry in intent.runs if node and node.concept in BELONGS.get(entry.id, ())), None)
    if not (run and node):
        return None
    slots = {slot.kind: slot.text for slot in reversed(intent.slots)}
    enough = FEW if node.facet in ("example", "math", "how") else MORE
    listed = run.id in OF_A_LIST and len(intent.texts("number")) >= enough
    named = again.belong(run.id.removeprefix("calc."), intent.named)
    if not intent.numbers or not (listed or named or run.probability >= MEANT):
        return None
    try:
        return work_out(run.id.removeprefix("calc."), intent.numbers, intent.named, slots, intent.vectors)
    except LearnerError:
        return None  # the numbers are about something else


def _sum(intent: Intent, name: str) -> Sum:
    slots = {slot.kind: slot.text for slot in reversed(intent.slots)}
    return Sum(name.removeprefix("calc."), intent.numbers, dict(intent.named), slots, intent.vectors)


def once_more(library: Library, intent: Intent, state: State) -> Plan | None:
    """The last calculation with what this turn says in place of what it had; None where the turn is about else."""
    last = state.sum or _taken_up(library, intent, state)
    if last is None or not intent.runs:
        return None
    from tutor.calculations import again, asked

    unscaled = last.kind == "attention" and intent.runs[0].id == WITHOUT_SCALE
    named = again.belong(last.kind, intent.named)
    leans = intent.runs[0].id in ("same", f"calc.{last.kind}") and bool(intent.numbers)
    ours = ("same", WITHOUT_SCALE, f"calc.{last.kind}")
    if intent.runs[0].id not in ours and intent.act == "request" and intent.runs[0].probability >= ORDERED:
        return None  # "turn off head 4 of layer 3" has numbers of its own
    other = intent.act == "calculate" and intent.runs[0].id != f"calc.{last.kind}"
    whole = intent.act == "calculate" and len(intent.numbers) >= max(2, len(last.numbers))
    if other or whole or not (unscaled or named or leans):
        return None
    if foreign := again.foreign(last.kind, intent.named):
        line = f"The last calculation has no {foreign}; {again.known(last.kind)}"
        return Plan(Status.REFUSED, paragraphs=(line,), offers=state.offers, sum=last)
    old = asked.Asked(last.numbers, last.named, last.slots, last.vectors)
    slots = {slot.kind: slot.text for slot in intent.slots} | ({again.UNSCALED: "yes"} if unscaled else {})
    new = again.with_new(last.kind, old, asked.Asked(intent.numbers, intent.named, slots, intent.vectors))
    return _worked(library, state, Sum(last.kind, new.numbers, new.named, new.slots, new.vectors))


def _taken_up(library: Library, intent: Intent, state: State) -> Sum | None:
    """The last calculation, though other things came since, where what was found to answer the turn is its subject.

    The turn must name one of its quantities: 'back to the cache, but with 2 kv heads'.
    """
    last, node = state.last_sum, library.nodes.get(intent.node)
    if last is None or node is None or node.concept not in BELONGS.get(f"calc.{last.kind}", ()):
        return None
    from tutor.calculations import again

    few = len(intent.numbers) < len(last.numbers)
    return last if few and again.belong(last.kind, intent.named) else None


def _worked(library: Library, state: State, asked: Sum) -> Plan:
    """A calculation as a plan; what is missing in it is said."""
    from tutor.calculations import work_out

    name = f"calc.{asked.kind}"
    node = library.nodes.get(ABOUT[name])
    further = (offers.to_ask(node), *offers.after(library, state, node, see=False)) if node else ()
    try:
        done = work_out(asked.kind, asked.numbers, asked.named, asked.slots, asked.vectors)
    except LearnerError as error:
        return Plan(Status.REFUSED, paragraphs=(str(error),), offers=offers.distinct(further))
    steps = "```\n" + "\n".join(done.steps)
    return Plan(
        Status.ANSWERED, telling=name, paragraphs=(done.result, steps), offers=offers.distinct(further), sum=asked
    )


def calculate(library: Library, intent: Intent, state: State) -> Plan:
    """Work it out; where a number is missing, say which."""
    name = next((entry.id for entry in intent.runs if entry.id in CALCULATIONS), "")
    best = intent.nodes[0] if intent.nodes else None
    by_rule = best and best.probability >= ANSWERS and case_of(library.nodes.get(best.id), intent)
    if not name or by_rule:
        return with_own_numbers(library, intent, state)
    plan = _worked(library, state, _sum(intent, name))
    if plan.status is Status.REFUSED:
        answered = bool(intent.nodes) and intent.nodes[0].probability >= ANSWERS and not intent.numbers
        sure = intent.of_act("calculate") >= CERTAIN or (bool(intent.numbers) and intent.of_run(name) >= SURELY)
        if answered or not sure:
            return with_own_numbers(library, intent, state)
        if intent.nodes and intent.nodes[0].probability >= ANSWERS:
            told = question(library, intent, state)
            return replace(told, paragraphs=(*plan.paragraphs, *told.paragraphs))
    return plan
