"""What the English model expects next: one bar a candidate, and how much each word of the text surprised it."""

from tutor.experiments.next_word import NextWord, Surprise
from tutor.experiments.translate import Candidate
from tutor.views.base import Bar, Page, view
from tutor.views.candidates import candidate_bars
from tutor.views.numbers import general, number, percent


@view.register
def _(result: NextWord, page: Page) -> None:
    page.title(f"What comes after: {result.text or '‹start›'} …")
    candidate_bars(result, page)
    if result.following:
        share, rank = percent(result.following_probability), result.following_rank
        page.say(f"In your sentence stands “{result.following}”: {share}, {_place(rank)} of all.")
    page.say(
        f"Without word order, “{result.token}” has {percent(result.probability_without_order)}, looking evenly at all "
        f"words before {percent(result.probability_without_attention)}."
    )
    drawn = f"temperature {general(result.temperature, 3)}"
    if page.brief:
        page.note(f"It could go on: … {next(iter(result.continuations), '')}")
        page.rest_at("next-word", "how much each word surprised the model")
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
    return NextWord(
        text="A red",
        tokens=("A", "red"),
        candidates=(
            Candidate("car", 0.2962),
            Candidate("flower", 0.103),
            Candidate("light", 0.0504),
            Candidate("cat", 0.0011),
        ),
        logits=(9.2, 8.14, 7.43, 3.6),
        temperature=1.0,
        token="car",
        probability=0.2962,
        second_token="flower",
        second_probability=0.103,
        entropy_bits=7.31,
        vocabulary_size=4000,
        listed_probability=0.4507,
        following="cat",
        following_probability=0.0011,
        following_rank=113,
        token_without_order="cross",
        probability_without_order=0.071,
        token_without_attention="and",
        probability_without_attention=0.0094,
        continuations=("car stopped.", "light is on.", "flower"),
        surprises=(Surprise("A", 0.0625, 4.0, 5, "I"), Surprise("red", 0.5, 1.0, 1, "red")),
        most_surprising="A",
        most_surprising_bits=4.0,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
