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
_COMPLAINTS = {
    "missed": r"(n't|\bnot|\bnever) (really )?answer\w*( (me|my question|the question|it|that))?$"
    r"|\bnot what i (asked|meant)"
    r"|\b(repeat\w* yourself|said (that|this) (already|before)|same (thing|answer) again|wrong question)\b",
    "long": r"\b(too (long|many words|much text|much at once|wordy)|shorter please|less text|lot of words)\b",
    "lost": r"\b(i'?m|i am|you|got me|totally|completely) (all |so |totally |completely )?(lost|confused|overwhelmed)\b"
    r"|\btoo (complicated|hard|difficult|abstract)\b|\b(that|it|this|all)( is|'s) confusing\b|\blost me\b",
    "wrong": r"^(no,? |but )*(that|this|it)( is|'s) (wrong|not true|false|incorrect|not right|nonsense)$"
    r"|^you('re| are) wrong$",
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
_OPEN = re.compile(
    r"((and|but|so|ok|okay|well|then|now|hi|hello|hey|please|sorry)\b[,!.]? *)*"
    r"((for|in|from|to|at|by) )?(what|why|how|who|whom|whose|when|where|which|explain|tell|show|give|describe|define"
    r"|compare|walk|(can|could|would|will) you)\b"
)
_PROOF = re.compile(
    r"(and |but |so |ok )*((how|why) (do|can|could|would) (you|we|one|i) (know|be sure|tell|check|verify)"
    r"( that| this| it| of that)?( is (so|true|right))?|are you sure( about (that|this|it))?"
    r"|is (that|this|it) (really )?true|really|says who|who says( so| that)?"
    r"|(can you )?prove (it|that)( on| for| with)?|(what|where) is the (proof|evidence)( for that)?)"
)
_ECHO = re.compile(
    r"(and |so |ok |okay |then |well |but |wait |ah |oh )*(is )?(that|this|it)( is|'s)? "
    r"(?P<all>all |just |only |basically )?(that |what )?(the |there is to |is )*"
    r"[\w-]+( [\w-]+){0,2}( is| then| does| means)?"
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


def wants_plain(question: str) -> bool:
    """Plain words are asked for from the start."""
    return asks_to_introduce(question) or bool(
        re.search(
            r"\b(plain (english|words|language|terms)|simple (words|terms|language|english|manner|way)|simply"
            r"|intuitive(ly)?|easy (words|way)|(for|to) (a )?(beginner|child|kid|dummies|layman)"
            r"|like i('?m| am) (a )?\w+)\b",
            question.casefold(),
        )
    )


def wants_text(question: str) -> bool:
    """'Take a random paragraph and show it on that': an example is wanted, on a text of our choice."""
    folded = question.casefold()
    text = r"(paragraph|sentence|text|passage)"
    return bool(
        re.search(rf"\b(take|use|using|apply|choose|pick|try)\b.{{0,24}}\b(a|an|any|some)\b.{{0,24}}\b{text}\b", folded)
        and re.search(r"\b(show|apply|example|work\w*|demonstrate|run|steps?)\b", folded)
    )


def asks_for_steps(question: str) -> bool:
    """'Apply all the steps': everything that is computed is wanted, from the first number to the last."""
    return bool(re.search(r"\b(all|every|each)\b.{0,12}\bsteps?\b|\bstep by step\b", question.casefold()))


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
    claim = question.strip(" \"')”’").endswith("?") and not _OPEN.match(bare)
    return bool(claim or _YES_OR_NO.match(bare) or re.search(r"\b(right|correct|true|no|isn't it|aren't they)$", bare))


def asks_for_proof(question: str) -> bool:
    """'What is the evidence?': grounds for what was said are wanted, and nothing besides."""
    return bool(_PROOF.fullmatch(_bare(question)))


def asks_for_analogy(question: str) -> bool:
    """A comparison out of daily life is wanted."""
    return bool(re.search(r"\b(analog(y|ies|ue)|metaphors?)\b", question.casefold()))


def asks_to_introduce(question: str) -> bool:
    """'How would you introduce embeddings?': what a thing is, as one tells it to beginners."""
    telling = r"\bhow (would|should|do|can|could) (you|i|we|one) (introduce|teach|present|explain|describe)\b"
    return bool(re.search(telling, question.casefold()))


def asks_to_keep(question: str) -> bool:
    """The conversation is to be printed, saved or sent."""
    folded = question.casefold()
    return bool(
        re.search(r"\b(print|save|export|download|copy|share|keep)\b", folded)
        and re.search(r"\b(conversation|chat|transcript|session|dialogue?)\b", folded)
    )


def asks_for_alternative(question: str) -> bool:
    """Something better, or another way of doing it, is asked about."""
    folded = question.casefold()
    return bool(
        re.search(r"\b(any|some|no)thing (else|better|simpler|cheaper)\b|\balternatives?\b", folded)
        or re.search(r"\b(better|other|another|cheaper) (ways?|methods?|options?|ideas?)\b", folded)
    )


def asks_for_the_role(question: str) -> bool:
    """What something is there for is asked about together with what it is."""
    return bool(
        re.search(r"\b(role|purpose|part played|job) (of|does|do|is)\b|\bwhat .*\bfor\W*$", question.casefold())
    )


def complains(question: str) -> str:
    """What a learner who is not helped says: 'lost', 'long', 'missed' or 'wrong'; '' for anything else."""
    bare = _bare(question)
    if len(bare.split()) > 12:
        return ""
    return next((kind for kind, pattern in _COMPLAINTS.items() if re.search(pattern, bare)), "")


def asks_openly(question: str) -> bool:
    """The turn begins as an open question does, so that whatever it takes for granted stands inside the question."""
    return bool(_OPEN.match(_bare(question)))


def states(question: str) -> bool:
    """The learner draws a conclusion or makes a guess that wants to be judged."""
    return bool(
        re.search(
            r"\b(means?|maybe|perhaps|i (think|guess|suppose|believe|bet)|so (they|the|(it|that|this)('?s)?)|it seems"
            r"|must be|is like|are like|isn't it)\b",
            _bare(question),
        )
    )


def doubts(question: str) -> bool:
    """'I do not believe that it means anything': the learner sees no worth in it."""
    folded = question.casefold().replace("’", "'")
    return bool(
        re.search(r"(\bnot|n't) (really )?(believe|mean|trust|matter)\b|\bdoubt\b|\b(meaning|use)less\b", folded)
    )


def points_back(question: str) -> bool:
    """'How does it do that?': a short turn whose only subject is a pronoun."""
    bare = _bare(question)
    return len(bare.split()) <= 8 and bool(re.search(r"\b(it|they|that|this|them|these|those)\b", bare))


def asks_whether(question: str) -> bool:
    """'Is the loss convex?', 'so softmax is arbitrary?': a whole statement is asked about."""
    bare = _bare(question)
    claim = question.strip(" \"')”’").endswith("?") and len(bare.split()) > 3 and not _OPEN.match(bare)
    return bool(_YES_OR_NO.match(bare) or (claim and re.search(r"\w (is|are|was|does|do|can|has|have)\b", bare)))


def echoes(question: str) -> str:
    """'So this is the mask?': 'echo', or 'echo all' where it asks whether that is all; '' for anything else."""
    found = _ECHO.fullmatch(_bare(question))
    if not found or len(question.split()) > 8:
        return ""
    return "echo all" if found["all"] else "echo"


def follows(question: str) -> bool:
    """'I am with you so far': an acknowledgement, and nothing besides."""
    bare = _bare(question)
    return bool(_FOLLOWING.fullmatch(bare) or _FOLLOWING.fullmatch(_NODS.sub("", bare).strip()))


def goes_on(question: str) -> bool:
    """'Ok, go on': the next step is wanted, and nothing besides."""
    bare = _bare(question)
    return bool(_GO_ON.fullmatch(bare) or _GO_ON.fullmatch(_NODS.sub("", bare).strip()))


def _bare(question: str) -> str:
    return question.casefold().replace("’", "'").strip(" .!?,…:\"'“”")
