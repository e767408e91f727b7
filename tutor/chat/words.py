"""Questions about the words of the learner's own sentence: "why did it look at minister?"

These name words that no lesson can know. Each becomes a run with those words as options; which of them are
really in the sentence is for the experiment to say.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from tutor.curriculum.tree import Show

REFERENCE = "attention-weights.limits.reference"
"""The node for who thinks that the network knows whom a word means."""

WORD_ANSWERS = {
    "attention": ("attention-weights", "example", "attention-weights.what"),
    "link": ("attention-weights", "why", "attention-weights.why.link"),
    "word-importance": ("saliency", "what", "saliency.what"),
}
"""Experiment -> concept, facet, and the node that says what it rests on."""

_WORD = r"[\"'“‘*«]?(?P<{}>[\w-]+)[\"'”’*»]?"
_LOOKS = r"(?:look|attend|point|focus|pay(?:s)? (?:so much |most |its )?attention|refer)(?:s|ed|ing)?"
_MOST = r"(?: so much| most(?:ly)?| mainly| back| only| so strongly)?"
_THE_WORD = r"(?:the )?(?:word |token )?"

_LINK = (
    # why did it look at minister · why does "chat" attend to "cat"
    re.compile(rf"\b{_THE_WORD}{_WORD.format('query')} {_LOOKS}{_MOST} (?:at|to|on) {_THE_WORD}{_WORD.format('key')}"),
    # why is minister looked at by it
    re.compile(rf"{_WORD.format('key')} (?:being )?(?:looked at|attended to) by {_THE_WORD}{_WORD.format('query')}"),
)
_KNOWS = re.compile(
    r"\b(?:knows?|understands?|thinks?|realises?|realizes?|sees?|gets?) (?:that |who |what )?"
    rf"{_THE_WORD}{_WORD.format('query')} (?:is|means|refers to|stands for) {_THE_WORD}{_WORD.format('key')}"
)
_LOOKER = re.compile(
    rf"\b(?:what|where|which (?:word|token)s?) (?:does|did|do|is) {_THE_WORD}{_WORD.format('query')} {_LOOKS}"
)
_LOOKS_WHERE = re.compile(
    rf"\b{_THE_WORD}{_WORD.format('query')} {_LOOKS} (?:at |to |on )?(?:where|what|whom?|which)\b"
)
_WRITING = re.compile(
    r"\b(?:when|while|as|before|for|to|in) (?:(?:it|you|the model|the translator|the decoder) )?"
    rf"(?:writ(?:es?|ing)|wrote|says?|saying|produc(?:es?|ing)|predict(?:s|ing)?) {_THE_WORD}{_WORD.format('query')}"
)
_LOOKS_AT_ALL = re.compile(rf"\b{_LOOKS}\b")
_LOOKED_AT = re.compile(
    rf"\b(?:who|what|which (?:word|token)s?) {_LOOKS}{_MOST} (?:at|to|on) {_THE_WORD}{_WORD.format('key')}"
)
_MATTERED = re.compile(
    r"\b(?:mattered|matters|matter|counted|important|decided|decides|responsible|caused|led)\b(?: the)?(?: most)?"
    rf"(?: (?:for|to|in))?(?: (?:choosing|writing|predicting|getting))? {_THE_WORD}{_WORD.format('output')}"
)
_WRITTEN = re.compile(
    r"\bwhy (?:did|does|do) (?:it|you|the model|the translator|the decoder) (?:write|say|choose|pick|use|take|select) "
    rf"{_THE_WORD}{_WORD.format('output')}"
)
NOT_WORDS = frozenset(
    "a an and any attention decoder each encoder every everything head him itself me model network one other others "
    "our sentence so some something that the them there these they this those token tokens transformer what which "
    "words you "
    "your all prediction output result next".split()
)
"""Words that stand for something else than themselves, unless they are quoted."""


def may_ask_of_words(question: str) -> bool:
    """Whether the question has the form of one about words, so that it is worth reading the sentence for it."""
    folded = " ".join(question.casefold().split())
    return any(
        pattern.search(folded)
        for pattern in (*_LINK, _KNOWS, _WRITING, _LOOKER, _LOOKS_WHERE, _LOOKED_AT, _MATTERED, _WRITTEN)
    )


def asked_of_words(question: str, tokens: Collection[str], written: Collection[str] = ()) -> Show | None:
    """The run that answers a question about words of the sentence, or None where it is not such a question.

    `tokens` are those of the sentence and of its translation. A word that is not among them makes no question
    of this kind, except that "it", "you" or "the model" may stand for the model itself. A word that is not among
    `written`, where those are given, was not written but looked at.
    """
    folded = " ".join(question.casefold().split())
    known = {token.casefold() for token in tokens}

    def in_sentence(word: str) -> bool:
        return word in known or any(len(token) > 2 and word.startswith(token) for token in known)

    def word(match: re.Match[str], name: str) -> str:
        found = match.group(name)
        return found if in_sentence(found) and (found not in NOT_WORDS or f"'{found}'" in folded) else ""

    for pattern in (*_LINK, _KNOWS):
        match = pattern.search(folded)
        if match:
            query, key = word(match, "query"), word(match, "key")
            if key and (query or match.group("query") in ("it", "you", "model", "translator", "decoder", "head")):
                return Show("link", {"query": query, "key": key} if query else {"key": key})
    match = _WRITING.search(folded)
    if match and word(match, "query") and _LOOKS_AT_ALL.search(folded):
        return Show("link", {"query": word(match, "query")})
    match = _LOOKER.search(folded) or _LOOKS_WHERE.search(folded)
    if match and word(match, "query"):
        return Show("link", {"query": word(match, "query")})
    if match and match.group("query") in ("it", "model", "network", "encoder"):
        return Show("attention")  # the model itself: the map of the whole sentence
    match = _LOOKED_AT.search(folded)
    if match and word(match, "key"):
        return Show("link", {"key": word(match, "key")})
    for pattern in (_MATTERED, _WRITTEN):
        match = pattern.search(folded)
        if match and word(match, "output") and written and match["output"] not in {one.casefold() for one in written}:
            return Show("link", {"key": word(match, "output")})
        if match and word(match, "output"):
            return Show("word-importance", {"output": word(match, "output")})
    return None


def takes_for_known(question: str) -> bool:
    """'So it knows that he is the minister?': the network is taken to know whom a word means."""
    return bool(_KNOWS.search(" ".join(question.casefold().split())))
