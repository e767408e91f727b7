"""How the work grows with the sentence: scores against steps, as counts."""

from tutor.experiments.cost import Cost, CostRow
from tutor.views.base import Column, Page, view
from tutor.views.numbers import count, general

_BRIEF_ROWS = 3


@view.register
def _(result: Cost, page: Page) -> None:
    page.title("The sentence once, twice, four times: what must be computed", "The sentence once, twice, four times")
    rows = result.rows[: _BRIEF_ROWS if page.brief else None]
    largest = max(row.scores for row in rows)
    wide = page.width >= 64
    bar = 20 if wide else 6
    columns = [
        Column("tokens", [count(row.tokens) for row in rows]),
        Column("scores", [count(row.scores) for row in rows]),
        Column("", [page.bar(row.scores / largest, bar) for row in rows], right=False, style="view.bar"),
        Column("steps" if not wide else "recurrent steps", [count(row.recurrent_steps) for row in rows]),
        Column("path" if not wide else "longest path", [_path(row) for row in rows]),
    ]
    page.table(columns, gap=2 if wide else 1)
    formula = f"{result.layers} layers × {result.heads} heads × tokens²"
    if page.brief:
        more = f"twice the sentence: {general(result.ratio_when_doubled, 3)} times as many"
        page.short(
            f"scores = {formula}; {more}." if len(rows) > 1 else f"scores = {formula}.",
            f"scores = {formula}.",
            "scores: one a pair of tokens and head.",
            indent=2,
        )
        page.short(
            "steps: a recurrent network's, one after the other; scores are all at once.",
            "steps: recurrent, one by one.",
            indent=2,
        )
        page.short(
            "path: steps from the last token to the first, recurrent : attention.",
            "path: recurrent : attention.",
            indent=2,
        )
        return
    page.note("scores: query-key scores in the encoder, all computed at once.")
    page.note("steps: a recurrent network's, one after the other.")
    page.note("path: steps between the last token and the first, recurrent : attention.")
    if len(result.rows) > 1:
        twice = result.rows[1].tokens
        page.say(
            f"Sentence twice over, end mark once: {count(twice)} tokens, {general(result.ratio_when_doubled, 3)} times "
            f"the scores. Scores = {formula}."
        )
    else:
        page.say(f"Scores = {formula}. The sentence twice over would be too long.")
    page.note(f"This model reads at most {count(result.max_tokens)} tokens.")


def _path(row: CostRow) -> str:
    return f"{count(row.longest_path_recurrent)} : {count(row.longest_path_attention)}"


def demo() -> Cost:
    """The formula: 3 layers, 4 heads."""
    lengths = (8, 16, 32, 64)
    return Cost(
        rows=tuple(CostRow(n, 12 * n * n, n, n - 1, 1) for n in lengths),
        tokens=8,
        scores=768,
        ratio_when_doubled=4.0,
        layers=3,
        heads=4,
        max_tokens=128,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
