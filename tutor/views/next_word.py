"""What the decoder expects next: one bar a candidate."""

from tutor.experiments.next_word import NextWord
from tutor.experiments.translate import Candidate
from tutor.views.base import Bar, Page, view
from tutor.views.numbers import count, general, number, percent


@view.register
def _(result: NextWord, page: Page) -> None:
    page.title(f"What comes after: {result.so_far or '‹start›'} …")
    at = "" if result.temperature == 1 else f", temperature {general(result.temperature, 3)}"
    page.note(f"Probability of each next piece, out of {count(result.vocabulary_size)}{at}.")
    wide = page.width >= 60
    rows = [
        Bar(
            candidate.token,
            candidate.probability,
            percent(candidate.probability),
            place == 0,
            f"score {number(logit, 2)}" if wide else "",
        )
        for place, (candidate, logit) in enumerate(zip(result.candidates, result.logits, strict=True))
    ]
    page.bars(rows, largest=1.0)
    rest = max(0.0, 1 - result.listed_probability)
    page.note(f"All others together: {percent(rest)}. Spread: {number(result.entropy_bits, 2)} bits.", indent=2)
    page.blank()
    page.say(f"{result.token} has {percent(result.probability)}.")
    page.say(
        f"Without word order: {percent(result.probability_without_order)}; likeliest {result.token_without_order}.",
        indent=2,
    )
    page.say(
        f"Looking evenly at your whole sentence: {percent(result.probability_without_source)}; "
        f"likeliest {result.token_without_source}.",
        indent=2,
    )


def demo() -> NextWord:
    """Made-up numbers."""
    return NextWord(
        source_tokens=("A", "red", "car", "‹end›"),
        so_far="Une",
        so_far_tokens=("Une",),
        candidates=(
            Candidate("voiture", 0.9962),
            Candidate("auto", 0.003),
            Candidate("rouge", 0.0004),
            Candidate("tou", 0.0001),
        ),
        logits=(14.2, 8.4, 6.38, 5.0),
        temperature=1.0,
        token="voiture",
        probability=0.9962,
        second_token="auto",
        second_probability=0.003,
        entropy_bits=0.041,
        vocabulary_size=8000,
        listed_probability=0.9997,
        token_without_order="voiture",
        probability_without_order=0.71,
        token_without_source="femme",
        probability_without_source=0.004,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
