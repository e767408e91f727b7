"""Writing: turning a model's distributions into text, one token at a time.

Greedy, sampling and beam search take the same arguments: a source for a translator, a prompt for a language
model. Given a list as `steps` they run the whole model for every token and put into the list what each one was
chosen from; without it nothing is computed twice (`model.next_token`), and they write the same.

Shapes: B batch, S source tokens, T target tokens so far, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from model.edits import Edit
from model.errors import InputError
from model.next_token import NextToken
from model.tokenizer import END, START
from model.trace import Trace

if TYPE_CHECKING:
    from model.checkpoint import Network
    from model.recurrent import RecurrentTrace
    from model.transformer import Transformer

LISTED = 10
"""Candidates that a step of greedy writing or of sampling lists; a beam lists all that it compared."""


@dataclass(frozen=True)
class Generated:
    """An output, finished or on its way."""

    ids: tuple[int, ...]
    """Token ids without the prompt; the last is the end mark unless the length limit came first."""
    log_probability: float
    """Sum of ln p of every token in `ids`, in nats."""


@dataclass(frozen=True)
class Candidate(Generated):
    """One way to go on by one token: an output that includes that token."""

    probability: float
    """The token's share of the distribution that it was chosen from."""
    parent: int
    """The row of this step that it continues."""


@dataclass(frozen=True, eq=False)
class Step:
    """How one token came about; in a beam search, one token of each open output."""

    trace: Trace | RecurrentTrace
    """The whole run over what was written before, one row for each open output. The last position decides."""
    distribution: Tensor
    """What each row's token was chosen from, (rows, V): after temperature and top-k, where there are any."""
    candidates: tuple[Candidate, ...]
    """What was compared, likeliest first."""
    chosen: tuple[Candidate, ...]
    """What was taken: one candidate, or in a beam those that stay open, best first."""
    finished: tuple[Generated, ...]
    """The outputs complete by now, best first."""


Choose = Callable[[Tensor], tuple[Tensor, Tensor]]
"""From ln p (B, V) to the distribution to choose from (B, V) and the tokens chosen (B,)."""


def greedy(
    model: Network,
    source: Tensor | None = None,
    max_new: int | None = None,
    edits: Iterable[Edit] = (),
    *,
    prompt: Tensor | None = None,
    steps: list[Step] | None = None,
) -> list[Generated]:
    """Take the likeliest token each time, for a batch of sources (B, S) or prompts (B, T), until every row has ended.

    `prompt` is what the decoder has to begin with, the start mark included; by default that mark alone. `edits`
    apply in every step and must change something in one of them.
    """

    def likeliest(scores: Tensor) -> tuple[Tensor, Tensor]:
        return scores.exp(), scores.argmax(dim=-1)

    return _write(NextToken(model, source, prompt, edits, traced=steps is not None), likeliest, max_new, steps)


def rewrite(
    model: Transformer,
    source: Tensor,
    draft: Sequence[int],
    logits: Tensor,
    max_new: int,
    edits: Sequence[Edit] = (),
) -> tuple[int, ...]:
    """The ids that `greedy` writes for one source (1, S), taken from `draft` as far as they are the same.

    `logits` (T, V) are the model's, with the same edits, for each token of `draft` when it read the tokens before;
    the likeliest of each, up to the first that is not the draft's, is what greedy writing would have taken.
    """
    if not model.edits(edits).step_by_step:
        draft = ()  # what was likeliest may have been so by what comes later
    same = logits[: len(draft)].argmax(dim=-1) == logits.new_tensor(draft, dtype=torch.long)
    agreed = tuple(draft[: int(same.cumprod(dim=0).sum())])[:max_new]
    if agreed[-1:] == (END,) or len(agreed) == max_new:
        return agreed
    prompt = source.new_tensor([[START, *agreed]])
    return agreed + greedy(model, source, max_new - len(agreed), edits, prompt=prompt)[0].ids


def sample(
    model: Network,
    source: Tensor | None = None,
    max_new: int | None = None,
    edits: Iterable[Edit] = (),
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
    prompt: Tensor | None = None,
    steps: list[Step] | None = None,
) -> list[Generated]:
    """Draw each token from softmax(ln p / `temperature`), cut to the `top_k` likeliest; otherwise like `greedy`.

    The same seed and batch give the same outputs. Their log-probability is the model's own, before both changes.
    """
    if temperature <= 0:
        raise InputError(f"the temperature must be above 0: got {temperature:g}; to take the likeliest, write greedily")
    if top_k is not None and top_k < 1:
        raise InputError(f"top_k must be at least 1: got {top_k}")
    # Drawn on the processor, so that the same seed draws the same numbers whatever device the model is on.
    chance = torch.Generator().manual_seed(seed)

    def draw(scores: Tensor) -> tuple[Tensor, Tensor]:
        scores = scores / temperature
        if top_k is not None:
            kept = scores.topk(min(top_k, scores.size(-1)))
            scores = torch.full_like(scores, float("-inf")).scatter(-1, kept.indices, kept.values)
        distribution = scores.softmax(dim=-1)
        drawn = torch.multinomial(distribution.cpu(), 1, generator=chance).squeeze(-1)
        return distribution, drawn.to(scores.device)

    return _write(NextToken(model, source, prompt, edits, traced=steps is not None), draw, max_new, steps)


