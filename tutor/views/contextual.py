"""One word in two sentences: how alike its vectors are, layer by layer."""

from tutor.experiments.contextual import Contextual
from tutor.views.base import Bar, Page, view
from tutor.views.brief import excerpt, others
from tutor.views.numbers import number

_BRIEF_ROWS = 3


@view.register
def _(result: Contextual, page: Page) -> None:
    if page.brief:
        _brief(result, page)
        return
    page.title(f"“{result.token}” in two sentences")
    page.say(f"1. {result.sentence}", indent=2)
    page.note(result.translation, indent=5)
    page.say(f"2. {result.other}", indent=2)
    page.note(result.other_translation, indent=5)
    page.blank()
    page.note("Cosine of its two vectors: 1 same direction, 0 unrelated.")
    page.bars(_rows(result), largest=1.0)
    page.blank()
    page.say(
        f"The encoder gives {result.outputs} vectors of {result.d_model} numbers for the first sentence, "
        f"{result.other_outputs} for the second: one a token, end mark included."
    )


def _rows(result: Contextual) -> list[Bar]:
    rows = [Bar("embedding table", result.cosine_embedding, number(result.cosine_embedding, 3))]
    rows += [
        Bar(f"after block {layer}", cosine, number(cosine, 3))
        for layer, cosine in enumerate(result.cosines_by_layer, 1)
    ]
    return [*rows, Bar("encoder's output", result.cosine_output, number(result.cosine_output, 3), marked=True)]


def _brief(result: Contextual, page: Page) -> None:
    """The table, the first blocks and the output; of long sentences what stands around the word."""
    title = f"“{result.token}” in two sentences"
    page.title(f"{title}: cosine of its vectors (1: same direction)", f"{title} (cosine)", title)
    for place, sentence in enumerate((result.sentence, result.other), 1):
        page.short(f"{place}. {excerpt(page.clean(sentence), result.token, page.width - 5)}", style="", indent=2)
    *first, output = _rows(result)
    page.bars([*first[:_BRIEF_ROWS], output], largest=1.0)
    blocks = f"{others(left, 'block')} and " if (left := len(first[_BRIEF_ROWS:])) else ""
    page.short(f"Left out: {blocks}both translations.", "Left out: both translations.")


def demo() -> Contextual:
    """Made-up numbers."""
    return Contextual(
        token="bank",
        sentence="He sat on the bank of the river.",
        other="The bank is closed today.",
        cosine_embedding=1.0,
        cosines_by_layer=(0.81, 0.62, 0.49),
        cosine_output=0.47,
        outputs=10,
        other_outputs=7,
        d_model=256,
        translation="Il était assis au bord de la rivière.",
        other_translation="La banque est fermée aujourd'hui.",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
