"""Statements sent to a transparency database: all of them, each once, over breaks, and refused by the field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from moderation.ground.errors import InvalidInput
from moderation.law.statements import exporting, sending
from moderation.law.statements.sending import ATTEMPTS, ToAddress
from tests.moderation.conftest import Newsroom
from tests.moderation.law.statements.test_exporting import TODAY, TOMORROW, exported, write
from tests.moderation.law.statements.transparency_server import TOKEN, TransparencyServer

COUNT, BATCH = 26, 10


@dataclass
class Pauses:
    """Waits no time, and keeps how long it was asked to."""

    asked: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)


@pytest.fixture
def server() -> Iterator[TransparencyServer]:
    with closing(TransparencyServer()) as made:
        yield made


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def many(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """More statements than two calls take."""
    monkeypatch.setattr(exporting, "BATCH", BATCH)
    for number in range(COUNT):
        write(newsroom, number)
    return newsroom


@pytest.fixture
def to(server: TransparencyServer, pauses: Pauses) -> ToAddress:
    return ToAddress(server.url, TOKEN, pauses)


def test_every_statement_arrives_once_and_by_the_rules(
    many: Newsroom, server: TransparencyServer, to: ToAddress, pauses: Pauses, tmp_path: Path
) -> None:
    file = tmp_path / "sent.jsonl"

    first = sending.send(many.database, many.site.id, TODAY, TOMORROW, file, to)
    again = sending.send(many.database, many.site.id, TODAY, TOMORROW, file, to)

    assert (first.new, first.earlier, again.new, again.earlier) == (COUNT, 0, 0, COUNT)
    assert server.calls == [BATCH, BATCH, COUNT - 2 * BATCH]
    assert {one["puid"] for one in exported(file)} == server.kept.keys()
    assert pauses.asked == []


def test_it_goes_on_when_the_address_is_away_or_asks_for_patience(
    newsroom: Newsroom, server: TransparencyServer, to: ToAddress, pauses: Pauses, tmp_path: Path
) -> None:
    write(newsroom, 3)
    server.failing = [429, 500, None, 503]

    total = sending.send(newsroom.database, newsroom.site.id, TODAY, TOMORROW, tmp_path / "sent", to)

    assert (total.new, len(server.kept), server.calls) == (1, 1, [1] * 5)
    assert pauses.asked == [1, 2, 4, 8]


def test_it_gives_up_after_some_attempts_and_the_next_run_does_the_rest(
    newsroom: Newsroom, server: TransparencyServer, to: ToAddress, tmp_path: Path
) -> None:
    write(newsroom, 3)
    server.failing = [503] * ATTEMPTS
    file = tmp_path / "sent"

    with pytest.raises(InvalidInput, match=r"to_address: took nothing in 8 attempts: it answered 503"):
        sending.send(newsroom.database, newsroom.site.id, TODAY, TOMORROW, file, to)

    assert (len(server.calls), server.kept, file.read_text()) == (ATTEMPTS, {}, "")
    assert sending.send(newsroom.database, newsroom.site.id, TODAY, TOMORROW, file, to).new == 1


def test_what_was_taken_before_the_line_broke_is_not_sent_twice(
    many: Newsroom, server: TransparencyServer, to: ToAddress, tmp_path: Path
) -> None:
    file = tmp_path / "sent"
    server.forgets_to_answer = True

    total = sending.send(many.database, many.site.id, TODAY, TOMORROW, file, to)

    assert (total.new, len(server.kept)) == (COUNT, COUNT)
    assert len({one["puid"] for one in exported(file)}) == len(exported(file)) == COUNT


def test_an_emptied_list_is_filled_again_from_what_the_address_has(
    many: Newsroom, server: TransparencyServer, to: ToAddress, tmp_path: Path
) -> None:
    sending.send(many.database, many.site.id, TODAY, TOMORROW, tmp_path / "lost", to)
    for puid in list(server.kept)[:7]:
        del server.kept[puid]

    total = sending.send(many.database, many.site.id, TODAY, TOMORROW, tmp_path / "new", to)

    assert (total.new, len(server.kept)) == (COUNT, COUNT)


def test_a_refused_statement_stops_it_and_names_the_field(
    newsroom: Newsroom, server: TransparencyServer, to: ToAddress, tmp_path: Path
) -> None:
    write(newsroom, 3)
    server.refuses = (0, "decision_facts", "The decision facts must not be greater than 5000 characters.")

    with pytest.raises(InvalidInput, match=r"decision_facts: statement [0-9a-f-]{36}: The decision facts must not"):
        sending.send(newsroom.database, newsroom.site.id, TODAY, TOMORROW, tmp_path / "sent", to)

    assert server.calls == [1]


def test_a_wrong_token_stops_it(newsroom: Newsroom, server: TransparencyServer, tmp_path: Path) -> None:
    write(newsroom, 3)

    with pytest.raises(InvalidInput, match="to_address: refused the statements: it answered 401"):
        sending.send(
            newsroom.database, newsroom.site.id, TODAY, TOMORROW, tmp_path / "sent", ToAddress(server.url, "other")
        )


@pytest.mark.parametrize(
    ("url", "token", "wrong"),
    [
        ("http://transparency.example/api", TOKEN, "to_address: must begin with https://"),
        ("ftp://transparency.example/api", TOKEN, "to_address: must be an http or https URL"),
        ("https://transparency.example/api", "", "token_file"),
        ("https://transparency.example/api", "two lines\nhere", "token_file"),
    ],
)
def test_an_address_or_token_that_makes_no_sense_is_refused(
    newsroom: Newsroom, tmp_path: Path, url: str, token: str, wrong: str
) -> None:
    with pytest.raises(InvalidInput, match=wrong):
        sending.send(newsroom.database, newsroom.site.id, TODAY, TOMORROW, tmp_path / "sent", ToAddress(url, token))

    assert not (tmp_path / "sent").exists()
