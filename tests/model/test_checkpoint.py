"""Checkpoints come back as they were saved; a file that is missing, damaged or swapped is named."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from oracles import random_tokens, small_model

from model.checkpoint import BUNDLED, REPLACE, load_checkpoint, save_checkpoint
from model.errors import CheckpointError
from model.recurrent import RecurrentConfig, RecurrentTranslator
from model.tokenizer import SubwordTokenizer
from model.transformer import Transformer

FILES = ("config.json", "tokenizer.json", "weights.safetensors")


@pytest.fixture(scope="module")
def tokenizer() -> SubwordTokenizer:
    return SubwordTokenizer.train(["the cat is on the mat", "le chat est sur le tapis"] * 3, 290)


@pytest.fixture(scope="module")
def model(tokenizer: SubwordTokenizer) -> Transformer:
    return small_model(0, torch.float32, vocabulary_size=tokenizer.size)


@pytest.fixture
def folder(tmp_path: Path, model: Transformer, tokenizer: SubwordTokenizer) -> Path:
    """A folder with the checkpoints `good` and `other`."""
    save_checkpoint(model, tokenizer, tmp_path / "good", {"recipe": {"seed": 1}, "scores": [49.5]})
    other = small_model(1, torch.float32, vocabulary_size=tokenizer.size, heads=7)
    save_checkpoint(other, SubwordTokenizer.train(["another text"] * 3, 280), tmp_path / "other")
    return tmp_path


def refusal(folder: Path, name: str = "good") -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(name, folder)
    return str(caught.value)


def record_hash(folder: Path, file: str) -> None:
    """Write the hash of what is there now into the description, as a forger would."""
    held = json.loads((folder / "config.json").read_text("utf-8"))
    held["sha256"][file] = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    (folder / "config.json").write_text(json.dumps(held), "utf-8")


def test_a_checkpoint_comes_back_as_it_was_saved(folder: Path, model: Transformer, tokenizer: SubwordTokenizer) -> None:
    loaded = load_checkpoint("good", folder)
    assert loaded.name == "good"
    assert loaded.about == {"recipe": {"seed": 1}, "scores": [49.5]}
    assert loaded.model.config == model.config
    assert loaded.tokenizer.vocabulary == tokenizer.vocabulary
    assert not loaded.model.training
    state = loaded.model.state_dict()
    assert list(state) == list(model.state_dict())
    for name, tensor in model.state_dict().items():
        # A matrix keeps 8 bits a number: half a step of the row's largest entry over 127.
        step = tensor.abs().amax(-1, keepdim=True) / 127 if tensor.dim() > 1 else tensor.abs() * 2**-10
        assert ((state[name] - tensor).abs() <= step * 0.5001 + 1e-7).all(), name
        assert state[name].dtype == torch.float32


def test_saving_what_was_loaded_changes_nothing(folder: Path) -> None:
    loaded = load_checkpoint("good", folder)
    save_checkpoint(loaded.model, loaded.tokenizer, folder / "again")
    again = load_checkpoint("again", folder).model
    source, target = random_tokens(2, 6), random_tokens(2, 17, seed=2)
    assert torch.allclose(loaded.model(source, target).logits, again(source, target).logits, atol=1e-5)


@pytest.mark.parametrize("attention", [False, True])
def test_a_recurrent_checkpoint_comes_back_with_anothers_tokenizer(
    folder: Path, tokenizer: SubwordTokenizer, attention: bool
) -> None:
    model = RecurrentTranslator(RecurrentConfig(tokenizer.size, attention, 6, 5, 7, 4))
    save_checkpoint(model, tokenizer, folder / "recurrent", tokenizer_of="good")
    assert not (folder / "recurrent" / "tokenizer.json").exists()
    loaded = load_checkpoint("recurrent", folder)
    assert loaded.model.config == model.config
    assert loaded.tokenizer.vocabulary == tokenizer.vocabulary
    shutil.copy(folder / "other" / "tokenizer.json", folder / "good" / "tokenizer.json")
    assert "its hash is not the recorded one" in refusal(folder, "recurrent")


def test_sizes_that_fit_but_are_not_those_of_the_weights_are_noticed(folder: Path) -> None:
    """With another number of heads every matrix still fits, and every number would be wrong."""
    path = folder / "good" / "config.json"
    held = json.loads(path.read_text("utf-8"))
    held["config"]["heads"] = 7 if held["config"]["heads"] != 7 else 2
    path.write_text(json.dumps(held), "utf-8")
    assert refusal(folder) == f"{path}: does not describe the weights beside it; {REPLACE}"


def test_loading_draws_nothing_and_leaves_the_compiler_alone(folder: Path) -> None:
    """Random numbers on the meta device would load it, which takes a second."""
    before = torch.random.get_rng_state()
    load_checkpoint("good", folder)
    assert torch.equal(torch.random.get_rng_state(), before)
    program = (
        "import sys; from pathlib import Path; from model.checkpoint import load_checkpoint;"
        f"load_checkpoint('good', Path({str(folder)!r})); print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False", done.stderr


def test_loading_leaves_nothing_unmade(folder: Path) -> None:
    loaded = load_checkpoint("good", folder).model
    assert not [name for name, value in [*loaded.named_parameters(), *loaded.named_buffers()] if value.is_meta]


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / "good" / file).unlink()
    assert refusal(folder) == (f"{folder / 'good' / file}: cannot be read (No such file or directory); {REPLACE}")


def test_a_missing_checkpoint_is_named(folder: Path) -> None:
    assert refusal(folder, "nowhere").startswith(f"{folder / 'nowhere' / 'config.json'}: cannot be read")


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.99])
@pytest.mark.parametrize("file", FILES)
def test_a_truncated_file_is_named(folder: Path, file: str, keep: float) -> None:
    path = folder / "good" / file
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    assert refusal(folder).startswith(f"{path}: is damaged")
    assert refusal(folder).endswith(f"; {REPLACE}")


@pytest.mark.parametrize("file", ["tokenizer.json", "weights.safetensors"])
@pytest.mark.parametrize("place", [0, 0.5, 0.999])
def test_one_changed_byte_is_noticed(folder: Path, file: str, place: float) -> None:
    path = folder / "good" / file
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(bytes(content))
    assert refusal(folder) == f"{path}: is damaged or was swapped, its hash is not the recorded one; {REPLACE}"


@pytest.mark.parametrize("file", ["tokenizer.json", "weights.safetensors"])
def test_a_file_of_another_checkpoint_is_noticed(folder: Path, file: str) -> None:
    shutil.copy(folder / "other" / file, folder / "good" / file)
    path = folder / "good" / file
    assert refusal(folder) == f"{path}: is damaged or was swapped, its hash is not the recorded one; {REPLACE}"


def test_a_description_of_another_checkpoint_is_noticed(folder: Path) -> None:
    shutil.copy(folder / "other" / "config.json", folder / "good" / "config.json")
    assert "its hash is not the recorded one" in refusal(folder)


DAMAGES: dict[str, Callable[[dict], object]] = {
    "not an object": lambda held: [],
    "no sizes": lambda held: held | {"config": {}},
    "an unknown size": lambda held: held | {"config": held["config"] | {"depth": 3}},
    "sizes that make no model": lambda held: held | {"config": held["config"] | {"heads": 3}},
    "a size that is no number": lambda held: held | {"config": held["config"] | {"heads": "two"}},
    "no hashes": lambda held: {k: v for k, v in held.items() if k != "sha256"},
    "hashes that are a number": lambda held: held | {"sha256": 5},
    "nothing about it": lambda held: {k: v for k, v in held.items() if k != "about"},
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_description_that_makes_no_sense_is_named(folder: Path, damage: str) -> None:
    path = folder / "good" / "config.json"
    path.write_text(json.dumps(DAMAGES[damage](json.loads(path.read_text("utf-8")))), "utf-8")
    assert refusal(folder).startswith(f"{path}: is damaged (")


@pytest.mark.parametrize("size", ["vocabulary_size", "d_model", "encoder_layers", "decoder_layers", "d_feed_forward"])
def test_weights_that_do_not_fit_the_sizes_are_named(folder: Path, size: str) -> None:
    path = folder / "good" / "config.json"
    held = json.loads(path.read_text("utf-8"))
    held["config"][size] += 2
    path.write_text(json.dumps(held), "utf-8")
    assert refusal(folder) == f"{path}: does not describe the weights beside it; {REPLACE}"


class Trap:
    """Unpickling this writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return (_spring, (str(self.path),))


