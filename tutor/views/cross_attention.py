"""Which source words each word of the translation looked at: a heat map and the strongest links."""

from tutor.experiments.cross_attention import CrossAttention, Link
from tutor.views.base import Page, view
from tutor.views.brief import most_telling, the_others
from tutor.views.heatmap import brief_map, heat_map, shade_key
from tutor.views.numbers import percent
from tutor.views.places import place

_BRIEF_ROWS = 3


@view.register
def _(result: CrossAttention, page: Page) -> None:
    head = f", head {result.head} of {result.heads}" if result.head else f", average of its {result.heads} heads"
    where = place("cross", result.layer, result.layers)
    page.title(where + head, where)
    at = (result.sharpest_target, result.sharpest_source, result.sharpest_weight)
    sharpest = next(
        (row for row, link in enumerate(result.links) if (link.target, link.source, link.weight) == at), None
    )
    look = (
        f"► “{result.sharpest_target_word}” looks at “{result.sharpest_source_word}” {percent(result.sharpest_weight)}."
    )
    mean, untrained = percent(result.mean_largest_weight), percent(result.mean_largest_weight_untrained)
    if page.brief:
        shade_key(page, "Each row shares 100% among your words", result.weights)
        kept = most_telling([max(row) for row in result.weights], _BRIEF_ROWS, sharpest)
        brief_map(page, result.target_tokens, result.source_tokens, result.weights, kept, sharpest)
        page.short(f"{look} Largest share on average {mean}, untrained {untrained}.", look, style="")
        left = len(result.weights) - len(kept)
        rest = the_others(left, "row") if left else "where queries, keys and values come from"
        head_option = {"head": result.head} if result.head else {}
        page.rest_at("cross-attention", rest, layer=result.layer, **head_option)
        return
    page.note("Each row, a word being written, shares 100% among the columns, your words.")
    heat_map(page, result.target_tokens, result.source_tokens, result.weights, sharpest)
    page.blank()
    page.say(look)
    page.say(f"A row's largest share, on average: {mean}; before any training: {untrained}.")
    page.note(
        f"Shapes: queries {_shape(result.query_shape)} from the decoder; keys {_shape(result.key_shape)} "
        f"and values {_shape(result.value_shape)} from the encoder."
    )


def _shape(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))


def demo() -> CrossAttention:
    """Made-up numbers: a translation that swaps two words."""
    source, target = ("A", "red", "car", "‹end›"), ("Une", "voiture", "rouge", "‹end›")
    weights = ((0.9, 0.05, 0.03, 0.02), (0.05, 0.15, 0.776, 0.024), (0.02, 0.85, 0.1, 0.03), (0.0, 0.003, 0.4, 0.597))
    best = [max(range(4), key=row.__getitem__) for row in weights]
    links = tuple(Link(t, source[b], row[b]) for t, b, row in zip(target, best, weights, strict=True))
    return CrossAttention(
        layer=3,
        head=0,
        layers=3,
        heads=4,
        source_tokens=source,
        target_tokens=target,
        translation="Une voiture rouge",
        weights=weights,
        links=links,
        sharpest_target="Une",
        sharpest_source="A",
        sharpest_target_word="Une",
        sharpest_source_word="A",
        sharpest_weight=0.9,
        query_shape=(4, 64),
        key_shape=(4, 64),
        value_shape=(4, 64),
        mean_largest_weight=0.78,
        mean_largest_weight_untrained=0.31,
        where="cross-attention layer 3",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
