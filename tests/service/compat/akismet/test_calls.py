"""Akismet's calls: bodies compared letter by letter, as its clients do."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.errors import ScoringAway
from moderation.ground.values import json_form
from moderation.ground.values.modes import ModeName
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.law.modes import starting
from moderation.law.modes.starting import ModeWish
from moderation.moderators.review import label_rows as labels
from moderation.operations.composition import open_database
from moderation.pipeline.drafts import spam_check_rows as spam_checks
from moderation.sites import keys, sites
from moderation.sites.keys import Scope
from moderation.sites.sites import NewSite
from moderation.spine.comments import rows as comments
from moderation.spine.comments.tables import decisions
from service.compat.akismet.usage import FLUSH_S, MAX_HOSTS, OTHERS, UsageTally
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.bodies import a_body, settle
from tests.service.compat.scored import FakeScoring, Says, take_place
from tests.service.conftest import Caller

BLOG = "https://news.example"
SPAM = "Buy watches now at our shop, today only."
Post = Callable[..., TestResponse]


def says(text: str) -> Says:
    if "endless" in text:
        return "too costly"
    if "insult" in text:
        return {"toxicity": 0.97, "insult": 0.95}
    if "borderline" in text:
        return {"spam": 0.55}
    return {"spam": 0.7} if "watches" in text else {}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.fixture
def scoring(app: OpenAPI) -> FakeScoring:
    return take_place(app, FakeScoring(says))


@pytest.fixture
def key(database: Database, site: NewSite) -> str:
    return new_key(database, site, Scope.SCORE)


def new_key(database: Database, site: NewSite, *scopes: Scope) -> str:
    return keys.create_key(database, site.site.id, name="one", scopes=scopes, by=OPERATOR, now=utc_now()).token


@pytest.fixture
def post(client: FlaskClient, key: str, scoring: FakeScoring) -> Post:
    def call(name: str, text: str = "Good morning.", **fields: Any) -> TestResponse:
        said = {"api_key": key, "blog": BLOG, "user_ip": "192.0.2.7", "comment_content": text, **fields}
        sent = {name: value for name, value in said.items() if value is not None}
        return client.post(f"/1.1/{name}", data=sent)

    return call


@pytest.mark.parametrize("field", ["key", "api_key"])
def test_a_key_that_works_is_valid(client: FlaskClient, key: str, field: str) -> None:
    answer = client.post("/1.1/verify-key", data={field: key, "blog": BLOG})

    assert (answer.status_code, answer.data) == (200, b"valid")
    assert answer.mimetype == "text/plain"
    assert "X-akismet-debug-help" not in answer.headers


def test_any_other_key_is_invalid_and_the_answer_says_why(
    client: FlaskClient, database: Database, site: NewSite
) -> None:
    reader = new_key(database, site, Scope.READ)

    for wrong in ("gvl_no", reader, ""):
        for call in ("verify-key", "comment-check", "submit-spam"):
            answer = client.post(f"/1.1/{call}", data={"key": wrong, "blog": BLOG})

            assert (answer.status_code, answer.data) == (200, b"invalid")
            assert answer.headers["X-akismet-debug-help"]


def test_spam_is_true_and_anything_else_is_false(post: Post) -> None:
    spam, ham = post("comment-check", SPAM), post("comment-check", "Good morning.")

    assert (spam.data, ham.data) == (b"true", b"false")
    for answer in (spam, ham):
        assert answer.mimetype == "text/plain"
        assert answer.headers["X-akismet-guid"]
        assert not {"X-akismet-debug-help", "X-akismet-alert-code", "X-akismet-pro-tip"} & set(answer.headers.keys())


def test_an_insult_is_spam_only_where_the_site_says_so(post: Post, database: Database, site: NewSite) -> None:
    before = post("comment-check", "An insult.").data
    change(database, site, akismet_counts_toxicity=True)

    assert (before, post("comment-check", "An insult.").data) == (b"false", b"true")


def test_the_limit_is_the_sites(post: Post, database: Database, site: NewSite) -> None:
    before = post("comment-check", "A borderline text.").data
    change(database, site, akismet_spam_limit=0.5)

    assert (before, post("comment-check", "A borderline text.").data) == (b"false", b"true")


def change(database: Database, site: NewSite, **settings: Any) -> None:
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), **settings)


@pytest.mark.parametrize("mode", ModeName)
def test_no_comment_is_ham_while_a_mode_closes_the_site_or_has_a_person_read_first(
    post: Post, database: Database, site: NewSite, mode: ModeName
) -> None:
    wish = ModeWish(mode, utc_now() + timedelta(hours=1))
    started = starting.start(database, site.site.id, wish, by=OPERATOR, now=utc_now())
    during = post("comment-check", "Good morning.")
    starting.end(database, site.site.id, started.id, by=OPERATOR, now=utc_now())

    assert during.data == (b"false" if mode is ModeName.SLOW else b"true")
    assert "X-akismet-pro-tip" not in during.headers
    assert post("comment-check", "Good morning.").data == b"false"


def test_links_and_banned_words_are_spam_without_the_model(post: Post) -> None:
    links = "See a.example.com and b.example.com and https://c.example.com now"

    assert post("comment-check", links).data == b"true"


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"comment_author": "escort paris"}, b"true"),
        ({"comment_author_url": "http://casino-bonus.example/"}, b"true"),
        ({"comment_author_url": "casino" * 20_000}, b"true"),
        ({"comment_author": "Dana", "comment_author_url": "https://dana.example/"}, b"false"),
    ],
)
def test_names_and_websites_that_advertise_are_spam_below_any_text(
    post: Post, fields: dict[str, str], answer: bytes
) -> None:
    assert post("comment-check", "I took that ferry to school.", **fields).data == answer


def test_a_text_that_takes_too_long_to_read_is_spam_for_a_person_to_look_at(post: Post) -> None:
    answer = post("comment-check", "An endless text.")

    assert answer.data == b"true"
    assert "X-akismet-pro-tip" not in answer.headers


def test_only_a_rule_that_rejects_lets_the_site_delete_unseen(caller: Caller, post: Post) -> None:
    seen = post("comment-check", "a.example.com b.example.com c.example.com d.example.com")
    policy = caller.get("/v1/policy").get_json()
    rules = [{**rule, "action": "reject"} if rule.get("signal") == "links" else rule for rule in policy["rules"]]
    document = {
        name: policy[name] for name in ("required", "default", "banned_words", "suspect_words") if name in policy
    }
    put = caller.put("/v1/policy", {**document, "rules": rules, "version": policy["version"]})
    assert put.status_code in (200, 201), put.get_json()

    unseen = post("comment-check", "a.example.com b.example.com c.example.com d.example.com")

    assert (seen.data, seen.headers.get("X-akismet-pro-tip")) == (b"true", None)
    assert (unseen.data, unseen.headers.get("X-akismet-pro-tip")) == (b"true", "discard")


@pytest.fixture
def caller(client: FlaskClient, api_key: str) -> Caller:
    return Caller(client, api_key)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"comment_author": "akismet-guaranteed-spam"}, b"true"),
        ({"comment_author": "viagra-test-123"}, b"true"),
        ({"comment_author_email": "akismet-guaranteed-spam@example.com"}, b"true"),
        ({"user_role": "administrator", "comment_content": SPAM}, b"false"),
        ({"user_role": "administrator", "comment_author": "viagra-test-123"}, b"false"),
        ({"user_role": "editor", "comment_content": SPAM}, b"true"),
        ({"honeypot_field_name": "hidden_name", "hidden_name": "I am a program"}, b"true"),
        ({"honeypot_field_name": "hidden_name", "hidden_name": ""}, b"false"),
        ({"comment_content": ""}, b"false"),
        ({"comment_content": None}, b"false"),
        ({"user_ip": ""}, b"false"),
        ({"user_ip": None}, b"false"),
        ({"is_test": "1", "comment_context[0]": "news", "HTTP_ACCEPT": "*/*"}, b"false"),
    ],
)
def test_akismets_test_values_have_their_guaranteed_answers(post: Post, fields: dict[str, Any], answer: bytes) -> None:
    assert post("comment-check", **{"text": fields.pop("comment_content", "Good morning."), **fields}).data == answer


def test_a_discard_test_gets_the_tip(post: Post) -> None:
    answer = post("comment-check", comment_author="viagra-test-123", test_discard="1")

    assert (answer.data, answer.headers["X-akismet-pro-tip"]) == (b"true", "discard")


def test_a_missing_blog_is_named(post: Post) -> None:
    answer = post("comment-check", blog=None)

    assert (answer.status_code, answer.data) == (200, b"Missing required field: blog.")
    assert "blog" in answer.headers["X-akismet-debug-help"]


@pytest.mark.parametrize("prefix", ["gvl_", "gvl-", "GVL-"])
def test_the_key_may_be_the_first_label_of_the_hosts_name(
    client: FlaskClient, key: str, scoring: FakeScoring, prefix: str
) -> None:
    host = key.replace("gvl_", prefix) + ".rest.akismet.com"
    data = {"blog": BLOG, "user_ip": "192.0.2.7", "comment_content": SPAM}

    assert client.post("/1.1/comment-check", data=data, headers={"Host": host}).data == b"true"
    in_body = {**data, "api_key": host.partition(".")[0].lower()}
    assert client.post("/1.1/comment-check", data=in_body).data == b"true"
    assert client.post("/1.1/comment-check", data=data, headers={"Host": "rest.akismet.com"}).data == b"invalid"


def test_a_new_key_fits_into_a_hosts_name(key: str) -> None:
    assert key == key.lower()
    assert len(key) <= 63
    assert key.removeprefix("gvl_").isalnum()


@pytest.mark.parametrize(
    ("content_type", "charset", "encoding"),
    [("charset=utf-8", "utf-8", "utf-8"), ("text/plain", "", "utf-8"), ("", "ISO-8859-1", "latin-1"),
     ("application/x-www-form-urlencoded", "windows-1252", "cp1252"),
     ("application/x-www-form-urlencoded", "klingon", "utf-8")],
)  # fmt: skip
def test_a_form_is_read_in_any_content_type_and_charset(
    client: FlaskClient, key: str, scoring: FakeScoring, content_type: str, charset: str, encoding: str
) -> None:
    fields = {"api_key": key, "blog": BLOG, "blog_charset": charset, "comment_content": "Grüße aus Köln"}
    headers = {"Content-Type": content_type} if content_type else {}

    answer = client.post("/1.1/comment-check", data=urlencode(fields, encoding=encoding).encode(), headers=headers)

    assert answer.data == b"false"
    assert scoring.asked == ["Grüße aus Köln"]


def test_a_multipart_form_is_read_too(client: FlaskClient, key: str, scoring: FakeScoring) -> None:
    fields = {"api_key": key, "blog": BLOG, "comment_content": SPAM}

    assert client.post("/1.1/comment-check", data=fields, content_type="multipart/form-data").data == b"true"


def test_errors_are_never_an_answer(post: Post, scoring: FakeScoring, client: FlaskClient, key: str) -> None:
    large = post("comment-check", "é" * 10_241)
    larger = client.post("/1.1/comment-check", data=b"a=" + b"b" * 300_000)
    many = client.post("/1.1/comment-check", data="&".join(["a=1"] * 600))
    scoring.error = ScoringAway("the scoring process does not answer", 2)
    away = post("comment-check")

    assert [answer.status_code for answer in (large, larger, many, away)] == [413, 413, 200, 503]
    assert away.headers["Retry-After"] == "2"
    assert not {b"true", b"false"} & {answer.data for answer in (large, larger, many, away)}


@pytest.mark.parametrize(("call", "value"), [("submit-spam", 1.0), ("submit-ham", 0.0)])
def test_a_submission_becomes_a_label(post: Post, database: Database, site: NewSite, call: str, value: float) -> None:
    answer = post(call, SPAM)

    assert answer.data == b"Thanks for making the web a better place."
    with database.read() as conn:
        ((_id, label),) = labels.of_site(conn, site.site.id, limit=5)
    assert (label.source, label.signal, label.value, label.text) == ("akismet", "spam", value, SPAM)


def test_a_submission_in_a_test_changes_nothing(post: Post, database: Database, site: NewSite) -> None:
    post("submit-spam", SPAM, is_test="true")

    with database.read() as conn:
        assert labels.of_site(conn, site.site.id, limit=5) == []


@pytest.mark.parametrize("fields", [{"comment_ID": "c-1"}, {"permalink": "https://news.example/a#comment-c-1"}])
def test_a_submission_about_a_known_comment_is_a_decision_with_a_key_that_may(
    caller: Caller, client: FlaskClient, scoring: FakeScoring, database: Database, site: NewSite, fields: dict[str, str]
) -> None:
    caller.post("/v1/comments", a_body(SPAM, id="c-1"))
    settle(database, site.site.id, "c-1", Action.PUBLISH)
    data = {"blog": BLOG, "comment_content": SPAM, **fields}

    client.post("/1.1/submit-spam", data={**data, "api_key": new_key(database, site, Scope.SCORE)})
    with_score_alone = status(database, site, "c-1")
    client.post("/1.1/submit-spam", data={**data, "api_key": new_key(database, site, Scope.SCORE, Scope.MODERATE)})

    assert with_score_alone is CommentStatus.PUBLISHED
    assert status(database, site, "c-1") is CommentStatus.REJECTED


@pytest.mark.parametrize(("signal", "after"), [("spam", CommentStatus.PUBLISHED), ("threat", CommentStatus.FLAGGED)])
def test_ham_publishes_only_what_was_held_for_spam_alone(
    caller: Caller,
    client: FlaskClient,
    scoring: FakeScoring,
    database: Database,
    site: NewSite,
    signal: str,
    after: Any,
) -> None:
    caller.post("/v1/comments", a_body(SPAM, id="c-1"))
    settle(database, site.site.id, "c-1", Action.FLAG)
    held = Reason(ReasonCode.RULE, Action.FLAG, signal=signal, value=0.9, limit=0.6, bound="at_least")
    with database.write() as conn:
        conn.execute(decisions.update().values(reasons=[json_form.reason_to_json(held)]))

    data = {"blog": BLOG, "comment_content": SPAM, "comment_ID": "c-1"}
    client.post("/1.1/submit-ham", data={**data, "api_key": new_key(database, site, Scope.SCORE, Scope.MODERATE)})

    assert status(database, site, "c-1") is after


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "rot13", "idna", "utf_7"])
def test_a_codec_that_is_no_charset_of_a_site_is_not_used(
    client: FlaskClient, key: str, scoring: FakeScoring, charset: str
) -> None:
    """Some take a time that grows with the square of the text, and all are asked for before the key is known."""
    text = "\\ud800 " + "a-" * 50_000
    began = time.process_time()

    answer = client.post("/1.1/comment-check", data={"api_key": "no", "blog_charset": charset, "comment_content": text})

    assert time.process_time() - began < 1
    assert answer.data == b"invalid"
    small = {"api_key": key, "blog": BLOG, "blog_charset": charset, "comment_content": "\\ud800"}
    assert client.post("/1.1/submit-spam", data=small).data == b"Thanks for making the web a better place."


def status(database: Database, site: NewSite, comment_id: str) -> CommentStatus:
    with database.read() as conn:
        return comments.get_comment(conn, site.site.id, comment_id).status


def test_the_checks_of_the_month_are_counted_by_host(post: Post, client: FlaskClient, key: str) -> None:
    post("comment-check", SPAM)
    post("comment-check", "Good morning.")
    post("comment-check", "Good morning.", is_test="1")
    post("comment-check", "Good morning.", blog="http://other.example/blog")
    post("submit-ham", SPAM)

    usage = client.get("/1.2/usage-limit", query_string={"api_key": key}).get_json()
    listed = client.get("/1.2/key-sites", query_string={"api_key": key}).get_json()
    csv = client.get("/1.2/key-sites", query_string={"api_key": key, "format": "csv", "limit": "1"})

    assert usage == {"limit": "none", "usage": 3, "percentage": "0.00", "throttled": False}
    (month,) = set(listed) - {"limit", "offset", "total"}
    own, other = listed[month]
    assert (own["site"], own["api_calls"], own["spam"], own["ham"]) == ("news.example", "2", "1", "1")
    assert (own["missed_spam"], own["false_positives"], other["site"]) == ("0", "1", "other.example")
    assert listed["total"] == 2
    assert csv.get_data(as_text=True).splitlines()[1].startswith("news.example,2,1,1,0,1")


def test_counts_survive_a_database_that_is_away_and_hosts_are_limited(
    database: Database, site: NewSite, tmp_path: Path
) -> None:
    seconds = [0.0]
    tally, now = UsageTally(database, lambda: seconds[0]), utc_now()
    for number in range(MAX_HOSTS + 2):
        tally.add(site.site.id, f"https://blog-{number}.example", "ham", now=now)
    broken = UsageTally(open_database(f"sqlite:///{tmp_path / 'no-tables.db'}"), lambda: seconds[0])
    broken.add(site.site.id, BLOG, "ham", now=now)
    seconds[0] = FLUSH_S + 1
    broken.add(site.site.id, BLOG, "ham", now=now)
    broken.flush_if_due()  # and is no error for the caller

    tally.add(site.site.id, BLOG, "spam", now=now)
    tally.flush_if_due()
    with pytest.raises(OperationalError):
        broken.flush()

    with database.read() as conn:
        found = {counts.host: counts for counts in spam_checks.by_host(conn, site.site.id, f"{now:%Y-%m}")}
    assert (found[OTHERS].ham, found[OTHERS].spam) == (2, 1)
    (counted,) = broken._counts.values()
    assert counted == {"ham": 2}


def test_a_get_cannot_check(client: FlaskClient, key: str) -> None:
    answer = client.get("/1.1/comment-check", query_string={"api_key": key})

    assert (answer.status_code, answer.data) == (405, b"Method not allowed")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=strategies.dictionaries(
        strategies.sampled_from(
            ["comment_author", "user_role", "blog_charset", "permalink", "honeypot_field_name", "is_test", "blog"]
        ),
        strategies.text(max_size=12),
        max_size=4,
    ),
    text=strategies.text(max_size=30),
)
def test_nothing_that_anybody_sends_is_our_fault(post: Post, fields: dict[str, str], text: str) -> None:
    answer = post("comment-check", text, **fields)

    assert answer.status_code == 200
    assert answer.data in (b"true", b"false", b"Missing required field: blog.")
