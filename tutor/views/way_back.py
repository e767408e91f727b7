"""The way back: how far the gradient of a last state reaches, reader by reader; and the error at each word."""

from tutor.experiments.way_back import Road, WayBack, WordError
from tutor.views.base import Column, Page, view
from tutor.views.numbers import general, number, percent
from tutor.views.page import NARROW

_BRIEF_ROWS = 4


@view.register
def _(result: WayBack, page: Page) -> None:
    if page.brief:
        _brief(result, page)
        return
    page.title("The way back to each word: step by step, or directly")
    joined = ", more joined to it" if result.joined_words else ""
    page.note(
        f"Gradient of a reader's last state at words so many steps back (nearest: 100%); a step: the best fit. GRU: "
        f"recurrent. The sentence{joined}."
    )
    columns = [
        Column(distance, [_share(road.shares[at]) for road in result.rows])
        for at, distance in enumerate(result.distances)
    ]
    factors = Column("a step", [f"× {number(road.factor, 2)}" for road in result.rows])
    readers = Column("steps back", [_narrowed(road.reader, page) for road in result.rows], right=False)
    page.table([readers, *columns, factors])
    left = percent(result.left_without_attention)
    page.say(f"Attention cut off on the way back: {left} of the error arrives (GRU, attention).")
    page.blank()
    _words(result, page)
    page.blank()
    page.note(
        f"Above: {result.longer} From the end mark back; of the GRUs, the half that reads from left to right. "
        "Untrained: the same network with random weights."
    )


def _brief(result: WayBack, page: Page) -> None:
    """The readers told of, at every distance or, on a narrow page, the nearest and the farthest."""
    page.title(
        "Gradient at words so many steps back (nearest: 100%); GRU: recurrent",
        "Gradient so many steps back",
    )
    last = len(result.distances) - 1
    most = 4 if page.width >= NARROW else 2
    at = sorted({round(n * last / (most - 1)) for n in range(most)})
    rows = result.rows[:_BRIEF_ROWS]
    columns = [Column("steps back", [_narrowed(road.reader, page) for road in rows], right=False)]
    columns += [Column(result.distances[n], [_share(road.shares[n]) for road in rows]) for n in at]
    page.table([*columns, Column("a step", [f"× {number(road.factor, 2)}" for road in rows])])
    left = percent(result.left_without_attention)
    page.short(
        f"Attention cut off on the way back: {left} of the error arrives (GRU, attention).",
        f"Attention cut off: {left} arrives.",
        style="",
    )
    trained = "the trained Transformer and " if len(result.rows) > len(rows) else ""
    page.rest_at("way-back", f"{trained}the error at each word")


def _words(result: WayBack, page: Page) -> None:
    page.note("The loss of the Transformer's translation, sent back to your words; 1: that translator's average.")
    page.table(
        [
            Column("", [word.token for word in result.words], right=False),
            Column("vector", [number(word.fixed, 2) for word in result.words]),
            Column("attention", [number(word.attention, 2) for word in result.words]),
            Column("cut off", [number(word.without_attention, 2) for word in result.words]),
            Column(_narrowed("Transformer", page), [number(word.transformer, 2) for word in result.words]),
        ]
    )
    page.note("Cut off: what is left with attention when the error may only go back through the states.")
    page.say(
        f"“{result.first_word}” over “{result.last_word}”, first word over last: one vector "
        f"{number(result.fixed_ratio, 2)}, attention {number(result.attention_ratio, 2)}, Transformer "
        f"{number(result.transformer_ratio, 2)}."
    )


def _narrowed(reader: str, page: Page) -> str:
    """A name that leaves room on a narrow page."""
    short = reader.replace("Transformer", "Transf.").replace("untrained", "random")
    return short if page.width < NARROW else reader


def _share(share: float) -> str:
    """As `percent`, but with one digit of what is below 1%: here it is the point."""
    return f"{general(100 * share, 1)}%" if 0 < share < 0.0095 else percent(share)


def demo() -> WayBack:
    """Made-up numbers."""
    return WayBack(
        source_tokens=("A", "red", "car", "‹end›"),
        translation="Une voiture rouge.",
        longer="A red car, and it is raining.",
        long_tokens=("A", "red", "car", ",", "and", "it", "is", "raining", ".", "‹end›"),
        joined_words=4,
        steps=9,
        distances=("1-5", "6-9"),
        rows=(
            Road("GRU, untrained", (0.01, 0.02, 0.04, 0.08, 0.16, 0.3, 0.6, 1.2, 2.0, 4.0), (1.0, 0.006), 0.57),
            Road("Transformer, untrained", (0.9, 1.0, 1.1, 0.9, 1.0, 1.1, 0.9, 1.0, 1.1, 4.0), (1.0, 0.97), 0.99),
            Road("GRU, one vector", (0.3, 0.9, 0.8, 0.4, 0.6, 0.9, 1.2, 0.9, 1.0, 1.5), (1.0, 0.66), 0.94),
            Road("GRU, attention", (0.1, 0.2, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2.0), (1.0, 0.2), 0.75),
            Road("Transformer", (1.1, 1.0, 1.2, 0.9, 1.0, 1.1, 0.9, 1.0, 1.1, 4.0), (1.0, 1.03), 1.01),
        ),
        untrained_factor=0.57,
        untrained_far=0.006,
        fixed_factor=0.94,
        fixed_far=0.66,
        attention_factor=0.75,
        attention_far=0.2,
        transformer_untrained_factor=0.99,
        transformer_untrained_far=0.97,
        transformer_factor=1.01,
        transformer_far=1.03,
        shows=True,
        words=(
            WordError("A", 0.7, 0.4, 0.8, 0.3),
            WordError("red", 1.4, 1.6, 1.5, 0.1),
            WordError("car", 1.5, 1.7, 1.3, 0.2),
            WordError("‹end›", 0.4, 0.3, 0.4, 0.2),
        ),
        first_word="A",
        last_word="car",
        fixed_ratio=0.467,
        attention_ratio=0.235,
        transformer_ratio=0.615,
        left_without_attention=0.2,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
