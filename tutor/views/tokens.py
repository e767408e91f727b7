"""The tokens of a sentence, one a row: number, text, id, and whether a word starts there."""

from tutor.experiments.tokens import Tokens
from tutor.views.base import Column, Page, view
from tutor.views.numbers import count


@view.register
def _(result: Tokens, page: Page) -> None:
    words = "word" if result.word_count == 1 else "words"
    page.title(f"{result.token_count} tokens from {result.word_count} {words} and an end mark")
    kinds = [_kind(result, place) for place in range(len(result.tokens))]
    numbers = [str(place) for place in range(1, len(result.tokens) + 1)]
    rows = 16 if page.width >= 76 else len(numbers)
    blocks = [slice(start, start + rows) for start in range(0, len(numbers), rows)]
    if len(blocks) == 1:
        page.table(
            [
                Column("#", numbers),
                Column("token", result.tokens, right=False, style="view.strong"),
                Column("id", [str(i) for i in result.ids]),
                Column("", kinds, right=False, style="view.note"),
            ]
        )
    else:
        _side_by_side(result, kinds, page)
    page.note(f"An id is the token's row in a table of {count(result.vocabulary_size)}. The model sees only ids.")
    if result.split_words:
        page.say(f"In more than one piece: {', '.join(result.split_words)}.")
    if result.byte_tokens:
        page.say(f"{result.byte_tokens} of them single bytes (‹..›): characters that the vocabulary lacks.")


def _kind(result: Tokens, place: int) -> str:
    token = result.tokens[place]
    if token.startswith("‹"):
        return "a mark" if len(token) > 4 else "one byte"
    if result.starts_word[place]:
        return "starts a word"
    return "continues it" if token[:1].isalpha() else "joined on"


def _side_by_side(result: Tokens, kinds: list[str], page: Page) -> None:
    """Long sentences in two columns, read downwards; a + stands for 'does not start a word'."""
    half = (len(result.tokens) + 1) // 2
    entries = [
        f"{place + 1:>3}  {'' if result.starts_word[place] else '+'}{token}"
        for place, token in enumerate(result.tokens)
    ]
    width = page.width // 2 - 2
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
