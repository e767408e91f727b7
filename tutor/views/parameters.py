"""Two things called weights: how many numbers of each kind, and which of them change with the sentence."""

from tutor.experiments.parameters import ParameterGroup, Parameters
from tutor.views.base import Bar, Page, view
from tutor.views.numbers import count

_MATRICES = " matrices"


@view.register
def _(result: Parameters, page: Page) -> None:
    changed = f"changed by running two sentences: {count(result.parameters_changed)}"
    page.title(
        f"Learned, then fixed: {count(result.parameter_count)} parameters; {changed}",
        f"Learned: {count(result.parameter_count)}; changed: {count(result.parameters_changed)}",
    )
    groups = [(group.name, group.count) for group in result.groups]
    page.bars([Bar(name, size, count(size)) for name, size in (_joined(groups) if page.brief else groups)])
    if not page.brief:
        page.blank()
    page.title(
        "Computed afresh for each sentence: attention weights in the encoder", "Computed afresh: attention weights"
    )
    page.bars(
        [
            Bar("yours", result.attention_weight_count, count(result.attention_weight_count)),
            Bar("the other", result.other_attention_weight_count, count(result.other_attention_weight_count)),
        ]
    )
    if page.brief:
        return
    page.note(f"The other: {result.other}", indent=2)
    page.note(
        f"{result.encoder_layers} layers × {result.heads} heads × tokens × tokens: one for each query and key.",
        indent=2,
    )


def _joined(groups: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The matrices of attention as one group, in the place of the first."""
    matrices = [group for group in groups if group[0].endswith(_MATRICES)]
    if len(matrices) < 2:
        return groups
    whole = ("attention", sum(size for _, size in matrices))
    return [whole if group == matrices[0] else group for group in groups if group not in matrices[1:]]


def demo() -> Parameters:
    """Made-up numbers."""
    return Parameters(
        groups=(
            ParameterGroup("embedding table", 2_048_000),
            ParameterGroup("attention", 2_359_296),
            ParameterGroup("feed-forward", 3_150_000),
            ParameterGroup("normalisation", 8_192),
        ),
        parameter_count=7_565_488,
        attention_weight_count=768,
        other="My old car will not start when it is cold.",
        other_attention_weight_count=1728,
        parameters_changed=0,
        d_model=256,
        layers=6,
        encoder_layers=3,
        heads=4,
        attention_parameter_count=2_359_296,
        attention_parameter_share=0.31,
        head_parameter_count=65_536,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
