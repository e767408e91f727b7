"""The decoder with the sentence, with nothing and with another to read: how likely each token is, what is written."""

from __future__ import annotations

import shlex

from rich.cells import cell_len

from tutor.experiments.without_encoder import HALF, OTHERS, TokenChance, WithoutEncoder
from tutor.views.base import Column, Page, view
from tutor.views.brief import most_telling, others
from tutor.views.numbers import LOSS, number, percent

_BRIEF_ROWS = 3
_COMMAND = 40
"""Cells of the command that shows the whole picture, without the other sentence."""
_HEADS = ("yours", "nothing", "other")
_READ = ("yours", "nothing", "the other")
"""The same inside a sentence."""


@view.register
def _(result: WithoutEncoder, page: Page) -> None:
    if page.brief:
        page.title(
            "How likely each token is, reading the sentence, nothing, or another one",
            "Each token, reading yours or nothing",
        )
        kept = most_telling([_worth(token, result) for token in result.tokens], _BRIEF_ROWS, _marked(result))
        _table(result, page, kept)
        page.short(f"nothing: {_text(result.written_without)}", style="", indent=2)
        page.short(
            f"other “{result.other}”: {_text(result.other_translation)}",
            f"other: {_text(result.other_translation)}",
            style="",
            indent=2,
        )
        left = len(result.tokens) - len(kept)
        rest = f"{others(left, 'token')} and the losses" if left else "the losses"
        page.rest_at("without-encoder", rest, **_place(result, page))
        return
    page.title("The decoder without the encoder: how likely each token of the translation is")
    page.note(
        "Each time after the right tokens before it: reading the sentence, reading nothing (cross-attention adds 0 in "
        f"all {result.layers} layers), reading “{result.other}”."
    )
    _table(result, page, list(range(len(result.tokens))))
    page.note(LOSS)
    page.blank()
    texts = (result.translation, result.written_without, result.other_translation)
    for read, text in zip(_READ, texts, strict=True):
        page.say(f"Reading {read}, it writes: {_text(text)}")
    page.note("With nothing to read it writes the same for every sentence. It never learned to do without one.")


def _table(result: WithoutEncoder, page: Page, kept: list[int]) -> None:
    """The tokens kept and, below, the loss of all."""
    tokens = [result.tokens[n] for n in kept]
    names = [page.label(token.token, min(12, cell_len(page.clean(token.token)))) for token in tokens]
    label = max(map(cell_len, names), default=0)
    bar = min(12, (page.width - 4 - label) // 3 - 7)
    columns = [Column("token", names, right=False)]
    for head, chances in zip(_HEADS, _chances(tokens), strict=True):
        cells = [f"{percent(chance):>4}" + (f" {page.bar(chance, bar)}" if bar >= 3 else "") for chance in chances]
        columns.append(Column(head, cells, right=False, style="view.bar"))
    at = _marked(result)
    page.table(columns, marked=kept.index(at) if at in kept else None)
    if not page.brief:
        losses = (result.loss, result.loss_without, result.loss_other)
        told = ", ".join(f"{number(loss)} reading {read}" for read, loss in zip(_READ, losses, strict=True))
        page.say(f"Loss of your translation: {told}.")


def _worth(token: TokenChance, result: WithoutEncoder) -> float:
    """What a brief page keeps first: the token that stays likely, then words and pieces that lose most."""
    stays = (token.token, token.without) == (result.kept_token, result.kept_without) and token.without >= HALF
    return 1.0 if stays else token.probability - token.without - (not token.token.strip("…").isalpha())


def _chances(tokens: list[TokenChance]) -> tuple[list[float], list[float], list[float]]:
    return [t.probability for t in tokens], [t.without for t in tokens], [t.other for t in tokens]


def _marked(result: WithoutEncoder) -> int | None:
    """The row that the text speaks of."""
    lost = (result.lost_token, result.lost_probability, result.lost_without)
    return next((n for n, t in enumerate(result.tokens) if (t.token, t.probability, t.without) == lost), None)


def _place(result: WithoutEncoder, page: Page) -> dict[str, str]:
    """The option that names the other sentence, where it is not ours; dots in place of a long one."""
    if result.other in OTHERS:
        return {}
    quoted = shlex.quote(result.other)
    return {"other": quoted if cell_len(quoted) <= page.width - _COMMAND else "…"}


def _text(text: str) -> str:
    return text or "(nothing)"


def demo() -> WithoutEncoder:
    """Made-up numbers."""
    tokens = (
        TokenChance("Une", 0.9, 0.04, 0.02),
        TokenChance("voiture", 0.93, 0.001, 0.0004),
        TokenChance("rouge", 0.88, 0.012, 0.06),
        TokenChance(".", 0.92, 0.61, 0.9),
        TokenChance("‹end›", 0.92, 0.93, 0.92),
    )
    return WithoutEncoder(
        translation="Une voiture rouge.",
        written_without="La seule chose que les gens ont.",
        other="My sister reads a long letter.",
        other_translation="Ma sœur lit une longue lettre.",
        tokens=tokens,
        token_count=len(tokens),
        layers=3,
        loss=0.104,
        loss_without=3.05,
        loss_other=2.96,
        kept_count=2,
        kept_token="rouge",
        kept_before="voiture",
        kept_without=0.012,
        lost_token="voiture",
        lost_probability=0.93,
        lost_without=0.001,
        lost_other=0.0004,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
