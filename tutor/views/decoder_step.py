"""One step of the decoder: one bar a candidate."""

from tutor.experiments.decoder_step import DecoderStep
from tutor.experiments.distribution import distribution
from tutor.experiments.translate import Candidate
from tutor.views.base import Page, view
from tutor.views.distribution import distribution_bars, goes_before, taken_away

_BRIEF_ROWS = 4


@view.register
def _(result: DecoderStep, page: Page) -> None:
    goes_before(page, "What the decoder writes after: ", result.so_far)
    distribution_bars(result, page, _BRIEF_ROWS)
    even = Candidate(result.token_without_source, result.probability_without_source)
    taken_away(result, page, over="your whole sentence", even=even)


def demo() -> DecoderStep:
    """Made-up numbers."""
    tokens, shares = ("voiture", "auto", "rouge", "tou"), (0.9962, 0.003, 0.0004, 0.0001)
    found = distribution(
        tuple(map(Candidate, tokens, shares)),
        (14.2, 8.4, 6.38, 5.0),
        temperature=1.0,
        entropy_bits=0.041,
        size=8000,
        without_order=Candidate("voiture", 0.71),
    )
    return DecoderStep(
        **vars(found),
        source_tokens=("A", "red", "car", "‹end›"),
        so_far="Une",
        so_far_tokens=("Une",),
        token_without_source="femme",
        probability_without_source=0.004,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
