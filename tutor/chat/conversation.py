"""One conversation: each turn of the learner's is understood, answered from the lessons, and shown live.

Nothing here knows a terminal. The same object answers in the chat, in `ask`, and in tests.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from model.errors import ModelError
from tutor.chat import replies
from tutor.chat.clean import LONGEST_TURN, clean
from tutor.chat.quiz import Quiz, ask_about_belief, ask_about_weights, grade
from tutor.chat.runs import PLACES, Runner, trouble
from tutor.chat.tellings import FACET_PHRASES, Found, Telling, find_node, misconception, siblings, tellings
from tutor.chat.turn import Offer, Turn
from tutor.chat.wording import CLOSE, Wording
from tutor.curriculum.tree import Library, Node, Show
from tutor.errors import LearnerError
from tutor.experiments.base import Run
from tutor.understanding.types import Context, Understood

if TYPE_CHECKING:
    from tutor.experiments.models import Models

DEFAULT_SENTENCE = "The cat is on the mat."
SHORT_SENTENCE = "I see a cat."
OFFERS = 3
FIRST_LOOK = (Show("tokens"), Show("attention"))
"""What a sentence of the learner's own is greeted with."""


class ReadsTurns(Protocol):
    """Whatever turns text and context into what was asked."""

    def read(self, text: str, context: Context) -> Understood: ...


@dataclass
class Draft:
    """An answer in the making."""

    paragraphs: list[str] = field(default_factory=list)
    node: Node | None = None
    shows: tuple[Show, ...] = ()
    offers: list[Offer] = field(default_factory=list)
    """Offers that come before the node's own."""
    on: str = ""
    """A sentence for this answer alone; empty for the one in force."""
    runs: tuple[Run, ...] = ()
    """Runs that have been made already."""
    only_these_offers: bool = False
    outside: bool = False
    unpictured: tuple[str, ...] = ()
    command: str = ""
    leave: bool = False


