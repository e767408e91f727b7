"""One query's way through one head, as numbered steps with the numbers in them."""

from __future__ import annotations

from rich.cells import cell_len

from tutor.experiments.attention_steps import AttentionSteps
from tutor.views.base import Column, Page, view
from tutor.views.brief import others, shortened
from tutor.views.numbers import general, number, percent
from tutor.views.page import NARROW
from tutor.views.places import options

_CELL = 8
_BRIEF_KEYS = 2
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th")


@view.register
def _(result: AttentionSteps, page: Page) -> None:
    query, key = result.query_word, result.key_word
    dimensions = max(2, min(6, (page.width - 2 - 7 - 2 - 3) // _CELL))
    if page.brief:
        _brief(result, page, dimensions - 1)
        return
    page.title(f"“{query}” through {result.where}")
    _step(page, 1, f"The query of “{query}” times the key of “{key}”, number by number ({result.d_head} in all)")
    _products(result, page, dimensions)
    page.say(f"Added up, all {result.d_head} products: {number(result.key_raw_score)} = the raw score q·k.", indent=2)
    _step(page, 2, f"The same with every key, and from score to share: what “{query}” looks at")
    shown = _key_table(result, page)
    page.note(f"÷√d: the score over √{result.d_head} = {general(result.sqrt_d_head, 4)}.", indent=2)
    if all(result.allowed):
        page.note("mask: nothing is forbidden here.", indent=2)
    else:
        page.note("mask: the keys after this one get -inf; e to that power is 0.", indent=2)
    page.note("e^: e to the power of (score minus the largest score).", indent=2)
    page.note(f"share: e^ over the sum of that column, {number(result.exponential_sum)}.", indent=2)

    _step(page, 3, "Each key's value, times its share, added up")
    _values(result, page, dimensions, shown)

    _step(page, 4, f"All heads side by side, times the output matrix: {result.d_model} numbers")
    page.say(f"{_vector(result.output, dimensions)} are added to the vector of “{query}”.", indent=2)


def _brief(result: AttentionSteps, page: Page, dimensions: int) -> None:
    """From the numbers of one query and one key to that key's share, and what it adds to the mixture."""
    product = f"query times the key of “{result.key_word}”"
    page.title(
        f"“{result.query_word}” through {result.where}: its {product}",
        f"“{result.query_word}”: its {product}",
        f"“{result.query_word}” × key of “{result.key_word}”",
    )
    _products(result, page, dimensions)
    row = shortened(result.weights, _BRIEF_KEYS, result.key_position)
    kept = sorted(zip(row.kept, row.shown, strict=False), key=lambda pair: pair[0] != result.key_position)
    told = [f"{_short(result.key_tokens[n], page, 12)} {share}" for n, share in kept]
    told += [f"{others(row.left)} {row.shown[-1]}"] if row.left else []
    score = f"{number(result.key_raw_score)} ÷ √{result.d_head} = {number(result.key_scaled_score)}"
    page.short(
        f"► {score}; softmax: {' · '.join(told)}.",
        f"► {score}; softmax: {told[0]}.",
        f"► {score}; softmax: {percent(result.weight)}.",
        style="view.mark",
    )
    page.short(_mixture(result, page), style="", indent=2)
    place = options(result.part, result.layer, result.head, word=result.query_token)
    page.rest_at("attention-steps", "all keys and all the steps", **place)


def _step(page: Page, ordinal: int, text: str) -> None:
    page.blank()
    page.say(f"{ordinal}. {text}", "view.strong")


def _products(result: AttentionSteps, page: Page, dimensions: int) -> None:
    rows = (
        (result.query_token, "q", result.query),
        (result.key_token, "k", result.keys[result.key_position]),
        ("", "q×k", result.products),
    )
    more = len(result.query) > dimensions
    columns = [Column("", [letter for _, letter, _ in rows], right=False, style="view.strong")]
    for n in range(min(dimensions, len(result.query))):
        columns.append(
            Column(_ORDINALS[n] if page.brief else f"{n + 1}", [number(row[n]).rjust(_CELL - 2) for _, _, row in rows])
        )
    if more:
        columns.append(Column("", ["…"] * 3))
    if page.brief:
        columns.append(Column(f"all {result.d_head}", ["", "", f"= {number(result.key_raw_score)}"]))
    page.table(columns)


def _key_table(result: AttentionSteps, page: Page) -> list[str]:
    """Score, power and share of each key; gives the shares as shown."""
    wide = page.width >= 72
    shown = [percent(weight) for weight in result.weights]

    def column(head: str, values: tuple[float, ...], places: int) -> Column:
        return Column(head, [number(value, places) for value in values])

    columns = [
        Column("key", [_short(token, page, 12 if wide else 9) for token in result.key_tokens], right=False),
        column("q·k", result.raw_scores, 2),
        column("÷√d", result.scaled_scores, 2),
    ]
    if not all(result.allowed):
        columns.append(column("mask", result.masked_scores, 2))
    columns.append(column("e^", result.exponentials, 3))
    columns.append(Column("share", shown))
    if page.width >= NARROW:
        columns.append(Column("", [page.bar(w, 16) for w in result.weights], right=False, style="view.bar"))
    page.table(columns, marked=result.key_position, gap=2 if page.width >= NARROW else 1)
    return shown


def _mixture(result: AttentionSteps, page: Page) -> str:
    """'60% × value(red) + 23% × value(book) + … = (0.31, -1.20, …)': the largest shares and the head's real output."""
    row = shortened(result.weights, _BRIEF_KEYS, result.key_position)
    kept = sorted((n for n in row.kept if result.weights[n]), key=lambda n: -result.weights[n])
    shares = dict(zip(row.kept, row.shown, strict=False))
    terms = [f"{shares[n]} × value({_short(result.key_tokens[n], page, 12)})" for n in kept]
    for most in range(len(terms), 0, -1):
        rest = ["…"] if sum(map(bool, result.weights)) > most else []
        mixture = " + ".join([*terms[:most], *rest]) + " = "
        for dimensions in range(min(6, len(result.head_output)), 1, -1):
            if cell_len(mixture + (found := _vector(result.head_output, dimensions))) <= page.width - 2:
                return mixture + found
    return f"the mixture = {_vector(result.head_output, 2)}"


def _values(result: AttentionSteps, page: Page, dimensions: int, shares: list[str]) -> None:
    """The heaviest keys by name, the others together, and their sum, which is the head's output."""
    order = sorted((n for n in range(len(result.weights)) if result.allowed[n]), key=lambda n: -result.weights[n])
    top = order[:3] if len(order) > 4 else order
    others = [n for n in order if n not in top]
    shown = min(dimensions, len(result.head_output))
    labels = [f"{shares[n]} of {_short(result.key_tokens[n], page, 9)}" for n in top]
    lines = [[result.weights[n] * result.values[n][d] for d in range(shown)] for n in top]
    if others:
        labels.append(f"the {len(others)} others")
        lines.append([sum(result.weights[n] * result.values[n][d] for n in others) for d in range(shown)])
    labels.append("= output")
    lines.append(list(result.head_output[:shown]))
    columns = [Column("share × value", labels, right=False)]
    columns += [Column(str(d + 1), [number(line[d]) for line in lines]) for d in range(shown)]
    room = page.width - 4 - 16
    columns = columns[: 1 + max(2, room // _CELL)]
    if len(result.head_output) > len(columns) - 1:
        columns.append(Column("", ["…"] * len(labels)))
    page.table(columns)


def _vector(values: tuple[float, ...], shown: int) -> str:
    head = ", ".join(number(value) for value in values[:shown])
    return f"({head}{', …' if len(values) > shown else ''})"


def _short(name: str, page: Page, width: int) -> str:
    return page.label(name, width).rstrip()


def demo() -> AttentionSteps:
    """Hand-made: four dimensions, four keys, the last two forbidden; every number follows from the first."""
    import math

    query = (1.2, -0.5, 0.3, 0.8)
    keys = ((0.4, 0.1, -0.2, 0.3), (1.5, -0.9, 0.2, 1.1), (0.2, 0.2, 0.2, 0.2), (-0.4, 0.8, 0.1, -0.6))
    values = ((0.1, 0.2, 0.3, 0.4), (-0.5, 0.6, 0.0, 1.0), (0.3, 0.3, 0.3, 0.3), (0.9, 0.1, 0.1, 0.9))
    raw = tuple(sum(q * k for q, k in zip(query, key, strict=True)) for key in keys)
    scaled = tuple(score / 2 for score in raw)
    allowed = (True, True, False, False)
    masked = tuple(score if ok else -math.inf for score, ok in zip(scaled, allowed, strict=True))
    exponentials = tuple(math.exp(score - max(masked)) for score in masked)
    weights = tuple(value / sum(exponentials) for value in exponentials)
    output = tuple(sum(w * value[d] for w, value in zip(weights, values, strict=True)) for d in range(4))
    tokens = ("‹start›", "Le", "chat", "dort")
    return AttentionSteps(
        part="decoder",
        layer=1,
        head=2,
        trace_path="decoder.blocks.0.attention",
        d_model=8,
        d_head=4,
        sqrt_d_head=2.0,
        query_tokens=tokens,
        key_tokens=tokens,
        query_position=1,
        query_token="Le",
        query_word="Le",
        input=(0.5, 0.1, -0.3, 0.2, 0.0, 0.4, -0.1, 0.7),
        query=query,
        keys=keys,
        values=values,
        raw_scores=raw,
        scaled_scores=scaled,
        masked_scores=masked,
        allowed=allowed,
        exponentials=exponentials,
        exponential_sum=sum(exponentials),
        weights=weights,
        head_output=output,
        output=(0.02, -0.31, 0.44, 0.1, -0.2, 0.05, 0.6, -0.7),
        key_position=1,
        key_token="Le",
        key_word="Le",
        weight=weights[1],
        second_key_word="‹start›",
        second_weight=weights[0],
        key_raw_score=raw[1],
        key_scaled_score=scaled[1],
        products=tuple(q * k for q, k in zip(query, keys[1], strict=True)),
        where="decoder layer 1, head 2",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
