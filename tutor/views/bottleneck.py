"""Three translators on one translation while more is joined to the sentence; what they write, and where one looks."""

from tutor.experiments.bottleneck import Bottleneck, Stage, TokenLoss
from tutor.views.base import Column, Page, view
from tutor.views.brief import most_telling
from tutor.views.heatmap import brief_map, heat_map, shade_key
from tutor.views.numbers import count, number, percent, signed
from tutor.views.page import NARROW

_BRIEF_ROWS = 3
_NAMES = ("one vector", "attention", "Transformer")
_FIELDS = ("fixed", "attention", "transformer")


@view.register
def _(result: Bottleneck, page: Page) -> None:
    first, second = (_losses, _looks) if result.part == "loss" else (_looks, _losses)
    first(result, page)
    if page.brief:
        rest = "where attention looks" if result.part == "loss" else "what one vector costs"
        page.rest_at("bottleneck", f"{rest}, and each token's loss", part=result.part)
        return
    page.blank()
    second(result, page)
    page.blank()
    _tokens(result, page)
    page.blank()
    page.say(
        f"What a recurrent writer sees of the sentence at each step. One vector: the same {count(result.vector_size)} "
        f"numbers, however long it is. Attention: a new mix of {result.source_count} vectors of "
        f"{count(result.vector_size)} numbers, one for each token read."
    )


def _losses(result: Bottleneck, page: Page) -> None:
    page.title("One vector for the whole sentence, or one a token", "One vector, or one a token")
    if page.brief:
        page.short(
            "Loss in nats a token (0: certain) while more is joined; two are recurrent.",
            "Loss (0: certain) as more is joined:",
        )
    else:
        page.note(
            "Loss on the words of the Transformer's translation, in nats a token (0: certain), while more is joined to "
            "the sentence. The first two are recurrent."
        )
    rows = [[getattr(stage, name) for stage in result.stages] for name in _FIELDS]
    stages = [
        Column(str(stage.source_count), [number(row[at], 2) for row in rows]) for at, stage in enumerate(result.stages)
    ]
    if page.brief and page.width < NARROW:
        stages = [stages[0], stages[-1]]
    rises = Column("rise", [signed(row[-1] - row[0]) for row in rows])
    page.table([Column("tokens read", _NAMES, right=False), *stages, rises], marked=0)
    written = (result.fixed_translation, result.attention_translation, result.translation)
    if page.brief:
        page.short(f"one vector writes: {result.fixed_translation or '(nothing)'}", style="", indent=2)
        return
    for name, text in zip(_NAMES, written, strict=True):
        page.say(f"{name}: {text or '(nothing)'}", indent=2)
    page.note("That is what each writes by itself, the sentence alone.", indent=2)
    page.blank()
    page.note(f"With everything joined: {result.stages[-1].source}")
    page.note("The measure is what the Transformer writes, which favours its row: compare the other two.")


def _looks(result: Bottleneck, page: Page) -> None:
    page.title("Where the recurrent translator with attention looks", "Where the one with attention looks")
    largest = [max(row) for row in result.weights]
    marked = largest.index(result.sharpest_weight) if result.sharpest_weight in largest else None
    rows = [token.token for token in result.tokens]
    look = f"► “{result.sharpest_target}” looks at “{result.sharpest_source}” {percent(result.sharpest_weight)}"
    even = percent(result.even_weight)
    if page.brief:
        shade_key(page, "Each row shares 100% among your words", result.weights)
        kept = most_telling(largest, _BRIEF_ROWS, marked)
        brief_map(page, rows, result.source_tokens, result.weights, kept, marked)
        page.short(f"{look}. Looking evenly would give {even}.", f"{look}.", style="")
        return
    page.note("Each row, a word being written, shares 100% among the columns, your words.")
    heat_map(page, rows, result.source_tokens, result.weights, marked)
    page.say(f"{look}: the sharpest of the words. Looking evenly would give {even}.")


def _tokens(result: Bottleneck, page: Page) -> None:
    page.note("Loss token by token, the sentence alone:")
    page.table(
        [
            Column("", [token.token for token in result.tokens], right=False),
            *(
                Column(name, [number(getattr(token, field), 2) for token in result.tokens])
                for name, field in zip(_NAMES, _FIELDS, strict=True)
            ),
        ]
    )


def demo() -> Bottleneck:
    """Made-up numbers."""
    return Bottleneck(
        part="loss",
        source_tokens=("A", "red", "car", ".", "‹end›"),
        translation="Une voiture rouge.",
        fixed_translation="Un car rouge.",
        attention_translation="Une voiture rouge.",
        vector_size=768,
        source_count=5,
        tokens=(
            TokenLoss("Une", 1.21, 0.61, 0.11),
            TokenLoss("voiture", 2.84, 0.92, 0.14),
            TokenLoss("rouge", 1.32, 0.57, 0.05),
        ),
        stages=(
            Stage("A red car.", 5, 1.79, 0.7, 0.1),
            Stage("A red car, and it is raining.", 10, 2.4, 0.9, 0.13),
            Stage("A red car, and it is raining and I will call you.", 14, 3.35, 1.02, 0.15),
        ),
        fixed_loss=1.79,
        attention_loss=0.7,
        transformer_loss=0.1,
        fixed_loss_joined=3.35,
        attention_loss_joined=1.02,
        transformer_loss_joined=0.15,
        joined_words=9,
        shows=True,
        elsewhere="",
        weights=((0.8, 0.1, 0.05, 0.03, 0.02), (0.05, 0.1, 0.8, 0.03, 0.02), (0.02, 0.83, 0.1, 0.03, 0.02)),
        sharpest_target="rouge",
        sharpest_source="red",
        sharpest_weight=0.83,
        even_weight=0.2,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
