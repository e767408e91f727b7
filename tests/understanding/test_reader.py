"""What the reader must understand: bars on held-out questions, follow-ups, and laws that hold for any text."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.understanding import answer, load, outcomes, table
from tutor.curriculum.tree import FACETS
from tutor.understanding import linear
from tutor.understanding.lexicon import Name, default_root, load_lexicon
from tutor.understanding.reader import Reader
from tutor.understanding.types import Context, Understood

HERE = Path(__file__).parent
ACTS = {
    "question",
    "greet",
    "thanks",
    "bye",
    "simpler",
    "deeper",
    "example_request",
    "set_sentence",
    "yes",
    "no",
    "menu",
    "lesson",
    "quiz",
    "feedback",
    "out_of_scope",
}
AFTER_SOFTMAX = Context(
    concepts=("softmax",),
    facet="what",
    node="softmax.what",
    offered=("Why the exponential?", "What is the formula?"),
    offered_nodes=("softmax.why", "softmax.math"),
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


# `blind.yaml` was never trained or tuned on: its floors are what was measured there, less a little. `heldout*.yaml`
# are among the phrasings by now, and must stay understood.
_KNOWN = {
    "main concept first": 0.95,
    "main concept in three": 0.98,
    "paraphrases": 0.95,
    "facet": 0.95,
    "follow-ups": 0.90,
    "out of scope caught": 0.95,
    "in scope not refused": 0.99,
}


@pytest.mark.parametrize(
    ("file", "floors"),
    [
        (
            "blind.yaml",
            {
                "main concept first": 0.89,
                "main concept in three": 0.94,
                "paraphrases": 0.86,
                "facet": 0.82,
                "follow-ups": 0.68,
                "out of scope caught": 0.85,
                "in scope not refused": 0.975,
            },
        ),
        ("heldout.yaml", _KNOWN),
        (
            "heldout2.yaml",
            _KNOWN | {"main concept in three": 0.96, "facet": 0.9, "follow-ups": 0.65, "in scope not refused": 0.98},
        ),
    ],
)
def test_bars_do_not_fall(reader: Reader, file: str, floors: dict[str, float]) -> None:
    bars = table(outcomes(reader, load(HERE / file)))
    measured = {bar: bars[bar][0] / bars[bar][1] for bar in floors}
    assert {bar: value for bar, value in measured.items() if value < floors[bar]} == {}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300), told=st.booleans())
def test_any_text_is_read_without_raising(reader: Reader, text: str, told: bool) -> None:
    understood = reader.read(text, AFTER_SOFTMAX if told else Context())
    assert understood.act in ACTS
    assert understood.facet in (*FACETS, "")
    assert 0.0 <= understood.confidence <= 1.0
    assert understood.act != "question" or understood.concepts


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\t", "🙂🙂🙂", "\x00\x1b[31m\x07", "????", "'", '"', ":", "2", "ß", "注意力是什么"]
)
def test_odd_turns_are_read(reader: Reader, text: str) -> None:
    assert reader.read(text, Context()).act in ACTS


@pytest.mark.parametrize("text", ["why softmax ", "qzxv", "a", "what is, ", '"', "here "])
def test_ten_thousand_characters_are_read(reader: Reader, text: str) -> None:
    """Of one thing again and again, over which a pattern that backtracks would not come to an end."""
    assert reader.read((text * 10_000)[:10_000], Context()).act in ACTS


def test_reading_is_repeatable(reader: Reader) -> None:
    turn = "so why does it never look at the words to the right?"
    assert reader.read(turn, Context()) == reader.read(turn, Context())


@pytest.mark.parametrize("turn", ["why?", "but why?", "Why is that?", "why though", "and why is that so?"])
def test_a_bare_why_after_an_answer_goes_deeper(reader: Reader, turn: str) -> None:
    understood = reader.read(turn, AFTER_SOFTMAX)
    assert (understood.act, understood.concepts[0], understood.facet) == ("deeper", "softmax", "why")


@pytest.mark.parametrize(("turn", "number"), [("1", 1), ("2", 2), ("the second one", 2), ("number 1", 1), ("last", 2)])
def test_a_number_picks_an_offer(reader: Reader, turn: str, number: int) -> None:
    understood = reader.read(turn, AFTER_SOFTMAX)
    assert understood.picked == number
    assert understood.concepts == ("softmax",)
    assert understood.facet == ("why", "math")[number - 1]


def test_a_number_without_offers_picks_nothing(reader: Reader) -> None:
    assert reader.read("2", Context(concepts=("softmax",))).picked == 0


@pytest.mark.parametrize(
    ("turn", "sentence"),
    [
        ("Use this sentence: The cat sat on the mat.", "The cat sat on the mat."),
        ('"The storm broke the old bridge"', "The storm broke the old bridge"),
        ("My uncle repairs clocks in a small shop.", "My uncle repairs clocks in a small shop."),
    ],
)
def test_a_sentence_to_work_on_is_found(reader: Reader, turn: str, sentence: str) -> None:
    understood = reader.read(turn, Context())
    assert (understood.act, understood.sentence) == ("set_sentence", sentence)


def test_a_question_may_carry_its_sentence(reader: Reader) -> None:
    understood = reader.read('what does self-attention do on "The dog chased the cat"?', Context())
    assert understood.act == "question"
    assert understood.concepts[0] == "self-attention"
    assert understood.sentence == "The dog chased the cat"


@pytest.mark.parametrize(
    ("turns", "concept", "facet"),
    [
        (["what does the encoder do", "and the decoder?"], "decoder", "what"),
        (["explain softmax", "why is it used?"], "softmax", "why"),
        (["explain the encoder", "no, I mean the decoder"], "decoder", "what"),
    ],
)
def test_a_follow_up_is_resolved_from_what_was_said(reader: Reader, turns: list[str], concept: str, facet: str) -> None:
    understood = answer(reader, turns)
    assert (understood.act, understood.concepts[0], understood.facet) == ("question", concept, facet)


def test_a_pronoun_and_a_name_make_a_relation(reader: Reader) -> None:
    understood = answer(reader, ["what is attention?", "does it help backprop?"])
    assert understood.facet == "relation"
    assert set(understood.concepts[:2]) == {"attention", "backpropagation"}


def test_a_comparison_lists_both_concepts_first(reader: Reader) -> None:
    understood = reader.read("what is the difference between the encoder and self-attention?", Context())
    assert understood.facet == "compare"
    assert set(understood.concepts[:2]) == {"encoder", "self-attention"}


@pytest.mark.parametrize(
    ("misspelt", "concept"),
    [
        ("sofmtax", "softmax"),
        ("transfromer", "transformer"),
        ("embeding", "embedding"),
        ("backpropogation", "backpropagation"),
    ],
)
def test_misspelt_names_are_understood(reader: Reader, misspelt: str, concept: str) -> None:
    assert reader.read(f"what is {misspelt}", Context()).concepts[0] == concept


@pytest.mark.parametrize(
    "turn",
    [
        "how do i boil rice",
        "the transformer outside is humming near the pole",
        "css gradient from red to green",
        "explain gradient boosting",
        "how do generative adversarial networks work",
    ],
)
def test_other_subjects_are_declined(reader: Reader, turn: str) -> None:
    assert reader.read(turn, Context()).act == "out_of_scope"


def test_every_question_says_which_words_spoke_for_it(reader: Reader) -> None:
    understood: Understood = reader.read("why is softmax used in attention", Context())
    assert ("softmax", "softmax") in {(clue.words, clue.speaks_for) for clue in understood.clues}


def test_every_concept_has_names_and_phrasings() -> None:
    lexicon = load_lexicon()
    asked = {
        concept: sum(ask.concept == concept for ask in lexicon.asks) for concept in {n.concept for n in lexicon.names}
    }
    assert len(asked) == len({ask.concept for ask in lexicon.asks}) >= 49
    assert {concept: n for concept, n in asked.items() if n < 25} == {}


@pytest.mark.parametrize(
    ("turns", "concept", "facet"),
    [
        (["How encoder and decoder work"], "encoder-decoder", "how"),
        (["How does attention work exactly?"], "attention", "how"),
        (["how does this attention thing in deep learning do its work"], "attention", "how"),
        (["what is softmax in neural networks"], "softmax", "what"),
        (["what are embeddings", "but how does that help predict the next word?"], "embedding", "relation"),
        (
            ["how is the attention score computed", "Wasn't there anything better?"],
            "attention-score",
            "compare or limits",
        ),
    ],
)
def test_the_setting_of_a_question_is_not_its_subject(
    reader: Reader, turns: list[str], concept: str, facet: str
) -> None:
    understood = answer(reader, turns)
    # A relation names both of its concepts first, in either order.
    assert concept in understood.concepts[: 2 if facet == "relation" else 1]
    assert understood.act == "question" and understood.facet in facet.split(" or ")
    assert not understood.misconception


def test_wanting_the_why_is_no_comparison(reader: Reader) -> None:
    turn = "Please explain attention and also self-attention. The steps I roughly get, but not really the why."
    understood = reader.read(turn, Context())
    assert understood.facet == "why"
    assert set(understood.concepts[:2]) == {"attention", "self-attention"}


def test_a_concept_that_was_not_trained_on_is_found_by_its_name() -> None:
    lexicon = load_lexicon()
    more = (Name("rotary wheel", "rotary-wheel", 1.0),)
    taught = Reader(None, replace(lexicon, names=(*lexicon.names, *more)))
    assert taught.read("what is a rotary wheel", Context()).concepts[0] == "rotary-wheel"


def test_the_trained_file_is_small_and_packs_as_it_parses() -> None:
    file = default_root() / linear.FILE
    assert file.stat().st_size <= 1_500_000
    packed = linear.pack(
        [("h", ["a", "b"], 0.5, ["s:x", "s:y"], [0.5, -0.5], [[1.0, -1.0], [0.0, 2.0]])], {"x": 2}, [7]
    )
    model = linear.parse(packed)
    assert (model.words, model.asks) == ({"x": 2}, frozenset({7}))
    head = model.heads["h"]
    assert head.logits({"s:x": 1.0, "s:z": 9.0}) == pytest.approx([1.5, -1.5], abs=0.02)
    assert head.why({"s:x": 1.0}, "a") == ["s:x"]
    assert sum(math.exp(log) for log in head.logs({}).values()) == pytest.approx(1.0)
