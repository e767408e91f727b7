"""Edits: named values replaced on their way through a forward pass.

"What if the division by √d were left out?" is answered by running the model with that one value changed
and everything after it computed as usual. An edit names its place by trace path. Edits at one place apply
in the order given. An edit that leaves its value exactly as it was is an error: an experiment that
changes nothing would pass for a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from model.config import TransformerConfig
from model.errors import EditError
from model.trace import known_path

# Steps whose input has the shape of their output, so that `bypass` can hand the one on for the other.
BYPASSABLE = (
    "scaled_scores",
    "masked_scores",
    "attention_norm",
    "cross_attention_norm",
    "feed_forward_norm",
    "residual_attention",
    "residual_cross_attention",
    "residual_feed_forward",
    "input",
    "output",
)


@dataclass(frozen=True)
class Edit:
    """Replace the value at `path`.

    `change` gets the value and the input of the step that made it (None where the step has no single
    input of the same shape) and returns the replacement, of the same shape.
    """

    path: str
    change: Callable[[Tensor, Tensor | None], Tensor]
    describes: str
    may_keep_value: bool = False
    """True for edits that act on the gradient, such as `detach`: they may keep the value where there is a gradient."""
    per_position: bool = False
    """True for edits that do to a position the same whatever comes after it, so that it can be read before that."""


class NotThereYet(EditError):
    """An edit names a position that this sequence does not have."""


@dataclass
class Edits:
    """The edits of one forward pass, or of several, and which of them have changed anything."""

    by_path: dict[str, list[Edit]] = field(default_factory=dict)
    growing: bool = False
    """True while a sequence is written: a position that is not there now may be in a later pass."""
    standing: frozenset[int] = frozenset()
    """Ids of edits that belong to the model: in a pass where they change nothing they are no mistake."""
    effective: set[int] = field(default_factory=set)
    missing: dict[int, NotThereYet] = field(default_factory=dict)

    @classmethod
    def of(
        cls, edits: Iterable[Edit], config: TransformerConfig, *, growing: bool = False, standing: Iterable[Edit] = ()
    ) -> Edits:
        """Check every name against the model's paths and group the edits by place, the standing ones first."""
        grouped: dict[str, list[Edit]] = {}
        always = tuple(standing)
        for edit in (*always, *edits):
            known_path(config, edit.path)
            grouped.setdefault(edit.path, []).append(edit)
        return cls(grouped, growing, frozenset(map(id, always)))

    @property
    def step_by_step(self) -> bool:
        """True when a decoder may read token by token: nothing it has read changes by what comes later."""
        return all(
            edit.per_position or path.startswith("encoder.") for path, edits in self.by_path.items() for edit in edits
        )

    def check_effective(self) -> None:
        """Raise `EditError` for the first edit that changed nothing."""
        for edit in (edit for edits in self.by_path.values() for edit in edits):
            if id(edit) not in self.effective | self.standing:
                idle = EditError(f"{edit.path}: '{edit.describes}' changes nothing here; the run would be the same")
                raise self.missing.get(id(edit), idle)

    def apply(self, edit: Edit, value: Tensor, before: Tensor | None) -> Tensor:
        """The value after one edit, which is noted as effective when it changed the value or the gradient."""
        try:
            changed = edit.change(value, before)
        except NotThereYet as error:
            if not self.growing and id(edit) not in self.standing:
                raise
            self.missing[id(edit)] = error
            return value
        if changed.shape != value.shape:
            raise EditError(
                f"{edit.path}: the replacement has shape {tuple(changed.shape)}, expected {tuple(value.shape)}"
            )
        on_gradient = edit.may_keep_value and (value.requires_grad or changed.requires_grad)
        if on_gradient or not torch.equal(changed, value):
            self.effective.add(id(edit))
        return changed


