"""The patterns by which the reader tells questions, remarks, follow-ups and sentences apart."""
# ruff: noqa: E501 (a pattern is easier to read on one line)

from __future__ import annotations

import re

ASKING = re.compile(
    r"^(?:and |but |so |ok |okay |well |then |also |hmm |hm |wait |hi |hello |hey |please |kindly |bro |now |or |yo |lol )*"
    r"(?:what|why|how|who|whom|whose|when|where|which|is|are|was|were|do|does|did|can|could|would|will|should|has|have|am|"
    r"explain|tell|describe|show|give|list|define|compare|walk me|teach me|help me|name|derive|prove|write|compute|"
    r"calculate|illustrate|demonstrate|summarise|summarize|need|want|whats|difference|meaning|code|formula|formla|"
    r"for what|in what|in which|at what|by what|to what|from where|split|translate|predict|take|apply|use of|"
    r"is it|any|sketch|outline|plot|draw|run|say|introduce|elaborate|clarify|discuss|convince|remind)\b"
)
ASKING_INSIDE = re.compile(
    r"\b(?:wonder|wondering|what i (?:can|do) not|i (?:want|would like|need|would love|wish|like|try|am trying) to "
    r"(?:know|understand|learn|see|hear)|"
    r"do not (?:get|understand|see|know|grasp|follow|really get|quite get) (?:why|how|what|where|when|the|who)|"
    r"can not (?:picture|see|understand|figure|imagine|grasp|work) |not sure (?:why|how|what)|no idea (?:why|how|what)|"
    r"not (?:understand|understanding|get|see|clear) (?:why|how|what|the)|who decides|is that|is it|does it|do they|"
    r"or what$|or not$|confused (?:about|by|why|how)|curious (?:about|why|how|what)|tell me|explain|can you|could you|how come|"
    r"(?:so|but|and) (?:why|how|what|who|where|which|does|is|do|are|can)\b|"
    r"how does|how do|how is|how are|how can|what is|what are|why is|why do|why does|why are|the difference|question is)"
)
ANAPHORA = re.compile(
    r"\b(?:it|its|that|this|these|those|they|them|their|he|she|one|ones|there|both|two|each other|the same|instead|then)\b"
)
ELLIPSIS = re.compile(
    r"^(?:and|but|or|so|then|also|what about|how about|ok and|okay and|why|who|when|where|for|even|"
    r"compared|versus|code|formula|example|math|history|with|without|only|always|really|which|is|in|still)\b"
)
INHERITS = re.compile(
    r"^(?:ok |okay |hmm |so |well |right |yes |now |alright )*(?:and|what about|how about|same for|ok and|also for|even for|for)\b"
)
MEANT = re.compile(
    r"^(?:no+|nope|nah|not|sorry|wait|actually|i mean|i meant)\b.*\b(?:mean|meant|asking|asked|not (?:those|that|it|this)|rather)\b"
)
PICK = re.compile(
    r"^(?:(?:number|option|no|nr|choice|question|the|#|pick|take|let us do|i choose|i pick|i want)\s*)*"
    r"(\d|first|second|third|fourth|fifth|one|two|three|four|five|last)"
    r"(?:\s*(?:one|please|option|question|st|nd|rd|th))*$"
)
ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
}
GIVES = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|now|please|hey|hi|so|then|well|can you|could you|let'?s|let us|and|i(?:'ll| will| want to| would like to)?)[\s,]+)*"
    r"(?:use|take|try|work (?:on|with)|switch to|set|change (?:it )?to|analy[sz]e|process|run|test|put in|go with|do|"
    r"here(?:'s| is| comes)|my (?:new )?(?:sentence|text|example|paragraph)(?: is)?|(?:new |next |another )?(?:sentence|text|example|paragraph)(?: is)?)"
    r"\b([^:\n\"“”«]{0,60}?)(?::|\s[-–—]\s|(?=[\"“«]))\s*(.+)$",
    re.IGNORECASE | re.DOTALL,
)
BARE_GIVES = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|now|please)[\s,]+)*(?:use|take|try|work (?:on|with)) (?:this|the|my|another)(?: new| other| following)?"
    r" (?:sentence|text|paragraph|one)(?: instead)?[,:;.\s]+(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
