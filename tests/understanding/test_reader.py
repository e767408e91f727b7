"""One turn becomes an intent: who asks in a node's own words is told that node, and a broken file is one clear line."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stand_ins import NODES, FakeModels, ReadAhead, small_library

from tutor.console import BROKEN, explain
from tutor.curriculum.loader import lessons_root
from tutor.curriculum.tree import Library
from tutor.dialogue.conversation import Conversation
from tutor.dialogue.policy import decide
from tutor.dialogue.types import State
from tutor.errors import BrokenFileError
from tutor.terminal.session import Chat
from tutor.understanding import encoder, index, reader
from tutor.understanding.encoder import Read
from tutor.understanding.going_on import GoingOn
from tutor.understanding.index import key_of, load_index, pack
from tutor.understanding.intent import Context, Slot
from tutor.understanding.reader import Reader

WIDTH = 16
BUNDLED = lessons_root() / "understanding"


# --- the bundled reader ----------------------------------------------------------------------------------


def test_every_node_is_told_to_who_asks_in_its_own_words(library: Library, reader: Reader) -> None:
    asked = [node.ask for node in library.nodes.values()]
    ahead = copy.copy(reader)
    ahead._encoder = ReadAhead(reader._encoder, [("", text) for text in asked])  # type: ignore[assignment]
    state = State("The cat is on the mat.", live=False)
    other = {}
    for node in library.nodes.values():
        plan = decide(library, ahead.read(node.ask, Context()), state)
        if plan.node != node.id:
            other[node.id] = plan.node or plan.status.value
    assert other == {}


def test_no_two_nodes_are_asked_for_in_the_same_words(library: Library) -> None:
    asked = [node.ask.casefold() for node in library.nodes.values()]
    assert sorted({text for text in asked if asked.count(text) > 1}) == []


def test_the_bundled_index_lacks_no_wording(library: Library, reader: Reader) -> None:
    known, learned = load_index(BUNDLED / index.FILE)
    lacking = [text for text in library.wordings() if key_of(text) not in known]
    assert (len(lacking), lacking[:3]) == (0, []), "run `python -m training.reader index`"
    assert reader._index.missing() == []
    assert len(set(learned) & set(library.nodes)) > len(library.nodes) / 2


def test_every_picture_whose_marks_are_told_can_be_asked_about(library: Library, reader: Reader) -> None:
    for name, narration in library.narrations.items():
        intent = reader.read("what is that?", Context(picture=name, picture_title=narration.title))
        assert {mark.id for mark in intent.marks} == {f"{name}#{number}" for number in range(len(narration.legend))}


# --- a reader over a small library ---------------------------------------------------------------------


def direction(text: str) -> Any:
    drawn = np.random.default_rng(abs(key_of(text))).standard_normal(WIDTH).astype(np.float32)
    return drawn / np.linalg.norm(drawn)


class Directions:
    """An encoder that gives each turn the direction of its text, and labels and slots as told."""

    def __init__(self) -> None:
        self.read_turns: list[list[tuple[str, str]]] = []
        self.slots: dict[str, str] = {}

    def read(self, turns: Sequence[tuple[str, str]]) -> list[Read]:
        self.read_turns.append(list(turns))
        return [Read(direction(told + text), self._labels(told), self._words(text)) for told, text in turns]

    def vectors(self, texts: Sequence[str]) -> Any:
        return np.stack([direction(text) for text in texts])

    def _labels(self, told: str) -> dict[str, dict[str, float]]:
        first = "why" if told else "question"
        acts = {"request": 0.2, first: 0.7, **{f"other {number}": 0.1 / 18 for number in range(18)}}
        return {"act": acts, "wish": {"none": 0.3, "shorter": 0.7}, "run": {"attention": 0.4, "none": 0.6}}

    def _words(self, text: str) -> tuple[tuple[int, int, str], ...]:
        found, at = [], 0
        for word in text.split():
            at = text.index(word, at)
            found.append((at, at + len(word), self.slots.get(word, "-")))
            at += len(word)
        return tuple(found)


@pytest.fixture
def small(tmp_path: Path) -> Reader:
    folder = tmp_path / "understanding"
    folder.mkdir()
    texts = [node.ask for node in NODES]
    rows = np.stack([direction(text) for text in texts])
    (folder / index.FILE).write_bytes(pack(texts, rows, {"scaling.what": direction("learned")}))
    found = Reader(small_library(), tmp_path)
    found._encoder = found._index._encoder = Directions()  # type: ignore[assignment]
    return found


def test_a_turn_is_read_alone_and_after_what_was_told(small: Reader) -> None:
    told = Context(told="Ask softmax.what?", picture="attention", picture_title="Who looks at whom")
    assert told.before == "Ask softmax.what? | picture: Who looks at whom"
    intent = small.read("Ask attention.why?", told)
    turn = "Ask attention.why?"
    assert small._encoder.read_turns == [[(told.before, turn), (told.told, turn), ("", turn)]]  # type: ignore[attr-defined]
    acts = {entry.id: entry.probability for entry in intent.acts}
    assert intent.act == "why" and acts["why"] == pytest.approx(0.6 * 0.7)  # heard in its place
    assert acts["question"] == pytest.approx(0.4 * 0.7)  # and by itself
    assert intent.wish == "shorter" and [run.id for run in intent.runs] == ["attention"]
    small.read(turn, Context())
    assert small._encoder.read_turns[1] == [("", turn)]  # type: ignore[attr-defined]


def test_the_two_ways_of_reading_are_weighed(small: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = {entry.id: entry.probability for entry in small.read("Ask attention.why?", Context()).nodes}
    monkeypatch.setattr(reader, "ALONE", 1.0)
    read = small.read("Ask attention.why?", Context(told="x"))
    assert {entry.id: entry.probability for entry in read.nodes} == pytest.approx(alone, abs=1e-5)
    assert read.likeness == pytest.approx(1, abs=0.02)
    monkeypatch.setattr(reader, "ALONE", 0.0)
    other = {entry.id: entry.probability for entry in small.read("Ask attention.why?", Context(told="x")).nodes}
    assert other != pytest.approx(alone, abs=1e-3)


def test_after_an_answer_its_subject_and_what_it_leads_to_are_nearer_and_itself_is_not(
    small: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = small_library()
    told = next(node for node in library.nodes.values() if node.next)
    nearer = dict(zip(library.nodes, GoingOn(library).scores(told.ask), strict=True))  # type: ignore[arg-type]
    stranger = min(nearer[name] for name, node in library.nodes.items() if node.concept != told.concept)
    kin = [name for name, node in library.nodes.items() if node.concept == told.concept and name != told.id]
    assert stranger == 0 and nearer[told.id] < 0 and min(nearer[name] for name in kin) > 0
    assert all(nearer[name] > stranger for name in told.next if name != told.id)
    assert GoingOn(library).scores("Whom did nobody ask?") is None
    share = []
    for _ in range(2):
        found = small.read("and then?", Context(told=told.ask)).nodes
        share.append(sum(one.probability for one in found if one.id in kin))
        monkeypatch.setattr(small._going_on, "scores", lambda _: None)
    assert share[0] > share[1]


def test_nodes_come_best_first_and_are_probabilities(small: Reader) -> None:
    intent = small.read("Ask softmax.why?", Context())
    shares = [entry.probability for entry in intent.nodes]
    assert intent.node == "softmax.why" and shares == sorted(shares, reverse=True)
    assert 0.9 < sum(shares) <= 1.0001 and len(intent.nodes) == reader.KEPT < len(NODES)
    assert len(intent.acts) == reader.KEPT


def test_words_side_by_side_in_one_slot_are_one(small: Reader) -> None:
    small._encoder.slots = {"layer": "layer", "2": "layer", "cat": "word", "mat": "word", "dog": "new"}  # type: ignore[attr-defined]
    intent = small.read("layer 2 for cat and mat dog", Context())
    assert intent.slots == (
        Slot("layer", "layer 2", 0),
        Slot("word", "cat", 12),
        Slot("word", "mat", 20),
        Slot("new", "dog", 24),
    )
    assert intent.slot("layer") == "layer 2" and intent.texts("word") == ("cat", "mat") and intent.slot("head") == ""
    assert intent.numbers == (2.0,) and intent.named == {"layer": 2.0}


def test_a_number_picks_an_offer_only_where_so_many_stand(small: Reader) -> None:
    assert [small.read("2", Context(offered=count)).picked for count in (3, 2, 1, 0)] == [2, 2, 0, 0]


def test_marks_of_the_picture_on_the_screen_come_likest_first(small: Reader) -> None:
    assert small.read("the arrow", Context()).marks == ()
    assert small.read("the arrow", Context(picture="gone")).marks == ()
    first, second = small.read("the arrow", Context(picture="attention")).marks
    assert (first.id, second.id) == ("attention#1", "attention#0")
    assert first.probability == pytest.approx(1, abs=0.02) and second.probability < 0.9
    after = Context(told="Ask softmax.what?", picture="attention")
    assert small.read("the arrow", after).marks == (first, second)  # what was told says nothing about a mark
    assert small.read("the black ones", after).marks[0].id == "attention#0"


# --- files that cannot be used ------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path, request: Any) -> Reader:
    """A reader with one file missing or cut off."""
    folder = tmp_path / "understanding"
    folder.mkdir()
    for name in (encoder.FILE, index.FILE):
        shutil.copy(BUNDLED / name, folder / name)
    name, how = request.param
    if how == "missing":
        (folder / name).unlink()
    else:
        with (folder / name).open("r+b") as file:
            file.truncate(5000)
    return Reader(small_library(), tmp_path)


BREAKS = [(name, how) for name in (encoder.FILE, index.FILE) for how in ("missing", "cut off")]


@pytest.mark.parametrize("broken", BREAKS, indirect=True, ids=str)
def test_a_broken_file_is_one_line_and_the_chat_goes_on(broken: Reader, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BrokenFileError) as told:
        broken.warm_up()
    assert "\n" not in str(told.value) and "put the file of this version back in" in str(told.value)
    assert explain(told.value) == BROKEN and capsys.readouterr().err.count("\n") == 1

    out: list[str] = []
    chat = Chat(lambda: Conversation(small_library(), broken, FakeModels()), write=out.append)  # type: ignore[arg-type]
    chat.model_ready.set()
    for line in ("why?", "/help quit"):
        chat.handle(line)
    assert "cannot be read" in " ".join(out[0].split()) and out[1].startswith("/quit: leave")


def test_a_picture_beside_an_answer_changes_no_reading_of_what_is_asked(small: Reader) -> None:
    told, turn = NODES[0].ask, NODES[1].asked[0] if NODES[1].asked else NODES[1].ask
    bare, pictured = (small.read(turn, Context(told=told, picture_title=title)) for title in ("", "Who looks at whom"))
    assert pictured.nodes == bare.nodes and pictured.parts == bare.parts