def _write(reader: NextToken, choose: Choose, max_new: int | None, steps: list[Step] | None) -> list[Generated]:
    written = reader.prompt
    rows, begun = written.shape
    if steps is not None and rows != 1:
        raise InputError(f"steps are kept for one output at a time: got {rows}")
    totals = next(reader.model.parameters()).new_zeros(rows)
    ended = torch.zeros(rows, dtype=torch.bool, device=written.device)
    for _ in range(reader.limit(max_new)):
        scores, trace = reader(written)
        distribution, token = choose(scores)
        if steps is not None and trace is not None:
            steps.append(_single_step(trace, distribution, scores, token, written[0, begun:].tolist(), float(totals)))
        totals += scores.gather(1, token.unsqueeze(1)).squeeze(1).masked_fill(ended, 0.0)
        written = torch.cat([written, token.masked_fill(ended, END).unsqueeze(1)], dim=1)
        ended |= token == END
        if bool(ended.all()):
            break
    reader.edits.check_effective()
    ids = written[:, begun:].tolist()
    return [Generated(cut_at_end(row), total) for row, total in zip(ids, totals.tolist(), strict=True)]


def _single_step(
    trace: Trace | RecurrentTrace,
    distribution: Tensor,
    scores: Tensor,
    token: Tensor,
    before: list[int],
    total: float,
) -> Step:
    def candidate(id_: int) -> Candidate:
        return Candidate((*before, id_), total + scores[0, id_].item(), distribution[0, id_].item(), parent=0)

    shares, ids = distribution[0].topk(min(LISTED, distribution.size(-1)))
    listed = tuple(candidate(id_) for share, id_ in zip(shares.tolist(), ids.tolist(), strict=True) if share > 0)
    chosen = candidate(int(token))
    finished = (Generated(chosen.ids, chosen.log_probability),) if chosen.ids[-1] == END else ()
    return Step(trace, distribution, listed, (chosen,), finished)


def beam_search(
    model: Network,
    source: Tensor | None = None,
    width: int = 4,
    length_penalty: float = 0.6,
    max_new: int | None = None,
    edits: Iterable[Edit] = (),
    *,
    prompt: Tensor | None = None,
    steps: list[Step] | None = None,
) -> list[Generated]:
    """The best `width` outputs found for one source (1, S) or prompt (1, T), best first.

    Outputs are ranked by ln p / lp(n), lp(n) = ((5 + n) / 6) ** length_penalty (Wu et al. 2016, eq. 14).
    """
    reader = NextToken(model, source, prompt, edits, traced=steps is not None)
    if reader.prompt.size(0) != 1 or width < 1:
        raise InputError(f"a beam needs a width of at least 1 and one source: got {width}, {reader.prompt.size(0)}")

    def rank(found: Generated, length: int | None = None) -> float:
        return found.log_probability / float(((5 + (length or len(found.ids))) / 6) ** length_penalty)

    limit = reader.limit(max_new)
    written, parents = reader.prompt, reader.prompt.new_zeros(1)
    alive = [Candidate((), 0.0, 1.0, 0)]
    finished: list[Generated] = []

    for length in range(1, limit + 1):
        scores, trace = reader(written, parents)  # (rows, V)
        candidates = _continuations(alive, scores, 2 * width)
        over = [found for found in candidates if found.ids[-1] == END or length == limit]
        alive = [found for found in candidates if found not in over][:width]
        finished += [Generated(found.ids, found.log_probability) for found in over]
        finished = sorted(finished, key=rank, reverse=True)[:width]
        if steps is not None and trace is not None:
            steps.append(Step(trace, scores.exp(), tuple(candidates), tuple(alive), tuple(finished)))
        # ln p can only fall from here, and the longest output has the mildest penalty.
        if not alive or (len(finished) == width and rank(finished[-1]) >= rank(alive[0], limit)):
            break
        parents = written.new_tensor([found.parent for found in alive])
        token = written.new_tensor([[found.ids[-1]] for found in alive])
        written = torch.cat([written[parents], token], dim=1)
    reader.edits.check_effective()
    return finished


def _continuations(alive: Sequence[Candidate], scores: Tensor, count: int) -> list[Candidate]:
    """The `count` likeliest of all ways to go on from any open output by one token, likeliest first."""
    so_far = scores.new_tensor([found.log_probability for found in alive])
    totals = (so_far.unsqueeze(1) + scores).flatten()  # (rows · V,)
    best, at = totals.topk(min(count, totals.numel()))
    shares = scores.flatten()[at].exp()
    found = []
    for total, index, share in zip(best.tolist(), at.tolist(), shares.tolist(), strict=True):
        row, id_ = divmod(index, scores.size(1))
        found.append(Candidate((*alive[row].ids, id_), total, share, row))
    return found


def cut_at_end(ids: Sequence[int]) -> tuple[int, ...]:
    """`ids` up to and including the first end mark."""
    return tuple(ids[: ids.index(END) + 1]) if END in ids else tuple(ids)
