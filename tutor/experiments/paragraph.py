"""`paragraph`: two sentences read in one go: what looks across the full stop, and what it does to the translation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.ablation import SENTENCE_ENDS
from tutor.experiments.alignment import AlignedWord, aligned_words, first_difference
from tutor.experiments.base import experiment, option
from tutor.experiments.habits import where
from tutor.experiments.pieces import is_content, named
from tutor.experiments.places import attention_at, loss_of
from tutor.text.sentences import parts_at_sentence_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tutor.experiments.models import Models, Reading


@dataclass(frozen=True)
class ParagraphOptions:
    other: str = option("", "the sentence before yours; by default the first of several, else one of ours")


@dataclass(frozen=True)
class Crossing:
    """How much one encoder layer looks across the full stop: mean over its heads and over the words that look."""

    layer: int
    back: float
    """Of the attention of the words of the second sentence, what goes to the first."""
    ahead: float
    """Of the attention of the words of the first, what goes to the second."""


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """The same sentence translated alone and after another one. Losses are of what the model itself writes then."""

    first: str
    second: str
    source: str
    """Where the first comes from: 'option', 'text' where the learner's text has several sentences, or 'ours'."""
    tokens: tuple[str, ...]
    """Of both, as the encoder reads them in one go, with one end mark."""
    first_count: int
    """How many of the tokens are the first sentence's."""
    rows: tuple[Crossing, ...]
    even_back: float
    """What `back` would be if each token got the same attention, …"""
    even_ahead: float
    """… and `ahead`."""
    mean_back: float
    """Over the layers."""
    mean_ahead: float
    most_layer: int
    """The layer in which the second looks back most, …"""
    most_back: float
    pronoun: str
    """The first pronoun of the second sentence that may stand for something in the first; empty if there is none."""
    looker: str
    """The pronoun, or else the word of the second that looks back most sharply, …"""
    looked_at: str
    """… the word of the first at which it looks most in any head, …"""
    look: float
    """… how much, …"""
    where: str
    """… and in which head: 'encoder layer 2, head 1'."""
    first_alone: str
    """Its translation alone, …"""
    first_after: str
    """… and what is written first when both are read in one go."""
    first_same: bool
    alone: str
    """Translation of the second sentence alone, …"""
    after: str
    """… and what is written after the first's when both are read; empty where nothing is."""
    lost: bool
    """Nothing is written for the second sentence, or not as a sentence of its own."""
    same: bool
    words: tuple[AlignedWord, ...]
    """Of `alone` and `after`."""
    changed_words: int
    changed_from: str
    """What `alone` has in the first stretch where they differ, …"""
    changed_to: str
    """… and `after`; one of them is empty where something was only put in or left out."""
    loss_alone: float
    """Nats a token, over the second sentence's translation."""
    loss_after: float
    less_sure: bool
    """That loss is clearly higher when both are read in one go."""

    @property
    def shows(self) -> bool:
        """The first sentence changes the translation of the second."""
        return not self.same and not self.lost


_PRONOUNS = ("it", "they", "them", "its", "their", "theirs", "these", "those", "one", "she", "he", "her", "him")
"""Those first whose French form hangs most on what they stand for."""
_EARLY = 4
_ENGLISH_TOO = frozenset(("car", "son", "pour", "comment"))
"""Small words of French and therefore never content words, but in English they are."""
OURS: Mapping[str, str] = {
    **dict.fromkeys(("they", "them", "their", "theirs"), "My sisters are here."),
    **dict.fromkeys(("it", "its", "these", "those", "one"), "I bought a table."),
    **dict.fromkeys(("she", "her"), "My mother is at home."),
    **dict.fromkeys(("he", "him"), "My father is at home."),
    "": "I am at home.",
}
"""The sentence before by default, by the pronoun that it gives something to stand for."""