class Scope:
    """The edits below one path prefix: `scope("weights", w)` passes `w` on, edited where asked."""

    __slots__ = ("edits", "prefix")

    def __init__(self, edits: Edits, prefix: str = "") -> None:
        self.edits = edits
        self.prefix = prefix

    def at(self, name: str) -> Scope:
        """The scope one level further down."""
        return Scope(self.edits, f"{self.prefix}{name}.") if self.edits.by_path else self

    def __call__(self, name: str, value: Tensor, before: Tensor | None = None) -> Tensor:
        for edit in self.edits.by_path.get(self.prefix + name, ()) if self.edits.by_path else ():
            value = self.edits.apply(edit, value, before)
        return value


# --- the edits an experiment can make ---------------------------------------------------------------------


def replace(path: str, replacement: Tensor) -> Edit:
    """Put another tensor of the same shape in the place of this one (an activation transplant, say)."""

    def change(value: Tensor, _: Tensor | None) -> Tensor:
        given = replacement.to(value)
        # One row stands for every row: a beam runs the same source several times.
        return given.expand_as(value) if (1, *value.shape[1:]) == given.shape else given

    return Edit(path, change, "replace")


def transplant(path: str, donor: Tensor, position: int, donor_position: int | None = None) -> Edit:
    """Copy one position (second-to-last axis) of `donor`, the same value of another run, into this one."""
    source = position if donor_position is None else donor_position

    def change(value: Tensor, _: Tensor | None) -> Tensor:
        _check_index(f"{path}: position", position, value.size(-2), NotThereYet)
        _check_index(f"{path}: position of the donor", source, donor.size(-2))
        changed = value.clone()
        changed[..., position, :] = donor[..., source, :].to(value)
        return changed

    return Edit(path, change, f"transplant position {source} to {position}")


def in_row(row: int, edit: Edit) -> Edit:
    """The same edit in one row of the batch only, so that runs with different edits can share one pass."""

    def change(value: Tensor, before: Tensor | None) -> Tensor:
        _check_index(f"{edit.path}: row", row, value.size(0))
        here = slice(row, row + 1)
        changed = edit.change(value[here], before[here] if before is not None else None)
        return torch.cat([value[:row], changed, value[row + 1 :]])

    return Edit(edit.path, change, f"{edit.describes} in row {row}", edit.may_keep_value, edit.per_position)


def bypass(path: str) -> Edit:
    """Leave a step out: no scale, no mask, no norm, no residual, no positions, according to `path`."""
    if path.rsplit(".", 1)[-1] not in BYPASSABLE:
        raise EditError(f"{path}: this step cannot be left out; those that can are {', '.join(BYPASSABLE)}")

    def change(_: Tensor, before: Tensor | None) -> Tensor:
        if before is None:
            raise EditError(f"{path}: this step cannot be left out, its input has another shape")
        return before

    return Edit(path, change, "leave this step out", per_position=not path.endswith("masked_scores"))


def add_nothing(layer: str) -> Edit:
    """Leave out what a layer adds to the residual stream. `layer` is a path such as `encoder.blocks.0.feed_forward`."""
    return Edit(f"{layer}.output", lambda value, _: torch.zeros_like(value), "add nothing", per_position=True)


def zero_head(attention: str, head: int) -> Edit:
    """Switch one head off: what it hands on becomes 0. `attention` is a path such as `encoder.blocks.0.attention`."""
    return _on_heads(attention, "zero head", head, keep=False)


def keep_head(attention: str, head: int) -> Edit:
    """Switch every other head of this layer off."""
    return _on_heads(attention, "keep only head", head, keep=True)


def _on_heads(attention: str, verb: str, head: int, *, keep: bool) -> Edit:
    def change(value: Tensor, _: Tensor | None) -> Tensor:
        _check_index(f"{attention}: head", head, value.size(1))
        chosen = torch.arange(value.size(1), device=value.device) == head
        silenced = ~chosen if keep else chosen
        return value.masked_fill(silenced.view(1, -1, 1, 1), 0.0)

    return Edit(f"{attention}.head_outputs", change, f"{verb} {head + 1}", per_position=True)


def uniform_weights(attention: str, head: int | None = None) -> Edit:
    """Every position looks equally at everything it may look at, in one head or in all."""

    def change(weights: Tensor, masked_scores: Tensor | None) -> Tensor:
        assert masked_scores is not None
        allowed = torch.isfinite(masked_scores).to(weights)
        uniform = allowed / allowed.sum(-1, keepdim=True)
        return _in_head(weights, uniform, head, attention)

    return Edit(f"{attention}.weights", change, "uniform weights")


