"""`teacher-forcing`: the decoder after the right words, after one wrong word, and left alone with its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option
from tutor.experiments.models import START_ID
from tutor.experiments.pieces import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from model.tokenizer import Token
    from tutor.experiments.models import Models, Reading

HURT = 0.1
"""A piece is hurt by the wrong word where it loses more than this of its probability."""
_INSIDE = ("'", "’", "-")
"""Signs that may stand inside a word."""


@dataclass(frozen=True)
class TeacherForcingOptions:
    target: str = option("", "the French sentence to call right; by default the model's own translation")
    wrong: str = option("", "a French word in place of the second one; by default the model's own second choice there")


@dataclass(frozen=True)
class Graded:
    """One right piece after the wrong word, and the probability that it got in its place."""

    token: str
    given_right: float
    """After the right words."""
    given_wrong: float
    """After the same words, but for the one that is wrong."""
    given_own: float | None
    """After the wrong word and what the model wrote from there on; None where that had ended before."""
    own: str
    """What the model wrote in that place; empty where it had ended before."""
    own_probability: float


@dataclass(frozen=True, kw_only=True)
class TeacherForcing:
    """The same right answer, graded three times: what differs is what the decoder was given to go on from.

    A loss is the mean of -ln of the probability of each right piece after the wrong word, in nats.
    """

    target: str
    target_given: bool
    """Somebody else's translation; otherwise the model's own."""
    before: str
    """The French that stands before the wrong word, right in all three."""
    right_word: str
    wrong_word: str
    wrong_given: bool
    """Somebody else's wrong word; otherwise the model's own second choice."""
    right_probability: float
    """Of the whole word after `before`: the product over its pieces."""
    wrong_probability: float
    graded: tuple[Graded, ...]
    """Every right piece after that word, the end mark among them."""
    token_count: int
    own_count: int
    """How many of them could be graded after the model's own words."""
    loss_right: float
    loss_wrong: float
    loss_own: float
    """Over those `own_count` places alone."""
    worst_token: str
    """The piece that loses most to the wrong word while all the others are right: …"""
    worst_right: float
    worst_wrong: float
    """… its probability after the right words and after the wrong one."""
    hurt: int
    """Pieces that lose more than `HURT` of their probability to the wrong word."""
    own_text: str
    """What is written with the wrong word and the model's own words after it, whole."""
    own_token_probability: float
    """What the model gave to its own words after the wrong one: geometric mean over its steps."""
    own_same: bool
    """Its own words are the right ones from there on."""
    same_at_end: int
    """Pieces at the end, the end mark among them, that both have, whatever their places."""
    shift: int
    """Pieces that its own words are more than the right ones after that word; negative where they are fewer."""


@experiment(
    "teacher-forcing",
    "given the right words, one wrong word, and its own words: what a mistake does",
    TeacherForcingOptions,
    TeacherForcing,
)
def grade_three_times(models: Models, sentence: str, options: TeacherForcingOptions) -> TeacherForcing:
    """Put one wrong word into a right translation and grade all that follows, with the right words and without.

    Raises `LearnerError` where the wrong word is the right one, and for French that the model cannot read.
    """
    reading = models.read_with_target(sentence, options.target) if options.target else models.read(sentence)
    right = _with_end(reading.target_ids)
    start, stop = _second_word(models, right)
    before, word, rest = right[:start], right[start:stop], right[stop:]
    if options.wrong:
        wrong = _typed(models, right, start, options.wrong)
        if wrong == word:
            raise LearnerError(f"teacher-forcing: “{options.wrong}” is the right word there; give another one")
        own = _go_on(models, reading, (*before, *wrong))
    else:
        wrong, own = _own_choice(models, reading, start)
    given_right = _scores(models, reading, right)
    given_wrong = _scores(models, reading, (*before, *wrong, *rest))
    given_own = _scores(models, reading, (*before, *wrong, *own))
    places = start + len(wrong)
    after_right = _of(given_right[stop:], rest)
    after_wrong = _of(given_wrong[places:], rest)
    after_own = _of(given_own[places:], rest)
    sure = _of(given_own[places:], own)
    names, written = named(models, right)[stop:], models.show(own)
    graded = tuple(
        Graded(
            token=names[place],
            given_right=math.exp(after_right[place]),
            given_wrong=math.exp(after_wrong[place]),
            given_own=math.exp(after_own[place]) if place < len(after_own) else None,
            own=written[place] if place < len(own) else "",
            own_probability=math.exp(sure[place]) if place < len(own) else 0.0,
        )
        for place in range(len(rest))
    )
    worst = max(graded, key=lambda one: one.given_right - one.given_wrong)
    return TeacherForcing(
        target=models.tokenizer.decode(right),
        target_given=bool(options.target),
        before=models.tokenizer.decode(before),
        right_word=models.tokenizer.decode(word),
        wrong_word=models.tokenizer.decode(wrong),
        wrong_given=bool(options.wrong),
        right_probability=math.exp(sum(_of(given_right[start:], word))),
        wrong_probability=math.exp(sum(_of(given_wrong[start:], wrong))),
        graded=graded,
        token_count=len(graded),
        own_count=len(after_own),
        loss_right=-fmean(after_right),
        loss_wrong=-fmean(after_wrong),
        loss_own=-fmean(after_own),
        worst_token=worst.token,
        worst_right=worst.given_right,
        worst_wrong=worst.given_wrong,
        hurt=sum(one.given_right - one.given_wrong > HURT for one in graded),
        own_text=models.tokenizer.decode((*before, *wrong, *own)),
        own_token_probability=math.exp(fmean(sure)),
        own_same=own == rest,
        same_at_end=_same_at_end(own, rest),
        shift=len(own) - len(rest),
    )


