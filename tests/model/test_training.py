"""Training: the hand-written gradient, the schedule, and that an interruption leaves no mark."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from model import precision
from model import trainer as training
from model.checkpoint import Network, load_checkpoint, save_checkpoint
from model.config import TransformerConfig
from model.data import Example
from model.errors import CheckpointError
from model.precision import chosen_precision
from model.recipes import Recipe, Task
from model.recurrent import RecurrentConfig, RecurrentTranslator
from model.tokenizer import END, PAD, START, SubwordTokenizer
from model.trainer import Trainer, collate, learning_rate
from model.training import main
from model.transformer import Transformer

VOCABULARY = 31
RECIPE = Recipe(epochs=2, tokens_per_batch=40, warmup_steps=4, peak_learning_rate=1e-2, seed=3)
EXAMPLES = [
    Example(
        [3 + (7 * row + column) % 28 for column in range(2 + row % 5)] + [END],
        [3 + (5 * row) % 28] * (1 + row % 4),
    )
    for row in range(24)
]
TOKENIZER = SubwordTokenizer.train(["a b"] * 3, 280)


def small(seed: int = 1, **sizes: float) -> Transformer:
    torch.manual_seed(seed)
    chosen = {"d_model": 8, "heads": 2, "encoder_layers": 1, "decoder_layers": 1, "d_feed_forward": 12}
    return Transformer(TransformerConfig(VOCABULARY, **(chosen | {"max_tokens": 20, "dropout": 0.1} | sizes)))


def trainer_of(
    out: Path, recipe: Recipe = RECIPE, model: Network | None = None, examples: list[Example] = EXAMPLES
) -> Trainer:
    out.mkdir(exist_ok=True)
    task = Task("small", model or small(), examples, TOKENIZER, recipe, "validation_bleu", lambda _: 12.5)
    return Trainer(task, out)


# --- batches, schedule --------------------------------------------------------------------------------------


def test_labels_are_the_target_shifted_by_one_and_padded() -> None:
    examples = [Example([5, 6, END], [7, 8]), Example([9, END], [10])]
    source, target, labels = collate(examples, torch.device("cpu"))
    assert source.tolist() == [[5, 6, END], [9, END, PAD]]
    assert target.tolist() == [[START, 7, 8], [START, 10, PAD]]
    assert labels.tolist() == [[7, 8, END], [10, END, PAD]]


def test_what_is_not_to_be_learnt_is_no_label() -> None:
    source, target, labels = collate([Example([], [7, 8, 7], (False, False, True, False))], torch.device("cpu"))
    assert source is None
    assert target.tolist() == [[START, 7, 8, 7]]
    assert labels.tolist() == [[PAD, PAD, 7, PAD]]


def test_the_learning_rate_climbs_in_a_line_then_falls_as_half_a_cosine() -> None:
    recipe = Recipe(warmup_steps=10)
    rates = [learning_rate(recipe, step, 110) for step in range(111)]
    assert rates[:10] == pytest.approx([0.1 * (step + 1) for step in range(10)])
    assert rates[10] == max(rates) == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[60] == pytest.approx(0.01 + 0.99 / 2)
    assert rates[110] == pytest.approx(0.01)
    assert learning_rate(recipe, 500, 110) == pytest.approx(0.01)


def test_a_run_shorter_than_the_warm_up_divides_by_nothing() -> None:
    assert learning_rate(Recipe(warmup_steps=10), 10, 5) > 0


# --- the gradient through the vocabulary --------------------------------------------------------------------


def relative(found: Tensor, expected: Tensor) -> float:
    return ((found - expected).norm() / expected.norm()).item()


@pytest.mark.parametrize("rows_at_once", [512, 7])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_hand_written_gradient_is_autograds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int, smoothing: float
) -> None:
    monkeypatch.setattr(training, "ROWS_AT_ONCE", {"cpu": rows_at_once})
    trainer = trainer_of(tmp_path, Recipe(label_smoothing=smoothing))
    table = trainer.model.embedding.weight
    outputs = torch.randn(30, 8).requires_grad_()
    labels = torch.randint(0, VOCABULARY, (30,))
    found = trainer._backward_through_vocabulary(outputs, labels)
    reference, peer = table.detach().clone().requires_grad_(), outputs.detach().clone().requires_grad_()
    loss = functional.cross_entropy(peer @ reference.T, labels, label_smoothing=smoothing, reduction="sum")
    loss.backward()
    # bfloat16 keeps 8 bits: single numbers round by up to 0.4 %.
    assert relative(found, loss.detach()) <= 2e-3
    assert relative(outputs.grad, peer.grad) <= 8e-3
    assert relative(table.grad, reference.grad) <= 8e-3


LANGUAGE = [Example([], example.target) for example in EXAMPLES]


def recurrent(attention: bool) -> RecurrentTranslator:
    torch.manual_seed(1)
    return RecurrentTranslator(RecurrentConfig(VOCABULARY, attention, 8, 6, 10, 5, max_tokens=20, dropout=0.0))


@pytest.mark.parametrize(
    ("model", "examples"),
    [
        (small(dropout=0.0), EXAMPLES),
        (small(dropout=0.0, encoder_layers=0), LANGUAGE),
        (recurrent(False), EXAMPLES),
        (recurrent(True), EXAMPLES),
    ],
    ids=["translator", "next-word", "recurrent", "recurrent-attention"],
)
def test_one_steps_gradient_is_that_of_the_mean_loss_of_the_whole_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Network, examples: list[Example]
) -> None:
    trainer = trainer_of(tmp_path, Recipe(label_smoothing=0.0), model, examples)
    monkeypatch.setattr(training.nn.utils, "clip_grad_norm_", lambda *_: None)
    monkeypatch.setattr(trainer, "optimisers", [])
    loss = trainer._train_on(list(range(10)))
    found = {name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    model.zero_grad()
    trace = model(*collate(examples[:10], torch.device("cpu")))
    trace.loss.backward()
    assert loss == pytest.approx(trace.loss.item(), rel=5e-3)
    for name, parameter in model.named_parameters():
        assert relative(found[name], parameter.grad) <= 0.08, name  # bfloat16 all the way


# --- runs ---------------------------------------------------------------------------------------------------


def run(out: Path, recipe: Recipe = RECIPE, model: Network | None = None) -> Trainer:
    trainer = trainer_of(out, recipe, model)
    trainer.run()
    return trainer


def assert_same(first: Trainer, second: Trainer) -> None:
    assert first.step == second.step
    for held, other in (
        (first.model.state_dict(), second.model.state_dict()),
        (first.average, second.average),
    ):
        for name, tensor in held.items():
            assert torch.equal(tensor, other[name]), name


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    assert_same(run(tmp_path / "a"), run(tmp_path / "b"))


@pytest.mark.parametrize(("stop_at", "muon"), [(1, 0.0), (4, 0.0), (6, 0.0), (4, 1e-2)])
def test_a_run_killed_and_resumed_ends_where_an_unbroken_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: int, muon: float
) -> None:
    recipe = replace(RECIPE, muon_learning_rate=muon)
    unbroken = run(tmp_path / "unbroken", recipe)
    assert unbroken.total > stop_at + 1
    monkeypatch.setattr(training, "SAVE_EVERY_SECONDS", -1.0)  # save after every step
    train_on = Trainer._train_on

    def killed(self: Trainer, indices: list[int]) -> float:
        if self.step == stop_at:
            raise KeyboardInterrupt
        return train_on(self, indices)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, "_train_on", killed)
        run(tmp_path / "broken", recipe)
    # Another seed for the first weights: everything must come from the save.
    assert_same(run(tmp_path / "broken", recipe, small(seed=99)), unbroken)


def test_muon_moves_the_matrices_inside_the_blocks_and_nothing_else(tmp_path: Path) -> None:
    trainer = trainer_of(tmp_path, replace(RECIPE, muon_learning_rate=1e-2))
    names = {id(parameter): name for name, parameter in trainer.model.named_parameters()}
    adam, muon = ([names[id(p)] for group in o.param_groups for p in group["params"]] for o in trainer.optimisers)
    assert sorted(adam + muon) == sorted(names.values())
    assert all("blocks" in name and not name.endswith(("bias", "norm.weight")) for name in muon)
    assert "embedding.weight" in adam and all(name.endswith(("bias", "norm.weight")) for name in adam[1:])
    assert muon


def test_every_optimiser_follows_the_schedule_from_its_own_peak(tmp_path: Path) -> None:
    trainer = trainer_of(tmp_path, replace(RECIPE, peak_learning_rate=4.0, muon_learning_rate=8.0, warmup_steps=4))
    trainer._train_on([0, 1])
    rates = [group["lr"] for optimiser in trainer.optimisers for group in optimiser.param_groups]
    assert rates == [1.0, 1.0, 2.0]


def test_a_kill_while_saving_leaves_the_last_save_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = run(tmp_path / "a")
    before = (tmp_path / "a" / "resume.pt").read_bytes()

    def half_written(_state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", half_written)
    with pytest.raises(KeyboardInterrupt):
        trainer._save()
    assert (tmp_path / "a" / "resume.pt").read_bytes() == before


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("recipe", {"recipe": Recipe(epochs=3, tokens_per_batch=40)}),
        ("model size", {"model": small(d_feed_forward=16)}),
        ("data or vocabulary", {"examples": EXAMPLES[1:]}),
    ],
)
def test_a_save_made_of_something_else_is_refused(tmp_path: Path, what: str, other: dict[str, Any]) -> None:
    run(tmp_path / "a")
    with pytest.raises(CheckpointError, match=f"resume.pt: was made with another {what}; give another --out or"):
        trainer_of(tmp_path / "a", **other).run()


@pytest.mark.parametrize("spoilt", [b"", b"half", b"PK\x03\x04" + b"\0" * 100])
def test_a_damaged_save_is_one_line(tmp_path: Path, spoilt: bytes) -> None:
    (tmp_path / "resume.pt").write_bytes(spoilt)
    with pytest.raises(CheckpointError, match=r"resume.pt: is damaged; delete it and begin anew"):
        run(tmp_path)


def test_wanted_to_stop_it_ends_after_the_step_at_hand_and_its_curve_has_each_step_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "LOG_EVERY_STEPS", 1)
    monkeypatch.setattr(training, "SAVE_EVERY_SECONDS", 1e9)
    recipe = replace(RECIPE, epochs=3)
    train_on = Trainer._train_on

    def until(last: int) -> Callable[[Trainer, list[int]], float]:
        def wanted(self: Trainer, indices: list[int]) -> float:
            self.stop_wanted = self.step == last
            return train_on(self, indices)

        return wanted

    monkeypatch.setattr(Trainer, "_train_on", until(2))
    stopped = run(tmp_path / "a", recipe)
    assert stopped.step == 3 and not stopped.finished
    monkeypatch.setattr(Trainer, "_train_on", until(-1))
    assert_same(run(tmp_path / "a", recipe), run(tmp_path / "b", recipe))
    lines = [json.loads(line) for line in (tmp_path / "a" / "curve.jsonl").read_text("utf-8").splitlines()]
    steps = [line["step"] for line in lines if "loss_nats" in line]
    assert steps == list(range(1, steps[-1] + 1))


def test_steps_taken_again_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "LOG_EVERY_STEPS", 1)
    trainer = run(tmp_path / "a")
    trainer.saves.log({"step": trainer.step + 1, "loss_nats": 1.0})
    run(tmp_path / "a")
    lines = [json.loads(line) for line in (tmp_path / "a" / "curve.jsonl").read_text("utf-8").splitlines()]
    assert max(line["step"] for line in lines) == trainer.step


def test_the_same_weights_give_the_same_file(tmp_path: Path) -> None:
    for name in "abcdefgh":  # the library's order changes from call to call
        save_checkpoint(small(), TOKENIZER, tmp_path / name)
    assert len({(tmp_path / name / "weights.safetensors").read_bytes() for name in "abcdefgh"}) == 1


def test_training_lowers_the_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses: list[float] = []
    monkeypatch.setattr(Trainer, "_train_on", recording(Trainer._train_on, losses))
    run(tmp_path / "a", Recipe(epochs=15, tokens_per_batch=60, warmup_steps=5, peak_learning_rate=2e-2))
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])


def recording(train_on: Callable[[Trainer, list[int]], float], losses: list[float]) -> Callable[..., float]:
    def recorded(self: Trainer, indices: list[int]) -> float:
        losses.append(train_on(self, indices))
        return losses[-1]

    return recorded


def test_the_average_follows_the_weights_and_is_what_ships(tmp_path: Path) -> None:
    trainer = run(tmp_path / "a")
    shipped = trainer.averaged_model()
    assert not shipped.training
    for name, parameter in shipped.named_parameters():
        assert torch.equal(parameter, trainer.average[name])
        assert not torch.equal(parameter, dict(trainer.model.named_parameters())[name])


def test_progress_and_scores_are_written_as_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trainer = run(tmp_path / "a", Recipe(epochs=20, tokens_per_batch=24, warmup_steps=4))
    assert trainer.total >= 100
    lines = [json.loads(line) for line in (tmp_path / "a" / "curve.jsonl").read_text("utf-8").splitlines()]
    assert [line["epoch"] for line in lines if "epoch" in line] == list(range(1, 21))
    hundreds = list(range(100, trainer.total + 1, 100))
    assert [line["step"] for line in lines if "loss_nats" in line] == hundreds
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"step {trainer.total}/{trainer.total}  epoch 20  loss " in shown.err
    assert "epoch 20: validation_bleu 12.50" in shown.err


def test_moments_are_kept_as_they_were(tmp_path: Path) -> None:
    trainer = run(tmp_path / "a", Recipe(epochs=2, tokens_per_batch=40, warmup_steps=4, moments=(0, 3)))
    kept = sorted(path.name for path in (tmp_path / "a" / "small").iterdir())
    assert kept == ["step-00000", "step-00003", f"step-{trainer.total:05}"]
    first = load_checkpoint("small/step-00000", tmp_path / "a").model.state_dict()
    last = load_checkpoint(f"small/{kept[-1]}", tmp_path / "a").model.state_dict()
    for name, tensor in small().state_dict().items():
        assert relative(first[name], tensor) <= 5e-3 if tensor.norm() else not first[name].any(), name
        assert relative(last[name], trainer.model.state_dict()[name]) <= 5e-3, name


def written(folder: Path, rows: bytes) -> Path:
    folder.mkdir()
    (folder / "eng-fra.tsv.gz").write_bytes(rows)
    for name in ("validation", "test"):
        (folder / f"{name}-english.txt").write_text("Go.\n", "utf-8")
    return folder


PAIRS = gzip.compress("".join(f"{n} cats.\t{n} chats.\n" for n in range(9)).encode() + b"Go.\tVa !\n", mtime=0)


@pytest.mark.parametrize(
    ("rows", "more", "said"),
    [
        (PAIRS, ["--set", "epochs=abc"], "--set epochs=abc: takes a whole number"),
        (PAIRS, ["--set", "epochs=0"], "--set epochs=0: takes a number from 1 on"),
        (PAIRS, ["--set", "peak_learning_rate=nan"], "--set peak_learning_rate=nan: takes a number from 0 on"),
        (PAIRS, ["--set", "epochs"], "--set epochs: has no value; write it as --set NAME=VALUE"),
        (PAIRS, ["--set", "colour=1"], "--set colour: neither the recipe nor the model has a 'colour'"),
        (PAIRS, ["--device", "abacus"], "--device abacus: is not there; give cpu or cuda"),
        (PAIRS, ["--start-from", "nosuch/x"], "nosuch/x/config.json: cannot be read (No such file or directory); put"),
        (PAIRS, ["--out", "{tmp}/data/eng-fra.tsv.gz"], "is a file; name a folder"),
        (b"", [], "holds no pair to train on"),
        (b"Go.\tVa !\n", [], "is not compressed by gzip; compress it"),
        (gzip.compress(b"Go.\n", mtime=0), [], "eng-fra.tsv.gz:1: 1 columns, not 2; write English, a tab, French"),
        (PAIRS[:30], [], "cannot be read (Compressed file ended"),
        (gzip.compress(b"A cat.\tUn chat.\n", mtime=0), [], "none of its sentences is in eng-fra.tsv.gz; name some"),
    ],
)
def test_what_cannot_be_trained_with_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: bytes, more: list[str], said: str
) -> None:
    data = written(tmp_path / "data", rows)
    arguments = ["snapshots", "--data", str(data), "--out", str(tmp_path / "out"), *more]
    with pytest.raises(SystemExit) as left:
        main([argument.replace("{tmp}", str(tmp_path)) for argument in arguments])
    line = capsys.readouterr().err.removesuffix("\n")
    assert left.value.code == 2 and line.startswith("python -m model.training: ") and said in line
    assert "\n" not in line


def test_the_precision_that_was_asked_for_is_taken() -> None:
    assert chosen_precision("bfloat16", torch.device("cpu")) == (torch.bfloat16, "bfloat16, as asked for")


@pytest.mark.parametrize(("half", "name"), [(0.5, "bfloat16"), (0.95, "float32"), (20.0, "float32")])
def test_the_faster_precision_is_taken_and_said(monkeypatch: pytest.MonkeyPatch, half: float, name: str) -> None:
    taken = {torch.bfloat16: half, torch.float32: 1.0}
    monkeypatch.setattr(precision, "_seconds", lambda kind, device: taken[kind])
    found, why = chosen_precision("measured", torch.device("cpu"))
    assert found == getattr(torch, name)
    assert why == f"{name}: a product of matrices takes {half:.2f} times as long in bfloat16"


TORCHRUN = """
import sys, torch
sys.path[:0] = {path!r}
from torch import distributed
from pathlib import Path
import test_training as given
distributed.init_process_group("gloo")
rank, out = distributed.get_rank(), Path({out!r})
recipe = given.Recipe(epochs=12, tokens_per_batch=30, warmup_steps=5, peak_learning_rate=1e-2, seed=3)
trainer = given.trainer_of(out / str(rank), recipe, given.small(dropout=0.0))
losses = []
given.Trainer._train_on = given.recording(given.Trainer._train_on, losses)
trainer.run()
torch.save((losses, trainer.average), out / f"{{rank}}.pt")
distributed.barrier()
distributed.destroy_process_group()  # its threads must not outlive the interpreter
"""


def test_two_processes_train_one_model(tmp_path: Path) -> None:
    """The weights stay the same on both, and two half batches do what one whole batch does."""
    script = tmp_path / "two.py"
    root = Path(__file__).resolve().parents[2]
    script.write_text(TORCHRUN.format(path=[str(root), str(Path(__file__).parent)], out=str(tmp_path)), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    (losses, average), (other_losses, other_average) = (torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1))
    assert losses == other_losses
    for name, tensor in average.items():
        assert torch.equal(tensor, other_average[name]), name
    recipe = Recipe(epochs=12, tokens_per_batch=60, warmup_steps=5, peak_learning_rate=1e-2, seed=3)
    alone: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "_train_on", recording(Trainer._train_on, alone))
        trainer_of(tmp_path / "alone", recipe, small(dropout=0.0)).run()
    assert sum(losses[-5:]) / 5 == pytest.approx(sum(alone[-5:]) / 5, rel=0.1)
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])
