"""Second readers by API: their states, and in a sentence what keeps each from being switched on; never a key."""

from __future__ import annotations

from dataclasses import replace

from moderation.ground.database.engine import Database
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers.values import SecondReader
from moderation.sites.sites import NewSite
from tests.builders import NOON, OPERATOR
from tests.moderation.pipeline.second_opinions.conftest import WISH, pass_trial
from tests.service.conftest import Caller

PATH = "/v1/site/second-readers"


def connected(database: Database, site: NewSite) -> SecondReader:
    wish = replace(WISH, key="sk-nobody-sees-this")
    return connecting.connect(
        database, site.site.id, wish, contracts=("chat",), private_addresses=True, by=OPERATOR, now=NOON
    )


def test_a_reader_without_a_trial_says_what_it_needs(api: Caller, database: Database, site: NewSite) -> None:
    connected(database, site)

    answer = api.get(PATH)

    (reader,) = (answer.json or {})["second_readers"]
    assert (reader["name"], reader["state"], reader["model"], reader["trial"]) == (WISH.name, "off", "llama-3", None)
    assert reader["against"] == [
        "needs a trial that has ended",
        "needs a replay on this site’s decisions that has ended",
    ]
    assert "sk-nobody" not in answer.text


def test_one_that_ignores_the_rules_is_said_to_be_refused(api: Caller, database: Database, site: NewSite) -> None:
    pass_trial(database, connected(database, site), NOON, says=lambda _question: True)

    (reader,) = (api.get(PATH).json or {})["second_readers"]

    assert reader["against"][0].endswith("(fixed-prior)")
    assert (reader["trial"]["questions"], reader["trial"]["answered"]) == (310, 310)
    assert (reader["trial"]["injections"], reader["trial"]["got_through"]) == (230, 0)