def one_hot_weights(attention: str, key: int, head: int | None = None) -> Edit:
    """Every position looks at position `key` alone, in one head or in all."""

    def change(weights: Tensor, _: Tensor | None) -> Tensor:
        _check_index(f"{attention}: key", key, weights.size(-1), NotThereYet)
        only = torch.zeros_like(weights)
        only[..., key] = 1.0
        return _in_head(weights, only, head, attention)

    return Edit(f"{attention}.weights", change, f"look at position {key} only")


def given_weights(attention: str, given: Tensor, head: int | None = None) -> Edit:
    """Use these weights (broadcastable to batch, head, query, key) in one head or in all."""

    def change(weights: Tensor, _: Tensor | None) -> Tensor:
        try:
            return _in_head(weights, given.to(weights).expand_as(weights), head, attention)
        except RuntimeError as error:
            raise EditError(
                f"{attention}.weights: the given weights have shape {tuple(given.shape)}, "
                f"expected {tuple(weights.shape)} or its last axes"
            ) from error

    return Edit(f"{attention}.weights", change, "given weights")


def forbid_link(attention: str, query: int, key: int, head: int | None = None) -> Edit:
    """Position `query` may no longer look at position `key`; the other weights grow to fill the row."""
    return _on_link(attention, query, key, head, float("-inf"), "forbid")


def force_link(attention: str, query: int, key: int, head: int | None = None) -> Edit:
    """Position `query` looks at position `key` and nowhere else."""

    def change(weights: Tensor, _: Tensor | None) -> Tensor:
        _check_link(attention, query, key, weights)
        forced = weights.clone()
        forced[..., query, :] = 0.0
        forced[..., query, key] = 1.0
        return _in_head(weights, forced, head, attention)

    return Edit(f"{attention}.weights", change, f"force {query} to look at {key}")


def _on_link(attention: str, query: int, key: int, head: int | None, score: float, verb: str) -> Edit:
    def change(scores: Tensor, _: Tensor | None) -> Tensor:
        _check_link(attention, query, key, scores)
        changed = scores.clone()
        changed[..., query, key] = score
        changed = _in_head(scores, changed, head, attention)
        if not torch.isfinite(changed[..., query, :]).any(dim=-1).all():
            raise EditError(f"{attention}: position {query} would have nothing left to look at")
        return changed

    return Edit(f"{attention}.masked_scores", change, f"{verb} the link from {query} to {key}")


def shuffle_positions(stack: str, order: Sequence[int]) -> Edit:
    """Hand the position signals out in another order; `stack` is 'encoder' or 'decoder'."""

    def change(positions: Tensor, _: Tensor | None) -> Tensor:
        if sorted(order) != list(range(positions.size(1))):
            raise EditError(
                f"{stack}.positions: the new order must name each of the {positions.size(1)} positions once: "
                f"got {list(order)}"
            )
        return positions[:, list(order)]

    return Edit(f"{stack}.positions", change, "shuffle positions")


def detach(path: str) -> Edit:
    """Let the value through but stop the gradient here."""
    return Edit(path, lambda value, _: value.detach(), "detach", may_keep_value=True)


def _in_head(value: Tensor, changed: Tensor, head: int | None, attention: str) -> Tensor:
    if head is None:
        return changed
    _check_index(f"{attention}: head", head, value.size(1))
    chosen = (torch.arange(value.size(1), device=value.device) == head).view(1, -1, 1, 1)
    return torch.where(chosen, changed, value)


def _check_index(what: str, index: int, size: int, error: type[EditError] = EditError) -> None:
    if not 0 <= index < size:
        raise error(f"{what} {index} does not exist; they go from 0 to {size - 1}")


def _check_link(attention: str, query: int, key: int, value: Tensor) -> None:
    _check_index(f"{attention}: query", query, value.size(-2), NotThereYet)
    _check_index(f"{attention}: key", key, value.size(-1), NotThereYet)
