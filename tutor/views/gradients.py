"""The way back: the loss, its gradient at each stage and word, the check by nudging, and the step."""

from tutor.experiments.gradients import Gradients, Stage, WordGradient
from tutor.views.base import Bar, Page, listing, pad, view
from tutor.views.numbers import LOSS, count, general, number

_BRIEF_NAME = 12


@view.register
def _(result: Gradients, page: Page) -> None:
    if page.brief:
        _brief(result, page)
        return
    page.title(f"The loss is {number(result.loss, 4)}; how much each value could change it")
    losses = [
        f"{token} {number(loss, 4)}" for token, loss in zip(result.target_tokens, result.token_losses, strict=True)
    ]
    page.note(LOSS)
    page.note("Forward. Loss of each right token:")
    for line in listing(page, losses):
        page.line("  ", line)
    page.blank()
    page.note("Backward, top to bottom. Bars: the length of the gradient, the list of slopes.")
    page.bars([Bar(_stage(stage.label, page), stage.norm, number(stage.norm, 4)) for stage in result.stages])
    page.blank()
    page.note("At its end, word by word: how strongly the loss depends on each embedding.")
    page.bars(
        [
            Bar(word.token, word.norm, number(word.norm, 4), word == marked)
            for marked in [_marked(result)]
            for word in result.words
        ]
    )
    page.blank()
    index = ", ".join(map(str, result.parameter_index))
    page.say(f"Is it right? One {result.parameter_kind} nudged, in {result.parameter_where}:", "view.strong")
    page.say(f"{result.parameter} [{index}]", indent=2)
    page.say(f"is {general(result.parameter_value)}; up and down by {general(result.nudge)} the loss is", indent=2)
    page.say(f"{result.loss_nudged_up:.8f} and {result.loss_nudged_down:.8f}", indent=2)
    page.line(f"  measured slope  {general(result.nudged_slope)}")
    page.line(f"  gradient        {general(result.parameter_gradient)}")
    page.blank()
    page.say("One step downhill:", "view.strong")
    page.say(
        f"every parameter minus {general(result.learning_rate)} × its gradient: "
        f"loss {number(result.loss, 4)} → {number(result.loss_after_step, 4)}.",
        indent=2,
    )
    page.note(
        f"{count(result.parameters_with_gradient)} of {count(result.parameter_count)} parameters have a gradient "
        "that is not zero."
    )


def _marked(result: Gradients) -> WordGradient:
    """The word that was asked for, else the strongest."""
    asked = (word for word in result.words if (word.token, word.norm) == (result.asked_word, result.asked_norm))
    return next(asked, max(result.words, key=lambda word: word.norm))


def _brief(result: Gradients, page: Page) -> None:
    """The ends of the way and what goes between the stacks; then the words, the nudge and the step."""
    loss = f"The loss is {number(result.loss, 4)}"
    page.title(f"{loss}; how long its gradient, the list of slopes, is, backward", f"{loss}; its gradient:")
    last = len(result.stages) - 1
    kept = [stage for n, stage in enumerate(result.stages) if n in (0, last) or stage.path == "encoder.output"]
    page.bars([Bar(_stage(stage.label, page), stage.norm, number(stage.norm, 4)) for stage in kept])
    ranked = sorted(result.words, key=lambda word: -word.norm)
    told = [f"{pad(page.clean(word.token), _BRIEF_NAME).rstrip()} {number(word.norm, 4)}" for word in ranked]
    page.short(f"Your words, most first: {' · '.join(told[:3])}", " · ".join(told[:2]), told[0], style="")
    slopes = f"slope {general(result.nudged_slope, 4)}, gradient {general(result.parameter_gradient, 4)}."
    page.short(
        f"One {result.parameter_kind} nudged: measured {slopes}",
        f"Nudged: {general(result.nudged_slope, 3)}; it is {general(result.parameter_gradient, 3)}.",
        style="",
    )
    step = f"loss {number(result.loss, 4)} → {number(result.loss_after_step, 4)}."
    page.short(f"One step against all gradients: {step}", f"One step: {step}", style="")
    page.rest_at("gradients", "every layer and the nudge in full")


_SHORT = (
    ("scores over the vocabulary", "vocabulary scores"),
    (", which every decoder layer reads", ""),
    (", after the last norm", ", last norm"),
    ("cross-attention weights", "cross-att."),
    ("attention weights", "attention"),
    ("embeddings of your words", "your words"),
    ("decoder", "dec."),
    ("encoder", "enc."),
)


def _stage(label: str, page: Page) -> str:
    """The label of a stage, shorter where the page is narrow."""
    if page.width < 60:
        for long, short in _SHORT:
            label = label.replace(long, short)
    return label


def demo() -> Gradients:
    """Made-up numbers."""
    return Gradients(
        source_tokens=("A", "red", "car", "‹end›"),
        target_tokens=("Une", "voiture", "rouge", "‹end›"),
        token_losses=(0.337, 0.004, 0.0726, 0.001),
        loss=0.10365,
        stages=(
            Stage("logits", "scores over the vocabulary", 0.081),
            Stage("decoder.output", "decoder, after the last norm", 0.21),
            Stage("decoder.blocks.0.cross_attention.weights", "decoder 1, cross-attention weights", 0.0301),
            Stage("encoder.output", "encoder's output", 0.052),
            Stage("encoder.embedding", "embeddings of your words", 0.00004),
        ),
        stage_count=5,
        words=(
            WordGradient("A", 0.011),
            WordGradient("red", 0.043),
            WordGradient("car", 0.027),
            WordGradient("‹end›", 0.002),
        ),
        strongest_word="red",
        strongest_norm=0.043,
        first_norm=0.081,
        last_norm=0.00004,
        parameter_kind="query weight",
        parameter_where="encoder layer 3",
        parameter="encoder.blocks.2.attention.w_query.weight",
        parameter_index=(17, 203),
        parameter_value=0.0312,
        parameter_gradient=0.00412345,
        nudge=1e-4,
        loss_nudged_up=0.10365041,
        loss_nudged_down=0.10364959,
        nudged_slope=0.00412346,
        parameters_with_gradient=4_012_345,
        parameter_count=7_100_000,
        learning_rate=0.05,
        loss_after_step=0.0871,
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
