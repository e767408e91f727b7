"""What the English model expects next: one bar a candidate, and how much each word of the text surprised it."""

from tutor.experiments.distribution import distribution
from tutor.experiments.next_word import NextWord, Surprise
from tutor.experiments.translate import Candidate
from tutor.views.base import Bar, Page, view
from tutor.views.distribution import distribution_bars, goes_before, taken_away
from tutor.views.numbers import general, number, percent

_BRIEF_ROWS = 3


@view.register
def _(result: NextWord, page: Page) -> None:
    goes_before(page, "What comes after: ", result.text)
    distribution_bars(result, page, _BRIEF_ROWS if result.following else _BRIEF_ROWS + 1)
    if result.following:
        share, rank = percent(result.following_probability), result.following_rank
        stands = f"In the sentence stands “{result.following}”: {share}, {_place(rank)} of all."
        if page.brief:
            page.short(stands, f"“{result.following}”: {share}, {_place(rank)}.", style="")
        else:
            page.say(stands)
    even = Candidate(result.token_without_attention, result.probability_without_attention)
    taken_away(result, page, over="all words before", even=even)
    drawn = f"temperature {general(result.temperature, 3)}"
    if page.brief:
        page.rest_at("next-word", "how it could go on, and how much each word surprised it")
        return
    page.note(f"It could go on (likeliest first, then drawn by lot at {drawn}):")
    for text in result.continuations:
        page.say(f"… {text}", indent=2)
    page.blank()
    page.say("How much each word surprised the model, in bits. 0: certain. Each bit halves the probability.")
    wide = page.width >= 60
    page.bars(
        [
            Bar(
                entry.token,
                entry.bits,
                number(entry.bits, 1),
                entry.bits == result.most_surprising_bits,
                _expected(entry) if wide else "",
            )
            for entry in result.surprises
        ]
    )


def _expected(entry: Surprise) -> str:
    return "as expected" if entry.rank == 1 else f"expected {entry.expected}"


def _place(rank: int) -> str:
    if rank == 1:
        return "the likeliest"
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"the {rank}{ending} likeliest"


def demo() -> NextWord:
    """Made-up numbers."""
    tokens, shares = ("car", "flower", "light", "cat"), (0.2962, 0.103, 0.0504, 0.0011)
    found = distribution(
        tuple(map(Candidate, tokens, shares)),
        (9.2, 8.14, 7.43, 3.6),
        temperature=1.0,
        entropy_bits=7.31,
        size=4000,
        without_order=Candidate("cross", 0.071),
    )
    return NextWord(
        **vars(found),
        text="A red",
        tokens=("A", "red"),
        following="cat",
        following_probability=0.0011,
        following_rank=113,
        token_without_attention="and",
        probability_without_attention=0.0094,
        likeness=0.41,
        usual_likeness=0.02,
        continuations=("car stopped.", "light is on.", "flower"),
        surprises=(Surprise("A", 0.0625, 4.0, 5, "I"), Surprise("red", 0.5, 1.0, 1, "red")),
        most_surprising="A",
        most_surprising_bits=4.0,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
