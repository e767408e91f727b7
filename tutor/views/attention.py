"""Who looks at whom: a heat map, one row a query, one column a key."""

from tutor.experiments.attention import Attention
from tutor.views.base import Page, view
from tutor.views.brief import fitting, most_telling, the_others
from tutor.views.heatmap import brief_map, heat_map, shade_key
from tutor.views.numbers import percent, spread
from tutor.views.places import place

_BRIEF_ROWS = 3


@view.register
def _(result: Attention, page: Page) -> None:
    compared = f", the sharpest of {result.heads_compared} heads" if result.heads_compared > 1 else ""
    where = place(result.part, result.layer, result.layers, result.head, result.heads)
    page.title(where + compared, where, place(result.part, result.layer, head=result.head))
    if page.brief:
        _brief(result, page)
        return
    if result.part == "cross":
        page.note("Each row, a word being written, shares 100% among the columns, your words.")
    else:
        page.note("Each row looks at the columns and shares 100% among them.")
    heat_map(page, result.query_tokens, result.key_tokens, result.weights, result.query_position)
    page.blank()
    page.say(f"{_look(result)}{_second(result)}. Evenly spread, each would get {percent(result.uniform_weight)}.")
    page.note(f"How spread out that row is: {spread(result.entropy_bits, round(1 / result.uniform_weight))}.")


def _look(result: Attention) -> str:
    return f"► “{result.query_word}” looks at “{result.key_word}” {percent(result.weight)}"


def _second(result: Attention) -> str:
    return f", then “{result.second_key_word}” {percent(result.second_weight)}" if result.second_key_token else ""


def _brief(result: Attention, page: Page) -> None:
    """The row pointed out among the sharpest, under the words that they look at most."""
    shade_key(page, "Each row shares 100% among the columns", result.weights)
    rows = len(result.weights)
    kept = most_telling(_sharpness(result), fitting(rows, _BRIEF_ROWS), result.query_position)
    brief_map(page, result.query_tokens, result.key_tokens, result.weights, kept, result.query_position)
    look, even = _look(result), f"Spread evenly: {percent(result.uniform_weight)}."
    page.short(f"{look}{_second(result)}. {even}", f"{look}. {even}", f"{look}.", style="")
    if left := rows - len(kept):
        part = {} if result.part == "encoder" else {"part": result.part}
        page.rest_at("attention", the_others(left, "row"), **part, layer=result.layer, head=result.head)


def _sharpness(result: Attention) -> list[float]:
    """What each row gives to one key at most; between tokens of one text, to another than itself."""
    apart = result.part != "cross" and len(result.weights) > 1
    return [
        max(weight for key, weight in enumerate(row) if not apart or key != query)
        for query, row in enumerate(result.weights)
    ]


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
        query_word=tokens[row],
        key_position=ranked[0],
        key_token=tokens[ranked[0]],
        key_word=tokens[ranked[0]],
        weight=rows[row][ranked[0]],
        entropy_bits=1.43,
        uniform_weight=1 / size,
        second_key_token=tokens[ranked[1]] if size > 1 else "",
        second_key_word=tokens[ranked[1]] if size > 1 else "",
        second_weight=rows[row][ranked[1]] if size > 1 else 0.0,
        where="encoder layer 1, head 2",
        pattern="previous",
        pattern_share=0.64,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo(), demo(tuple(f"word{n}" for n in range(30))))
