"""`repeat`: your sentence said again: how much likelier its words are the second time, and the head that looks back."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option
from tutor.experiments.habits import HABITUAL, where
from tutor.experiments.models import START_ID
from tutor.experiments.pieces import named
from tutor.experiments.places import ENGLISH, attention_at, attention_path, check_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from model.edits import Edit
    from model.trace import Trace
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class RepeatOptions:
    layer: int = option(0, "layer of the head to switch off, from 1; by default of the one that looks back most")
    head: int = option(0, "head, counted from 1; by default the one that looks back most")


@dataclass(frozen=True)
class RepeatedWord:
    """One token of the half that stands again. Probabilities are what it has where it comes next."""

    token: str
    first: float
    """In the sentence as it stands the first time."""
    again: float
    """The second time."""
    without: float
    """The second time, with the head off."""
    look: float
    """How much of the head's attention the token before gives to the first time this one stood; 0 for the first of
    all, before which nothing was said again yet."""


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """The English model on a sentence and its first half once more. Means leave the first token out, since where it
    comes nothing has been said again yet."""

    text: str
    """The sentence, and its beginning again."""
    words: tuple[RepeatedWord, ...]
    compared: int
    """Tokens that the means are of; 0 where the half is a single token."""
    mean_first: float
    mean_again: float
    mean_without: float
    mean_layer_off: float
    """With every head of the layer off: several may look back alike."""
    word: str
    """Of the tokens that the head looks up (`HABITUAL`), or of all where there is none, the one that gains most, …"""
    word_first: float
    word_again: float
    word_without: float
    word_before: str
    """… and the one before it."""
    word_look: float
    """What the token before gives to it in that head."""
    part: str
    layer: int
    head: int
    where: str
    """The place in words: 'the English model's layer 3, head 4'."""
    share: float
    """Of this head's attention, what goes to the token that followed the same one the first time, on average."""
    heads_alike: int
    """Heads of the layer that give it at least `HABITUAL`, this one among them where it does."""
    rest: str
    """How your sentence goes on after the half."""
    goes_on: str
    """How the model goes on after it, as far as that is long …"""
    goes_on_without: str
    """… and with the head off."""
    said_again: bool
    """The model goes on just as your sentence does."""

    @property
    def shows(self) -> bool:
        """The words are clearly likelier the second time, and less so with the head off."""
        return self.mean_again > 2 * self.mean_first and self.mean_without < 0.9 * self.mean_again


@experiment("repeat", "your sentence twice: its words the second time, and the head for it", RepeatOptions, Repeat)
def say_again(models: Models, sentence: str, options: RepeatOptions) -> Repeat:
    """Run the English model on the sentence and its first half again, with all heads, without one, without its layer.

    The head is the one that looks most at what followed a token before (an induction head, Olsson et al. 2022). Raises
    `LearnerError` for a sentence that leaves no room for its half and for a head that does not exist.
    """
    if options.layer or options.head:
        check_place(models, ENGLISH, options.layer or 1, options.head or 1, parts=(ENGLISH,))
    own = models.text_ids(sentence)
    half = _half(models, own)
    ids = [START_ID, *own, *own[:half]]
    again = [(1 + len(own) + at, 2 + at) for at in range(half) if at + 1 < len(own)]
    """For each token that stands again: where, and where what followed it stands."""
    trace = _run(models, ids)
    layer, head, share = _looks_back(models, trace, again, options)
    off = [_off(layer, one) for one in range(1, models.predictor.config.heads + 1)]
    without, layer_off = _run(models, ids, [off[head - 1]]), _run(models, ids, off)
    # What comes after the last token of the half is still to be said; it is known as well.
    spoken = min(half + 1, len(own))
    looks = attention_at(trace, ENGLISH, layer).weights[0, head - 1]  # (T, T)
    names = named(models, own, models.next_word.tokenizer)
    words = [
        RepeatedWord(
            token=names[at],
            first=_chance(trace, at, own[at]),
            again=_chance(trace, len(own) + at, own[at]),
            without=_chance(without, len(own) + at, own[at]),
            look=looks[len(own) + at, 1 + at].item() if at else 0.0,
        )
        for at in range(spoken)
    ]
    means = words[1:] or words
    looked_up = [word for word in means if word.look >= HABITUAL] or means
    best = words.index(max(looked_up, key=lambda word: word.again - word.first))
    rest, goes_on, goes_on_without = (
        models.next_word.tokenizer.decode(one)
        for one in (own[half:], *(_go_on(models, ids, own[half:], edits) for edits in ([], [off[head - 1]])))
    )
    return Repeat(
        text=models.next_word.tokenizer.decode(ids[1:]),
        words=tuple(words),
        compared=len(words) - 1,
        mean_first=fmean(word.first for word in means),
        mean_again=fmean(word.again for word in means),
        mean_without=fmean(word.without for word in means),
        mean_layer_off=fmean(_chance(layer_off, len(own) + at, own[at]) for at in range(spoken)[-len(means) :]),
        word=words[best].token,
        word_first=words[best].first,
        word_again=words[best].again,
        word_without=words[best].without,
        word_before=words[best - 1].token if best else "",
        word_look=words[best].look,
        part=ENGLISH,
        layer=layer,
        head=head,
        where=where(ENGLISH, layer, head),
        share=share,
        heads_alike=_alike(trace, again, layer),
        rest=rest,
        goes_on=goes_on,
        goes_on_without=goes_on_without,
        said_again=bool(rest) and goes_on == rest,
    )


