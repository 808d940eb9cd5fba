"""The command for archives: one answer per line, in order, bad lines named."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE

import pytest

from workers.commands.archive import BadLine, Progress, read_comment, score_lines
from workers.commands.lines import MAX_LINE_BYTES
from workers.scoring.engines.weights import TOXICITY_SIGNALS
from workers.scoring.scorer import Scorer

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
    assert set(answer["signals"]) == {name for part in scorer.scorers for name in part.names}  # type: ignore[call-overload]
    assert answer["abstained"] == {"relevance": "too short"}
    assert answer["language"] == "en"
    assert answer["models"] == scorer.models
    ((highest, spans),) = answer["evidence"].items()  # type: ignore[attr-defined]
    values = {name: answer["signals"][name] for name in TOXICITY_SIGNALS if name in answer["signals"]}  # type: ignore[index, operator]
    assert values[highest] == max(values.values())
    assert "idiot" in [str(GOOD["text"])[s["start"] : s["end"]] for s in spans]
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
        (b'{"text": NaN}', "text: not a string"),
        (b'{"text": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b'{"text": "x", "article": []}', "article: not an object"),
        (b'{"text": "x", "article": ""}', "article: not an object"),
        (b'{"text": "x", "parent": {"text": "y"}}', "parent: not a string"),
        (b'{"text": "x", "article": {"tags": "cod"}}', "article.tags: not a list"),
        (b'{"text": "x", "article": {"tags": ["cod", 3]}}', "article.tags.1: not a string"),
    ],
)
def test_a_bad_line_says_what_is_wrong_with_it(raw: bytes, reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        read_comment(raw)


def test_optional_parts_may_be_null() -> None:
    comment = read_comment(b'{"text": "x", "article": null, "parent": null, "language": null}')

    assert (comment.title, comment.parent_text, comment.language) == (None, None, None)


def test_all_that_the_service_knows_of_an_article_can_be_given() -> None:
    article = {"title": "T", "summary": "S", "text": "A", "section": "sea", "tags": ["cod", None, "quota"]}

    comment = read_comment(json.dumps({"text": "x", "article": article}).encode())

    assert (comment.title, comment.summary, comment.article_text) == ("T", "S", "A")
    assert (comment.section, comment.tags) == ("sea", ("cod", "quota"))


def test_a_line_with_a_byte_order_mark_is_read() -> None:
    assert read_comment(b'\xef\xbb\xbf{"text": "x"}').text == "x"


def test_a_line_too_long_is_named_and_the_rest_goes_on(scorer: Scorer) -> None:
    source = lines(GOOD, json.dumps({"text": "x", "extra": "y" * 3 * MAX_LINE_BYTES}).encode() + b"\n", GOOD)

    answers, notes, bad = run(scorer, source)

    assert len(answers) == 2
    assert notes == "line 2: longer than 2,097,152 bytes\n"
    assert bad == 1


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


@pytest.fixture
def command(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command after its first answer, while its input is still open. The locale knows no letter beyond ASCII."""
    command = subprocess.Popen(
        [sys.executable, "-m", "workers", "score"],
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, "GAVEL_HOME": str(tmp_path), "PYTHONIOENCODING": "ascii"},
    )
    assert command.stdin is not None and command.stdout is not None
    quoted = {"text": "The café by the harbour closes again", "article": {"title": "Café at the harbour closes"}}
    command.stdin.write(json.dumps(quoted, ensure_ascii=False).encode() + b"\n")
    command.stdin.flush()
    (span,) = json.loads(command.stdout.readline())["evidence"]["relevance"][:1]
    assert span["quote"] == "Café at the harbour closes"
    yield command
    command.kill()
    command.wait()
    for stream in (command.stdin, command.stdout, command.stderr):
        assert stream is not None
        with suppress(BrokenPipeError):
            stream.close()


def test_the_command_ends_quietly_when_nobody_reads_on(command: subprocess.Popen[bytes]) -> None:
    assert command.stdin is not None and command.stdout is not None and command.stderr is not None

    command.stdout.close()
    command.stdin.write(b'{"text": "One more"}\n')
    command.stdin.flush()

    assert command.wait(timeout=60) == 1
    assert command.stderr.read() == b""


def test_the_command_can_be_interrupted_while_it_waits(command: subprocess.Popen[bytes]) -> None:
    assert command.stderr is not None

    command.send_signal(signal.SIGINT)

    assert command.wait(timeout=60) == 130
    assert command.stderr.read() == b""


def test_the_command_can_be_interrupted_while_it_loads_its_models(tmp_path: Path) -> None:
    manifest = tmp_path / "toxicity" / "manifest.json"
    manifest.parent.mkdir()
    os.mkfifo(manifest)  # reading it takes until somebody writes
    loading = subprocess.Popen(
        [sys.executable, "-m", "workers", "score", "--models-dir", str(tmp_path)], stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    with loading, manifest.open("wb"):  # opens once the command reads
        loading.send_signal(signal.SIGINT)
        said = loading.communicate(timeout=60)

    assert (loading.returncode, said) == (130, (b"", b""))


def test_the_command_says_that_its_results_cannot_be_written(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [sys.executable, "-m", "workers", "score"],
            input=json.dumps(GOOD).encode() + b"\n",
            stdout=full,
            stderr=PIPE,
            check=False,
            env={**os.environ, "GAVEL_HOME": str(tmp_path)},
        )

    assert run.returncode == 2
    assert run.stderr.startswith(b"score: ") and b"No space left" in run.stderr
    assert run.stderr.count(b"\n") == 1


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
