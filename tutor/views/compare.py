"""Two sentences side by side: the tokens with what differs marked, the translations, and what else is not the same."""

from __future__ import annotations

from tutor.experiments.alignment import AlignedWord
from tutor.experiments.compare import EVERYONE, AlignedToken, Compare
from tutor.views.base import Page, view
from tutor.views.brief import excerpt
from tutor.views.numbers import LOSS, number, percent
from tutor.views.page import NARROW
from tutor.views.side_by_side import DIFFERS, Columns, marked, side_by_side


@view.register
def _(result: Compare, page: Page) -> None:
    tokens = Columns(
        labels=("yours", "other", "cosine"),
        first=[token.token for token in result.tokens],
        second=[token.other_token for token in result.tokens],
        below=[number(token.cosine, 2) if token.same else DIFFERS for token in result.tokens],
        different=[not token.same for token in result.tokens],
    )
    if page.brief:
        _brief(result, page, tokens)
        return
    page.title("Two sentences side by side")
    page.note(_where_from(result))
    side_by_side(page, tokens)
    page.note(f"{DIFFERS}: differs. cosine: of a shared token's two vectors after the encoder; 1: same direction.")
    page.blank()
    words = Columns(
        labels=("yours", "other", ""),
        first=[word.word for word in result.words],
        second=[word.other_word for word in result.words],
        below=["" if word.same else DIFFERS for word in result.words],
        different=[not word.same for word in result.words],
    )
    page.note(f"The translations, {DIFFERS} below each word that differs:")
    side_by_side(page, words)
    page.blank()
    page.say(
        f"Attention differs most in {result.where}: {percent(result.difference)} of the attention of {result.looker} "
        f"lies elsewhere. Most for “{result.query}”: on “{result.key}” {percent(result.key_weight)} in yours, "
        f"{percent(result.other_key_weight)} in the other."
    )
    page.say(f"Loss on its own translation: {number(result.loss)} yours, {number(result.other_loss)} the other.")
    page.note(LOSS)


def _brief(result: Compare, page: Page, tokens: Columns) -> None:
    """The tokens around the first that differs, both translations, and where attention differs most."""
    page.title(
        f"{DIFFERS}: differs. cosine: of a shared token's two vectors (1: same direction)",
        f"{DIFFERS}: differs. cosine: shared vectors",
    )
    left = side_by_side(page, tokens)
    for name, second in (("yours", False), ("other", True)):
        line = marked(result.words, second)
        page.short(f"{name}  {excerpt(page.clean(line), page.clean(DIFFERS), page.width - 9)}", style="", indent=2)
    whose = "Attention" if result.looker == EVERYONE else f"Attention of {result.looker}"
    told = f"{whose} differs most in {result.where}: {percent(result.difference)}"
    if page.width < NARROW:
        page.say(f"{told}.")
    else:
        page.short(f"{told} lies elsewhere.", f"{told}.", style="")
    rest = f"{left} more token{'s' * (left > 1)} and the losses" if left else "the losses"
    if result.given:
        page.short(f"Left out: {rest}.")
    else:
        named = {} if result.looker == EVERYONE else {"word": result.word}
        page.rest_at("compare", rest, **named)


def _where_from(result: Compare) -> str:
    if result.given:
        return "The other sentence is the one that you gave."
    if result.exchanged_word:
        return f"The other is yours with “{result.exchanged_for}” in place of “{result.exchanged_word}”."
    return "The other is one of ours: in yours there was no word that we know how to exchange."


def demo() -> Compare:
    """Made-up numbers."""
    yours, other = ("A", "red", "car", ".", "‹end›"), ("A", "red", "dress", ".", "‹end›")
    cosines = (0.97, 0.83, 0.0, 0.96, 0.99)
    return Compare(
        sentence="A red car.",
        other="A red dress.",
        exchanged_word="car",
        exchanged_for="dress",
        given=False,
        tokens=tuple(
            AlignedToken(one, two, one == two, cosine) for one, two, cosine in zip(yours, other, cosines, strict=True)
        ),
        shared_words=2,
        differing=1,
        moved=0,
        word="red",
        word_cosine=0.83,
        mean_cosine=0.9,
        translation="Une voiture rouge.",
        other_translation="Une robe rouge.",
        words=(
            AlignedWord("Une", "Une", True),
            AlignedWord("voiture", "robe", False),
            AlignedWord("rouge", "rouge", True),
            AlignedWord(".", ".", True),
        ),
        changed_words=1,
        changed_from="voiture",
        changed_to="robe",
        same_translation=False,
        part="encoder",
        layer=2,
        head=3,
        where="encoder layer 2, head 3",
        looker=EVERYONE,
        difference=0.31,
        query="red",
        key="A",
        key_weight=0.64,
        other_key_weight=0.21,
        loss=0.104,
        other_loss=0.131,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
