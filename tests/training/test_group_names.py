"""The rule by which names of groups count less keeps its wish, catches as much as that allows, and spares others."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.workers.scoring.engines.adding_engine import AMOUNTS, AddingEngine
from training import group_names
from training.dataset import LABELS, VALID_FILE, Floats
from training.group_names import Windows, chosen, fitted, held_too_often, scored, table, windows_of, without_rule
from training.publish import toxicity_facts
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import LOGITS
from workers.scoring.engines.weights import GROUP_NAMES, MANIFEST, Weights, default_models_dir

LIMITS: Floats = np.asarray([0.8, 0.9, 0.9], dtype=np.float32)
CIVIL, TOXIC = "The women met.", "The women met a fool."
OTHERS = "Muslims met."


def weights(folder: Path = Path("nowhere")) -> Weights:
    limits = {"toxicity": 0.8, "insult": 0.9, "threat": 0.9}
    return Weights("adding", folder, {"files": {}, "weights_sha256": "aa", "default_limits": limits})


def windows(*texts: str) -> Windows:
    return windows_of(scored(Toxicity(AddingEngine(), weights()), texts), ("women",))


def test_what_the_names_add_is_taken_off_by_the_share_and_at_most_the_most() -> None:
    found = windows(CIVIL, TOXIC, OTHERS)

    assert found.amounts[:, 0].tolist() == pytest.approx([AMOUNTS["women"], AMOUNTS["women"], 0], abs=1e-3)
    assert found.held(LIMITS, 0.0, 0.0).tolist() == [True, True, False]
    assert found.held(LIMITS, 0.9, 9.0).tolist() == [False, True, False]
    assert found.held(LIMITS, 0.9, 0.01).tolist() == [True, True, False]


def test_a_text_of_several_windows_is_held_by_any_of_them() -> None:
    long = "It rained a lot on Monday. " * 12 + TOXIC + " It rained a lot on Monday." * 12

    found = windows(CIVIL, long)

    assert len(found.text) > 2
    assert found.held(LIMITS, 0.9, 9.0).tolist() == [False, True]


def test_the_rule_that_is_chosen_keeps_the_wish_and_takes_off_no_more_than_that_needs() -> None:
    civil = np.asarray([True, False])
    found = windows(CIVIL, TOXIC)

    pair = chosen(found, LIMITS, civil, ~civil, 0.0)

    assert pair is not None
    assert found.held(LIMITS, *pair).tolist() == [False, True]
    weaker = [s for s in group_names.SHARES if s < pair[0]]
    assert all(found.held(LIMITS, share, most)[0] for share in weaker for most in group_names.MOST)
    assert chosen(found, LIMITS, ~civil, civil, 0.0) is None


def test_only_groups_with_enough_rows_that_are_held_too_often_are_listed() -> None:
    many = group_names.FEWEST
    names = ("often", "seldom", "rare")
    group = np.repeat(np.arange(3), [many, many, many - 1])
    held = group != 1
    by_group = {name: group == place for place, name in enumerate(names)}
    civil = np.ones(len(group), dtype=np.bool_)

    assert held_too_often(held, civil, by_group, 0.03) == ["often"]
    assert held_too_often(held, ~civil, by_group, 0.03) == []


def test_the_table_has_a_line_for_all_and_one_for_each_group_with_enough_rows() -> None:
    civil = np.arange(40) % 2 == 0
    by_group = {"women": np.ones(40, dtype=np.bool_), "roma": np.arange(40) < 4}

    lines = table({"now": civil, "by the rule": ~civil}, civil, ~civil, by_group).splitlines()

    assert len(lines) == 4
    assert lines[-1] == "| women (20 civil, 20 toxic) | 100.0 % | 0.0 % | 0.0 % | 100.0 % |"


def test_weights_without_amounts_are_refused() -> None:
    class Plain(AddingEngine):
        outputs = frozenset({LOGITS})

        def read(self, texts, encodings):  # type: ignore[no-untyped-def]
            return replace(super().read(texts, encodings), carried=None)

    with pytest.raises(ValueError, match="training.rationale"):
        scored(Toxicity(Plain(), weights()), [CIVIL])


def test_the_command_reads_the_validation_rows_and_writes_the_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(f"{CIVIL} {i}", "0.0") for i in range(20)] + [(f"{TOXIC} {i}", "1.0") for i in range(20)]
    rows += [(f"{OTHERS} {i}", "0.0") for i in range(20)] + [("The women met. Unsure.", "0.5"), ("Nobody met.", "0.0")]
    with gzip.open(tmp_path / VALID_FILE, "wt", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["text", *LABELS, "source", "licence"])
        lines.writerows([text, toxicity, *[""] * 5, "s", "MIT"] for text, toxicity in rows)
    (tmp_path / MANIFEST).write_text(json.dumps(dict(weights().manifest)), encoding="utf-8")
    monkeypatch.setattr("training.group_names.open_engine", lambda _weights: AddingEngine())
    monkeypatch.setattr("sys.argv", ["group_names", str(tmp_path), str(tmp_path), "--write"])

    group_names.main()

    rule = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))["group_names"]
    assert rule["groups"] == ["women"]
    assert "| women (20 civil, 20 toxic) | 100.0 % | 100.0 % | 0.0 % | 100.0 % |" in capsys.readouterr().out
    given = Weights.read("adding", tmp_path)
    assert fitted(given, tmp_path, 0.03) == rule  # a rule that is there is not counted twice
    judge = Toxicity(AddingEngine(), given)
    assert (judge.score([CIVIL, TOXIC])[:, 0] >= 0.8).tolist() == [False, True]
    assert fitted(given, tmp_path, 1.0) is None
    assert fitted(given, tmp_path, 0.6) is None  # half of all civil rows are held, though all that name women


def test_weights_without_their_rule_count_every_name_in_full() -> None:
    plain = weights()
    ruled = replace(plain, manifest={**plain.manifest, GROUP_NAMES: {"share": 0.5, "most": 5.0, "groups": ["women"]}})

    assert ruled.version != plain.version
    assert without_rule(ruled) == plain


def test_the_bundled_weights_have_the_version_and_limits_that_a_training_would_publish_and_no_rule() -> None:
    bundled, facts = Weights.read("bundled", default_models_dir() / "toxicity"), toxicity_facts()

    for key in ("version", "default_limits", "sources"):
        assert bundled.manifest[key] == facts[key]
    assert GROUP_NAMES not in bundled.manifest
