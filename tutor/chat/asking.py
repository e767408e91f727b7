"""What a turn asks for by its own words: a reason, detail, a text of ours, a facet by name, the next step."""

from __future__ import annotations

import re

_PLAINLY = {
    "math": r"\b(formulas?|formulae|equations?|math\w*|deriv\w+|shapes?|proof|prove|calculat\w+|algebra|notation)\b",
    "history": r"\b(who|when|invent\w*|history|origins?|came up|come from|came from|introduced|first)\b",
    "code": r"\b(code|coding|implement\w*|program\w*|python|pytorch|numpy|write it|snippet)\b",
    "example": r"\b(examples?|instance)\b",
    "uses": r"\b(uses?|used|using|useful|applications?|applied)\b",
    "limits": r"\b(limit\w*|drawbacks?|downsides?|disadvantages?|weakness\w*|wrong|fails?|problems?)\b",
}
_FOLLOWING = re.compile(
    r"(i'?m|i am|i|we|we'?re)?\s*(still |am |think i'?m |think i am )?"
    r"(following( you)?|follow( you)?|with you|get (it|that|this)|got (it|that|this)|understand|keeping up)"
    r"( so far| till here| until here| up to here| now)*"
    r"|so far,? so good|(that )?makes sense( so far)?|(that'?s )?(clear|understood)( so far)?"
)
_COMPARING = re.compile(
    r"\b(differen\w*|differs?|versus|vs\.?|compar\w*|distinguish\w*|same (thing )?as|better than|rather than|instead of"
    r"|as opposed to|unlike|tell .* apart|confuse|in common|similar to|like)\b| or "
)
_YES_OR_NO = re.compile(
    r"(so |and |but |then |ok |wait |hm+ )*(?!(can|could|would|will|do|did) you\b)"
    r"(is|are|was|were|do|does|did|can|could|will|would|has|have|should)n?'?t?\b"
)
_GO_ON = re.compile(
    r"(please |then |now |and |so )*(go on|go ahead|keep going|continue|carry on|proceed|next|and then|move on)"
    r"( please| then)*"
)
_NODS = re.compile(
    r"^((ok|okay|k|alright|all right|right|yes|yeah|yep|sure|fine|good|great|cool|hm+|mhm|ah|oh|well)\b\W*)+"
)


def asks_why(question: str) -> bool:
    """A reason is asked for."""
    words = re.findall(r"[a-z]+", question.casefold())
    return bool({"why", "y", "reason", "purpose"} & set(words)) or "what for" in question.casefold()


def wants_detail(question: str) -> bool:
    """The inside of the matter is asked for."""
    return bool(
        re.search(r"\b(inner|inside|details?|detailed|technical\w*|exactly|deeper|precisely)\b", question.casefold())
    )


def wants_text(question: str) -> bool:
    """'Take a random paragraph and show it on that': an example is wanted, on a text of our choice."""
    folded = question.casefold()
    text = r"(paragraph|sentence|text|passage)"
    return bool(
        re.search(rf"\b(take|use|using|apply|choose|pick|try)\b.{{0,24}}\b(a|an|any|some)\b.{{0,24}}\b{text}\b", folded)
        and re.search(r"\b(show|apply|example|work\w*|demonstrate|run)\b", folded)
    )


def asks_plainly_for(facet: str, question: str) -> bool:
    """The question names the facet in so many words, so that a lesson without it must say that it is missing."""
    pattern = _PLAINLY.get(facet)
    return bool(pattern and re.search(pattern, question.casefold()))


def asks_to_compare(question: str) -> bool:
    """The question sets two things side by side in so many words."""
    return bool(_COMPARING.search(question.casefold()))


def asks_yes_or_no(question: str) -> bool:
    """The question can be answered by yes or no, or is a claim that wants to be confirmed."""
    bare = _bare(question)
    return bool(_YES_OR_NO.match(bare) or re.search(r"\b(right|correct|true|no|isn't it|aren't they)$", bare))


def follows(question: str) -> bool:
    """'I am with you so far': an acknowledgement, and nothing besides."""
    bare = _bare(question)
    return bool(_FOLLOWING.fullmatch(bare) or _FOLLOWING.fullmatch(_NODS.sub("", bare).strip()))


def goes_on(question: str) -> bool:
    """'Ok, go on': the next step is wanted, and nothing besides."""
    bare = _bare(question)
    return bool(_GO_ON.fullmatch(bare) or _GO_ON.fullmatch(_NODS.sub("", bare).strip()))


def _bare(question: str) -> str:
    return question.casefold().replace("’", "'").strip(" .!?,…")