def _spring(path: str) -> None:
    Path(path).write_text("code ran", "utf-8")


@pytest.mark.parametrize("file", ["weights.safetensors", "tokenizer.json"])
def test_loading_runs_no_code_from_a_file(folder: Path, file: str) -> None:
    sprung = folder / "sprung"
    path = folder / "good" / file
    path.write_bytes(pickle.dumps(Trap(sprung)))
    record_hash(folder / "good", file)
    assert str(path) in refusal(folder)
    assert not sprung.exists()
    pickle.loads(path.read_bytes())
    assert sprung.exists(), "the trap itself does not work: nothing was tested"


def test_a_weights_file_without_weights_is_named(folder: Path) -> None:
    from safetensors import safe_open
    from safetensors.torch import save_file

    path = folder / "good" / "weights.safetensors"
    with safe_open(path, "pt") as held:
        save_file({}, path, held.metadata())
    record_hash(folder / "good", path.name)
    assert refusal(folder) == f"{path}: does not fit its configuration; {REPLACE}"


def test_all_bundled_weights_together_stay_small() -> None:
    files = list(BUNDLED.glob("**/*.safetensors"))
    assert files and sum(path.stat().st_size for path in files) <= 48e6


@pytest.mark.parametrize("config", sorted(BUNDLED.glob("**/config.json")), ids=lambda path: path.parent.name)
def test_every_bundled_checkpoint_loads(config: Path) -> None:
    loaded = load_checkpoint(config.parent.relative_to(BUNDLED).as_posix())
    assert loaded.tokenizer.size == loaded.model.config.vocabulary_size
    weights = sum(parameter.numel() for parameter in loaded.model.parameters())
    if loaded.name.startswith("recurrent"):  # so that the comparison is one of designs
        translator = sum(parameter.numel() for parameter in load_checkpoint("translator").model.parameters())
        assert abs(weights / translator - 1) <= 0.1
    else:
        assert weights <= (3_000_000 if loaded.name == "next-word" else 8_000_000)
