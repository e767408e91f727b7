"""Why one word looked at another: the link in every layer and head, and the row where it is strongest."""

from tutor.experiments.link import Link
from tutor.views.base import Bar, Page, view
from tutor.views.brief import most_telling, others, shortened
from tutor.views.heatmap import brief_map, heat_map, shade_key
from tutor.views.numbers import percent

_BRIEF_LAYERS = 3
_PARTS = {
    "encoder": "in the sentence",
    "cross": "from the translation to the sentence",
    "decoder": "in the translation",
}


@view.register
def _(result: Link, page: Page) -> None:
    link = f"“{result.query_word}” → “{result.key_word}”"
    page.title(f"{link}, {_PARTS[result.part]}", link)
    layers = [f"layer {number}" for number in range(1, len(result.weights) + 1)]
    heads = [f"head {number}" for number in range(1, len(result.weights[0]) + 1)]
    if page.brief:
        shade_key(page, f"Share on “{result.key_word}” in each head", result.weights)
        kept = most_telling([max(row) for row in result.weights], _BRIEF_LAYERS, result.layer - 1)
        brief_map(page, layers, heads, result.weights, kept, result.layer - 1)
        _brief_end(result, page)
        return
    page.note(f"Of the attention of “{result.query_word}”, what falls on “{result.key_word}”, in % of each head:")
    heat_map(page, layers, heads, result.weights, result.layer - 1)
    page.blank()
    page.say(f"Where else “{result.query_word}” looks in layer {result.layer}, head {result.head}:")
    elsewhere = [place for place in range(len(result.row)) if place != result.key_position]
    row = shortened([result.row[place] for place in elsewhere], 5)
    rows = [
        Bar(result.key_tokens[elsewhere[place]], result.row[elsewhere[place]], percent(result.row[elsewhere[place]]))
        for place in row.kept
    ]
    if row.left:
        rows.append(Bar(others(row.left), row.rest, percent(row.rest)))
    page.bars(rows, largest=1.0)
    page.note(
        f"Score there: query · key = {result.raw_score:.1f}, ÷ √d = {result.scaled_score:.1f}. "
        f"Evenly spread: {percent(result.uniform_weight)}; before training: {percent(result.weight_untrained)}."
    )
    page.say(_forbidden(result))


def _brief_end(result: Link, page: Page) -> None:
    elsewhere = [place for place in range(len(result.row)) if place != result.key_position]
    row = shortened([result.row[place] for place in elsewhere], 2)
    told = [f"{result.key_tokens[elsewhere[n]]} {share}" for n, share in zip(row.kept, row.shown, strict=False)]
    told += [f"{others(row.left)} {row.shown[-1]}"] if row.left else []
    if told:
        where = f"Elsewhere in layer {result.layer}, head {result.head}: "
        page.short(f"{where}{' · '.join(told)}.", f"{where}{told[0]}.", f"Elsewhere there: {told[0]}.", style="")
    shares = f"{percent(result.probability)} → {percent(result.probability_without)}"
    page.short(_forbidden(result), f"Link forbidden: “{result.affected_token}” {shares}.", style="")


def _forbidden(result: Link) -> str:
    shares = f"{percent(result.probability)} → {percent(result.probability_without)}"
    if percent(result.probability) == percent(result.probability_without):
        return f"In the translation, forbidding this link hardly moves a word (“{result.affected_token}”: {shares})."
    most = "" if result.part == "cross" else " most"
    return f"In the translation, forbidding this link costs “{result.affected_token}”{most}: {shares}."


def demo(tokens: tuple[str, ...] = ("The", "dog", "slept", "because", "it", "was", "tired", ".", "‹end›")) -> Link:
    """Made-up numbers: one head has found the link, the others have not."""
    key = min(1, len(tokens) - 1)
    row = tuple(0.7 if place == key else 0.3 / max(1, len(tokens) - 1) for place in range(len(tokens)))
    return Link(
        part="encoder",
        query_token=tokens[min(4, len(tokens) - 1)],
        query_word=tokens[min(4, len(tokens) - 1)],
        query_position=min(4, len(tokens) - 1),
        key_token=tokens[key],
        key_word=tokens[key],
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
        where="encoder layer 2, head 2",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