def _half(models: Models, own: Sequence[int]) -> int:
    """How many of the ids stand again: half of the words, rounded up, as far as they fit."""
    starts = [at for at, token in enumerate(models.next_word.tokenizer.tokens(own)) if token.starts_word and at]
    ends = [*starts, len(own)]
    room = models.predictor.config.max_tokens - 1 - len(own)
    fitting = [end for end in ends[: (len(ends) + 1) // 2] if end < room]  # and one more for what comes next
    if not fitting:
        raise LearnerError("That sentence leaves no room to say a part of it again; take a shorter one.")
    return fitting[-1]


def _run(models: Models, ids: Sequence[int], edits: Sequence[Edit] = ()) -> Trace:
    import torch

    with torch.no_grad():
        trace: Trace = models.predictor(None, torch.tensor([list(ids)]), edits=edits)
    return trace


def _off(layer: int, head: int) -> Edit:
    from model.edits import zero_head

    return zero_head(attention_path(ENGLISH, layer), head - 1)


def _chance(trace: Trace, at: int, id_: int) -> float:
    """Of this token to come after position `at`."""
    return trace.probabilities[0, at, id_].item()


def _shares(trace: Trace, again: Sequence[tuple[int, int]], layer: int) -> Tensor:
    """(H,): what each head gives to what followed the same token before, on average."""
    queries, keys = zip(*again, strict=True)
    return attention_at(trace, ENGLISH, layer).weights[0][:, queries, keys].mean(-1)


def _looks_back(
    models: Models, trace: Trace, again: Sequence[tuple[int, int]], options: RepeatOptions
) -> tuple[int, int, float]:
    """(layer, head, share): the head that looks back most, of those that the options leave open."""
    config = models.predictor.config
    if not again:
        return options.layer or 1, options.head or 1, 0.0
    shares = {
        (layer, head): share
        for layer in range(1, config.decoder_layers + 1)
        for head, share in enumerate(_shares(trace, again, layer).tolist(), 1)
        if options.layer in (0, layer) and options.head in (0, head)
    }
    best = max(shares, key=shares.__getitem__)
    return (*best, shares[best])


def _alike(trace: Trace, again: Sequence[tuple[int, int]], layer: int) -> int:
    return int((_shares(trace, again, layer) >= HABITUAL).sum()) if again else 0


def _go_on(models: Models, ids: Sequence[int], rest: Sequence[int], edits: Sequence[Edit]) -> tuple[int, ...]:
    """What the model says next, no longer than what is left of the sentence."""
    import torch

    from model.generation import greedy

    room = min(len(rest), models.predictor.config.max_tokens - len(ids))
    return greedy(models.predictor, None, room, edits, prompt=torch.tensor([list(ids)]))[0].ids if room > 0 else ()
