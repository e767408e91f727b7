"""The tokens of a sentence, one a row: number, text, id, and whether a word starts there."""

from rich.cells import cell_len

from tutor.experiments.tokens import Tokens
from tutor.views.base import Column, Page, pad, view
from tutor.views.brief import the_others
from tutor.views.numbers import count
from tutor.views.page import NARROW

_BRIEF_BANDS = 2
_BRIEF_NAME = 12


@view.register
def _(result: Tokens, page: Page) -> None:
    words = "word" if result.word_count == 1 else "words"
    tokens = f"{result.token_count} tokens from {result.word_count} {words}"
    page.title(f"{tokens} and an end mark", tokens)
    if page.brief:
        _brief(result, page)
        return
    if page.width >= NARROW and len(result.tokens) > 16:
        _side_by_side(result, page)
    else:
        page.table(
            [
                Column("#", [str(place) for place in range(1, len(result.tokens) + 1)]),
                Column("token", result.tokens, right=False, style="view.strong"),
                Column("id", [str(i) for i in result.ids]),
                Column(
                    "", [_kind(result, place) for place in range(len(result.tokens))], right=False, style="view.note"
                ),
            ]
        )
    page.note(f"An id is the token's row in a table of {count(result.vocabulary_size)}. The model sees only ids.")
    if result.split_words:
        page.say(f"In more than one piece: {', '.join(result.split_words)}.")
    if result.byte_tokens:
        page.say(f"{_bytes(result)} (‹..›): characters that the vocabulary lacks.")


def _bytes(result: Tokens) -> str:
    return f"{result.byte_tokens} of them single bytes"


def _brief(result: Tokens, page: Page) -> None:
    """The tokens along the line and each one's id below it, for as many lines as there are."""
    names = [
        page.label(text, min(_BRIEF_NAME, cell_len(page.clean(text))))
        for text in (
            ("" if starts else "+") + token for token, starts in zip(result.tokens, result.starts_word, strict=True)
        )
    ]
    widths = [max(cell_len(name), len(str(number))) for name, number in zip(names, result.ids, strict=True)]
    shown = 0
    for _ in range(_BRIEF_BANDS if page.width >= NARROW else _BRIEF_BANDS + 1):
        start, taken = shown, 7
        while shown < len(names) and taken + 2 + widths[shown] <= page.width:
            taken += 2 + widths[shown]
            shown += 1
        if shown > start:
            band = range(start, shown)
            page.line("  token", ("".join("  " + pad(names[n], widths[n]) for n in band), "view.strong"))
            page.line("  id   ", "".join("  " + pad(str(result.ids[n]), widths[n]) for n in band))
    table = count(result.vocabulary_size)
    page.short(f"id: the row in a table of {table}. + does not start a word.", f"id: row, of {table}; +: inside a word")
    if result.byte_tokens:
        page.short(f"{_bytes(result)} (‹..›).", style="")
    elif result.split_words:
        page.short(f"In more than one piece: {', '.join(result.split_words)}.", style="")
    if left := len(names) - shown:
        page.rest_at("tokens", the_others(left, "token"))


def _kind(result: Tokens, place: int) -> str:
    token = result.tokens[place]
    if token.startswith("‹"):
        return "a mark" if len(token) > 4 else "one byte"
    if result.starts_word[place]:
        return "starts a word"
    return "continues it" if token[:1].isalpha() else "joined on"


def _side_by_side(result: Tokens, page: Page) -> None:
    """Long sentences in two columns, read downwards; a + stands for 'does not start a word'."""
    half = (len(result.tokens) + 1) // 2
    entries = [
        f"{place + 1:>3}  {'' if result.starts_word[place] else '+'}{token}"
        for place, token in enumerate(result.tokens)
    ]
    width = min(page.width // 2 - 2, max(cell_len(page.clean(entry)) for entry in entries) + 12)
    for left in range(half):
        parts = []
        for place in (left, left + half):
            if place < len(entries):
                parts.append(page.label(entries[place], width - 8) + f"{result.ids[place]:>6}  ")
        page.line("".join(parts))
    page.note("+ does not start a word. The last number is the id.")


def demo() -> Tokens:
    """Made-up ids."""
    return Tokens(
        tokens=("The", "zeb", "ra", "sle", "eps", ".", "‹end›"),
        ids=(41, 3301, 512, 1290, 2207, 7, 2),
        starts_word=(True, True, False, True, False, False, True),
        token_count=7,
        word_count=3,
        split_words=("zebra", "sleeps"),
        byte_tokens=0,
        vocabulary_size=8000,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
