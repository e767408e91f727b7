"""Keeping to the words and the head that the conversation is about, whatever is run next."""

from __future__ import annotations

import dataclasses
from contextlib import suppress

from model.errors import ModelError
from tutor.chat.state import State
from tutor.curriculum.tree import Show
from tutor.errors import LearnerError


def on_the_same(state: State, show: Show) -> Show:
    """`show` about the words and the head that the last run was about, where it can be."""
    from tutor.experiments.registry import find

    last = state.last_run
    if not state.live or not last or last.sentence != state.sentence:
        return show
    names = [field.name for field in dataclasses.fields(find(show.experiment).options)]
    chosen = {name: value for name, value in dataclasses.asdict(last.options).items() if value not in (None, "")}
    place = {name: getattr(last.result, name, None) for name in ("part", "layer", "head")}
    word = chosen.get("word") or getattr(last.result, "query_token", "")
    if last.experiment == show.experiment == "link":  # one step down: the arithmetic of that link
        return Show("attention-steps", {**place, "word": word})
    if show.options.get("part", place["part"]) != place["part"]:
        return show
    kept = {"word": word, "query": word, "key": getattr(last.result, "key_token", ""), **place, **chosen}
    kept = {name: value for name, value in kept.items() if name in names and value} | dict(show.options)
    with suppress(LearnerError, ModelError):
        state.runner.peek(Show(show.experiment, kept), state.sentence)
        return dataclasses.replace(show, options=kept)
    return show
