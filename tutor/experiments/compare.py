"""`compare`: two sentences side by side: what differs in their words, vectors, attention and translations."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.alignment import AlignedWord, aligned, aligned_words, first_difference
from tutor.experiments.base import cosine, experiment, option
from tutor.experiments.habits import where
from tutor.experiments.pieces import axis_names, named
from tutor.experiments.places import PARTS, attention_at, loss_of, position_of
from tutor.text.sentences import has_wrong_article, plain_words, with_word_exchanged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from tutor.experiments.models import Models, Reading


@dataclass(frozen=True)
class CompareOptions:
    other: str = option("", "the second sentence; by default yours with one word exchanged, else one of ours")
    word: str = option("", "a word of both to follow; by default the one whose vector differs most")


@dataclass(frozen=True)
class AlignedToken:
    """One place of the two sentences set side by side."""

    token: str
    """Of the first; empty where only the second has a token here."""
    other_token: str
    same: bool
    cosine: float
    """Of the token's two vectors after the encoder; 0 where the tokens differ."""


@dataclass(frozen=True, kw_only=True)
class Compare:
    """Two sentences and what the translator makes of each."""

    sentence: str
    other: str
    exchanged_word: str
    """The word of yours for which …"""
    exchanged_for: str
    """… this stands in the other; both empty where the other is not yours with a word exchanged."""
    given: bool
    """The learner named the other sentence."""
    tokens: tuple[AlignedToken, ...]
    shared_words: int
    """Words and pieces that stand in both, in the same order; marks are not counted."""
    differing: int
    """Places where the tokens differ."""
    moved: int
    """Shared tokens whose place is another in the second: that alone changes their vectors."""
    word: str
    """A token of both: the one named, else the word whose vectors are least alike."""
    word_cosine: float
    mean_cosine: float
    """Over the shared words; over shared marks where there is no word."""
    translation: str
    other_translation: str
    words: tuple[AlignedWord, ...]
    """Of both translations."""
    changed_words: int
    """Places where the translations differ."""
    changed_from: str
    """What yours has in the first stretch where they differ, …"""
    changed_to: str
    """… and the other; one of them is empty where something was only put in or left out."""
    same_translation: bool
    part: str
    layer: int
    head: int
    """Where the attention of what is shared differs most."""
    where: str
    """That place in words: 'encoder layer 1, head 2'."""
    looker: str
    """Whose attention is meant: 'a shared word' for the mean of all, or the word named, in quotation marks."""
    difference: float
    """Total variation distance between its attention in the two, 0 to 1; keys that only one has count as one key."""
    query: str
    """The row that differs most there, …"""
    key: str
    """… the shared key that makes most of the difference, …"""
    key_weight: float
    """… how much it gets in yours, …"""
    other_key_weight: float
    """… and in the other."""
    loss: float
    """On the model's own translation, in nats a token."""
    other_loss: float


EVERYONE = "a shared word"
_EXCHANGES: Mapping[str, str] = dict(
    pair.split(":")
    for pair in """
    cat:dog dog:cat cats:dogs dogs:cats horse:cow bird:fish sister:brother brother:sister mother:father father:mother
    girl:boy boy:girl woman:man man:woman women:men men:women wife:husband husband:wife daughter:son son:daughter
    king:queen queen:king teacher:doctor doctor:teacher friend:brother boys:girls girls:boys house:car car:house
    book:letter letter:book table:bed bed:table door:window window:door river:road street:garden kitchen:garden
    garden:kitchen school:church city:village milk:water water:milk coffee:tea tea:milk bread:cheese
    black:white white:black red:green green:red blue:red old:young young:old big:small small:big good:bad bad:good
    happy:sad sad:happy hot:cold cold:hot long:short short:long new:old hungry:tired tired:hungry early:late late:early
    today:tomorrow always:never never:always bought:sold sold:bought lost:found found:lost came:went went:came
    likes:hates loves:hates hello:goodbye goodbye:hello he:she she:he is:was was:is are:were were:are
    his:her him:her my:your your:my our:my their:our the:my
    """.split()
)
"""What stands for what in the second sentence by default; the first of these that is in yours is exchanged."""
OURS = (
    "The cat is on the mat.",
    "I do not know what to do.",
    "They went home yesterday.",
    "Where are you?",
    "Why not?",
    "I have a good friend.",
)


