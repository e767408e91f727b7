"""What the tutor says when a turn is no question: short, honest, and never twice the same while it can help it."""

from __future__ import annotations

from collections.abc import Mapping

from tutor.chat.translation_replies import TRANSLATION_REPLIES

REPLIES: Mapping[str, tuple[str, ...]] = {
    "greet": (
        "Hello. Type any English sentence and see what a small Transformer does with it, or ask a question about "
        "attention and the things around it.",
        "Hello again. We can go on where we were.",
        "Hello.",
        "Still here. Ask away.",
        "Hi.",
    ),
    "thanks": (
        "You are welcome.",
        "Gladly. There is more below if you want it.",
        "Any time.",
        "Not at all.",
        "Sure.",
    ),
    "bye": (
        "You are welcome to come back. Goodbye.",
        "Goodbye.",
        "Bye.",
    ),
    "no": (
        "All right. Ask something else, or take one of these instead.",
        "Then choose your own way: a question, or a sentence of yours to run.",
        "Fine. Here are other places to go.",
    ),
    "praise": (
        "Good. The test of a picture is whether you can predict with it: ask for a quiz, or say how another sentence "
        "would come out before you run it.",
        "Then it is time to try it where it is harder: a long sentence, or a word with two meanings.",
    ),
    "followed": (
        "Then on to what comes next.",
        "On, then.",
        "Next.",
        "And on.",
    ),
    "again simpler": (
        "In other words.",
        "Put differently.",
        "Another way to say it.",
    ),
    "again analogy": (
        "The words have been said; here is a picture.",
        "A picture instead.",
        "Another picture.",
    ),
    "again math": (
        "In words you have it; now in symbols.",
        "The same in symbols.",
        "Now as a formula.",
    ),
    "another example": (
        "The steps are as before; the numbers are new, so follow them from the top.",
        "Another case; the steps stay, and whether the result is like the one before is for you to compare.",
        "One more case.",
        "And another.",
    ),
    "every step": (
        "Here is one word of it with every step written out, from its query down to what it is handed. The same is "
        "done for every other word.",
        "Every step once more, on another text.",
    ),
    "as a map": (
        "So far you followed one word. Here the same is done for every word of a text: each row is what one of them "
        "takes from all, itself included.",
        "All words of it at once, a row for each.",
    ),
    "that word": (
        "The same for *{word}*:",
        "With *{word}* as the word that is looked from:",
        "Now *{word}*:",
    ),
    "holds there": (
        "Yes. The arithmetic of {topic} is the same in the {part}; only the numbers are others.",
        "Yes, {topic} works in the {part} as well.",
    ),
    "holds in the decoder": (
        "Yes. The arithmetic of {topic} is the same in the decoder. What comes on top there is the mask, which hides "
        "the words that are not written yet.",
        "Yes, the decoder has {topic} too.",
    ),
    "cut link": (
        "That is in the last run: with the link from “{query}” to “{key}” forbidden in every head, “{word}” in the "
        "translation goes from {before:.0%} to {after:.0%}.",
        "The last run tried just that: without it “{word}” has {after:.0%} instead of {before:.0%}.",
    ),
    "no such link": (
        "First see whether it did: that link is hardly there.",
        "There is hardly such a link to explain.",
        "The run says that it hardly did.",
    ),
    "proof": (
        "You need not take my word for it: this is measured on your sentence, just now.",
        "By looking. Here is another run; whatever I say about it must be in the numbers.",
        "The numbers are the evidence; here are more of them.",
    ),
    "echo": (
        "Yes, that is {topic}.",
        "Yes, {topic} is what this is called.",
    ),
    "echo all": (
        "In essence, yes: that is {topic}.",
        "Yes, at its core.",
    ),
    "hold against": (
        "I cannot say yes or no to that as a whole, so hold it against what is certain.",
        "There is no plain yes or no to that; this much is certain.",
        "Not a yes, and not a no; certain is this.",
    ),
    "complaint": (
        "Fair. Fewer words, then, and the thing itself.",
        "Understood. Here is a run instead of an explanation; ask about any number in it.",
    ),
    "missed": (
        "Then I misread it. Ask it once more in other words, or take what comes nearest.",
        "Misread again, it seems. Name the one thing that you want to know, or take a number.",
        "Then not that either. One word of what you are after is enough.",
    ),
    "shorter": (
        "Shorter, then.",
        "In fewer words.",
    ),
    "contradiction": (
        "I may have put it badly. Here it is in other words; tell me which part clashes.",
        "Then one of the two was unclear. Once more, differently:",
        "In other words again:",
    ),
    "unclear": (
        "I have no further words for this one. Quote the sentence of mine that does not fit, and ask about that.",
        "Which sentence of mine does not fit? Quote it.",
        "Quote the part that clashes.",
    ),
    "remark": (
        "I cannot tell which idea that is about, so I would only be guessing. Name it, and I will say what holds and "
        "what does not.",
        "I have nothing true to add to that yet. Tie it to one thing, such as the weights or the query, and I can "
        "answer.",
    ),
    "nothing to accept": (
        "There is no open offer of mine. Here are some.",
        "Nothing is open just now; here are some offers.",
        "No offer is open. Here are some.",
    ),
    "nothing to simplify": (
        "I have not explained anything yet. What shall I explain?",
        "There is nothing to go on from yet; name a topic.",
        "Name a topic first.",
    ),
    "nothing new": (
        "I have said that already, and there is nothing new in it. Ask what you like, or take one of these.",
        "That was said before. Here is where it goes on.",
        "Said already; on from here:",
    ),
    "outside": (
        "That is outside what I teach. I know attention and what surrounds it: embeddings, encoder and decoder, "
        "predicting the next word, and how such a model learns.",
        "I cannot help with that one either: my subject is how attention works, and why.",
        "That is not mine to answer; I would be making it up. The nearest things that I do teach are below.",
        "Outside my subject too.",
    ),
    "not understood": (
        "I did not understand that; I read English. Type a question, an English sentence, or the number of an offer.",
        "I did not understand that either; I read English only. Ask it in other words.",
        "That too I did not understand.",
    ),
    "menu": (
        "I answer questions about attention and everything around it, and show each answer on a sentence of yours. "
        "Questions can be as loose as you like: “why”, “simpler”, “show me”, “and the decoder?” all work.",
        "Ask anything about attention, type a sentence, or take a number.",
        "A question, a sentence, a number, or `/help`.",
        "As before: a question, a sentence, a number.",
    ),
    "lesson": (
        "The guided lesson takes one head apart by hand, with predictions to make and exercises on your own sentence. "
        "In the chat `/lesson` starts it or goes on where you left; outside, `attention-tutor learn`.",
        "`/lesson` starts the guided lesson or goes on where you left.",
        "That is `/lesson`.",
    ),
    **TRANSLATION_REPLIES,
}