@experiment(
    "paragraph", "two sentences read in one go: what the second takes from the first", ParagraphOptions, Paragraph
)
def read_on(models: Models, sentence: str, options: ParagraphOptions) -> Paragraph:
    """Translate a sentence alone and after another one, and measure the attention that crosses the full stop.

    Raises `LearnerError` where the two together are longer than the model reads.
    """
    first, second = _split(sentence)
    source = "text" if first else "ours"
    if options.other.strip():
        first, second, source = options.other.strip(), sentence, "option"
    pronoun = _pronoun(models, second)
    first = first or OURS[pronoun]
    if not first.endswith(SENTENCE_ENDS):
        first += "."
    both = f"{first} {second}"
    count, longest = len(models.source_ids(both)), models.model.config.max_tokens
    before, there = models.read(first), models.read(second)
    source_ids = before.source_ids[:-1] + there.source_ids
    if len(source_ids) > longest:
        raise LearnerError(f"Together that is {count} tokens and the model reads {longest}; take shorter sentences.")
    reading = models.read_ids(both, source_ids)
    names, first_count = named(models, source_ids), len(before.source_ids) - 1
    rows = _crossings(reading, names, first_count)
    looker, looked_at, look, place = _link(models, reading, names, first_count, pronoun)
    cut = _written_before(models, before, reading)
    first_after, after = (models.tokenizer.decode(ids) for ids in (reading.target_ids[:cut], reading.target_ids[cut:]))
    losses = reading.trace.token_losses
    assert losses is not None
    loss_alone, lost = loss_of(there.trace), not any(letter.isalnum() for letter in after)
    loss_after = losses[0, cut:].mean().item() if not lost else loss_of(reading.trace)
    words = aligned_words(there.translation, after)
    stretch = first_difference(words)
    most = max(rows, key=lambda row: row.back)
    return Paragraph(
        first=first,
        second=second,
        source=source,
        tokens=names,
        first_count=first_count,
        rows=rows,
        even_back=first_count / len(source_ids),
        even_ahead=(len(there.source_ids) - 1) / len(source_ids),
        mean_back=sum(row.back for row in rows) / len(rows),
        mean_ahead=sum(row.ahead for row in rows) / len(rows),
        most_layer=most.layer,
        most_back=most.back,
        pronoun=pronoun,
        looker=looker,
        looked_at=looked_at,
        look=look,
        where=place,
        first_alone=before.translation,
        first_after=first_after,
        first_same=first_after == before.translation,
        alone=there.translation,
        after=after,
        lost=lost,
        same=after == there.translation,
        words=words,
        changed_words=sum(not word.same for word in words),
        changed_from=" ".join(word.word for word in stretch if word.word),
        changed_to=" ".join(word.other_word for word in stretch if word.other_word),
        loss_alone=loss_alone,
        loss_after=loss_after,
        less_sure=loss_after > 1.2 * loss_alone + 0.01,
    )


def _split(text: str) -> tuple[str, str]:
    """(the first sentence of several, the others); ('', the text) where it is one."""
    return next(((first, second) for first, second in parts_at_sentence_ends(text) if second), ("", text))


def _pronoun(models: Models, sentence: str) -> str:
    """The pronoun that is worth a look back: one that stands so early that what it stands for must come before."""
    words = [token.casefold() for token in models.show(models.source_ids(sentence)[:_EARLY])]
    return next((pronoun for pronoun in _PRONOUNS if pronoun in words), "")


def _crossings(reading: Reading, names: Sequence[str], first_count: int) -> tuple[Crossing, ...]:
    encoder = reading.trace.encoder
    assert encoder is not None
    end = len(names) - 1
    looks = [at for at in range(end) if _is_word(names[at])]
    ahead = [at for at in looks if at < first_count] or list(range(first_count))
    back = [at for at in looks if at >= first_count] or list(range(first_count, end))
    rows = []
    for layer, block in enumerate(encoder.blocks, 1):
        weights = block.attention.weights[0].mean(0)  # (S, S)
        rows.append(
            Crossing(
                layer,
                weights[back, :first_count].sum(-1).mean().item() if back else 0.0,
                weights[ahead, first_count:end].sum(-1).mean().item(),
            )
        )
    return tuple(rows)


def _link(
    models: Models, reading: Reading, names: Sequence[str], first_count: int, pronoun: str
) -> tuple[str, str, float, str]:
    """(who looks back, at what, how much, where): of the pronoun in any head, or of any word where there is none."""
    end = len(names) - 1
    queries = [at for at in range(first_count, end) if names[at].casefold() == pronoun][:1]
    queries = queries or [at for at in range(first_count, end) if _is_word(names[at])] or [end]
    for test in (_is_content, _is_word, bool):
        keys = [at for at in range(first_count) if test(names[at])]
        if keys:
            break
    config = models.model.config
    best = (-1.0, 0, 0, 0, 0)
    for layer in range(1, config.encoder_layers + 1):
        weights = attention_at(reading.trace, "encoder", layer).weights[0][:, queries][:, :, keys]  # (H, q, k)
        place = int(weights.argmax())
        head, rest = divmod(place, len(queries) * len(keys))
        query, key = divmod(rest, len(keys))
        best = max(best, (weights[head, query, key].item(), layer, head + 1, queries[query], keys[key]))
    look, layer, head, query, key = best
    return names[query], names[key], look, where("encoder", layer, head)


def _written_before(models: Models, before: Reading, both: Reading) -> int:
    """How many tokens of the translation of both belong to the first sentence: up to as many ends as it has itself."""

    def ends(reading: Reading) -> list[int]:
        """How many sentences have ended after each token; several marks in a row end one."""
        marks = [token in SENTENCE_ENDS for token in reading.target_tokens]
        return list(accumulate(mark and not (at and marks[at - 1]) for at, mark in enumerate(marks)))

    wanted, found = max(1, ends(before)[-1]), ends(both)
    if found[-1] < wanted:
        return len(both.target_ids)
    cut = found.index(wanted) + 1
    while cut < len(found) and both.target_tokens[cut] in SENTENCE_ENDS:
        cut += 1
    return cut


def _is_content(name: str) -> bool:
    return is_content(name) or name.casefold() in _ENGLISH_TOO


def _is_word(name: str) -> bool:
    return not name.startswith("‹") and any(letter.isalnum() for letter in name)
