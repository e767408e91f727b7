"""Reads one turn: acts, facet, concepts and sentence, found separately so that they combine."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tutor.curriculum.tree import Library
from tutor.understanding.hints import Hints
from tutor.understanding.lexicon import Lexicon, load_lexicon
from tutor.understanding.naming import CONTAINERS, Hit, Names, blanked
from tutor.understanding.paraphrase import FOREIGN, Likeness, Phrasings
from tutor.understanding.patterns import (
    ANAPHORA,
    ASKING,
    ASKING_INSIDE,
    BARE_GIVES,
    ECHO,
    ELLIPSIS,
    FIRST_PERSON,
    GIVES,
    INHERITS,
    MEANT,
    META,
    ON_COLON,
    ORDINALS,
    PASSING,
    PICK,
    POLITE,
    PRONOUN,
    QUOTED,
    TITLES,
    TOGETHER,
)
from tutor.understanding.text import Segment, Speller, fold, sentences, split_words
from tutor.understanding.types import Clue, Context, Guess, Understood

_LIKENESS = 1.3
"""What a full likeness to a known phrasing counts, where a full name counts 1."""
_HINTED = 1.2
_VAGUE = 0.5
"""What is left of a name that means other things too, in a question with no better one."""
_BOTH_FACETS = ("compare", "relation")
_MEMBERS = {"encoder-decoder": frozenset({"encoder", "decoder"})}


@dataclass(frozen=True)
class _Text:
    """A turn, prepared once for everything that looks at it."""

    raw: str
    segments: tuple[Segment, ...]
    words: tuple[str, ...]
    joined: str
    hits: tuple[Hit, ...]

    @property
    def asks(self) -> bool:
        return any(segment.asks for segment in self.segments)


class Reader:
    """Turns what a learner typed into what was asked."""

    def __init__(self, library: Library | None = None, lexicon: Lexicon | None = None) -> None:
        """Merge the lexicon with the names and phrasings of the library's concepts."""
        self._lexicon = lexicon or load_lexicon()
        self._library = library
        self._names = Names()
        self._phrasings = Phrasings(self._lexicon.classes, self._lexicon.stop)
        self._foreign_names = Names()
        self._hints = Hints(self._lexicon.hints)
        self._beliefs: list[tuple[frozenset[str], str, str]] = []
        self._topics = frozenset(_singular(word) for word in self._lexicon.topics)
        self._beside: dict[str, frozenset[str]] = {}
        for key, words in self._lexicon.beside.items():
            one = _singular(key)
            self._beside[one] = self._beside.get(one, frozenset()) | {_singular(word) for word in words}
        counts: Counter[str] = Counter()
        self._load_names(counts)
        self._load_asks(counts)
        self._phrasings.train()
        self._speller = Speller(
            {word: n for word, n in counts.items() if len(word) >= 3}, self._lexicon.known | self._lexicon.topics
        )

    # --- loading ----------------------------------------------------------------------------------

    def _load_names(self, counts: Counter[str]) -> None:
        for name in self._lexicon.names:
            words = self._plain(name.text)
            self._names.add(words, name.concept, name.weight)
            counts.update({word: 3 for word in words})
        for concept in (self._library.concepts if self._library else {}).values():
            for text in concept.names:
                words = self._plain(text)
                owners = self._names.owns(words)
                if words and not owners and (len(words) > 1 or len(words[0]) > 2):
                    self._names.add(words, concept.id, 0.9 if len(words) > 1 else 0.7)
                    counts.update({word: 3 for word in words})
        for text in self._lexicon.neighbours:
            words = self._plain(text)
            self._foreign_names.add(words, FOREIGN, 1.0)
            counts.update(words)

    def _load_asks(self, counts: Counter[str]) -> None:
        asks = [(ask.text, ask.concept, ask.facet) for ask in self._lexicon.asks]
        asks += [(text, FOREIGN, "") for text in self._lexicon.foreign_asks]
        if self._library:
            for concept in self._library.concepts.values():
                for facet, texts in concept.asks.items():
                    asks += [(text, concept.id, facet) for text in texts]
                for belief in concept.misconceptions:
                    for text in (belief.belief, *belief.phrased):
                        features = frozenset(self._phrasings.features(self._plain(text)))
                        if features:
                            self._beliefs.append((features, belief.belief, concept.id))
            for node in self._library.nodes.values():
                if not node.other:
                    asks += [(text, node.concept, node.facet) for text in (node.ask, *node.phrased)]
        for text, concept_id, facet in dict.fromkeys(asks):
            words = self._plain(text)
            counts.update(words)
            self._phrasings.add(words, text, concept_id, facet)

    def _plain(self, text: str) -> list[str]:
        """Folded words with short forms written out, without spelling correction."""
        out: list[str] = []
        for word in split_words(fold(text)):
            longer = self._lexicon.short_forms.get(word)
            out += longer.split() if longer else (word,)
        return out

    def _prepare(self, text: str) -> _Text:
        segments = []
        for part in sentences(text):
            words = self._speller.correct(self._plain(part))
            words = [w for word in words for w in self._lexicon.short_forms.get(word, word).split()]
            if words:
                joined = " ".join(words)
                asks = part.rstrip("\"')”’ ").endswith("?") or bool(
                    ASKING.match(joined) or ASKING_INSIDE.search(joined)
                )
                asks = asks or any(ASKING.match(" ".join(self._plain(piece))) for piece in part.split(",")[1:])
                segments.append(Segment(part, tuple(words), asks))
        every = tuple(word for segment in segments for word in segment.words)
        return _Text(text, tuple(segments), every, " ".join(every), tuple(self._names.find(every)))

    # --- reading ----------------------------------------------------------------------------------

    def read(self, text: str, context: Context | None = None) -> Understood:
        """What one turn asks, given what the conversation has established."""
        context = context or Context()
        prepared = self._prepare(text)
        if not prepared.words:
            return Understood(act="menu", confidence=0.0)
        picked = self._pick(prepared, context)
        if picked:
            return picked
        sentence = self._sentence_given(prepared)
        if sentence:
            rest = prepared.raw.replace(sentence, " ")
            outer = self._prepare(rest)
            if outer.asks and not self._strong(outer.hits) and not context.concepts and len(outer.words) > 6:
                return self._question(prepared, context)
            if not self._strong(outer.hits) and not self._wants_more(outer):
                return Understood(
                    act="set_sentence", sentence=sentence, confidence=0.9, clues=(Clue(sentence[:60], "sentence"),)
                )
            understood = self.read(rest, context)
            act = "example_request" if understood.act in ("out_of_scope", "set_sentence", "menu") else understood.act
            return _with(understood, act=act, sentence=sentence)
        act = self._act(prepared, context)
        if act:
            return self._as_act(act, prepared, context)
        if self._is_sentence(prepared, context):
            return Understood(
                act="set_sentence", sentence=text.strip(), confidence=0.6, clues=(Clue(text.strip()[:60], "sentence"),)
            )
        return self._question(prepared, context)

    def _pick(self, text: _Text, context: Context) -> Understood | None:
        match = PICK.match(text.joined) if len(text.words) <= 5 else None
        if not match or not context.offered:
            return None
        word = match.group(1)
        number = len(context.offered) if word == "last" else ORDINALS.get(word) or int(word)
        if not 1 <= number <= len(context.offered):
            return None
        node = context.offered_nodes[number - 1] if number <= len(context.offered_nodes) else ""
        parts = node.split(".")
        known = self._library.nodes.get(node) if self._library else None
        concepts = (known.concept, known.other) if known else (parts[0],)
        facet = known.facet if known else parts[1] if len(parts) > 1 else ""
        return Understood(
            act="question",
            concepts=tuple(c for c in concepts if c),
            facet=facet,
            confidence=1.0,
            picked=number,
            clues=(Clue(word, f"offer {number}"),),
        )

    # --- sentences to work on ---------------------------------------------------------------------

    def _sentence_given(self, text: _Text) -> str:
        raw = text.raw.strip()
        match = GIVES.match(raw)
        if match and not re.search(r"\b(difference|formula|code)\b", match.group(1)):
            given = match.group(2).strip().strip('"“”«»').strip()
            if len(given.split()) >= 2:
                return given
        match = BARE_GIVES.match(raw)
        if match and len(match.group("rest").split()) >= 3:
            return match.group("rest").strip().strip('"“”«»').strip()
        for match in QUOTED.finditer(raw):
            given = (match.group(1) or match.group(2) or "").strip()
            if len(given.split()) >= 3 and not TITLES.search(given):
                return given
        match = ON_COLON.search(raw)
        if match and len(match.group(1).split()) >= 3:
            return match.group(1).strip()
        return ""

    def _wants_more(self, outer: _Text) -> bool:
        """Around a given sentence, something is asked that is more than to use it."""
        joined = POLITE.sub("", outer.joined)
        if not joined:
            return False
        return bool(
            re.search(r"\b(what|why|how|which|where|who|does|show|explain|walk|predict|translate|split)\b", joined)
        )

    def _is_sentence(self, text: _Text, context: Context) -> bool:
        raw = text.raw.strip()
        if len(text.words) < 4 or text.asks or "?" in raw or self._strong(text.hits):
            return False
        if META.search(text.joined) or (FIRST_PERSON.match(text.joined) and not raw.endswith(".")):
            return False
        if re.match(r"^(i think|maybe|that|this is|it is|these|those|so |well )\b", text.joined):
            return False
        return raw[:1].isupper() or raw.endswith((".", "!"))

    # --- acts -------------------------------------------------------------------------------------

    def _act(self, text: _Text, context: Context) -> str:
        joined, n = text.joined, len(text.words)
        bare = POLITE.sub("", joined)
        strong = self._strong(text.hits)
        new = {hit.concept for hit in strong} - set(context.concepts)
        whole = self._lexicon.whole_acts
        part = self._lexicon.part_acts
        for act in ("greet", "yes", "no", "menu", "deeper", "simpler", "example_request", "lesson", "quiz"):
            if act in ("deeper", "example_request", "menu", "simpler") and new:
                continue
            if act in ("yes", "no") and n > 9:
                continue
            for form in (joined, bare):
                if form and any(pattern.match(form) for pattern in whole[act]):
                    return act
        last = text.segments[-1]
        first = text.segments[0]
        if not strong and n <= 14:
            for act in ("bye", "thanks"):
                if any(pattern.match(form) for pattern in whole[act] for form in (joined, bare, last.text, first.text)):
                    if act == "thanks" and text.asks and not first.asks and len(text.segments) > 1:
                        continue
                    return act
        elif any(pattern.match(last.text) for pattern in whole["bye"]) and not text.asks:
            return "bye"
        for act in ("quiz", "lesson"):
            if n <= 22 and any(pattern.search(joined) for pattern in part[act]):
                return act
        if context.concepts and n <= 28:
            pieces = [piece for piece in re.split(r"[,.;!?]| but ", fold(text.raw)) if piece.strip()]
            starts = " ".join(self._speller.correct(self._plain(pieces[0]))) if pieces else ""
            if any(
                p.match(form) for p in whole["simpler"] for form in (starts, POLITE.sub("", starts)) if form.strip()
            ):
                if not new and starts.strip() not in ("what", "hmm", "hm", "sorry", "no idea"):
                    return "simpler"
            if not new and any(pattern.search(joined) for pattern in part["simpler"]):
                return "simpler"
        if any(pattern.match(form) for pattern in whole["feedback"] for form in (joined, bare)) and not text.asks:
            return "feedback"
        if self._is_remark(text, context):
            return "feedback"
        return ""

    def _is_remark(self, text: _Text, context: Context) -> bool:
        joined = text.joined
        question_mark = "?" in text.raw
        if self._misplaced(text):
            return False
        if any(segment.asks and ASKING.match(segment.text) for segment in text.segments):
            return False
        if re.search(r"\b(what|why|how|which|who|where) (does|do|is|are|can|should|did|was|were|would)\b", joined):
            return False
        cue = any(pattern.search(joined) for pattern in self._lexicon.part_acts["feedback"])
        if cue and not question_mark:
            return not ASKING_INSIDE.search(joined) or len(text.words) < 8
        if re.match(r"^i do not know\b", joined):
            return True
        if question_mark or text.asks:
            return False
        return (
            len(text.words) >= 6
            and bool(self._strong(text.hits))
            and bool(
                re.search(r"\b(is|are|was|were|should|must|will|has|have|can|does|do|makes|seems|looks)\b", joined)
            )
        )

    def _as_act(self, act: str, text: _Text, context: Context) -> Understood:
        named = self._ordered(text.hits)
        facet = ""
        concepts: tuple[str, ...] = ()
        if act in ("simpler", "deeper", "example_request"):
            concepts = context.concepts or named
            if named and act != "deeper":
                concepts = tuple(dict.fromkeys((*named, *context.concepts)))
            if act == "deeper":
                facet = "why" if "why" in text.words or "reason" in text.words else "how" if "how" in text.words else ""
            if act == "example_request":
                facet = "example"
        elif act == "feedback":
            about_talk = re.search(r"\b(you|your|answer|explanation)\b", text.joined)
            concepts = named or (context.concepts if context.concepts else ())
            if not named and about_talk and not context.concepts:
                concepts = ()
        elif act in ("lesson", "quiz"):
            concepts = named
        belief = self._belief(text) if act == "feedback" else ("", "")
        if belief[1] and not concepts:
            concepts = (belief[1],)
        return Understood(
            act=act,
            concepts=concepts,
            facet=facet,
            confidence=0.9,
            misconception=belief[0],
            clues=(Clue(text.joined[:60], act),),
        )

    # --- questions --------------------------------------------------------------------------------

    def _question(self, text: _Text, context: Context) -> Understood:
        scores, likeness = self._concept_scores(text)
        follow = bool(context.concepts) and self._leans_on_context(text, scores, likeness)
        facets, facet_clues = self._facets(text, follow)
        corrected = bool(MEANT.match(text.joined)) and bool(context.concepts)
        if not follow and self._foreign(text, likeness, scores):
            nearest = sorted(scores.items(), key=lambda item: -item[1])[:3]
            return Understood(
                act="out_of_scope",
                confidence=0.8,
                guesses=tuple(Guess(c, "what", round(s, 3)) for c, s in nearest),
                clues=self._foreign_clues(text),
            )
        if follow:
            self._lean(text, context, scores, corrected)
        if not scores:
            scores = {concept: 0.3 for concept in context.concepts}
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        pair = self._pair(text, context, follow)
        facet = self._facet(facets, likeness, text, context, follow, len(pair) == 2, ranked[0][0] if ranked else "")
        order = [concept for concept, _ in ranked]
        if facet not in ("compare", "history", "code") or not pair:
            order = self._both_halves(text, context, order, follow)
        if facet in _BOTH_FACETS and len(pair) == 2:
            order = [*pair, *(c for c in order if c not in pair)]
        top = ranked[0][1] if ranked else 0.0
        second = ranked[1][1] if len(ranked) > 1 else 0.0
        confidence = max(0.05, min(0.99, 0.35 + 0.5 * min(top, 1.0) + 0.6 * (top - second)))
        sure = bool(self._strong(text.hits)) or follow or (facet in _BOTH_FACETS and len(pair) == 2)
        guesses = tuple(Guess(c, facet, round(scores.get(c, 0.0), 3)) for c in order[1:4])
        belief, _ = self._belief(text)
        return Understood(
            act="question",
            concepts=tuple(order[:5]),
            facet=facet,
            confidence=round(confidence, 3),
            misconception=belief,
            guesses=guesses,
            clues=self._clues(text, likeness, facet, facet_clues, follow),
            unsure=not sure and (top < 0.3 or second > 0.75 * top),
        )

    def _weigh(self, text: _Text) -> list[tuple[Segment, float]]:
        """Sentences with how much each counts: questions most, the first question above all."""
        if len(text.segments) == 1:
            return [(text.segments[0], 1.0)]
        marked = [segment for segment in text.segments if segment.asks and segment.raw.rstrip("\"') ").endswith("?")]
        asking = marked or [segment for segment in text.segments if segment.asks]
        first = asking[0] if asking else text.segments[-1]
        return [(s, 1.0 if s is first else 0.7 if s in asking else 0.6 if s.asks else 0.5) for s in text.segments]

    def _concept_scores(self, text: _Text) -> tuple[dict[str, float], Likeness]:
        whole = self._phrasings.like(text.words)
        scores: defaultdict[str, float] = defaultdict(float)
        for concept, value in whole.concepts.items():
            scores[concept] += _LIKENESS * value
        if len(text.segments) > 1:
            for concept in scores:
                scores[concept] *= 0.55
            best: defaultdict[str, float] = defaultdict(float)
            for segment, weight in self._weigh(text):
                if len(segment.words) >= 3:
                    for concept, value in self._phrasings.like(segment.words).concepts.items():
                        best[concept] = max(best[concept], weight * value)
            for concept, value in best.items():
                scores[concept] += 0.5 * _LIKENESS * value
        for segment, weight in self._weigh(text):
            hinted, _ = self._hints.score(self._phrasings.tags(segment.words))
            for concept, value in hinted.items():
                scores[concept] += _HINTED * weight * value * (1.0 if len(text.segments) == 1 else 0.7)
        for concept, value in self._name_scores(text).items():
            scores[concept] += value
        scores.pop(FOREIGN, None)
        return dict(scores), whole

    def _name_scores(self, text: _Text) -> dict[str, float]:
        best: defaultdict[str, float] = defaultdict(float)
        if not text.hits:
            return {}
        free = [hit for hit in text.hits if not hit.place and hit.weight >= 0.6]
        special = any(hit.weight >= 0.8 and hit.concept not in CONTAINERS for hit in text.hits if not hit.place)
        start, spans = 0, []
        for segment, weight in self._weigh(text):
            spans.append((start, start + len(segment.words), weight))
            start += len(segment.words)
        count: Counter[str] = Counter()
        for position, hit in enumerate(text.hits):
            weight = hit.weight if hit.weight >= 0.9 else hit.weight**2
            if not special and hit.weight < 0.9 and len(text.words) > 6:
                weight *= _VAGUE
            if hit.place and (free or hit.concept in CONTAINERS):
                weight *= 0.5 if hit.concept in CONTAINERS else 0.75
            elif special and hit.concept in CONTAINERS:
                weight *= 0.8
            if hit.focus:
                weight += 0.15
            if any(w in ("it", "this", "that") for w in text.words[max(0, hit.start - 4) : hit.start]):
                weight *= 0.85
            weight *= next((w for a, b, w in spans if a <= hit.start < b), 1.0)
            weight -= 0.03 * min(position, 5)
            weight += 0.04 * (hit.end - hit.start - 1)
            count[hit.concept] += 1
            best[hit.concept] = max(best[hit.concept], weight)
        for concept, n in count.items():
            best[concept] += 0.04 * min(n - 1, 3)
        return dict(best)

    def _strong(self, hits: Sequence[Hit]) -> list[Hit]:
        return [hit for hit in hits if hit.weight >= 0.6]

    def _ordered(self, hits: Sequence[Hit]) -> tuple[str, ...]:
        best: dict[str, float] = {}
        for hit in self._strong(hits):
            value = hit.weight * (0.7 if hit.place and hit.concept in CONTAINERS else 1.0)
            best[hit.concept] = max(best.get(hit.concept, 0.0), value)
        return tuple(sorted(best, key=lambda concept: -best[concept]))

    def _pair(self, text: _Text, context: Context, follow: bool) -> tuple[str, ...]:
        """The two concepts that a comparison or relation is between, in the order named."""
        best: dict[str, tuple[float, int]] = {}
        for hit in text.hits:
            if hit.place and hit.concept in CONTAINERS and len(text.hits) > 2:
                continue
            if hit.weight >= 0.5 and hit.weight > best.get(hit.concept, (0.0, 0))[0]:
                best[hit.concept] = (hit.weight, hit.start)
        starts: dict[int, str] = {}
        for concept, (weight, start) in best.items():
            if start not in starts or weight > best[starts[start]][0]:
                starts[start] = concept
        named = sorted(starts.values(), key=lambda concept: -best[concept][0])
        chosen = sorted(named[:2], key=lambda concept: best[concept][1])
        if {"weights", "attention"} <= best.keys():
            chosen = ["weights", "attention-weights"]
        if "attention-weights" in chosen and "attention-as-explanation" in best:
            chosen[chosen.index("attention-weights")] = "attention-as-explanation"
            chosen = list(dict.fromkeys(chosen))
            chosen += [concept for concept in named if concept not in chosen][: 2 - len(chosen)]
        if len(chosen) < 2 and follow and context.concepts:
            chosen = list(dict.fromkeys((context.concepts[0], *chosen)))[:2]
            if len(chosen) < 2 and len(context.concepts) > 1 and context.facet in _BOTH_FACETS:
                chosen = list(context.concepts[:2])
        return tuple(chosen)

    def _both_halves(self, text: _Text, context: Context, order: list[str], follow: bool) -> list[str]:
        """Encoder and decoder asked about together: their union, or the link between them."""
        named = {hit.concept for hit in text.hits}
        if follow and TOGETHER.search(text.joined):
            named |= set(context.concepts[:2])
            named |= set(context.history[-1][:2]) if context.history else set()
        if not {"encoder", "decoder"} <= named or "encoder-decoder" in order[:1]:
            return order
        first = ["encoder-decoder"]
        if PASSING.search(text.joined):
            first = ["cross-attention", "encoder-decoder"]
        return [*first, *(concept for concept in order if concept not in first)]

    # --- follow-ups -------------------------------------------------------------------------------

    def _leans_on_context(self, text: _Text, scores: Mapping[str, float], likeness: Likeness) -> bool:
        strong = self._strong(text.hits)
        n = len(text.words)
        anaphora = bool(ANAPHORA.search(text.joined))
        if ECHO.match(text.joined):
            return True
        if strong and not anaphora:
            return n <= 6 and not INHERITS.match(text.joined)
        if n <= 5:
            return True
        if anaphora and n <= 16:
            return True
        if ELLIPSIS.match(text.joined) and n <= 12:
            return True
        return n <= 9 and max(scores.values(), default=0.0) < 0.35 * _LIKENESS

    def _lean(self, text: _Text, context: Context, scores: dict[str, float], corrected: bool) -> None:
        strong = self._strong(text.hits)
        named = {hit.concept for hit in strong}
        if corrected:
            for concept in context.concepts[:1]:
                if concept not in named:
                    scores[concept] = 0.3 * scores.get(concept, 0.0)
            return
        bonus = 0.45 if not strong else 0.25
        if ECHO.match(text.joined):
            bonus = 0.9
        if not strong and re.search(r"\b(it|its|that|this|they|them|those|these)\b", text.joined):
            bonus = 0.6
        if not strong and len(text.words) <= 4:
            bonus += 0.2
        for position, concept in enumerate(context.concepts[:2]):
            scores[concept] = scores.get(concept, 0.0) + 1.25 * bonus * (1.0 if position == 0 else 0.45)

    # --- facets -----------------------------------------------------------------------------------

    def _facets(self, text: _Text, follow: bool) -> tuple[dict[str, float], dict[str, str]]:
        scores: defaultdict[str, float] = defaultdict(float)
        clues: dict[str, str] = {}
        for segment, weight in self._weigh(text):
            plain = segment.text
            masked = blanked(segment.words, self._names.find(segment.words))
            if follow or (len(text.segments) > 1 and len(segment.words) <= 10):
                masked = PRONOUN.sub("@", masked)
            for cue in self._lexicon.cues:
                match = cue.pattern.search(masked)
                if not match and cue.facet not in _BOTH_FACETS:
                    match = cue.pattern.search(plain)
                if match:
                    value = cue.weight * weight
                    if value > scores[cue.facet]:
                        scores[cue.facet] = value
                        clues[cue.facet] = match.group(0)
        return dict(scores), clues

    def _facet(
        self,
        cues: Mapping[str, float],
        likeness: Likeness,
        text: _Text,
        context: Context,
        follow: bool,
        two: bool,
        top: str,
    ) -> str:
        scores = dict(cues)
        votes = {facet: value for (concept, facet), value in likeness.facets.items() if concept == top and facet}
        total = sum(votes.values())
        for facet, value in votes.items():
            scores[facet] = scores.get(facet, 0.0) + 0.8 * value / total * min(1.0, 2.0 * total)
        if not two:
            scores["relation"] = scores.get("relation", 0.0) * 0.35
            if "compare" in scores:
                scores["compare"] *= 0.9
        if two and follow and context.facet in _BOTH_FACETS and not text.hits and INHERITS.match(text.joined):
            return context.facet
        if (
            follow
            and INHERITS.match(text.joined)
            and len(text.words) <= 8
            and context.facet
            and not cues.keys() - {"what"}
        ):
            return context.facet if context.facet not in _BOTH_FACETS or two else "what"
        if not cues and not scores.get("what"):
            scores["what"] = 0.5
        if not cues:
            scores["what"] = scores.get("what", 0.0) + 0.6
        return max(scores.items(), key=lambda item: item[1])[0] if scores else "what"

    # --- out of scope -----------------------------------------------------------------------------

    def _foreign_words(self, text: _Text) -> list[str]:
        return [word for word in text.words if _singular(word) in self._topics]

    def _foreign_clues(self, text: _Text) -> tuple[Clue, ...]:
        words = [hit.words for hit in self._foreign_names.find(text.words)] + self._foreign_words(text)
        return tuple(Clue(word, "out_of_scope") for word in dict.fromkeys(words))[:4]

    def _misplaced(self, text: _Text) -> bool:
        """One of our words stands beside one that makes it another trade's: 'transformer' and 'pole'."""
        singular = {_singular(word) for word in text.words}
        return any(singular & self._beside[one] for one in singular & self._beside.keys())

    def _foreign(self, text: _Text, likeness: Likeness, scores: Mapping[str, float]) -> bool:
        if self._misplaced(text):
            return True
        strong = self._strong(text.hits)
        other = self._foreign_names.find(text.words)
        if other:
            inner = [hit for hit in strong if not any(o.start <= hit.start < o.end for o in other)]
            free = [hit for hit in inner if not hit.place and hit.weight >= 0.9]
            if not free or other[0].start < free[0].start:
                return True
        best = max(scores.values(), default=0.0)
        foreign = likeness.concepts.get(FOREIGN, 0.0)
        topics = len(self._foreign_words(text))
        if topics and strong and {hit.concept for hit in strong} == {"training"}:
            return True
        if strong and max(hit.weight for hit in strong) >= 0.9:
            return False
        support = best / _LIKENESS - 0.9 * foreign - 0.1 * topics
        hinted, _ = self._hints.score(self._phrasings.tags(text.words))
        if topics <= 1 and max(hinted.values(), default=0.0) >= 0.3:
            return False
        if strong:
            return support < 0.2
        return support < 0.14 or (likeness.coverage < 0.25 and best < 0.3 * _LIKENESS)

    # --- misconceptions and clues -----------------------------------------------------------------

    def _belief(self, text: _Text) -> tuple[str, str]:
        if not self._beliefs:
            return "", ""
        features = set(self._phrasings.features(text.words))
        best, found = 0.0, ("", "")
        for theirs, belief, concept in self._beliefs:
            value = len(features & theirs) / (len(features) * len(theirs)) ** 0.5 if features else 0.0
            if value > best:
                best, found = value, (belief, concept)
        return found if best >= 0.6 else ("", "")

    def _clues(
        self, text: _Text, likeness: Likeness, facet: str, facet_clues: Mapping[str, str], follow: bool
    ) -> tuple[Clue, ...]:
        clues = [Clue(hit.words, hit.concept) for hit in text.hits if hit.weight >= 0.4]
        if likeness.nearest and not self._strong(text.hits):
            _, phrasing, concept = likeness.nearest[0]
            clues.append(Clue(f"like: {phrasing}", concept))
        if facet in facet_clues:
            clues.append(Clue(facet_clues[facet], facet))
        if follow:
            clues.append(Clue("what was said before", "context"))
        return tuple(dict.fromkeys(clues))[:8]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _with(understood: Understood, *, act: str, sentence: str) -> Understood:
    facet = understood.facet or ("example" if act == "example_request" else "")
    return replace(understood, act=act, sentence=sentence, facet=facet)
