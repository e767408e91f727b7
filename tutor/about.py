"""What is bundled: read from the checkpoint's own description, without loading torch or weights."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any

from tutor.errors import TutorError

ATTRIBUTION = (
    "Data: sentence pairs of the Tatoeba project (tatoeba.org) by way of www.manythings.org/anki,\n"
    "licence CC-BY 2.0 FR. The weights are trained on nothing else."
)


def describe(name: str) -> dict[str, Any]:
    """The bundled checkpoint's sizes, hashes and scores. Raises `TutorError` where the file is not in order."""
    file = importlib.resources.files("model") / "checkpoints" / name / "config.json"
    try:
        held: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TutorError(f"{file}: cannot be read ({error}); reinstall the program") from error
    return held


def about_models() -> str:
    """A page of plain text about every bundled model."""
    held = describe("translator")
    config, about = held["config"], held["about"]
    size = importlib.resources.files("model") / "checkpoints" / "translator" / "weights.safetensors"
    lines = [
        "translator   English → French Transformer, trained from scratch",
        "",
        f"  layers       {config['encoder_layers']} encoder, {config['decoder_layers']} decoder",
        f"  heads        {config['heads']} in each layer",
        f"  width        {config['d_model']} (feed-forward {config['d_feed_forward']})",
        f"  vocabulary   {config['vocabulary_size']:,} subwords with byte fallback, shared by both languages",
        f"  reads        up to {config['max_tokens']} tokens",
    ]
    if "parameters" in about:
        lines.append(f"  parameters   {about['parameters']:,}")
    with importlib.resources.as_file(size) as path:
        if path.exists():
            lines.append(f"  on disk      {path.stat().st_size / 1e6:.1f} MB, half precision; computes in float32")
    for key, label in (("test_bleu_greedy", "greedy"), ("test_bleu_beam4", "beam of 4")):
        if key in about:
            lines.append(f"  test BLEU    {about[key]:.1f} ({label}; sacrebleu, all references, 2,001 sentences)")
    recipe = about.get("recipe", {})
    if recipe:
        lines.append(
            f"  trained      {recipe['epochs']} epochs, seed {recipe['seed']} (python -m model.training translator)"
        )
    lines += [f"  sha256       {held['sha256']['weights.safetensors'][:16]}…", "", ATTRIBUTION]
    return "\n".join(lines)