class Conversation:
    """A conversation and its memory. Not for use from two threads at once."""

    def __init__(self, library: Library, reader: ReadsTurns, models: Models, sentence: str = DEFAULT_SENTENCE) -> None:
        self.library = library
        self.reader = reader
        self.runner = Runner(library, models)
        self.sentence = clean(sentence) or DEFAULT_SENTENCE
        self.turns: list[Turn] = []
        self.last_node: Node | None = None
        self.understood = Understood("greet")
        self.offers: tuple[Offer, ...] = ()
        self._told: set[tuple[str, str]] = set()
        self._answers: set[str] = set()
        self._concepts: tuple[str, ...] = ()
        self._facet = ""
        self._history: list[tuple[str, ...]] = []
        self._quiz: Quiz | None = None
        self._samples = 0
        self._live = True

    @functools.cached_property
    def _wording(self) -> Wording:
        return Wording(self.library)

    # --- turns ------------------------------------------------------------------------------------

    def turn(self, text: str, live: bool = True) -> Turn:
        """Answer one turn. What the learner types never raises: it is answered, if only with one clear line."""
        self._live = live
        question = clean(text)
        if len(question) > LONGEST_TURN:
            line = f"That is {len(question):,} characters long and I read {LONGEST_TURN:,}; ask it in fewer words."
            return self._finish(question[:200] + " …", Understood("out_of_scope"), Draft([line], outside=True))
        if not question:
            line = "There was nothing to read in that line. Type a sentence or a question."
            return self._finish("", Understood("menu"), Draft([line]))
        if self._quiz:
            quiz, self._quiz = self._quiz, None
            graded = grade(quiz, question)
            if graded:
                draft = Draft([graded], runs=quiz.runs, shows=quiz.shows, offers=[Offer("Ask me another")])
                return self._finish(question, Understood("quiz", self._concepts, confidence=1.0), draft)
        understood = self.reader.read(question, self.context)
        return self._finish(question, understood, self._draft(question, understood))

    @property
    def context(self) -> Context:
        """What has been established so far, for the reader."""
        return Context(
            concepts=self._concepts,
            facet=self._facet,
            node=self.last_node.id if self.last_node else "",
            offered=tuple(offer.text for offer in self.offers),
            offered_nodes=tuple(offer.node for offer in self.offers),
            history=tuple(self._history),
            sentence=self.sentence,
        )

    def show(self, experiment: str, options: Mapping[str, Any] | None = None, sentence: str = "") -> Turn:
        """Run an experiment that the learner named. Raises `LearnerError` or `ModelError` where that cannot be."""
        if sentence:
            self.sentence = clean(sentence)
        show = Show(experiment, dict(options or {}))
        run, _ = self.runner.run(show, self.sentence, fresh=False)
        narration = self.library.narrations.get(experiment)
        draft = Draft(runs=(run,), offers=[Offer(text) for text in (narration.next if narration else ())])
        words = [f"--{name} {value}" for name, value in (options or {}).items()]
        question = " ".join(["/show", experiment, *words])
        return self._finish(question, Understood("example_request", confidence=1.0), draft)

    def use_sentence(self, text: str, live: bool = True) -> Turn:
        """Put a sentence in force, whatever it looks like."""
        self._live = live
        understood = Understood("set_sentence", confidence=1.0, sentence=clean(text))
        return self._finish(clean(text), understood, self._set_sentence(text, understood))

    def explain_understanding(self) -> str:
        """What was understood of the last question, and from which words."""
        understood = self.understood
        lines = [f"act        {understood.act}  (confidence {understood.confidence:.2f})"]
        if understood.concepts:
            lines.append(f"concepts   {', '.join(understood.concepts)}")
        if understood.facet:
            lines.append(f"facet      {understood.facet}: {FACET_PHRASES.get(understood.facet, '')}")
        if understood.misconception:
            lines.append(f"belief     {understood.misconception}")
        if understood.clues:
            wide = max(len(clue.words) for clue in understood.clues)
            lines.append("from these words:")
            lines += [f"  {clue.words:{wide}}  -> {clue.speaks_for}" for clue in understood.clues]
        if understood.guesses:
            lines.append("next best readings:")
            lines += [
                f"  {guess.concept}, {guess.facet or 'no facet'}  ({guess.score:.2f})" for guess in understood.guesses
            ]
        return "\n".join(lines)

    def set_place(self, **place: Any) -> None:
        """Put a part, layer or head in force. Raises `LearnerError` where there is none such."""
        from tutor.experiments.models import check_place

        wanted = {name: value for name, value in (self.runner.place | place).items() if name in PLACES}
        check_place(self.runner.models, wanted.get("part", "encoder"), wanted.get("layer", 1), wanted.get("head"))
        self.runner.place = wanted

    # --- what to say ------------------------------------------------------------------------------

    def _draft(self, question: str, understood: Understood) -> Draft:
        if understood.sentence and understood.act != "set_sentence":
            self.sentence = clean(understood.sentence) or self.sentence
        if 1 <= understood.picked <= len(self.offers):
            return self._accept(self.offers[understood.picked - 1], question)
        if understood.picked:
            there = f"there are {len(self.offers)}" if self.offers else "there are none"
            return self._keeping_offers(f"There is no offer {understood.picked}; {there}.")
        if understood.unsure and understood.act == "question":
            asked_back = self._did_you_mean(understood)
            if asked_back:
                return asked_back
        handlers: dict[str, Callable[[str, Understood], Draft]] = {
            "question": self._question,
            "simpler": self._simpler,
            "deeper": self._deeper,
            "example_request": self._example,
            "set_sentence": self._set_sentence,
            "yes": self._yes,
            "no": self._no,
            "menu": self._menu,
            "lesson": self._lesson,
            "quiz": self._start_quiz,
            "feedback": self._feedback,
            "out_of_scope": self._outside,
        }
        handler = handlers.get(understood.act)
        if handler:
            return handler(question, understood)
        draft = Draft([self._reply(understood.act)], leave=understood.act == "bye")
        draft.only_these_offers = understood.act == "bye"
        return draft

    def _question(self, question: str, understood: Understood) -> Draft:
        belief = misconception(self.library, understood.misconception)
        concepts, facet = understood.concepts, understood.facet
        if _wants_text(question):
            facet = "example"
            if not understood.sentence:
                self._own_sentence()
        meant = self._meant(question, understood)
        found = Found(meant) if meant and facet != "example" else find_node(self.library, concepts, facet)
        if not found and len(concepts) > 1 and facet in ("compare", "relation"):
            draft = self._side_by_side(understood)
        elif not found:
            return self._no_lesson(understood)
        else:
            draft = self._tell(found.node, prefer=found.variant, question=question)
            if found.missing and draft.node is found.node and not belief:
                title = self._title(found.node.concept)
                phrase = FACET_PHRASES.get(found.missing, "that")
                line = f"I have nothing on {phrase} for {title}; the nearest that I have is this."
                draft.paragraphs.insert(0, line)
        if belief and (belief.belief, "refute") not in self._told:
            self._told.add((belief.belief, "refute"))
            draft.paragraphs.insert(0, belief.refute)
            draft.shows = (belief.show,) if belief.show else draft.shows
        draft.offers += self._others_asked(understood, draft.node)
        return draft

    def _meant(self, question: str, understood: Understood) -> Node | None:
        """A node below a facet that the question words, of one of the concepts that were understood."""
        match = self._wording.closest(question)
        if not match or match.canonical or match.node.other or match.score < CLOSE:
            return None
        return match.node if match.node.concept in understood.concepts else None

    def _others_asked(self, understood: Understood, told: Node | None) -> list[Offer]:
        """Offers for what a rambling turn also asked about."""
        heard = {clue.speaks_for for clue in understood.clues}
        offers = []
        for concept in understood.concepts[1:]:
            if concept not in heard or (told and concept in (told.concept, told.other)):
                continue
            facet = understood.facet if understood.facet not in ("compare", "relation") else "what"
            other = find_node(self.library, (concept,), facet)
            if other and (other.node.id, "say") not in self._told:
                offers.append(Offer(other.node.ask, other.node.id))
        return offers[: OFFERS - 1]

    def _own_sentence(self) -> None:
        """Put a sentence of ours in force, another one each time."""
        self.sentence = replies.SAMPLES[self._samples % len(replies.SAMPLES)]
        self._samples += 1

    def _tell(self, node: Node, prefer: str = "say", question: str = "") -> Draft:
        """Tell `node` in a way that it has not been told; when there is none, go down; then say so."""
        ways = list(tellings(node))
        ways.sort(key=lambda way: way.variant != prefer)
        told_before = any((node.id, way.variant) in self._told for way in ways)
        if told_before and node.facet == "why" and _asks_why(question):
            below = self._below(node)
            if below:
                return self._told_node(below, tellings(below)[0])
        if told_before and _wants_detail(question):
            for way in reversed(ways):
                if way.variant == "math" and (node.id, "math") not in self._told:
                    return self._told_node(node, way)
            for name in node.next:
                part = self.library.nodes.get(name)
                if part and part.facet in ("how", "math") and (part.id, "say") not in self._told:
                    return self._told_node(part, tellings(part)[0])
        for way in ways:
            if (node.id, way.variant) not in self._told:
                return self._told_node(node, way)
        below = self._below(node)
        if below:
            return self._told_node(below, tellings(below)[0])
        return self._told_all(node)

    def _told_node(self, node: Node, way: Telling) -> Draft:
        self._told.add((node.id, way.variant))
        return Draft(list(way.paragraphs), node=node, shows=(self._show_of(node),))

    def _told_all(self, node: Node) -> Draft:
        count = sum((node.id, f"all {n}") in self._told for n in range(len(replies.TOLD_ALL)))
        self._told.add((node.id, f"all {count}"))
        line = replies.TOLD_ALL[min(count, len(replies.TOLD_ALL) - 1)].format(ask=node.ask)
        return Draft([line], node=node, shows=(self._show_of(node),))

    def _below(self, node: Node) -> Node | None:
        """The first node down the chain of whys that has not been told."""
        seen = {node.id}
        below = self.library.nodes.get(node.why_below)
        while below and below.id not in seen:
            if (below.id, "say") not in self._told:
                return below
            seen.add(below.id)
            below = self.library.nodes.get(below.why_below)
        return None

    def _floor_of(self, node: Node) -> Node:
        """The last node of the chain of whys that starts at `node`."""
        seen = {node.id}
        while node.why_below in self.library.nodes and node.why_below not in seen:
            seen.add(node.why_below)
            node = self.library.nodes[node.why_below]
        return node

    def _deeper(self, question: str, understood: Understood) -> Draft:
        node = self._node_in_view(understood)
        if not node:
            return Draft([self._reply("nothing to simplify")])
        by_concept = {facet: self.library.node_for(node.concept, facet) for facet in ("why", "how", "math")}
        folded = question.casefold()
        below = self._below(node)
        if "how" in folded.split() or "exactly" in folded:
            order = [by_concept["how"], by_concept["math"], below, by_concept["why"]]
        elif _asks_why(question):
            order = [below if node.facet == "why" or below else by_concept["why"], by_concept["why"], below]
        else:
            order = [by_concept["how"] if node.facet == "what" else None, below, by_concept["math"], by_concept["how"]]
        for candidate in order:
            if candidate and (candidate.id, "say") not in self._told:
                return self._told_node(candidate, tellings(candidate)[0])
        if not _asks_why(question):
            for candidate in (node, *(found for found in by_concept.values() if found)):
                if candidate.math and (candidate.id, "math") not in self._told:
                    return self._told_node(candidate, Telling("math", candidate.math))
        floor = self._floor_of(node)
        if floor.floor and (floor.id, "floor") not in self._told:
            self._told.add((floor.id, "floor"))
            line = replies.FLOORS[floor.floor].format(ask=floor.ask)
            return Draft([line], node=floor, shows=(self._show_of(floor),))
        if node.math and (node.id, "math") not in self._told:
            return self._told_node(node, Telling("math", node.math))
        return self._told_all(node)

    def _simpler(self, question: str, understood: Understood) -> Draft:
        node = self._node_in_view(understood)
        if not node:
            return Draft([self._reply("nothing to simplify")])
        ways = [way for way in tellings(node) if way.variant in ("simpler", "analogy")]
        if "analogy" in question.casefold() or "picture" in question.casefold():
            ways.reverse()
        for way in ways:
            if (node.id, way.variant) not in self._told:
                return self._told_node(node, way)
        what = self.library.node_for(node.concept, "what")
        if what and what.id != node.id:
            for way in tellings(what):
                if way.variant in ("simpler", "analogy") and (what.id, way.variant) not in self._told:
                    return self._told_node(what, way)
        if (node.id, "short run") not in self._told and self._live:
            self._told.add((node.id, "short run"))
            return Draft([replies.SIMPLER_RUN], node=node, shows=(self._show_of(node),), on=SHORT_SENTENCE)
        return self._told_all(node)

    def _example(self, question: str, understood: Understood) -> Draft:
        node = self._node_in_view(understood)
        own_choice = re.search(r"\b(random|some|any|another|different|other|your)\b", question.casefold())
        if own_choice and not understood.sentence:
            self._own_sentence()
        line = f"On *{self.sentence}*"
        if node:
            show = self._show_of(node)
            return Draft([f"{line}, this is what “{node.ask}” comes down to."], node=node, shows=(show,))
        return Draft(
            [f"{line}, first cut into tokens, then one word's way through one head."],
            shows=(Show("tokens"), Show("attention-steps")),
        )

    def _set_sentence(self, question: str, understood: Understood) -> Draft:
        before, self.sentence = self.sentence, clean(understood.sentence or question)
        asks = [self.library.node_for(concept, facet) for concept, facet in replies.STARTERS]
        offers = [Offer(node.ask, node.id) for node in asks if node and (node.id, "say") not in self._told][:1]
        offers = [Offer("/show attention-steps"), Offer("/show translate"), *offers]
        again = "again " if (self.sentence, "sentence") in self._told else ""
        self._told.add((self.sentence, "sentence"))
        line = f"Your sentence is {again}in force: *{self.sentence}*"
        draft = Draft([line], shows=FIRST_LOOK, offers=offers)
        if self._live and not again:
            try:
                run, _ = self.runner.run(FIRST_LOOK[0], self.sentence)
            except (LearnerError, ModelError) as error:
                self.sentence = before
                return self._keeping_offers(str(error))
            draft.paragraphs.append(f"The model reads it as {' · '.join(run.result.tokens)}")
            draft.runs, draft.shows, draft.unpictured = (run,), FIRST_LOOK[1:], ("tokens",)
        return draft

    def _accept(self, offer: Offer, question: str) -> Draft:
        if offer.node in self.library.nodes:
            return self._tell(self.library.nodes[offer.node], question=question)
        command = re.search(r"/[a-z].*", offer.text.replace("`", ""))
        if command and command[0].startswith("/show "):
            return self._show_command(command[0])
        if command:
            return Draft([f"That is the command `{command[0]}`."], command=command[0])
        understood = self.reader.read(offer.text, replace(self.context, offered=(), offered_nodes=()))
        if understood.picked or understood.act == "yes":
            return self._menu(question, understood)
        self.understood = understood
        return self._draft(offer.text, understood)

    def _show_command(self, command: str) -> Draft:
        words = command.split()[1:]
        options = dict(zip((word.lstrip("-") for word in words[1::2]), words[2::2], strict=False))
        found = self.library.narrations.get(words[0])
        next_offers = [Offer(text) for text in (found.next if found else ())]
        return Draft(shows=(Show(words[0], options),), offers=next_offers)

    def _yes(self, question: str, understood: Understood) -> Draft:
        if re.match(r"(ok(ay)?,? |yes,? |please,? )*(can you |could you )?(show|demonstrate)\b", question.casefold()):
            return self._example(question, understood)
        if self.offers:
            return self._accept(self.offers[0], question)
        return Draft([self._reply("nothing to accept")])

    def _no(self, question: str, understood: Understood) -> Draft:
        declined = {offer.node for offer in self.offers}
        fresh = [offer for offer in self._starters() if offer.node not in declined]
        return Draft([self._reply("no")], offers=fresh, only_these_offers=True)

    def _menu(self, question: str, understood: Understood) -> Draft:
        titles = ", ".join(concept.title for concept in self.library.concepts.values())
        paragraphs = [*replies.MENU, f"The topics: {titles}."] if titles else list(replies.MENU)
        return Draft(paragraphs, offers=self._starters(), only_these_offers=True)

    def _lesson(self, question: str, understood: Understood) -> Draft:
        line = (
            "The guided lesson takes one head apart by hand, with predictions to make and exercises on your own "
            "sentence. In the chat `/lesson` starts it or goes on where you left; outside, `attention-tutor learn`."
        )
        return Draft([line], command="/lesson", offers=[Offer("/lesson"), *self._starters()], only_these_offers=True)

    def _start_quiz(self, question: str, understood: Understood) -> Draft:
        concepts = understood.concepts or self._concepts
        if self._live:
            try:
                run, _ = self.runner.run(Show("attention"), self.sentence)
            except (LearnerError, ModelError) as error:
                return Draft([trouble(error)])
            self._quiz = ask_about_weights(run, self.runner.narrate(run, None))
        else:
            asked = {key for key, variant in self._told if variant == "quiz"}
            self._quiz = ask_about_belief(self.library, concepts, asked)
            if self._quiz:
                self._told.add((self._quiz.key, "quiz"))
        if not self._quiz:
            return Draft(["I have no question left to test you with; a lesson has more."], offers=[Offer("/lesson")])
        return Draft(
            [self._quiz.question], offers=[Offer(choice) for choice in self._quiz.choices], only_these_offers=True
        )

    def _feedback(self, question: str, understood: Understood) -> Draft:
        folded = question.casefold()
        belief = misconception(self.library, understood.misconception)
        if belief and (belief.belief, "refute") not in self._told:
            self._told.add((belief.belief, "refute"))
            about = find_node(self.library, understood.concepts, "what")
            show = belief.show or (self._show_of(about.node) if about else FIRST_LOOK[1])
            return Draft([belief.refute], node=about.node if about else self.last_node, shows=(show,))
        if any(cue in folded for cue in replies.CONTRADICTION) and self.last_node:
            return Draft(
                [self._reply("contradiction"), f"“{self.last_node.ask}” {self.last_node.say[0]}"], node=self.last_node
            )
        if any(cue in folded for cue in replies.COMPLAINT):
            show = Show("attention-steps") if not self.last_node else self._show_of(self.last_node)
            return Draft([self._reply("complaint")], node=self.last_node, shows=(show,))
        if any(cue in folded for cue in replies.PRAISE) and len(folded.split()) < 16:
            return Draft([self._reply("praise")], node=self.last_node)
        if (
            re.search(r"\b(following( you)?|so far|go ahead|keep going|okay|ok|alright|noted)\b", folded)
            and self.last_node
        ):
            return Draft([self._reply("acknowledged")], node=self.last_node)
        meant = self._meant(question, understood)
        if meant and (meant.id, "say") not in self._told:
            return self._told_node(meant, tellings(meant)[0])
        for concept in understood.concepts:
            for facet in ("what", "limits", "why", "how"):
                exact = self.library.node_for(concept, facet)
                if exact and (exact.id, "say") not in self._told:
                    draft = self._told_node(exact, tellings(exact)[0])
                    draft.paragraphs.insert(0, f"Here is what can be said exactly about {self._title(concept)}.")
                    return draft
        found = find_node(self.library, understood.concepts, "why")
        if found:
            return self._tell(found.node)
        return Draft([self._reply("remark")])

    def _outside(self, question: str, understood: Understood) -> Draft:
        near = [find_node(self.library, (guess.concept,), guess.facet) for guess in understood.guesses[:OFFERS]]
        offers = _distinct(Offer(found.node.ask, found.node.id) for found in near if found)
        return Draft(
            [self._reply("outside", replies.OUTSIDE)],
            offers=[*offers, *self._starters()],
            only_these_offers=True,
            outside=True,
        )

    def _did_you_mean(self, understood: Understood) -> Draft | None:
        near = [find_node(self.library, understood.concepts, understood.facet)]
        near += [find_node(self.library, (guess.concept,), guess.facet) for guess in understood.guesses]
        offers = _distinct(Offer(found.node.ask, found.node.id) for found in near if found)[:OFFERS]
        if len(offers) < 2:
            return None
        heard = f" (from {', '.join(f'“{clue.words}”' for clue in understood.clues[:3])})" if understood.clues else ""
        return Draft(
            [f"I am not sure which of these you mean{heard}; a number picks one."],
            offers=offers,
            only_these_offers=True,
        )

    def _no_lesson(self, understood: Understood) -> Draft:
        names = " and ".join(name.replace("-", " ") for name in understood.concepts[:2]) or "that"
        line = f"I understood that you ask about {names}, and I have no lesson on it yet. The nearest that I have:"
        draft = self._outside("", understood)
        return replace(draft, paragraphs=[line])

    def _side_by_side(self, understood: Understood) -> Draft:
        """Two concepts that no lesson connects: each on its own, and honest about it."""
        nodes = [self.library.node_for(concept, "what") for concept in understood.concepts[:2]]
        known = [node for node in nodes if node]
        if len(known) < 2:
            return self._no_lesson(understood)
        one, two = known
        self._told.update(((one.id, "say"), (two.id, "say")))
        titles = f"{self._title(one.concept)} and {self._title(two.concept)}"
        line = f"I have no lesson that sets {titles} against each other. This is what each is."
        paragraphs = [line, one.say[0], two.say[0]]
        return Draft(paragraphs, node=one, shows=(self._show_of(one),))

    def _keeping_offers(self, line: str) -> Draft:
        return Draft([line], offers=list(self.offers), only_these_offers=True)

    # --- parts ------------------------------------------------------------------------------------

    def _node_in_view(self, understood: Understood) -> Node | None:
        """The node that a follow-up speaks of: the last one told, unless the turn names another concept."""
        named = [
            concept
            for concept in understood.concepts
            if self.last_node and concept not in (self.last_node.concept, self.last_node.other, *self._concepts)
        ]
        if self.last_node and not named:
            return self.last_node
        found = find_node(self.library, tuple(named) or understood.concepts, understood.facet or "what")
        return found.node if found else self.last_node

    def _show_of(self, node: Node) -> Show:
        """The node's experiment; else its concept's, else the attention map."""
        if node.show:
            return node.show
        for other in siblings(self.library, node):
            if other.show and not other.other:
                return other.show
        return Show("attention")

    def _title(self, concept: str) -> str:
        found = self.library.concepts.get(concept)
        return found.title.lower() if found and not found.title.isupper() else (found.title if found else concept)

    def _reply(self, kind: str, among: tuple[str, ...] = ()) -> str:
        """The first reply of that kind that has not been given."""
        among = among or replies.REPLIES[kind]
        for number, line in enumerate(among):
            if (kind, f"reply {number}") not in self._told:
                self._told.add((kind, f"reply {number}"))
                return line
        return among[-1]

    def _starters(self) -> list[Offer]:
        nodes = [self.library.node_for(concept, facet) for concept, facet in replies.STARTERS]
        return [Offer(node.ask, node.id) for node in nodes if node and (node.id, "say") not in self._told]

    def _follow_ups(self, draft: Draft) -> tuple[Offer, ...]:
        offers = list(draft.offers)
        if not draft.only_these_offers:
            if draft.node:
                ids = [*draft.node.next, draft.node.why_below]
                nodes = [self.library.nodes[name] for name in ids if name in self.library.nodes]
                nodes += siblings(self.library, draft.node)
                offers += [Offer(node.ask, node.id) for node in nodes if (node.id, "say") not in self._told]
            offers += self._starters()
        return tuple(_distinct(offers)[:OFFERS])

    def _finish(self, question: str, understood: Understood, draft: Draft) -> Turn:
        runs, narration = list(draft.runs), [self.runner.narrate(run, None) for run in draft.runs]
        sentence, broken = draft.on or self.sentence, False
        for show in draft.shows if self._live else ():
            try:
                run, intro = self._run(show, sentence)
            except (LearnerError, ModelError) as error:
                narration.append(trouble(error))
                broken = True
                break
            runs.append(run)
            branches_of = draft.node if draft.node and draft.node.show == show else None
            narration.append(f"{intro}{self.runner.narrate(run, branches_of)}")
        draft.paragraphs = self._never_twice(draft.paragraphs, narration)
        offers = self._follow_ups(draft)
        turn = Turn(
            question=question,
            sentence=self.sentence,
            understood=understood,
            node_id=draft.node.id if draft.node else "",
            paragraphs=tuple(draft.paragraphs),
            narrations=tuple(narration),
            runs=tuple(runs),
            follow_ups=tuple(offer.text for offer in offers),
            outside=draft.outside,
            command=draft.command,
            leave=draft.leave,
            unpictured=draft.unpictured,
            broken=broken,
        )
        self.offers = offers
        self.understood = understood
        self._remember(turn, draft)
        self.turns.append(turn)
        return turn

    def _run(self, show: Show, sentence: str) -> tuple[Run, str]:
        """Run `show` where it has not been run yet: another head or word, else another sentence, which is then said."""
        first, new = self.runner.run(show, sentence)
        if new:
            return first, ""
        for other in (SHORT_SENTENCE, *replies.SAMPLES):
            run, new = self.runner.run(show, other)
            if new:
                return run, f"You have seen this on your sentence, so here it is on *{other}* "
        return first, "This is the run from above again; another sentence of yours would give other numbers. "

    def _remember(self, turn: Turn, draft: Draft) -> None:
        if draft.node:
            self.last_node = draft.node
            told = tuple(concept for concept in (draft.node.concept, draft.node.other) if concept)
            asked = turn.understood.concepts
            self._concepts = asked if asked and set(told) <= set(asked) else told
            self._facet = draft.node.facet
            self._history.append(self._concepts)
        self._answers.add(turn.answer)

    def _never_twice(self, paragraphs: Iterable[str], narration: Iterable[str]) -> list[str]:
        """A last guard: words that were given before are not given again without saying so."""
        kept = list(paragraphs)
        said = Turn("", "", self.understood, "", tuple(kept), tuple(narration), (), ()).answer
        if said and said in self._answers:
            count = sum(answer.endswith(said) for answer in self._answers)
            times = "twice" if count == 1 else f"{count + 1} times"
            kept.insert(0, f"You have asked me this {times} now, and my answer is the same:")
        return kept


def _asks_why(question: str) -> bool:
    words = re.findall(r"[a-z]+", question.casefold())
    return bool({"why", "y", "reason", "purpose"} & set(words)) or "what for" in question.casefold()


def _wants_detail(question: str) -> bool:
    return bool(
        re.search(r"\b(inner|inside|details?|detailed|technical\w*|exactly|deeper|precisely)\b", question.casefold())
    )


def _wants_text(question: str) -> bool:
    """'Take a random paragraph and show it on that': an example is wanted, on a text of our choice."""
    folded = question.casefold()
    text = r"(paragraph|sentence|text|passage)"
    return bool(
        re.search(rf"\b(take|use|using|apply|choose|pick|try)\b.{{0,24}}\b(a|an|any|some)\b.{{0,24}}\b{text}\b", folded)
        and re.search(r"\b(show|apply|example|work\w*|demonstrate|run)\b", folded)
    )


def _distinct(offers: Iterable[Offer]) -> list[Offer]:
    """Each offer once, in order."""
    kept: dict[str, Offer] = {}
    for offer in offers:
        kept.setdefault(offer.node or offer.text, offer)
    return list(kept.values())
