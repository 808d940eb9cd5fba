"""The command for archives: one answer per line, in order, bad lines named."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workers.score import BadLine, Progress, in_batches, read_comment, score_lines
from workers.scoring import Scorer

GOOD = {"text": "You are a fucking idiot", "article": {"title": "Tram", "text": "The tram line opens."}}


def lines(*items: object) -> io.BytesIO:
    return io.BytesIO(b"".join(i if isinstance(i, bytes) else json.dumps(i).encode() + b"\n" for i in items))


def run(scorer: Scorer, source: io.BytesIO) -> tuple[list[dict[str, object]], str, int]:
    results, notes = io.StringIO(), io.StringIO()
    bad = score_lines(scorer, source, results, notes)
    return [json.loads(line) for line in results.getvalue().splitlines()], notes.getvalue(), bad


def test_an_answer_has_the_documented_parts(scorer: Scorer) -> None:
    (answer,), notes, bad = run(scorer, lines(GOOD))

    assert list(answer) == ["signals", "abstained", "language", "evidence", "models"]
    assert set(answer["signals"]) == set(scorer.signal_names)  # type: ignore[call-overload]
    assert answer["abstained"] == {"relevance": "too short"}
    assert answer["language"] == "en"
    assert answer["models"] == scorer.models
    assert any(GOOD["text"][s["start"] : s["end"]] == "idiot" for s in answer["evidence"]["toxicity"])  # type: ignore[index]
    assert (notes, bad) == ("", 0)


def test_answers_come_in_the_order_of_the_lines_over_many_batches(scorer: Scorer) -> None:
    texts = [f"Comment number {i} about the tram{' and the harbour' * (i % 7)}" for i in range(150)]
    expected = [run(scorer, lines({"text": text}))[0][0]["signals"]["toxicity"] for text in texts[::37]]  # type: ignore[index]

    answers, _, _ = run(scorer, lines(*({"text": text} for text in texts)))

    assert len(answers) == 150
    assert [a["signals"]["toxicity"] for a in answers[::37]] == pytest.approx(expected, abs=0.03)  # type: ignore[index]


def test_bad_lines_are_named_by_number_and_the_rest_goes_on(scorer: Scorer) -> None:
    source = lines(GOOD, b"nope\n", b"\n", {"text": " "}, {"text": 5}, b"[1]\n", {"text": "x", "article": 1}, GOOD)

    answers, notes, bad = run(scorer, source)

    assert len(answers) == 2
    assert [note.split(":")[0] for note in notes.splitlines()] == ["line 2", "line 4", "line 5", "line 6", "line 7"]
    assert bad == 5


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{", "not JSON"),
        (b'{"text": "a\\ud800"}', "text: half of a surrogate pair"),
        (b"\xff\xfe", "not JSON"),
        (b"null", "not a JSON object"),
        (b"{}", "text: missing or empty"),
        (b'{"text": "x", "article": {"title": 3}}', "article.title: not a string"),
        (b'{"text": "x", "language": ["en"]}', "language: not a string"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_says_what_is_wrong_with_it(raw: bytes, reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        read_comment(raw)


def test_optional_parts_may_be_null() -> None:
    comment = read_comment(b'{"text": "x", "article": null, "parent": null, "language": null}')

    assert (comment.title, comment.parent_text, comment.language) == (None, None, None)


def test_a_writer_that_waits_for_each_answer_is_not_kept_waiting() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb", buffering=0) as sink:
        batches = in_batches(source)
        for number in range(3):
            sink.write(b'{"text": "x"}\n')
            assert [line.number for line in next(batches)] == [number + 1]


def test_the_bar_shows_only_on_a_terminal_and_leaves_nothing_behind() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for screen, expected in ((Terminal(), True), (io.StringIO(), False)):
        moments = iter([0.0, 1.0])
        progress = Progress(screen, 100, clock=lambda moments=moments: next(moments))  # type: ignore[misc]
        progress.show(10, 50)
        progress.clear()
        assert ("50%" in screen.getvalue() and "10 comments, 10/s" in screen.getvalue()) is expected
        assert screen.getvalue().endswith("\r\x1b[K") is expected


@pytest.mark.parametrize(("content", "status"), [(json.dumps(GOOD) + "\n", 0), ("oops\n", 1), ("", 0)])
def test_the_command_ends_with_the_right_status(tmp_path: Path, content: str, status: int) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "workers", "score"],
        input=content,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GAVEL_HOME": str(tmp_path)},
    )

    assert run.returncode == status, run.stderr
    assert len(run.stdout.splitlines()) == (1 if content.startswith("{") else 0)
    assert ("line 1: not JSON" in run.stderr) is (status == 1)


def test_the_command_says_which_model_it_cannot_load(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "workers", "score", "--toxicity-model", "nonsense", "--cache-dir", str(tmp_path)],
        input="",
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2
    assert "score: no weights 'nonsense'" in run.stderr
    assert "Traceback" not in run.stderr