QUOTED = re.compile(r"[\"“«]([^\"“”«»]{3,600})[\"”»]|(?:^|\s)['‘]([^'‘’]{8,400})['’](?=\W|$)")
ON_COLON = re.compile(
    r"\b(?:sentence|text|paragraph|phrase|on|with|for|following|this)\s*:\s*(\S.{6,})$", re.IGNORECASE | re.DOTALL
)
TITLES = re.compile(r"\ball you need\b|\bnot (?:not )?explanation\b|\bworth 16", re.IGNORECASE)
META = re.compile(
    r"\b(?:you|your|yours|explain|question|answer|explanation|tutor|understand|understood|example|lesson|learner|sentence|evidence|paragraph|passage|"
    r"model|network|ai|neural|algorithm|gimme|please)\b"
)
FIRST_PERSON = re.compile(
    r"^(?:well |ok |okay |so |hmm |but |and |honestly |wow )*(?:i (?:think|guess|see|understand|get|got|believe|suppose|feel|find|know|do not|did not|can not|am|was|want|need|have (?:a|no)|would|still|mean|like|love|hate)|maybe|perhaps|that|this|it|these|those)\b"
)
POLITE = re.compile(
    r"^(?:(?:hi|hello|hey|yo|ok|okay|so|well|hmm+|hm|um|uh|please|sorry|right|alright|oh|ah|bro|man|dude|mate|lol|haha|sir|madam|dear|and|but|now|kindly|yes|yeah|good (?:morning|evening|afternoon|day)|hi there|hello there)\s+)+"
)
CONCLUDES = re.compile(
    r"^(?:(?:well|so|then|ok|okay|but|and|hmm|ah|oh|right|yes|no|yeah) )*(?:it|that|this|which|they|those|these|he|she) (?:just |only |really |probably |would |must |does |could )*"
    r"(?:means?|mean|says?|tells?|shows?|knows?|thinks?|believes?|understands?)\b"
    r"|^(?:(?:well|then|ok|okay|but|and|hmm|ah|oh|right|yes|no|yeah) )*so (?:it|that|this|they|the|a|an) \w+"
)
"""What a learner makes of what was said last: 'well, that means …', 'so it only …'."""
TELLS = re.compile(
    r"^(?:the|a|an|my|our|his|her|their|your|every|each|some|many|most|one|two|three|i|you|he|she|we|they|there|"
    r"yesterday|today|tomorrow|last|next|once|sometimes|when|if|in|on|at|after|before|[a-z]+ (?:is|was|has|had|will))\b"
)
"""How a sentence about anything begins, typed without a capital or a full stop."""
OPENER = re.compile(
    r"^(?:yeah|yes|yep|ok|okay|well|so|hm+|um+|uh|but|and|or|no|nope|nah|oh|ah|lol|haha|wow|hey|hi|hello|sure|right|"
    r"alright|fine|cool|please|thanks?|sorry|maybe|perhaps|honestly|actually|good (?:morning|evening|afternoon|day|night))\b"
)
"""How a turn begins that answers the one before."""
OF_THE_SCREEN = re.compile(
    r"\b(?:(?:my|the|your|this|that) (?:sentence|text|translation|example|picture|answer|question|explanation)|"
    r"you (?:said|say|told|tell|mean|explained))\b"
)
"""What is on the screen, and who said what: the talk, not the world."""
OF_THE_TALK = re.compile(
    r"\b(?:confus\w+|lost|stuck|bor(?:ed|ing)|clear|unclear|sense|get it|got it|follow\w*|learn\w*|know|idea|wrong|"
    r"right|true|false|repeat\w*|long|short|again|thanks?|sorry|help|here|there|what|why|how|see|doubt|agree|guess|"
    r"think|hope|wonder\w*|picture|number|numbers|table|row|column|bar|screen|text|word|words|same)\b"
)
"""Words of a learner who speaks of the lesson, not of the world."""
PRONOUN = re.compile(r"\b(?:it|they|that|this|them|these|those)\b")
ECHO = re.compile(
    r"^(?:so |ok |and |wait )*(?:(?:are )?you (?:are )?(?:saying|mean|telling)|does that mean|that means|basically)\b"
)
TOGETHER = re.compile(r"\b(?:the two|both|each other|together|one another)\b")
BARE_REQUEST = re.compile(
    r"^(?:can|could|would|will|may) you (?:please |kindly |just )*"
    r"(?:explain|describe|define|introduce|tell me about|talk about|teach me)\b"
    r"(?!.*\b(?:why|how|differ|versus|vs|example|formula|math|equation|code|who|when|where|drawback|limit|problem|work"
    r"|relat|compar|help|affect|role|purpose|point)\w*)"
)
"""'Can you explain X': a request for what X is, not whether somebody is able to."""
WANTS_WHY = re.compile(r"\bthe why\b|\bnot (?:so much )?(?:the )?why\b(?!.*\bnot why\b)")
ASKS_OPENLY = re.compile(r"(?:what|how|why|who|when|where|which|explain|define|tell|show|describe)\b")
MANNER = re.compile(
    r"[\s,;.:(–-]*\b(?:please )?(?:explain|tell|say|put|describe)(?: (?:it|this|that|me))*(?: to me)?"
    r" (?:like|as if|as though) (?:i(?:'?m| am| was| were)?|to|for|you)\b[^?.!]*",
    re.IGNORECASE,
)
"""'Explain it like I'm five': how to tell it, which says nothing of what is asked about."""
NEGATED = re.compile(
    r"(?!(?:is|are|was|were|do|does|did|has|have|can|could|would|should|will|must) not\b).*\b(?:not|never)\b"
    r"(?! (?:it|they|that|only|just|merely)\b)"
)
"""It denies something; 'is it not …?' and 'isn't it …?' do not, nor does 'not only'."""
UNREAD = "unread"
"""What the words of a turn speak for that was not understood at all."""
OTHER_TONGUE = re.compile(
    r"\b(?:warum|wieso|weshalb|wie|ist|sind|der|das|und|nicht|ein|eine|ich|kann|mir|bitte|wozu|pourquoi|quoi|quel|quelle|est|les|"
    r"une|des|je|ne|pas|qu|como|cómo|qué|que|por|porque|porqué|para|los|las|una|el|perché|perche|cosa|che|sono|di|"
    r"não|nao|uma|waarom|hoe|het|een|niet|wat|jak|co|czy|nie|jest|vad|hur|är|och)\b"
)
"""Little words of German, French, Spanish, Italian and their neighbours."""
ENGLISH = re.compile(
    r"\b(?:a|an|the|is|are|was|were|do|does|did|what|why|how|who|when|where|which|of|to|in|it|this|that|these|those|i|you|we|"
    r"they|my|your|and|or|not|for|with|on|at|if|can|could|would|will|should|has|have|there|no|yes|mean|means)\b"
)
OF_A_MIND = re.compile(
    r"\b(?:is|are|can|could|does|do|will|has|have) (?:it|they|this|that|you)\b.*"
    r"\b(?:conscious\w*|sentien\w+|self aware|alive|feel\w*|emotions?|soul|suffer\w*|dream\w*)\b"
)
"""Whether the thing has an inner life: no follow-up to what it was that 'it' stood for."""
NOT_CLEAR = re.compile(
    r"^(?:(?:but|so|ok|okay|well|sorry|hm+) )*i (?:still |really |just |honestly )*(?:do not|did not|can not|could not|never) "
    r"(?:really |quite |fully |still )*(?:understand|get|grasp|follow)(?! (?:why|how|what|where|when|who|which|if|whether)\b) "
    r"(?!.*\b(?:why|how|because|but)\b)"
)
"""'I do not understand softmax': the thing itself, in simpler words."""
LEANS = re.compile(r"\b(?:please|more|less|again|another|other|else|the|numbers?|symbols?|pictures?|shorter|longer)\b")
"""Words that ask for the last answer in another form, however few they are."""
