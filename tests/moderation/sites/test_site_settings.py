"""A site's settings: their form in the database, their limits, and the page that lists them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.errors import InvalidInput
from moderation.ground.values.measures import Measure
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.wording import sentences
from moderation.judging.text.language_names import NAMES as LANGUAGES
from moderation.pipeline.drafts.settings import WithoutModel
from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.sites.settings import grounds, json_column, manual, problems, rejection_reasons
from moderation.sites.settings.eu_terms import CATEGORIES, KEYWORDS
from moderation.sites.settings.grounds import Ground, GroundKind
from moderation.sites.settings.ladder import Climb, Ladder, Step
from moderation.sites.settings.rejection_reasons import ReasonDetails
from moderation.sites.settings.values import DECLARED, SiteSettings
from moderation.spine.events.settings import FormerSecret
from tests.builders import NOON

ROOT = Path(__file__).parents[3]
GROUND = Ground({"de": "Grobe Worte sind verboten."}, GroundKind.LAW, "§ 185 StGB", CATEGORIES[0], (KEYWORDS[0],))
FULL = SiteSettings(
    webhook_url="https://news.example/hook",
    webhook_secret="whsec_c2VjcmV0",
    former_webhook_secret=FormerSecret("whsec_Zm9ybWVy", NOON),
    patience_s=600.5,
    when_scoring_is_down=WhenDown.RULES_ONLY,
    keep_published_days=1,
    keep_rejected_days=90,
    keep_withdrawn_days=7,
    keep_withdrawn_text_days=2,
    keep_labels_days=30,
    keep_notices_days=90,
    rejection_reasons=("Rude", "Off topic"),
    reason_details={"Rude": ReasonDetails({"de": "Grob"}, True, {"en": "Be kind, {name}."}, GROUND)},
    paper_colour="#0a4d8c",
    paper_logo="https://herald.example/logo.svg",
    rules_url="https://herald.example/rules",
    reader_contact="readers@herald.example",
    authority_contact="law@herald.example (English, German)",
    dispute_body="Schlichtungsstelle, Berlin",
    misuse_policy="After a warning we stop taking unfounded notices for three months.",
    users_per_month=1_200_000,
    hide_noticed=True,
    appeal_days=90,
    appeal_contact="https://news.example/objections",
    open_appeals_per_author=1,
    open_appeals_per_site=0,
    author_ladder=Ladder(3, 30, (Step(Measure.HOLD, 7), Step(Measure.BAN)), Climb.APPLIED),
    comments_per_author_per_minute=5,
    reader_edit_minutes=30,
    close_after_days=14,
    origins=("https://news.example", "http://localhost:8000"),
    comment_links=False,
    moderators_in_box=True,
    trusted_languages=("fr", "it"),
    held_languages=("tr",),
    perspective_without_model=WithoutModel.OMIT,
    perspective_score_maps={"TOXICITY": ((0.0, 0.0), (0.5, 0.7), (1.0, 1.0))},
    akismet_spam_limit=0.7,
    akismet_counts_toxicity=True,
    check_share=0.05,
    check_most_per_day=25,
    most_wrong_published=0.005,
    most_wrong_rejected=0.03,
    read_per_day=500,
    group_words=("women: gals", "anglers: angler"),
    coral_url="https://coral.example",
    coral_token="eyJhbGciOi",
    coral_signing_secret="empss_c2VjcmV0",
    duty_minutes=30,
    second_reader_band=0.1,
    second_reader_share=0.01,
    second_reader_wait_s=3,
    second_reader_calls_per_day=100,
    second_reader_tokens_per_day=20_000,
    second_reader_euros_per_day=0.5,
    second_reader_agreement=0.8,
)


NO_LIMITS = FULL.changed(keep_published_days=None, patience_s=None, comments_per_author_per_minute=None)


@pytest.mark.parametrize("settings", [SiteSettings(), FULL, NO_LIMITS])
def test_settings_come_back_from_the_database_as_they_went_in(database: Database, site: Site, settings: Any) -> None:
    with database.write() as conn:
        sites.update_site_settings(conn, site.id, settings)

    with database.read() as conn:
        assert sites.get_site(conn, site.id).settings == settings


def test_every_field_of_the_example_differs_from_its_default() -> None:
    assert [n for n in DECLARED if getattr(FULL, n) == getattr(SiteSettings(), n)] == []


def test_a_plain_list_of_reasons_is_read_as_earlier_versions_kept_it() -> None:
    settings = json_column.parse({"rejection_reasons": ["Insult or abuse", "Of our own"]})

    assert settings.rejection_reasons == ("Insult or abuse", "Of our own")
    assert settings.reasons_against_author == {"Insult or abuse"}
    assert rejection_reasons.wording(settings.reason_details, "Insult or abuse", "fr-CH") == "Insulte ou propos abusifs"
    assert rejection_reasons.wording(settings.reason_details, "Of our own", "fr") == "Of our own"


def test_the_form_in_the_database_is_that_of_earlier_versions() -> None:
    stored = {
        "webhook_url": "https://news.example/hook",
        "webhook_secret": "whsec_c2VjcmV0",
        "former_webhook_secret": {"secret": "whsec_Zm9ybWVy", "until": "2026-03-02T12:00:00+00:00"},
        "patience_s": 600.5,
        "when_scoring_is_down": "rules_only",
        "keep_days": {"published": 1, "rejected": 90, "withdrawn": 7},
        "keep_withdrawn_text_days": 2,
        "keep_labels_days": 30,
        "keep_notices_days": 90,
        "rejection_reasons": ["Rude", "Off topic"],
        "reason_details": {
            "Rude": {
                "wordings": {"de": "Grob"},
                "counts_against_author": True,
                "messages": {"en": "Be kind, {name}."},
                "ground": {
                    "kind": "law",
                    "provision": "§ 185 StGB",
                    "texts": {"de": "Grobe Worte sind verboten."},
                    "category": "STATEMENT_CATEGORY_ANIMAL_WELFARE",
                    "keywords": ["KEYWORD_ADULT_SEXUAL_MATERIAL"],
                },
            }
        },
        "paper_colour": "#0a4d8c",
        "paper_logo": "https://herald.example/logo.svg",
        "rules_url": "https://herald.example/rules",
        "reader_contact": "readers@herald.example",
        "authority_contact": "law@herald.example (English, German)",
        "dispute_body": "Schlichtungsstelle, Berlin",
        "misuse_policy": "After a warning we stop taking unfounded notices for three months.",
        "users_per_month": 1_200_000,
        "hide_noticed": True,
        "objection_days": 90,
        "objection_contact": "https://news.example/objections",
        "open_appeals_per_author": 1,
        "open_appeals_per_site": 0,
        "author_ladder": {
            "rejections": 3,
            "within_days": 30,
            "steps": [{"measure": "hold", "days": 7}, {"measure": "ban", "days": None}],
            "climb": "applied",
        },
        "comments_per_author_per_minute": 5,
        "reader_edit_minutes": 30,
        "close_after_days": 14,
        "origins": ["https://news.example", "http://localhost:8000"],
        "comment_links": False,
        "moderators_in_box": True,
        "trusted_languages": ["fr", "it"],
        "held_languages": ["tr"],
        "perspective_without_model": "omit",
        "perspective_score_maps": {"TOXICITY": [[0.0, 0.0], [0.5, 0.7], [1.0, 1.0]]},
        "akismet_spam_limit": 0.7,
        "akismet_counts_toxicity": True,
        "check_share": 0.05,
        "check_most_per_day": 25,
        "most_wrong_published": 0.005,
        "most_wrong_rejected": 0.03,
        "read_per_day": 500,
        "group_words": ["women: gals", "anglers: angler"],
        "coral_url": "https://coral.example",
        "coral_token": "eyJhbGciOi",
        "coral_signing_secret": "empss_c2VjcmV0",
        "duty_minutes": 30,
        "second_reader_band": 0.1,
        "second_reader_share": 0.01,
        "second_reader_wait_s": 3,
        "second_reader_calls_per_day": 100,
        "second_reader_tokens_per_day": 20_000,
        "second_reader_euros_per_day": 0.5,
        "second_reader_agreement": 0.8,
    }

    assert json_column.parse(stored) == FULL
    assert json_column.dump(FULL) == stored
    assert FULL.keep_days[CommentStatus.REJECTED] == 90


@pytest.mark.parametrize(
    "stored", [{}, {"patience_s": None, "when_scoring_is_down": "hold"}, {"keep_days": {}}, {"webhook_url": None}]
)
def test_a_setting_that_is_missing_has_its_default(stored: dict[str, Any]) -> None:
    assert json_column.parse(stored) == SiteSettings()
    assert json_column.dump(SiteSettings()) == {}


def test_settings_of_a_newer_version_stay_beside_ours() -> None:
    stored = {"theme": "dark", "patience_s": 60, "keep_days": {"rejected": 3}}
    changed = json_column.parse(stored).changed(patience_s=None, keep_rejected_days=None)

    assert json_column.dump(changed, beside=stored) == {"theme": "dark"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("patience_s", 9.9), ("patience_s", 604_801), ("keep_published_days", 0), ("keep_rejected_days", 36_501),
     ("keep_withdrawn_text_days", 0), ("keep_labels_days", 0), ("keep_notices_days", 0),
     ("keep_withdrawn_text_days", 7),
     ("open_appeals_per_author", 0), ("open_appeals_per_author", 101),
     ("open_appeals_per_site", -1), ("open_appeals_per_site", 100_001),
     ("reader_edit_minutes", -1), ("reader_edit_minutes", 10_081),
     ("comments_per_author_per_minute", 0), ("comments_per_author_per_minute", 1_001),
     ("origins", tuple(f"https://{n}.example" for n in range(21))), ("origins", ("https://a.example",) * 2),
     ("trusted_languages", ("xx",)), ("trusted_languages", ("FR",)), ("trusted_languages", ("fr", "fr")),
     ("held_languages", ("fr-CA",)), ("held_languages", ("it", "tr")), ("held_languages", tuple(LANGUAGES)[:51]),
     ("perspective_score_maps", {"toxicity": ((0, 0), (1, 1))}),
     ("perspective_score_maps", {"TOXICITY": ((0, 0),)}), ("perspective_score_maps", {"TOXICITY": ((0, 0), (0, 1))}),
     ("perspective_score_maps", {"TOXICITY": ((0, 1), (1, 0))}),
     ("perspective_score_maps", {"TOXICITY": ((0, 0), (1, 1.1))}),
     ("akismet_spam_limit", 0.0), ("akismet_spam_limit", 1.01), ("akismet_spam_limit", float("nan")),
     ("check_share", -0.01), ("check_share", 0.26), ("check_share", float("nan")), ("check_most_per_day", -1),
     ("check_most_per_day", 1_001), ("most_wrong_published", 0.0), ("most_wrong_rejected", 0.51), ("read_per_day", 0),
     ("group_words", ("women",)), ("group_words", ("women: ",)), ("group_words", ("a: b",) * 501),
     ("coral_url", "coral.example"), ("coral_token", ""), ("coral_token", " a"), ("coral_signing_secret", "ü"),
     ("webhook_url", "ftp://news.example/"), ("rejection_reasons", ()), ("rejection_reasons", ("a", "A"))],
)  # fmt: skip
def test_the_refusal_of_a_setting_out_of_its_limits_names_its_field(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        problems.check(FULL.changed(**{field: value}))

    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "", "news.example", "https://", "https://news.example/", "https://news.example/path",
     "https://News.example", "https://u:p@news.example", "https://news.example:443", "http://news.example:80",
     "https://news.example:0", "https://news.example:65536", "https://news.example:", "ftp://news.example",
     "https://news.example#x", "https://news.example?x", "https://*.news.example", "https://bücher.example",
     "https://news.example ", "https://news..example", "https://news.example\n", "https://" + "a" * 300],
)  # fmt: skip
def test_an_origin_that_no_browser_would_send_is_refused(origin: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        problems.check(FULL.changed(origins=("https://news.example", origin)))

    assert {problem.field for problem in refused.value.problems} == {"origins"}


@pytest.mark.parametrize(
    "origin",
    ["https://news.example", "http://localhost", "http://127.0.0.1:8000", "https://news.example:8443",
     "https://xn--bcher-kva.example", "http://[::1]:3000", "https://a_b.example", "https://news.example:65535"],
)  # fmt: skip
def test_an_origin_that_a_browser_sends_is_taken(origin: str) -> None:
    problems.check(FULL.changed(origins=(origin,)))


def test_every_field_that_is_wrong_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        problems.check(FULL.changed(patience_s=1, keep_withdrawn_days=-1, rejection_reasons=("",)))

    named = {problem.field for problem in refused.value.problems}
    assert named == {"patience_s", "keep_withdrawn_days", "rejection_reasons"}


def test_no_other_module_reads_the_form_in_the_database() -> None:
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    reads = re.compile(r"\.settings\s*(\.get\(|\[)")
    product = [ROOT / name for name in tracked.split() if not name.startswith("tests/")]

    assert len(product) > 200
    assert [path.name for path in product if path.exists() and reads.search(path.read_text(encoding="utf-8"))] == []


def test_the_page_has_the_table_that_the_declarations_give() -> None:
    page = (ROOT / "docs" / "site-settings.md").read_text(encoding="utf-8")

    assert manual.with_table(page) == page
    assert re.findall(r"^\| [^|]*\| `(\w+)` \|", page, re.MULTILINE) == list(DECLARED)
    assert "| `patience_s` | none | 10–604,800 | Seconds that a comment waits for its scores. " in page
    assert "| `appeal_days` | `183` | 1–3,650 | Days for which authors may appeal a decision. |" in page


@pytest.mark.parametrize("name", [name for name, setting in DECLARED.items() if not setting.setting.is_made])
def test_every_setting_has_an_option_of_the_command(name: str) -> None:
    from service.commands.sites.site_settings import set_site

    assert name in {parameter.name for parameter in set_site.params}


def test_every_reason_of_a_new_site_has_a_house_rule_in_every_language() -> None:
    new = SiteSettings()

    found = {name: rejection_reasons.ground_of(new.reason_details, name) for name in new.rejection_reasons}

    assert [set(ground.texts) for ground in found.values()] == [set(sentences.LANGUAGES)] * 6
    assert [said for name, ground in found.items() for said in grounds.problems(ground, name)] == []


def test_a_reason_that_was_described_before_there_were_grounds_has_the_shipped_one() -> None:
    stored = {"wordings": {}, "counts_against_author": True, "messages": {}}
    settings = json_column.parse({"reason_details": {"Insult or abuse": stored, "Of our own": stored}})

    assert rejection_reasons.ground_of(settings.reason_details, "Insult or abuse") == grounds.shipped(
        "Insult or abuse", str
    )
    assert rejection_reasons.ground_of(settings.reason_details, "Of our own") == grounds.shipped(
        "Of our own", lambda _language: "Of our own"
    )
    assert rejection_reasons.ground_of(settings.reason_details, None) == grounds.shipped("", str)
