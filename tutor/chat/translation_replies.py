"""What is said about the model's own translation, with places for the numbers of a run."""

from __future__ import annotations

from collections.abc import Mapping

TRANSLATION_REPLIES: Mapping[str, tuple[str, ...]] = {
    "stands for": (
        "For “{word}” it wrote {written}: while it did, {shares} of its look at your sentence went to “{word}”, on "
        "average over all {layers} layers and {heads} heads.",
        "{written}. Of its look at your sentence at that point, {shares} went to “{word}”.",
        "“{word}” became {written}, judged by where it looked while writing: {shares} on “{word}”.",
    ),
    "stands for nothing": (
        "No word of the translation looks mainly at “{word}”. The one that looks at it most is “{other}”, and gives it "
        "{share} of its look, on average over all {layers} layers and {heads} heads.",
        "Nothing that it wrote looks mainly at “{word}”; “{other}” comes nearest, with {share}.",
        "For “{word}” there is no word of its own, as far as looks tell: at most {share}, from “{other}”.",
    ),
    "comes from": (
        "From “{source}”: while it wrote “{word}”, {share} of its look at your sentence went there, on average over "
        "all {layers} layers and {heads} heads.",
        "“{source}” is behind “{word}”: {share} of its look went there.",
        "“{word}” goes back to “{source}”, with {share} of its look.",
    ),
    "comes mostly from": (
        "Of your words most likely from “{source}”: it had {share} of the look while “{word}” was written, and "
        "“{second}” had {second_share}, on average over all {layers} layers and {heads} heads.",
        "“{source}” is the likeliest source of “{word}”, with {share} of its look; “{second}” had {second_share}.",
    ),
    "comes from nowhere": (
        "No single word of yours is behind “{word}”: its look was spread, and the most that any of them had was "
        "{share}, for “{source}”, on average over all {layers} layers and {heads} heads.",
        "“{word}” has no clear source: {share} of its look went to “{source}”, less to every other word of yours.",
    ),
    "so translated": (
        "Because of everything that it could write there, “{token}” was likeliest, with {probability:.0%}; “{rival}” "
        "had {rival_probability:.0%}. While it wrote “{written}”, {share:.0%} of its look at your sentence went to "
        "“{word}”. No list of word pairs stands behind it: the link was learned from translated sentences.",
        "“{token}” was likeliest there, with {probability:.0%} against {rival_probability:.0%} for “{rival}”, and "
        "{share:.0%} of the look went to “{word}” while “{written}” was written.",
    ),
    "not in sentence": (
        "“{word}” is not in the sentence in force, which is *{sentence}*",
        "There is no “{word}” in *{sentence}*",
        "The sentence in force has no “{word}”: *{sentence}*",
    ),
    "not in translation": (
        "“{word}” is not in the translation, which is “{translation}”",
        "It did not write “{word}”. It wrote “{translation}”",
    ),
    "how sure": (
        "It was least sure of “{token}”: {least:.0%}, with “{alternative}” as its next choice. All {steps} steps "
        "multiplied, “{translation}” has a chance of {whole}; that is {mean:.0%} a step.",
        "Least of all of “{token}”, with {least:.0%}. The whole of “{translation}” has {whole}, over {steps} steps.",
        "{mean:.0%} a step in “{translation}”, and {whole} for all of it; its weakest step is “{token}”, {least:.0%}.",
    ),
    "how sure of word": (
        "Of “{word}” it was {sure}: {probability}{pieces}. The next choice at that point, “{rival}”, had "
        "{rival_probability:.0%}.",
        "“{word}” had {probability}{pieces}, and the next choice, “{rival}”, {rival_probability:.0%}.",
    ),
    "how sure next": (
        "It gave “{token}” {probability:.0%} and its next choice, “{second_token}”, {second_probability:.0%}, after "
        "“{text}”.",
        "After “{text}”: {probability:.0%} for “{token}”, {second_probability:.0%} for “{second_token}”.",
    ),
    "others": (
        "Where it was least sure, in place of “{token}” ({probability:.0%}), it also weighed {rivals}.",
        "At its least sure step, in place of “{token}”, which had {probability:.0%}: {rivals}.",
        "Against “{token}” with {probability:.0%} stood {rivals}.",
    ),
    "others of word": (
        "In place of “{token}” ({probability:.0%}) it also weighed {rivals}.",
        "Besides “{token}” ({probability:.0%}) there were {rivals}.",
    ),
    "others elsewhere": (
        "Other close calls: {calls}. At every step each token of the vocabulary gets some probability; greedy writing "
        "keeps only the first.",
        "Other close calls: {calls}.",
    ),
    "others next": (
        "After “{text}” it weighed {rivals}, besides its first choice, “{token}”, with {probability:.0%}.",
        "Besides “{token}” with {probability:.0%}: {rivals}.",
    ),
    "is it good": (
        "The model cannot judge that: it holds its French against nothing and only knows how likely each of its own "
        "words was, least of all “{token}”, with {least:.0%}. Whether “{translation}” is good French, only a reader of "
        "French can tell. How its translations did when they were checked is in the model card: `/model` in the chat, "
        "`attention-tutor model` outside.",
        "It cannot tell: a probability is no mark for quality. Its least sure word, “{token}”, has {least:.0%}; a "
        "confident translation can be wrong, and a doubtful one right. `/model` says how the checked ones came out.",
        "Again, no number of its own says so; {least:.0%} for “{token}” is its greatest doubt, not a mistake found.",
    ),
    "which pick": (
        "I take it that you mean its translation, and there the step at which it hesitated most.",
        "At the step of its translation where it hesitated most:",
    ),
    "why picked": (
        "Because “{token}” had the highest probability of all tokens there, {probability:.0%}; next came “{rival}” "
        "with {rival_probability:.0%}. Greedy writing takes the likeliest each time.",
        "“{token}” was likeliest: {probability:.0%}, before “{rival}” with {rival_probability:.0%}.",
        "{probability:.0%} for “{token}” against {rival_probability:.0%} for “{rival}”: the larger one is taken.",
    ),
    "why not": (
        "Because “{token}” had {probability:.0%} there and “{rival}” {rival_probability:.0%}; greedy writing takes the "
        "likeliest each time.",
        "“{token}” had {probability:.0%}, “{rival}” {rival_probability:.0%}.",
    ),
    "why not even": (
        "Because “{token}” had {probability:.0%} there, and “{rival}” is not among the {listed} likeliest, of which "
        "the last has {last}.",
        "“{token}” had {probability:.0%}; “{rival}” has less than {last}, as the last of the {listed} likeliest has.",
    ),
    "why first": (
        "Because “{token}” had the highest probability of all {vocabulary_size:,} tokens, {probability:.0%}; next came "
        "“{second_token}” with {second_probability:.0%}. Taking the likeliest each time is called greedy.",
        "“{token}” was likeliest of {vocabulary_size:,}: {probability:.0%}, before “{second_token}” with "
        "{second_probability:.0%}.",
    ),
    "why second": (
        "It did not: “{token}” was likeliest there, with {probability:.0%}; “{rival}” had {rival_probability:.0%}.",
        "“{rival}” had only {rival_probability:.0%}; “{token}” came first with {probability:.0%}.",
    ),
    "without attention": (
        "Where that comes from shows when it is taken away: with every head made to look evenly at all that stands "
        "before, “{token}” has {probability_without_attention:.0%} and “{token_without_attention}” is likeliest.",
        "With attention made even, “{token}” has {probability_without_attention:.0%}.",
    ),
    "without source": (
        "If the decoder must look evenly at your whole sentence, “{token}” has {probability_without_source:.0%} and "
        "“{token_without_source}” is likeliest.",
        "With an even look at your sentence, “{token}” has {probability_without_source:.0%}.",
    ),
}
