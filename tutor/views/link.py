"""Why one word looked at another: the link in every layer and head, and the row where it is strongest."""

from tutor.experiments.link import Link
from tutor.views.base import Bar, Page, view
from tutor.views.heatmap import heat_map
from tutor.views.numbers import number, percent

_PARTS = {
    "encoder": "in your sentence",
    "cross": "from the translation to your sentence",
    "decoder": "in the translation",
}


@view.register
def _(result: Link, page: Page) -> None:
    page.title(f"{result.query_token} → {result.key_token}, {_PARTS[result.part]}")
    page.note(f"How much of its attention {result.query_token} gives to {result.key_token}, in every head. In %.")
    layers = [f"layer {number}" for number in range(1, len(result.weights) + 1)]
    heads = [f"head {number}" for number in range(1, len(result.weights[0]) + 1)]
    heat_map(page, layers, heads, result.weights, result.layer - 1)
    page.blank()
    page.say(f"All of that row in layer {result.layer}, head {result.head}:")
    ranked = sorted(range(len(result.row)), key=lambda place: result.row[place], reverse=True)[:5]
    if result.key_position not in ranked:
        ranked[-1] = result.key_position
    page.bars(
        [
            Bar(
                label=result.key_tokens[place],
                value=result.row[place],
                shown=percent(result.row[place]),
                marked=place == result.key_position,
            )
            for place in sorted(ranked)
        ],
        largest=1.0,
    )
    page.note(
        f"Score there: query · key = {number(result.raw_score, 2)}, divided {number(result.scaled_score, 2)}. "
        f"Evenly spread: {percent(result.uniform_weight)}; before training: {percent(result.weight_untrained)}."
    )
    page.say(
        f"With this link forbidden in every head, {result.affected_token}: "
        f"{percent(result.probability)} → {percent(result.probability_without)}."
    )


def demo(tokens: tuple[str, ...] = ("The", "dog", "slept", "because", "it", "was", "tired", ".", "‹end›")) -> Link:
    """Made-up numbers: one head has found the link, the others have not."""
    key = min(1, len(tokens) - 1)
    row = tuple(0.7 if place == key else 0.3 / max(1, len(tokens) - 1) for place in range(len(tokens)))
    return Link(
        part="encoder",
        query_token=tokens[min(4, len(tokens) - 1)],
        query_position=min(4, len(tokens) - 1),
        key_token=tokens[key],
        key_position=key,
        weights=((0.05, 0.1, 0.0, 0.2), (0.1, 0.7, 0.004, 0.1), (0.3, 0.2, 0.1, 0.1)),
        layer=2,
        head=2,
        weight=0.7,
        mean_weight=0.16,
        uniform_weight=1 / len(tokens),
        raw_score=31.5,
        scaled_score=3.94,
        key_tokens=tokens,
        row=row,
        is_top=True,
        top_token=tokens[key],
        top_weight=0.7,
        weight_untrained=0.12,
        affected_token="il",
        probability=0.81,
        probability_without=0.35,
        translation="Le chien dormait parce qu'il était fatigué.",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
