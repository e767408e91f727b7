"""A translation growing: one step a row, with how sure the model was, what else it weighed, where it looked."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from tutor.experiments.translate import Candidate, Step, Translate
from tutor.views.base import Page, Part, listing, pad, view
from tutor.views.brief import most_telling, the_others
from tutor.views.numbers import percent

_BAR = 6
_BRIEF_STEPS = 4


@view.register
def _(result: Translate, page: Page) -> None:
    page.title(result.translation or "(nothing)")
    numbers = len(str(result.step_count))
    afters = [step.written for step in result.steps[1:]] + [result.translation]
    wide = page.width >= 76
    sources = max((cell_len(page.clean(step.looked_at)) for step in result.steps), default=0)
    sources = min(sources, 12)
    after_number = numbers + 1
    rest = page.width - after_number - 1 - 4 - 1 - (_BAR + 1 if wide else 0)
    lengths = (cell_len(page.clean(f"{after} {s.token}")) for after, s in zip(afters, result.steps, strict=True))
    longest = max(lengths, default=0)
    room = min(longest, max(16, rest - (28 + sources if wide else 0)))
    if not page.brief:
        page.note(
            f"Each step adds one piece. In %: how sure it was of it{'' if wide else '; below, what else it weighed'}."
        )
    elif not wide:
        page.short("In %: how sure it was of each piece.")
    if wide:
        heads = (" " * after_number + pad("so far", room), "sure", " " * _BAR, "", pad("looks at", sources + 5))
        page.line((" ".join((*heads, "instead of")), "view.head"))
    kept = _kept(result, page.brief and (_BRIEF_STEPS if wide else _BRIEF_STEPS - 1))
    for place in kept:
        ordinal, step, after = place + 1, result.steps[place], afters[place]
        parts: list[Part] = [
            f"{ordinal:>{numbers}} ",
            _so_far(page, step, after, room),
            (f" {percent(step.probability):>4}", "view.number"),
        ]
        weighed = [c for c in step.candidates if c.token != step.token]
        looked = page.label(step.looked_at, min(sources, 12))
        if wide:
            parts += [" ", (page.bar(step.probability, _BAR), "view.bar")]
            parts.append(f"  {looked} {percent(step.looked_at_weight):>4} ")
            left = page.width - cell_len(page.text(*parts).plain)
            page.line(*parts, (_others(page, weighed, left), "view.note"))
        else:
            page.line(*parts)
            entries = [f"looks at {step.looked_at} {percent(step.looked_at_weight)}"]
            entries += [f"{'or ' if n == 0 else ''}{c.token} {percent(c.probability)}" for n, c in enumerate(weighed)]
            for text in listing(page, entries, indent=after_number + 1)[: 1 if page.brief else None]:
                page.line(" " * (after_number + 1), (text, "view.note"))
    doubt = f"Least sure: “{result.least_sure_token}” ({percent(result.least_sure_probability)})"
    instead = f", rather than “{result.least_sure_alternative}”" if result.least_sure_alternative else ""
    whole, each = percent(result.probability), percent(result.mean_probability)
    if page.brief:
        cut = "" if result.stopped_by_end_mark else " Cut off before an end mark."
        product = f"The whole: {whole}; per step {each}."
        page.short(f"{doubt}{instead}. {product}{cut}", f"{doubt}. {product}{cut}", f"{doubt}.{cut}", product, style="")
        if left := result.step_count - len(kept):
            page.rest_at("translate", the_others(left, "step"))
        return
    page.blank()
    page.say(f"{doubt}{instead}.")
    page.say(f"The whole, all steps multiplied: {whole}; per step {each}.")
    if not result.stopped_by_end_mark:
        page.say("It was cut off before the model wrote an end mark.")


def _kept(result: Translate, most: int) -> list[int]:
    """All steps or, of at `most` so many, the first, the last, and those at which the model was least sure."""
    ends = (0, len(result.steps) - 1)
    doubts = [2.0 if place in ends else 1 - step.probability for place, step in enumerate(result.steps)]
    return most_telling(doubts, most or len(doubts))


def _so_far(page: Page, step: Step, after: str, room: int) -> Text:
    """The text after this step, the new piece set off; where it is too long its beginning goes."""
    before, after = page.clean(step.written), page.clean(after)
    new = after[len(before) :] if after.startswith(before) else ""
    if not new.strip():
        new = (" " if before else "") + page.clean(step.token)
    else:
        before = after[: len(after) - len(new)]
    while before and cell_len(before + new) > room:
        # Whole words go, and a lone piece of one last.
        before = page.clean("… ") + rest if (rest := before.removeprefix(page.clean("… ")).partition(" ")[2]) else ""
    shown = Text()
    shown.append(before, "view.note")
    shown.append(page.label(new, min(room, cell_len(new))), "view.new")
    shown.append(" " * max(0, room - cell_len(shown.plain)))
    return shown


def _others(page: Page, weighed: list[Candidate], room: int) -> str:
    """As many whole candidates as fit."""
    kept, separator = "", page.clean(" · ")
    for candidate in weighed:
        entry = f"{page.clean(candidate.token)} {percent(candidate.probability)}"
        longer = f"{kept}{separator}{entry}" if kept else entry
        if cell_len(longer) > room:
            break
        kept = longer
    return kept


def demo() -> Translate:
    """Made-up numbers."""

    def step(
        written: str, token: str, probability: float, others: tuple[tuple[str, float], ...], at: str, w: float
    ) -> Step:
        candidates = (Candidate(token, probability), *(Candidate(t, p) for t, p in others))
        return Step(written, token, probability, candidates, at, w)

    return Translate(
        source_tokens=("A", "red", "car", ".", "‹end›"),
        translation="Une voiture rouge.",
        steps=(
            step("", "Une", 0.714, (("Un", 0.2), ("La", 0.04)), "A", 0.62),
            step("Une", "voiture", 0.996, (("auto", 0.003), ("vo", 0.0004)), "car", 0.81),
            step("Une voiture", "rouge", 0.93, (("de", 0.02), ("roug", 0.01)), "red", 0.77),
            step("Une voiture rouge", ".", 0.88, (("‹end›", 0.1), ("!", 0.003)), ".", 0.4),
            step("Une voiture rouge.", "‹end›", 0.999, ((".", 0.0001), ("?", 0.00001)), "‹end›", 0.7),
        ),
        step_count=5,
        stopped_by_end_mark=True,
        probability=0.58,
        mean_probability=0.897,
        least_sure_token="Une",
        least_sure_probability=0.714,
        least_sure_alternative="Un",
    )


if __name__ == "__main__":
    from tutor.views.base import show_demo

    show_demo(demo())
