"""Which word mattered most: four measures side by side, each scaled to its own largest bar."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from tutor.experiments.word_importance import WordImportance, WordScore
from tutor.views.base import Page, pad, view
from tutor.views.brief import most_telling, others
from tutor.views.numbers import percent, signed

_BRIEF_ROWS = 4
_BRIEF_NARROW_ROWS = 2
_Measure = tuple[str, Callable[[WordScore], float], Callable[[float], str]]
_MEASURES: tuple[_Measure, ...] = (
    ("looked at", lambda word: word.attention, percent),
    ("grad × input", lambda word: word.gradient_input, signed),
    ("integrated", lambda word: word.integrated_gradients, signed),
    ("left out", lambda word: word.removed, signed),
)


@view.register
def _(result: WordImportance, page: Page) -> None:
    mattered = f"Which word mattered to “{result.output_word}”"
    page.title(
        f"{mattered} ({percent(result.probability)})?", f"{mattered}?", f"What mattered to “{result.output_word}”?"
    )
    if not page.brief:
        page.note(f"In: {result.translation}")
    words = list(result.words)
    if page.brief:
        words = _kept(result, _BRIEF_ROWS if page.width >= 68 else _BRIEF_NARROW_ROWS)
    labels = min(12, max(cell_len(page.clean(word.token)) for word in words))
    each = 4 if page.width >= 68 else 2 if page.width >= 40 else 1
    width = (page.width - labels - 2 * each) // each
    for start in range(0, 4, each):
        if not page.brief:
            page.blank()
        _columns(result, page, words, _MEASURES[start : start + each], labels, width)
    if page.brief:
        page.short(
            "looked at: share of attention; else on ln p: + for it, - against. 0.69 halves p.",
            "In nats of ln p (looked at: a share).",
        )
        left = len(result.words) - len(words)
        page.rest_at(
            "word-importance", f"{others(left)} and a check" if left else "a check", output=result.output_token
        )
        return
    page.blank()
    page.note("looked at: share of cross-attention. Others: on ln p, + for it, - against it.")
    page.note("left out: how far ln p falls when run without that token; 0.69 halves p.")
    page.note("Each column of bars has its own scale.")
    page.say(
        f"Most: looked at “{result.most_attended}” · grad × input “{result.most_by_gradient}” · "
        f"integrated “{result.most_by_integrated_gradients}” · left out “{result.most_by_removal}”."
    )
    page.note(
        f"Integrated adds up to {signed(result.integrated_sum, 3)}; the difference it should explain is "
        f"{signed(result.difference_from_baseline, 3)}."
    )


def _kept(result: WordImportance, most: int) -> list[WordScore]:
    """The `most` words that matter most by any measure, each measured against its largest."""
    largest = [max(abs(read(word)) for word in result.words) or 1.0 for _, read, _ in _MEASURES]
    scores = [
        max(abs(read(word)) / top for (_, read, _), top in zip(_MEASURES, largest, strict=True))
        for word in result.words
    ]
    return [result.words[place] for place in most_telling(scores, most)]


def _columns(
    result: WordImportance,
    page: Page,
    words: list[WordScore],
    measures: tuple[_Measure, ...],
    labels: int,
    width: int,
) -> None:
    head = "".join("  " + pad(page.clean(name), width) for name, _, _ in measures)
    page.line(" " * labels, (head, "view.head"))
    lowest = [min(0.0, *(read(word) for word in result.words)) for _, read, _ in measures]
    highest = [max(0.0, *(read(word) for word in result.words)) for _, read, _ in measures]
    strongest = [max(result.words, key=read) for _, read, _ in measures]
    widths = [max(cell_len(shown(read(word))) for word in words) for _, read, shown in measures]
    for word in words:
        line = page.text(page.label(word.token, labels))
        for (_, read, shown), low, top, best, digits in zip(measures, lowest, highest, strongest, widths, strict=True):
            value = read(word)
            room = max(3, width - 1 - digits)
            line.append("  ")
            line.append(pad(shown(value), digits, right=True), "view.mark" if word is best else "")
            line.append(" ")
            if low < 0:
                line.append_text(page.signed_bar(value, low, top, room))
            else:
                line.append(page.bar(value / top if top else 0.0, room), "view.bar")
        page.line(line)


def demo() -> WordImportance:
    """Made-up numbers."""
    words = (
        WordScore("A", 0.1, -0.02, 0.11, 0.004),
        WordScore("red", 0.2, 0.4, 0.35, 0.9),
        WordScore("car", 0.66, 1.21, 4.02, 6.5),
        WordScore("‹end›", 0.04, -0.3, -0.61, -0.2),
    )
    return WordImportance(
        source_tokens=("A", "red", "car", "‹end›"),
        translation="Une voiture rouge",
        output_token="voiture",
        output_word="voiture",
        output_position=1,
        probability=0.996,
        words=words,
        most_attended="car",
        most_by_gradient="car",
        most_by_integrated_gradients="car",
        most_by_removal="car",
        removal_drop=6.5,
        agree=True,
        integrated_sum=3.87,
        difference_from_baseline=3.871,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