def _with_end(ids: Sequence[int]) -> tuple[int, ...]:
    """Ended by the end mark, also where the length limit came first."""
    from model.tokenizer import END

    return tuple(ids) if ids and ids[-1] == END else (*ids, END)


def _second_word(models: Models, ids: Sequence[int]) -> tuple[int, int]:
    """Where the second word begins and ends; the only one where there are no two, else what stands first."""
    tokens = models.tokenizer.tokens(ids[:-1])
    words: list[tuple[int, int]] = []
    for at, token in enumerate(tokens):
        if words and words[-1][1] == at and _joins(tokens[at - 1], token):
            words[-1] = (words[-1][0], at + 1)
        elif token.text[:1].isalpha():
            words.append((at, at + 1))
    return (words[:2] or [(0, min(1, len(tokens)))])[-1]


def _typed(models: Models, right: Sequence[int], start: int, word: str) -> tuple[int, ...]:
    """The ids of a word that somebody typed, as it is spelt in that place."""
    before = models.tokenizer.decode(right[:start])
    space = " " if before and models.tokenizer.token(right[start]).starts_word else ""
    ids = models.source_ids(f"{before}{space}{word.strip()}")[:-1]
    # Where the pieces before it would be cut otherwise in its company, it is spelt by itself.
    return ids[start:] if ids[:start] == tuple(right[:start]) else models.source_ids(word)[:-1]


def _own_choice(models: Models, reading: Reading, start: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The word that the model would write there if the right one were barred, and what it writes after it.

    It begins with the likeliest other piece that begins a word where the right one does.
    """
    from model.tokenizer import END

    right = _with_end(reading.target_ids)
    expected = models.tokenizer.token(right[start])
    ranked = reading.trace.logits[0, start].argsort(descending=True).tolist()
    others = (token for token in map(models.tokenizer.token, ranked) if token != expected and token.text.isalpha())
    first = next(token for token in others if token.starts_word == expected.starts_word)
    following = _go_on(models, reading, (*right[:start], first.id))
    last, length = first, 0
    for token in models.tokenizer.tokens(following):
        if not _joins(last, token):
            break
        last, length = token, length + 1
    return (first.id, *following[:length]), following[length:] or (END,)


def _joins(before: Token, token: Token) -> bool:
    """Whether a piece belongs to the same word as the piece before it, words being what stands between spaces.

    So "l'ami" and "est-ce" are one word each, and a full stop belongs to none.
    """
    return not token.starts_word and _in_word(token.text[:1]) and _in_word(before.text[-1:])


def _in_word(character: str) -> bool:
    return character.isalpha() or character in _INSIDE


def _go_on(models: Models, reading: Reading, written: Sequence[int]) -> tuple[int, ...]:
    """What the model writes by itself after `written`. Raises `LearnerError` where there is no room."""
    import torch

    from model.generation import greedy

    _check_length(models, len(written) + 1)
    return greedy(models.model, reading.source, prompt=torch.tensor([[START_ID, *written]]))[0].ids


def _scores(models: Models, reading: Reading, written: Sequence[int]) -> Tensor:
    """(T, V): ln p of what is expected in each place of `written`, when all before it stood there."""
    import torch

    _check_length(models, len(written))
    with torch.no_grad():
        logits = models.model(reading.source, torch.tensor([[START_ID, *written[:-1]]])).logits[0]
    scores: Tensor = logits.log_softmax(-1)
    return scores


def _check_length(models: Models, count: int) -> None:
    longest = models.model.config.max_tokens
    if count > longest:
        raise LearnerError(f"That French is {count} tokens long and the model reads {longest}; shorten it.")


def _of(scores: Tensor, ids: Sequence[int]) -> list[float]:
    """ln p of each of these ids in its place, as far as both go."""
    return [line[id_].item() for line, id_ in zip(scores, ids, strict=False)]


def _same_at_end(ids: Sequence[int], others: Sequence[int]) -> int:
    """How many ids at the end two sequences share."""
    count = 0
    for one, other in zip(reversed(ids), reversed(others), strict=False):
        if one != other:
            break
        count += 1
    return count