PRAISE = (
    "wow",
    "click",
    "great",
    "nice",
    "cool",
    "awesome",
    "love",
    "perfect",
    "makes sense",
    "got it",
    "i see",
    "brilliant",
    "good job",
    "well done",
    "amazing",
    "helpful",
    "understand now",
    "excellent",
    "beautiful",
)
COMPLAINT = (
    "no substance",
    "useless",
    "too long",
    "too many words",
    "lot of words",
    "boring",
    "bad answer",
    "not helpful",
    "not very helpful",
    "not so helpful",
    "unhelpful",
    "didn't answer",
    "did not answer",
    "doesn't answer",
    "not what i asked",
    "waffle",
    "nonsense",
    "stupid",
    "confusing",
    "terrible",
    "vague",
    "hand-wav",
    "handwav",
    "rubbish",
)
CONTRADICTION = ("opposite", "contradict", "you said", "you told me", "a minute ago", "earlier you", "just said")

SAMPLES = (
    "The dog sleeps because it is tired.",
    "She gave her brother a book.",
    "We were late and missed the film.",
    "My sister has a house near the river.",
    "If it rains, we will stay at home.",
)
"""Sentences of ours, for learners who want to see one without typing it."""

TEXTS = (
    "My sister has a house near the river. She likes to swim.",
    "The cat saw a bird. It ran away.",
    "Tom wanted a dog. His mother said no.",
    "I lost my key. My neighbour found it.",
)
"""Texts of ours, for learners who ask for a paragraph."""

FLOORS: Mapping[str, str] = {
    "definition": (
        "Below “{ask}” there is no further why: this is a definition. People chose it, and could have chosen "
        "otherwise; what can still be asked is what the choice makes possible, and a run answers that."
    ),
    "theorem": (
        "Below “{ask}” there is no further why: this is a theorem. It follows from the arithmetic alone, "
        "wherever what it assumes holds, and the only way further down is the proof."
    ),
    "open question": (
        "Below “{ask}” nobody knows for certain: this is an open question. I could only repeat guesses, and I would "
        "rather show you what can be measured."
    ),
}

TOLD_ALL = (
    "That is all I have on this.",
    "I have no other words for “{ask}”. Its neighbours may help.",
    "All of “{ask}” has been told; the offers below lead somewhere new.",
    "“{ask}” has come up {count} times since all of it was told.",
)
"""In place of words that were given before; the last one counts, so that it differs each time."""

RUN_OUT = "You have seen what this shows on your sentence. Type another sentence, and there are new numbers to see."

SAVE = (
    "In the chat, `/save talk.md` writes this conversation to a file, pictures and all; `/save talk.html` makes a page "
    "for the browser, which prints it. Outside the chat, `attention-tutor ask --markdown` prints an answer as Markdown."
)

TEXT_OF_OURS = "The text: *{sentence}*"

A_SENTENCE = "If that was a sentence to run, end it with a full stop."

MENU_MORE = "`/help` lists the commands, `/topics` what you can ask about."

NOT_ENGLISH = "That does not look like English, which is all this model has read: what comes out below means little."
IN_PIECES = (
    "The model knows hardly one of these words whole and reads them in pieces: what comes out below means little."
)

STARTERS = (
    ("attention", "what"),
    ("embedding", "why"),
    ("self-attention", "why"),
    ("query-key-value", "what"),
    ("softmax", "why"),
    ("next-token-prediction", "how"),
    ("encoder", "what"),
    ("decoder", "how"),
    ("backpropagation", "how"),
    ("multi-head-attention", "why"),
)
"""Where to go when nothing is on the table."""
