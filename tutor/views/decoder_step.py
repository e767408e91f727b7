"""One step of the decoder: one bar a candidate."""

from tutor.experiments.decoder_step import DecoderStep
from tutor.experiments.translate import Candidate
from tutor.views.base import Page, view
from tutor.views.candidates import candidate_bars
from tutor.views.numbers import percent


@view.register
def _(result: DecoderStep, page: Page) -> None:
    page.title(f"What the decoder writes after: {result.so_far or '‹start›'} …")
    candidate_bars(result, page)
    page.say(f"“{result.token}” has {percent(result.probability)}.")
    page.say(
        f"Without word order: {percent(result.probability_without_order)}; likeliest “{result.token_without_order}”.",
        indent=2,
    )
    page.say(
        f"Looking evenly at your whole sentence: {percent(result.probability_without_source)}; "
        f"likeliest “{result.token_without_source}”.",
        indent=2,
    )


def demo() -> DecoderStep:
    """Made-up numbers."""
    return DecoderStep(
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
