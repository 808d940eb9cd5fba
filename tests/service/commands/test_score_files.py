"""Files of texts with their Perspective scores, in the forms that newsrooms have."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from service.commands.compat import score_maps
from service.commands.compat.score_maps import TextWithScores

ANSWER = {"attributeScores": {"TOXICITY": {"summaryScore": {"value": 0.8, "type": "PROBABILITY"}}}}


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_table_has_a_column_for_each_attribute(tmp_path: Path) -> None:
    lines = ("id,text,TOXICITY,insult", '1,"You, again",0.8,0.5', "2,Fine,,0.1", "3,,0.5,", "4,Hm,,")
    table = written(tmp_path, "a.csv", "\n".join(lines))

    assert score_maps.read(table) == [
        TextWithScores("You, again", {"TOXICITY": 0.8, "INSULT": 0.5}),
        TextWithScores("Fine", {"INSULT": 0.1}),
    ]


@pytest.mark.parametrize(
    "row",
    [{"text": "You", "TOXICITY": 0.8}, {"text": "You", "toxicity": "0.8", "lang": "en"}, {"text": "You", **ANSWER},
     {"comment": {"text": "You"}, **ANSWER}, {"comment": "You", "TOXICITY": 0.8}],
)  # fmt: skip
def test_json_lines_have_fields_or_perspectives_answer(tmp_path: Path, row: dict[str, object]) -> None:
    path = written(tmp_path, "a.jsonl", f"\n{json.dumps(row)}\n\n")

    assert score_maps.read(path) == [TextWithScores("You", {"TOXICITY": 0.8})]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [("a.csv", "text,TOXICITY\nYou,80%\n", "line 2: TOXICITY must be between 0 and 1, and is '80%'"),
     ("a.csv", "text,TOXICITY\nYou,0.1\nYou,80\n", "line 3: TOXICITY"),
     ("a.jsonl", '{"text": "You", "TOXICITY": 0.1}\nno\n', "line 2 is not JSON"),
     ("a.jsonl", "[1]\n", "line 1 is not a JSON object"),
     ("a.csv", "comment,score\nYou,0.1\n", "no line has both"), ("a.csv", "", "no line has both")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_names_its_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(click.ClickException, match=message):
        score_maps.read(written(tmp_path, name, content))
