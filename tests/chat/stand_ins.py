"""A small library, a reader that follows a script, and models that answer at once."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from tutor.curriculum.tree import Analogy, Branch, Concept, Library, Misconception, Narration, Node, Show
from tutor.errors import LearnerError
from tutor.experiments.attention import Attention, AttentionOptions
from tutor.understanding.types import Clue, Context, Guess, Understood


def node(id: str, **given: Any) -> Node:
    concept, facet, *_ = id.split(".")
    values: dict[str, Any] = {
        "id": id, "concept": concept, "facet": facet, "other": "", "ask": f"Ask {id}?", "say": (f"Say {id}.",),
        "simpler": (), "analogy": None, "math": (), "show": Show("attention"), "also": (), "why_below": "",
        "floor": "", "next": (), "phrased": (), "where": "test:1",
    }  # fmt: skip
    return Node(**(values | given))


NODES = (
    node("attention.what", next=("attention.why", "attention.how"), why_below="attention.why",
         simpler=("Simply attention.",), analogy=Analogy("A library.", "no librarian."), math=("softmax(QKᵀ/√d)V",)),
    node("attention.why", why_below="attention.why.path", next=("attention.how",), simpler=("Simply why.",)),
    node("attention.why.path", facet="why", phrased=("attention has the shortest path",), floor="theorem",
         say=("The path has one step.",), next=("attention.how",)),
    node("attention.how", show=Show("attention-steps"), math=("scores, then weights",)),
    node("attention.how.repeats", phrased=("how often is all of this gone through",)),
    node("attention.code", say=("`import torch`", "`attention(x)`")),
    node("softmax.code", say=("`import torch`", "`softmax(x)`")),
    node("softmax.what", next=("softmax.why",)),
    node("softmax.why", show=Show("softmax"), floor="definition"),
    node("scaling.what", show=None),
    node("attention.relation.softmax", facet="relation", other="softmax", ask="Does attention need softmax?"),
    node("query.compare.attention", facet="compare", other="attention"),
    node("query.what"),
    node("query.why"),
)  # fmt: skip

BELIEF = Misconception(
    belief="Attention weights are learned parameters",
    phrased=("the attention weights are learned",),
    refute="They are computed afresh for every sentence.",
    show=Show("parameters"),
    where="test:9",
    simpler=("They are like a recipe made anew for each guest.",),
)


def small_library() -> Library:
    concepts = {}
    for name in dict.fromkeys(entry.concept for entry in NODES):
        own = tuple(entry for entry in NODES if entry.concept == name)
        beliefs = (BELIEF,) if name == "attention" else ()
        concepts[name] = Concept(name, "attention", name.title(), (name,), {}, own, beliefs, "test:1")
    narration = Narration("attention", "Heat map", "", (Branch("", "{query_token} looks at {key_token}."),),
                          ("`/show softmax`", "Why divide?"), "test:1")  # fmt: skip
    return Library(concepts, {entry.id: entry for entry in NODES}, {"attention": narration})


def question(*concepts: str, facet: str = "what", **more: Any) -> Understood:
    return Understood("question", concepts, facet, 0.9, **more)


SCRIPT = {
    "what is attention": question("attention"),
    "why attention": question("attention", facet="why"),
    "how does attention work": question("attention", facet="how"),
    "math of attention": question("attention", facet="math"),
    "what is softmax": question("softmax"),
    "history of softmax": question("softmax", facet="history"),
    "and softmax, over the years": question("softmax", facet="history"),
    "query vs attention, and why?": question("query", "attention", facet="compare"),
    "I want the details": Understood("deeper"),
    "code of attention": question("attention", facet="code"),
    "code of softmax": question("softmax", facet="code"),
    "How often is all of this gone through?": question("softmax", facet="math"),
    "what goes on inside both of them": question("attention", facet="what"),
    "was there nothing better?": Understood("question", ("query", "scaling"), "compare", 0.1),
    "take a paragraph and apply all the steps": Understood("question", ("query",), "how", 0.2),
    'Honestly, "attention has the shortest path" says little': Understood("feedback", ("softmax", "attention")),
    "attention vs softmax": question("attention", "softmax", facet="compare"),
    "softmax or scaling": question("softmax", "scaling", facet="compare"),
    "attention and softmax": question("attention", "softmax", clues=(Clue("softmax", "softmax"),)),
    "what is attention, by the way": question("attention", "softmax"),
    "the part about the shortest path": Understood("feedback", ("attention",)),
    "use a random paragraph and show how attention works": question("attention", facet="how"),
    "tell me the inner working of attention": question("attention", facet="how"),
    "what is a gru": question("rnn"),
    "weights are learned, so what is attention": question("attention", misconception=BELIEF.belief),
    "the weights are learned": Understood("feedback", ("attention",), misconception=BELIEF.belief),
    "it is all softmax": Understood("feedback", ("softmax",)),
    "what is attention?": question("attention"),
    "why attention?": question("attention", facet="why"),
    "what is softmax?": question("softmax"),
    "how does attention work?": question("attention", facet="how"),
    "what do pupils get wrong?": question("attention"),
    "which misconceptions are common?": question("attention"),
    "which analogy works, and where does it break?": question("softmax"),
    "how would you introduce attention?": question("attention", facet="how"),
    "show me the math": question("attention", facet="math"),
    "are the weights learned?": question("attention", misconception=BELIEF.belief),
    "so it means softmax decides": Understood("feedback", ("softmax",)),
    "so this is attention?": question("attention"),
    "wow that clicked": Understood("feedback"),
    "a lot of words": Understood("feedback"),
    "hm well": Understood("feedback"),
    "but why?": Understood("deeper"),
    "go on": Understood("deeper"),
    "simpler": Understood("simpler"),
    "show me": Understood("example_request"),
    "take a random paragraph": Understood("example_request"),
    "hello": Understood("greet"),
    "thanks": Understood("thanks"),
    "bye": Understood("bye"),
    "help": Understood("menu"),
    "quiz me": Understood("quiz"),
    "start the lesson": Understood("lesson"),
    "yes": Understood("yes"),
    "no": Understood("no"),
    "football": Understood("out_of_scope", guesses=(Guess("softmax", "what", 0.2),)),
    "fuzzy": Understood("question", ("attention",), "what", 0.4, unsure=True,
                        guesses=(Guess("softmax", "what", 0.3), Guess("query", "why", 0.2))),
    "My dog sleeps.": Understood("set_sentence", sentence="My dog sleeps."),
    "long " * 200: Understood("set_sentence", sentence="long " * 200),
    "what is attention in My dog sleeps.": question("attention", sentence="My dog sleeps."),
}  # fmt: skip


class ScriptedReader:
    """Knows the turns of `SCRIPT`; a number picks an offer; the rest is out of scope."""

    def __init__(self) -> None:
        self.contexts: list[Context] = []

    def read(self, text: str, context: Context) -> Understood:
        self.contexts.append(context)
        if text.isdigit():
            return Understood("yes", picked=int(text))
        if text.count("?") > 1:
            return question("attention")
        bare = text.removeprefix("Also, ").removeprefix("And ")
        return SCRIPT.get(text) or SCRIPT.get(bare) or SCRIPT.get(text + " ") or Understood("out_of_scope")

    def alike(self, text: str) -> dict[str, float]:
        """Nothing is known of what anything means."""
        return {}


class FakeModels:
    """Enough of `Models` to choose where to look; nothing is computed."""

    def __init__(self) -> None:
        self.model = SimpleNamespace(config=SimpleNamespace(heads=4, encoder_layers=3, decoder_layers=3))

    def warm_up(self) -> None:
        """Nothing to load."""

    def load_rest(self) -> None:
        """Nothing either."""

    def read(self, sentence: str) -> SimpleNamespace:
        tokens = tuple(sentence.rstrip(".").split())
        return SimpleNamespace(source_tokens=tokens, target_tokens=("Le", "chat"), translation=f"{len(tokens)} mots.")

    def source_ids(self, sentence: str) -> tuple[int, ...]:
        if len(sentence.split()) > 128:
            raise LearnerError("That sentence is 201 tokens long and the model reads 128; shorten it or split it.")
        return tuple(range(len(sentence.split())))


@dataclass(frozen=True)
class Stand:
    """Stands in for the result of an experiment."""

    said: str
    tokens: tuple[str, ...] = ()
    byte_tokens: int = 0
    token_count: int = 1
    split_words: tuple[str, ...] = ()
    word_count: int = 1


def fake_result(name: str, sentence: str, options: Any) -> Any:
    if not isinstance(options, AttentionOptions):
        return Stand(name, tuple(sentence.split()))
    tokens = tuple(sentence.rstrip(".").split())
    ends = (0.6, 0.3, *(0.1 / (len(tokens) - 2) for _ in tokens[2:]))
    return Attention(
        part=options.part, layer=options.layer, head=options.head, layers=3, heads=4, query_tokens=tokens,
        key_tokens=tokens, weights=(ends,) * len(tokens), entropies_bits=(1.0,) * len(tokens), query_position=1,
        query_token=tokens[1], query_word=tokens[1], key_position=0, key_token=tokens[0], key_word=tokens[0],
        weight=0.6, entropy_bits=1.2, uniform_weight=0.2, second_key_token=tokens[1], second_key_word=tokens[1],
        second_weight=0.3,
    )  # fmt: skip
