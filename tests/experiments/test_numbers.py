"""The numbers of an experiment are those of the model: recomputed here from the trace file with NumPy alone."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.tracing import save_trace

SENTENCE = "The old man gave the black cat some milk."


@pytest.fixture(scope="module")
def trace(models: Models, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    path = tmp_path_factory.mktemp("trace") / "run.npz"
    save_trace(models, SENTENCE, path, gradients=True)
    with np.load(path) as arrays:
        return dict(arrays)


def softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


@pytest.mark.parametrize(
    ("part", "layer", "head"), [("encoder", 1, 1), ("encoder", 3, 4), ("decoder", 2, 3), ("cross", 3, 2)]
)
def test_attention_steps_can_be_recomputed_from_the_trace_file(
    models: Models, trace: dict[str, np.ndarray], part: str, layer: int, head: int
) -> None:
    run = registry.run("attention-steps", models, SENTENCE, {"part": part, "layer": layer, "head": head})
    steps = json.loads(json.dumps(run.plain()))["result"]
    at, row = steps["trace_path"], steps["query_position"]
    held = {name: trace[f"{at}.{name}"][0, head - 1].astype(np.float64) for name in ("query", "key", "value")}
    norm = at.replace("cross_attention", "cross_attention_norm") if part == "cross" else at + "_norm"
    prefix = "parameters." + at
    x = trace[norm][0, row].astype(np.float64)
    d_head = steps["d_head"]
    here = slice((head - 1) * d_head, head * d_head)

    query = trace[f"{prefix}.w_query.weight"].astype(np.float64)[here] @ x
    raw = held["key"] @ query
    scaled = raw / math.sqrt(d_head)
    allowed = np.array(steps["allowed"])
    masked = np.where(allowed, scaled, -np.inf)
    weights = softmax(masked)
    every_head = trace[f"{at}.head_outputs"][0, :, row].astype(np.float64).reshape(-1)
    output = trace[f"{prefix}.w_output.weight"].astype(np.float64) @ every_head

    def agree(name: str, expected: np.ndarray) -> None:
        given = np.array([math.nan if value is None else value for value in steps[name]], dtype=np.float64)
        expected = np.where(np.isfinite(expected), expected, math.nan)
        # Float32 carries seven digits: relative for numbers above 1, absolute below.
        np.testing.assert_allclose(given, expected, rtol=1e-6, atol=4e-6, err_msg=name)

    np.testing.assert_array_equal(np.array(steps["input"], dtype=np.float32), trace[norm][0, row])
    agree("query", query)
    agree("raw_scores", raw)
    agree("scaled_scores", scaled)
    agree("masked_scores", masked)
    agree("exponentials", np.exp(masked - masked.max()))
    agree("weights", weights)
    agree("head_output", weights @ held["value"])
    agree("output", output)
    agree("products", query * held["key"][steps["key_position"]])


@pytest.mark.parametrize("name", ["raw_scores", "scaled_scores", "weights", "head_outputs"])
def test_attention_steps_prints_the_traced_values_themselves(
    models: Models, trace: dict[str, np.ndarray], name: str
) -> None:
    steps = registry.run("attention-steps", models, SENTENCE, {"word": "cat"}).result
    field = "head_output" if name == "head_outputs" else name
    given = np.array(getattr(steps, field), dtype=np.float32)
    np.testing.assert_array_equal(given, trace[f"{steps.trace_path}.{name}"][0, 0, steps.query_position])


def test_the_decoder_looks_at_no_later_token(models: Models) -> None:
    weights = np.array(registry.run("attention", models, SENTENCE, {"part": "decoder", "layer": 2}).result.weights)
    assert np.triu(weights, 1).max() == 0.0
    np.testing.assert_allclose(weights.sum(-1), 1.0, atol=1e-6)


def test_scaling_is_softmax_of_the_scores_with_and_without_the_division(models: Models) -> None:
    result = registry.run("scaling", models, SENTENCE).result
    raw = np.array(result.raw_scores)
    np.testing.assert_allclose(result.scaled, softmax(raw / math.sqrt(result.d_head)), atol=1e-6)
    np.testing.assert_allclose(result.unscaled, softmax(raw), atol=1e-5)
    assert result.loss_unscaled != result.loss_scaled


def test_gradient_norms_are_those_of_the_trace_file(models: Models, trace: dict[str, np.ndarray]) -> None:
    result = registry.run("gradients", models, SENTENCE).result
    for stage in result.stages:
        assert stage.norm == pytest.approx(float(np.linalg.norm(trace[f"gradient:{stage.path}"])), rel=1e-5)
    assert result.loss == pytest.approx(float(trace["loss"]), rel=1e-6)


def test_nudging_a_parameter_changes_the_loss_as_its_gradient_says(models: Models) -> None:
    result = registry.run("gradients", models, SENTENCE).result
    assert result.nudged_slope == pytest.approx(result.parameter_gradient, rel=1e-4)
    assert result.loss_nudged_up != result.loss_nudged_down


def test_a_step_against_the_gradient_lowers_the_loss(models: Models) -> None:
    result = registry.run("gradients", models, SENTENCE, {"target": "Le vieux chat boit du lait."}).result
    assert result.loss_after_step < result.loss


@pytest.mark.parametrize("sentence", [SENTENCE, "My sister lost her keys in the snow yesterday."])
def test_integrated_gradients_sum_to_the_difference_from_the_baseline(models: Models, sentence: str) -> None:
    result = registry.run("word-importance", models, sentence).result
    assert result.integrated_sum == pytest.approx(result.difference_from_baseline, rel=0.01)


def test_leaving_a_word_out_is_a_run_without_it(models: Models) -> None:
    result = registry.run("word-importance", models, SENTENCE, {"output": "chat"}).result
    reading = models.read(SENTENCE)
    cat = result.source_tokens.index("cat")
    without = reading.source_ids[:cat] + reading.source_ids[cat + 1 :]
    there = models.read_pair(SENTENCE, without, reading.target_ids).trace.probabilities
    position = result.output_position
    expected = math.log(result.probability) - math.log(there[0, position, reading.target_ids[position]].item())
    assert result.words[cat].removed == pytest.approx(expected, abs=1e-4)


def test_each_step_of_a_translation_is_what_the_decoder_computes_from_its_beginning(models: Models) -> None:
    import torch

    reading = models.read(SENTENCE)
    steps = registry.run("translate", models, SENTENCE).result.steps
    for length, step in enumerate(steps, start=1):
        with torch.no_grad():
            last = models.model(reading.source, reading.target[:, :length]).probabilities[0, -1]
        assert step.probability == pytest.approx(last.max().item(), abs=1e-5)
        assert models.show([int(last.argmax())])[0] == step.token


def test_without_positions_reversed_words_change_nothing(models: Models) -> None:
    result = registry.run("positions", models, SENTENCE).result
    assert result.difference_without_positions < 1e-5 < result.difference_with_positions
    assert result.translation_without_positions == result.translation_reversed_without_positions


def test_with_the_mask_the_last_token_changes_no_earlier_logit(models: Models) -> None:
    result = registry.run("causal-mask", models, SENTENCE).result
    assert result.largest_change_from_future <= 1e-5 < result.largest_change_from_future_unmasked
    assert result.future_share_masked == 0.0 < result.future_share_unmasked


def test_scores_grow_with_the_square_of_the_length(models: Models) -> None:
    result = registry.run("cost", models, SENTENCE).result
    for row in result.rows:
        assert row.scores == result.layers * result.heads * row.tokens**2


def test_switching_a_head_off_is_the_edit_that_it_says(models: Models) -> None:
    from model.edits import zero_head

    result = registry.run("heads", models, SENTENCE, {"part": "cross", "layer": 2}).result
    trace = models.edited(models.read(SENTENCE), [zero_head("decoder.blocks.1.cross_attention", 2)])
    assert trace.loss is not None
    assert result.heads[2].loss_without == pytest.approx(trace.loss.item(), rel=1e-6)


def test_softmax_ignores_a_constant_and_follows_the_scale(models: Models) -> None:
    result = registry.run("softmax", models, SENTENCE).result
    assert result.largest_change_when_shifted < 1e-6
    assert result.entropy_bits_doubled < result.entropy_bits < result.entropy_bits_halved
    np.testing.assert_allclose(result.weights, softmax(np.array(result.scores)), atol=1e-6)


def test_running_two_sentences_changes_no_parameter(models: Models) -> None:
    result = registry.run("parameters", models, SENTENCE).result
    assert result.parameters_changed == 0
    matrices = [group.count for group in result.groups if group.name.endswith("matrices")]
    blocks = result.layers + (result.layers - result.encoder_layers)  # cross-attention is a layer of its own
    assert sum(matrices) == result.head_parameter_count * result.heads * blocks
    assert result.parameter_count == sum(group.count for group in result.groups)
    tokens = len(models.source_ids(SENTENCE))
    assert result.attention_weight_count == result.encoder_layers * result.heads * tokens**2


def test_the_same_word_has_one_embedding_and_two_meanings(models: Models) -> None:
    result = registry.run(
        "contextual", models, SENTENCE, {"word": "cat", "other": "The cat is under the table."}
    ).result
    assert result.cosine_embedding == pytest.approx(1.0, abs=1e-6)
    assert result.cosine_output < 0.999


# --- which head is shown where none is named ---------------------------------------------------------------


def sharpness(weights: np.ndarray, own: bool) -> float:
    """Mean over the rows of the largest weight outside the diagonal."""
    rows = weights.astype(np.float64).copy()
    if own:
        np.fill_diagonal(rows, -1.0)
    return float(rows.max(-1).mean())


@pytest.mark.parametrize("part", ["encoder", "cross"])
def test_the_head_shown_by_default_is_the_sharpest_off_the_diagonal(
    models: Models, trace: dict[str, np.ndarray], part: str
) -> None:
    stack, kind = ("encoder", "attention") if part == "encoder" else ("decoder", "cross_attention")
    found = {
        (layer + 1, head + 1): sharpness(trace[f"{stack}.blocks.{layer}.{kind}.weights"][0, head], part == "encoder")
        for layer in range(3)
        for head in range(4)
    }
    run = registry.run("attention", models, SENTENCE, {"part": part})
    assert (run.result.layer, run.result.head) == max(found, key=found.__getitem__)
    assert run.result.sharpness == pytest.approx(max(found.values()), abs=1e-6)
    assert run.result.heads_compared == 12
    assert (run.options.layer, run.options.head) == (run.result.layer, run.result.head)


def test_an_explicit_layer_and_head_win(models: Models) -> None:
    named = registry.run("attention", models, SENTENCE, {"layer": 1, "head": 2}).result
    assert (named.layer, named.head, named.heads_compared) == (1, 2, 1)
    for given, compared in (({"layer": 2}, 4), ({"head": 3}, 3)):
        result = registry.run("attention", models, SENTENCE, given).result
        assert {name: getattr(result, name) for name in given} == given
        assert result.heads_compared == compared


def test_a_named_word_gets_the_head_in_which_it_looks_most_sharply_elsewhere(
    models: Models, trace: dict[str, np.ndarray]
) -> None:
    result = registry.run("attention", models, SENTENCE, {"word": "milk"}).result
    row = result.query_position
    rows = np.stack([trace[f"encoder.blocks.{layer}.attention.weights"][0, :, row] for layer in range(3)])
    rows[:, :, row] = -1.0
    layer, head, _ = np.unravel_index(int(rows.argmax()), rows.shape)
    assert (result.layer, result.head) == (layer + 1, head + 1)


def test_what_a_head_likes_most_can_be_recomputed_from_its_weights(models: Models) -> None:
    result = registry.run("heads", models, SENTENCE).result
    for head in result.heads:
        shares = np.array(head.weights).mean(0)
        assert head.favourite_token == result.key_tokens[int(shares.argmax())]
        assert head.favourite_share == pytest.approx(float(shares.max()), abs=1e-9)
        words = [n for n, token in enumerate(result.key_tokens) if token.isalpha()]
        pairs = {(q, k): head.weights[q][k] for q in words for k in words if q != k}
        assert head.link_weight <= max(pairs.values())
        assert head.link_weight in pairs.values()


@pytest.mark.parametrize("name", ["contextual", "parameters"])
@pytest.mark.parametrize(
    "sentence", [SENTENCE, "I know nothing about the garden.", "It is cold and my car will not start."]
)
def test_the_sentence_to_compare_with_has_another_length(models: Models, name: str, sentence: str) -> None:
    result = registry.run(name, models, sentence).result
    assert len(models.source_ids(result.other)) != len(models.source_ids(sentence))


# --- what the trained model must know -----------------------------------------------------------------------


def test_the_cat_on_the_mat_comes_out_as_good_french(models: Models) -> None:
    assert models.read("The cat is on the mat.").translation in {
        "Le chat est sur le tapis.",
        "Le chat est sur le paillasson.",
        "Le chat se trouve sur le tapis.",
    }


def test_cat_is_what_chat_looked_at(models: Models) -> None:
    links = registry.run("cross-attention", models, "The cat is on the mat.").result.links
    link = next(link for link in links if link.target == "chat")
    assert link.source == "cat" and link.weight > 0.8


def test_alignment_is_sharper_than_before_training(models: Models) -> None:
    result = registry.run("cross-attention", models, SENTENCE).result
    assert result.mean_largest_weight > 1.5 * result.mean_largest_weight_untrained


def test_a_word_in_other_capitals_is_another_token(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^'the' and 'The' are two tokens with a row each"):
        registry.run("contextual", models, SENTENCE, {"word": "the", "other": "The end."})


# --- links between two words --------------------------------------------------------------------------------


def test_a_link_is_the_traced_weight_and_forbidding_it_is_the_edit(models: Models) -> None:
    from model.edits import forbid_link

    result = registry.run("link", models, SENTENCE, {"query": "chat", "key": "cat"}).result
    reading = models.read(SENTENCE)
    assert result.part == "cross"
    query, key = reading.target_tokens.index("chat"), reading.source_tokens.index("cat")
    assert (result.query_position, result.key_position) == (query, key)
    for layer, line in enumerate(result.weights):
        traced = reading.trace.decoder.blocks[layer].cross_attention.weights[0, :, query, key]
        np.testing.assert_array_equal(np.array(line, dtype=np.float32), traced.numpy())
    edits = [forbid_link(f"decoder.blocks.{layer}.cross_attention", query, key) for layer in range(3)]
    without = models.edited(reading, edits).probabilities[0, query, reading.target_ids[query]].item()
    assert result.probability_without == pytest.approx(without, rel=1e-6)
    assert result.weight == max(max(line) for line in result.weights)


def test_chat_cannot_be_written_without_looking_at_cat(models: Models) -> None:
    result = registry.run("link", models, "The cat is on the mat.", {"query": "chat", "key": "cat"}).result
    assert result.weight > 0.8
    assert result.probability_without < 0.5 * result.probability
