"""Two things called weights: how many numbers of each kind, and which of them change with the sentence."""

from tutor.experiments.parameters import ParameterGroup, Parameters
from tutor.views.base import Bar, Page, view
from tutor.views.numbers import count


@view.register
def _(result: Parameters, page: Page) -> None:
    changed = f"changed by running two sentences: {count(result.parameters_changed)}"
    page.title(f"Learned, then fixed: {count(result.parameter_count)} parameters; {changed}")
    page.bars([Bar(group.name, group.count, count(group.count)) for group in result.groups])
    if not page.brief:
        page.blank()
    page.title("Computed afresh for each sentence: attention weights in the encoder")
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
