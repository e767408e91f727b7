"""Who looks at whom: a heat map, one row a query, one column a key."""

from tutor.experiments.attention import Attention
from tutor.views.base import Page, view
from tutor.views.heatmap import heat_map
from tutor.views.numbers import number, percent
from tutor.views.places import place


@view.register
def _(result: Attention, page: Page) -> None:
    page.title(place(result.part, result.layer, result.layers, result.head, result.heads))
    if result.part == "cross":
        page.note("A row is a word being written; it looks at the columns, the source. In %, a row adds up to 100.")
    else:
        page.note("Each row looks at the columns. In %, a row adds up to 100.")
    heat_map(page, result.query_tokens, result.key_tokens, result.weights, result.query_position)
    page.blank()
    second = f", then {result.second_key_token} {percent(result.second_weight)}" if result.second_key_token else ""
    page.line("► ", (page.clean(result.query_token), "view.mark"), " looks at:")
    page.say(
        f"{result.key_token} {percent(result.weight)}{second}. Evenly spread, each would get "
        f"{percent(result.uniform_weight)}. Spread of the row: {number(result.entropy_bits, 2)} bits.",
        indent=2,
    )


def demo(tokens: tuple[str, ...] = ("The", "cat", "sat", "on", "the", "mat", ".", "‹end›")) -> Attention:
    """Made-up numbers: the token before gets most."""
    size = len(tokens)
    rows = []
    for query in range(size):
        raw = [8.0 if key == query - 1 else 1.5 if key == query else 0.3 + 0.05 * key for key in range(size)]
        rows.append(tuple(value / sum(raw) for value in raw))
    row = min(2, size - 1)
    ranked = sorted(range(size), key=lambda key: -rows[row][key])
    return Attention(
        part="encoder",
        layer=1,
        head=2,
        layers=3,
        heads=4,
        query_tokens=tokens,
        key_tokens=tokens,
        weights=tuple(rows),
        entropies_bits=(2.0,) * size,
        query_position=row,
        query_token=tokens[row],
        key_position=ranked[0],
        key_token=tokens[ranked[0]],
        weight=rows[row][ranked[0]],
        entropy_bits=1.43,
        uniform_weight=1 / size,
        second_key_token=tokens[ranked[1]] if size > 1 else "",
        second_weight=rows[row][ranked[1]] if size > 1 else 0.0,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo(), demo(tuple(f"word{n}" for n in range(30))))