@experiment("compare", "two sentences side by side, with what differs marked", CompareOptions, Compare)
def compare_sentences(models: Models, sentence: str, options: CompareOptions) -> Compare:
    """Set a second sentence beside the first and compare what the translator makes of both.

    Raises `LearnerError` for two sentences of the same tokens, a word that is not in both, and one that is too long.
    """
    given = options.other.strip()
    exchanged, replacement, other = ("", "", given) if given else _other(models, sentence)
    here, there = models.read(sentence), models.read(other)
    if here.source_ids == there.source_ids:
        raise LearnerError("the two sentences are the same; give a different one with the option `other`")
    places, shared = aligned(here.source_ids, there.source_ids)
    pairs = sorted(shared)  # the end mark is always among them
    first, second = here.trace.encoder, there.trace.encoder
    assert first is not None and second is not None
    cosines = {(at, beside): cosine(first.output[0, at], second.output[0, beside]).item() for at, beside in pairs}
    names, other_names = named(models, here.source_ids), named(models, there.source_ids)
    words = [pair for pair in pairs if _is_word(names[pair[0]])] or pairs
    if options.word:
        followed = _named_pair(options.word, here, pairs)
    else:
        followed = min(words, key=cosines.__getitem__)
    found = _attention(models, here, there, pairs, followed if options.word else None)
    translations = aligned_words(here.translation, there.translation)
    stretch = first_difference(translations)
    return Compare(
        sentence=sentence,
        other=other,
        exchanged_word=exchanged,
        exchanged_for=replacement,
        given=bool(given),
        tokens=tuple(
            AlignedToken(
                names[at] if at is not None else "",
                other_names[beside] if beside is not None else "",
                (at, beside) in shared,
                cosines[at, beside] if at is not None and beside is not None and (at, beside) in shared else 0.0,
            )
            for at, beside in places
        ),
        shared_words=sum(_is_word(names[at]) for at, _ in pairs),
        differing=len(places) - len(pairs),
        moved=sum(at != beside for at, beside in pairs),
        word=names[followed[0]],
        word_cosine=cosines[followed],
        mean_cosine=fmean(cosines[pair] for pair in words),
        translation=here.translation,
        other_translation=there.translation,
        words=translations,
        changed_words=sum(not word.same for word in translations),
        changed_from=" ".join(word.word for word in stretch if word.word),
        changed_to=" ".join(word.other_word for word in stretch if word.other_word),
        same_translation=here.translation == there.translation,
        part=found.part,
        layer=found.layer,
        head=found.head,
        where=where(found.part, found.layer, found.head),
        looker=f"“{names[followed[0]]}”" if options.word else EVERYONE,
        difference=found.difference,
        query=found.query,
        key=found.key,
        key_weight=found.key_weight,
        other_key_weight=found.other_key_weight,
        loss=loss_of(here.trace),
        other_loss=loss_of(there.trace),
    )


def _other(models: Models, sentence: str) -> tuple[str, str, str]:
    """(word, what stands for it, the second sentence); without the first two where nothing could be exchanged."""
    found = {word.casefold(): word for word in reversed(plain_words(sentence))}
    for plain, replacement in _EXCHANGES.items():
        word = found.get(plain)
        if word is None:
            continue
        put = replacement.capitalize() if word.istitle() else replacement.upper() if word.isupper() else replacement
        other = with_word_exchanged(sentence, word, put)
        # "an old man" is not to become "an young man".
        if other != sentence and not has_wrong_article(other):
            return word, put, other
    ids = models.source_ids(sentence)
    unlike = [text for text in OURS if models.source_ids(text) != ids]
    likest = max(
        unlike, key=lambda text: difflib.SequenceMatcher(None, ids, models.source_ids(text), autojunk=False).ratio()
    )
    return "", "", likest


def _named_pair(word: str, here: Reading, pairs: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The shared pair of the word. Raises `LearnerError` where it is not shared."""
    at = position_of(word, here.source_tokens)
    alike = [pair for pair in pairs if here.source_tokens[pair[0]] == here.source_tokens[at]]
    if not alike:
        both = " · ".join(here.source_tokens[first] for first, _ in pairs)
        raise LearnerError(f"'{word}' does not stand in both sentences; what does: {both}")
    return next((pair for pair in alike if pair[0] == at), alike[0])


@dataclass(frozen=True)
class _Found:
    """The head in which what is shared looks most differently, and its row that differs most."""

    part: str
    layer: int
    head: int
    difference: float
    query: str
    key: str
    key_weight: float
    other_key_weight: float


def _attention(
    models: Models, here: Reading, there: Reading, shared: Sequence[tuple[int, int]], only: tuple[int, int] | None
) -> _Found:
    """Compare every head of all three parts; of the encoder alone, and one row of it, with `only`."""
    written = sorted(aligned(here.target_ids, there.target_ids)[1])
    read = sorted(aligned(here.target[0].tolist(), there.target[0].tolist())[1])
    config = models.model.config
    best: _Found | None = None
    for part in PARTS if only is None else ("encoder",):
        names, key_names = axis_names(models, here, part)
        queries = {"encoder": shared, "decoder": read, "cross": written}[part]
        keys = read if part == "decoder" else shared
        queries = [only] if only else [pair for pair in queries if _is_word(names[pair[0]])]
        if not queries and part == "encoder":
            queries = shared  # nothing but marks
        if not queries:
            continue
        for layer in range(1, (config.encoder_layers if part == "encoder" else config.decoder_layers) + 1):
            rows = [
                attention_at(reading.trace, part, layer).weights[0][:, [pair[side] for pair in queries]][
                    :, :, [pair[side] for pair in keys]
                ]
                for side, reading in enumerate((here, there))
            ]  # each (H, queries, keys)
            apart = _distances(*rows)  # (H, queries)
            head = int(apart.mean(-1).argmax())
            difference = apart[head].mean().item()
            if best is None or difference > best.difference:
                query = int(apart[head].argmax())
                key = int((rows[0] - rows[1])[head, query].abs().argmax())
                best = _Found(
                    part=part,
                    layer=layer,
                    head=head + 1,
                    difference=difference,
                    query=names[queries[query][0]],
                    key=key_names[keys[key][0]],
                    key_weight=rows[0][head, query, key].item(),
                    other_key_weight=rows[1][head, query, key].item(),
                )
    assert best is not None
    return best


def _distances(first: Tensor, second: Tensor) -> Tensor:
    """Total variation of rows over the shared keys, what is left of each row being one more key."""
    left = (first.sum(-1) - second.sum(-1)).abs()
    return ((first - second).abs().sum(-1) + left) / 2


def _is_word(name: str) -> bool:
    return not name.startswith("‹") and any(letter.isalnum() for letter in name)
