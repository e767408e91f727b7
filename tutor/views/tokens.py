"""The tokens of a sentence, one a row: number, text, id, and whether a word starts there."""

from rich.cells import cell_len

from tutor.experiments.tokens import Tokens
from tutor.views.base import Column, Page, view
from tutor.views.brief import others
from tutor.views.numbers import count


@view.register
def _(result: Tokens, page: Page) -> None:
    words = "word" if result.word_count == 1 else "words"
    page.title(f"{result.token_count} tokens from {result.word_count} {words} and an end mark")
    count_of = len(result.tokens)
    two = page.width >= _TWO_COLUMNS and count_of > (_BRIEF_ROWS if page.brief else 16)
    shown = min(count_of, _BRIEF_ROWS * (2 if two else 1)) if page.brief else count_of
    if two:
        _side_by_side(result, shown, page)
    else:
        page.table(
            [
                Column("#", [str(place + 1) for place in range(shown)]),
                Column("token", result.tokens[:shown], right=False, style="view.strong"),
                Column("id", [str(i) for i in result.ids[:shown]]),
                Column("", [_kind(result, place) for place in range(shown)], right=False, style="view.note"),
            ]
        )
    page.note(f"An id is the token's row in a table of {count(result.vocabulary_size)}. The model sees only ids.")
    if result.split_words:
        page.say(f"In more than one piece: {', '.join(result.split_words)}.")
    if result.byte_tokens:
        page.say(f"{result.byte_tokens} of them single bytes (‹..›): characters that the vocabulary lacks.")
    if left := count_of - shown:
        page.rest_at("tokens", f"the {others(left)}")


_BRIEF_ROWS = 9
_TWO_COLUMNS = 60


def _kind(result: Tokens, place: int) -> str:
    token = result.tokens[place]
    if token.startswith("‹"):
        return "a mark" if len(token) > 4 else "one byte"
    if result.starts_word[place]:
        return "starts a word"
    return "continues it" if token[:1].isalpha() else "joined on"


def _side_by_side(result: Tokens, shown: int, page: Page) -> None:
    """Long sentences in two columns, read downwards; a + stands for 'does not start a word'."""
    half = (shown + 1) // 2
    entries = [
        f"{place + 1:>3}  {'' if result.starts_word[place] else '+'}{token}"
        for place, token in enumerate(result.tokens[:shown])
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
