"""Which run comes when: never one that was seen where another would do, and none that shows nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

import tutor.experiments.registry as registry
from tutor.chat.asking import asks_for_steps
from tutor.chat.conversation import Conversation
from tutor.chat.finishing import fresh_run
from tutor.chat.state import Draft
from tutor.curriculum.tree import Branch, Show
from tutor.experiments.base import Run


def shown(conversation: Conversation, draft: Draft, times: int) -> list[tuple[Show, Run | None]]:
    assert draft.node and draft.node.show
    return [fresh_run(conversation.state, draft.node.show, draft) for _ in range(times)]


def test_an_answers_further_runs_come_before_the_same_run_on_another_head(conversation: Conversation) -> None:
    also = Show("scaling", narrate=(Branch("", "Divided."),))
    node = replace(conversation.state.library.nodes["attention.what"], also=(also,))
    (first, one), (second, two), (third, three) = shown(conversation, Draft(node=node), 3)
    assert [one and one.experiment, two and two.experiment, three and three.experiment] == [
        *("attention", "scaling", "attention"),
    ]
    assert second == also and first == third == node.show
    assert one and three and one.options != three.options


def test_a_further_run_is_told_in_the_lessons_words(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrated: list[Any] = []
    monkeypatch.setattr(conversation.runner, "narrate", lambda run, branches=(): narrated.append(branches) or "Told.")
    also = Show("scaling", narrate=(Branch("", "Divided."),))
    nodes = conversation.state.library.nodes
    assert isinstance(nodes, dict)
    nodes["attention.what"] = replace(nodes["attention.what"], also=(also,))
    conversation.turn("what is attention")
    conversation.turn("what is attention?")
    assert also.narrate in narrated


@dataclass(frozen=True)
class Outcome:
    head: int | None
    shows: bool


def test_a_variation_that_does_not_show_it_is_passed_over(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = registry.run

    def run(name: str, models: Any, sentence: str, options: Any = None) -> Run:
        made = before(name, models, sentence, options)
        return replace(made, result=Outcome(made.options.head, made.options.head == 3))

    monkeypatch.setattr(registry, "run", run)
    show = Show("attention")
    found = [conversation.runner.run(show, conversation.sentence) for _ in range(2)]
    assert [(one.result.head, new) for one, new in found] == [(0, True), (3, True)]


def test_all_the_steps_are_drawn_whole(conversation: Conversation) -> None:
    assert asks_for_steps("apply all the steps of attention to my sentence") and asks_for_steps("do it step by step")
    assert not asks_for_steps("show me the next step")
