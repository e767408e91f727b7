"""Turns that are no question: greetings, remarks, wishes, sentences to work on."""

from __future__ import annotations

import re

from tutor.understanding.knowledge import Knowledge, Turn
from tutor.understanding.patterns import (
    ASKING,
    ASKING_INSIDE,
    BARE_GIVES,
    CONCLUDES,
    FIRST_PERSON,
    GIVES,
    META,
    NOT_CLEAR,
    OF_THE_SCREEN,
    OF_THE_TALK,
    ON_COLON,
    OPENER,
    ORDINALS,
    PICK,
    POLITE,
    PRONOUN,
    QUOTED,
    TELLS,
    TITLES,
)
from tutor.understanding.text import fold
from tutor.understanding.types import Clue, Context, Understood

EVERYDAY, SURELY_EVERYDAY = 0.75, 0.95
"""Probability of telling of the world from which a written sentence is one to work on: where it speaks of nobody in the
talk, and whatever it speaks of."""
HARDLY_EVERYDAY = 0.2
"""Below this it is no sentence to work on, though no word of ours be in it: 'Words are only labels.'"""
UNLIKE = 0.6
"""Likeness to any known phrasing below which a statement is about the world, and a sentence to work on."""

_DECLINED = re.compile(r"^(?:(?:no|nah|nope|well|but|uff|ugh|oh) )+")


class Acts(Knowledge):
    """The reading of acts."""

    def _pick(self, text: Turn, context: Context) -> Understood | None:
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

    def _sentence_given(self, text: Turn) -> str:
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

    def _wants_more(self, outer: Turn) -> bool:
        """Around a given sentence, something is asked that is more than to use it."""
        joined = POLITE.sub("", outer.joined)
        if not joined:
            return False
        return bool(
            re.search(
                r"\b(what|why|how|which|where|who|does|show|explain|walk|predict|translate|split|prove|demonstrate"
                r"|make an? example)\b",
                joined,
            )
        )

    def _is_everyday(self, text: Turn) -> bool:
        """'My key does not fit the lock.': a written sentence about the world, whatever words of ours it has in it."""
        raw = text.raw.strip()
        written = raw[:1].isupper() and raw.endswith((".", "!")) and "?" not in raw
        if not written or len(text.words) < 3 or OPENER.match(text.joined) or OF_THE_SCREEN.search(text.joined):
            return False
        probability = self._everyday.probability(text.corrected)
        of_the_talk = META.search(text.joined) or CONCLUDES.match(text.joined) or FIRST_PERSON.match(text.joined)
        return probability >= (SURELY_EVERYDAY if of_the_talk else EVERYDAY)

    def _is_sentence(self, text: Turn, context: Context) -> bool:
        raw = text.raw.strip()
        written = raw[:1].isupper() and raw.endswith((".", "!"))
        if len(text.words) < (3 if written else 4) or text.asks or "?" in raw or self._strong(text.hits):
            return False
        if META.search(text.joined) or self._everyday.probability(text.corrected) < HARDLY_EVERYDAY:
            return False
        if not raw.endswith((".", "!")) and not raw[:1].isupper():
            return self._tells(text, context)
        if FIRST_PERSON.match(text.joined) and not raw.endswith("."):
            return False
        if re.match(r"^(i think|maybe|that|this is|it is|these|those|so |well )\b", text.joined):
            return False
        return True

    def _tells(self, text: Turn, context: Context) -> bool:
        """A sentence about anything, typed in small letters and without a full stop: 'my dog ate my homework'."""
        joined = text.joined
        if not TELLS.match(joined) or ASKING.match(joined):
            return False
        if ASKING_INSIDE.search(joined) or OF_THE_TALK.search(joined):
            return False
        if context.concepts and (PRONOUN.search(" ".join(text.words[:3])) or "one" in text.words[:4]):
            return False
        return max(self.alike(text.raw).values(), default=0.0) < UNLIKE

    def _act(self, text: Turn, context: Context) -> str:
        joined, n = text.joined, len(text.words)
        bare = POLITE.sub("", joined)
        strong = self._strong(text.hits)
        new = {hit.concept for hit in strong} - set(context.concepts)
        whole = self._lexicon.whole_acts
        part = self._lexicon.part_acts
        for act in ("greet", "yes", "no", "menu", "deeper", "simpler", "example_request", "lesson", "quiz"):
            if act in ("deeper", "example_request", "menu", "simpler") and new:
                continue
            if act in ("yes", "no") and (n > 9 or joined.startswith("and ")):
                continue
            forms = (joined, bare, _DECLINED.sub("", joined)) if act == "simpler" else (joined, bare)
            for form in forms:
                if form and any(pattern.match(form) for pattern in whole[act]):
                    return act
        if strong and n <= 9 and NOT_CLEAR.match(joined):
            return "simpler"
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

    def _is_remark(self, text: Turn, context: Context) -> bool:
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
        if context.concepts and CONCLUDES.match(joined):
            return True
        return (
            len(text.words) >= 6
            and bool(self._strong(text.hits))
            and bool(
                re.search(r"\b(is|are|was|were|should|must|will|has|have|can|does|do|makes|seems|looks)\b", joined)
            )
        )

    def _as_act(self, act: str, text: Turn, context: Context) -> Understood:
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
