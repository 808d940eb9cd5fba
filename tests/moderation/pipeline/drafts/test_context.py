"""The context of a draft on both databases, and the verdict from given signals. Nothing is written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.errors import ArticleClosed, InvalidInput
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.comments import Lane
from moderation.ground.values.measures import Standing
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import ReasonCode
from moderation.judging.policy.verdicts import TOO_COSTLY
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.text.near_copies import fingerprints
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors.measure_rows import AuthorMark
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.drafts import context, judging
from moderation.pipeline.drafts.drafts import ArticleContext, Checked, Draft
from moderation.pipeline.drafts.messages import LimitToExplain, ScoredText
from moderation.pipeline.loading import looking_up
from moderation.pipeline.loading import rows as loading
from moderation.sites import sites
from moderation.sites.sites import NewSite
from moderation.spine.articles import rows as articles
from moderation.spine.comments import rows as comments
from moderation.spine.comments import scoring_rows as scoring
from tests.builders import NOON, OPERATOR

TEXT = "The last boat of the day should wait for the train from the capital."


@pytest.fixture
def site(database: Database) -> NewSite:
    return sites.create_site(database, "Site A", by=OPERATOR, now=NOON)


@pytest.fixture
def stored(database: Database, queues: Queues, site: NewSite) -> NewSite:
    """A comment by a known reader under a known article."""
    described = (("section", "local"), ("text", "The ferry will run all winter."), ("title", "Ferry"))
    submission = Submission("a-1", "reader-1", TEXT, id="c-1", article=described)
    intake.submit(database, queues, site.site.id, submission, lane=Lane.LIVE, now=NOON)
    return site


def load(database: Database, site: NewSite, draft: Draft) -> context.InContext:
    (found,) = context.load(database, site.site.id, [draft], now=NOON)
    return found


def judged(one: context.InContext, *by_model: Signal) -> Checked:
    return judging.judge(one, judging.signals_by_rule(one), ScoredText(by_model, "en"), {"toxicity": "t@1"}, now=NOON)


def test_a_known_article_and_author_are_read_and_given_fields_replace_the_stored(
    database: Database, stored: NewSite
) -> None:
    draft = Draft("New.", article=ArticleContext(id="a-1", title="Boats"), author_id="reader-1", parent_id="c-1")

    found = load(database, stored, draft).scored

    assert (found.article.title, found.article.text) == ("Boats", "The ferry will run all winter.")
    assert found.circumstances(NOON).section == "local"
    assert found.author.external_id == "reader-1"
    assert found.parent_text == TEXT


def test_an_unknown_article_keeps_its_id_for_the_policys_overrides(database: Database, site: NewSite) -> None:
    found = load(database, site, Draft("New.", article=ArticleContext(id="a-9", section="sport"))).scored

    assert (found.circumstances(NOON).article_id, found.circumstances(NOON).section) == ("a-9", "sport")


def test_near_copies_of_stored_texts_count(database: Database, stored: NewSite) -> None:
    with database.write() as conn:
        listed = comments.get_comment(conn, stored.site.id, "c-1")
        (waiting,) = looking_up.known_of(conn, loading.load_waiting(conn, [listed.id]), now=NOON)
        assert waiting.fingerprint is not None
        bands = fingerprints.bands(waiting.fingerprint)
        scoring.insert_fingerprints(conn, [(stored.site.id, listed.id, waiting.fingerprint, bands)])

    assert load(database, stored, Draft(f"{TEXT} 1")).scored.near_copies == 1
    assert load(database, stored, Draft("Something else that nobody has ever written here.")).scored.near_copies == 0
    assert load(database, stored, Draft("Too short")).scored.near_copies == 0


def test_a_closed_article_and_a_strange_parent_are_refused(database: Database, stored: NewSite) -> None:
    with database.write() as conn:
        known = articles.get_article(conn, stored.site.id, "a-1")
        articles.update_article(conn, known.id, {"state": ArticleState.CLOSED}, now=NOON)

    with pytest.raises(ArticleClosed):
        load(database, stored, Draft("New.", article=ArticleContext(id="a-1")))
    with pytest.raises(InvalidInput, match="parent_id: no comment has the id 'c-9'"):
        load(database, stored, Draft("New.", parent_id="c-9"))
    with pytest.raises(InvalidInput, match="parent_id: is a comment on another article"):
        load(database, stored, Draft("New.", article=ArticleContext(id="a-2"), parent_id="c-1"))


def test_lone_halves_of_signs_reach_no_model(database: Database, site: NewSite) -> None:
    draft = Draft("a\ud800b", article=ArticleContext(title="\udfff"), parent_text="\ud83d")

    text = judging.text_to_score(load(database, site, draft), now=NOON)

    assert (text.text, text.title, text.parent_text) == ("a\ufffdb", "\ufffd", "\ufffd")


def test_the_key_of_an_article_changes_with_its_content(database: Database, stored: NewSite) -> None:
    def key(**fields: str) -> str | None:
        return judging.text_to_score(
            load(database, stored, Draft("x", article=ArticleContext(**fields))), now=NOON
        ).article_key

    assert key(id="a-1") == key(id="a-1") != key(id="a-1", title="Boats")
    assert key(title="Boats") == key(title="Boats") != key(title="Trains")
    assert key(id="a-9") is None


def test_signals_come_in_the_registrys_order_and_the_policy_decides(database: Database, site: NewSite) -> None:
    signals = (Signal("relevance", None, "r@1", "too short"), Signal("toxicity", 0.9, "t@1"))

    checked = judged(load(database, site, Draft("New.")), *signals)

    assert list(checked.signals) == [name for name in SIGNALS if name in checked.signals]
    assert checked.verdict.action is Action.FLAG
    assert [(r.code, r.signal) for r in checked.verdict.reasons] == [(ReasonCode.RULE, "toxicity")]
    assert (checked.value("toxicity"), checked.value("relevance"), checked.value("nothing")) == (0.9, None, None)
    assert checked.abstained("relevance") == "too short"
    assert checked.abstained("author.published") == "no author given"
    assert checked.model_version == "toxicity=t@1"


def test_a_required_signal_that_does_not_come_sends_the_text_to_a_person(database: Database, site: NewSite) -> None:
    checked = judged(load(database, site, Draft("New.")), Signal("relevance", None, "r@1", "too short"))

    assert checked.verdict.action is Action.FLAG
    assert checked.verdict.reasons[0].code is ReasonCode.MISSING


def test_a_text_too_costly_to_read_is_flagged_without_scores(database: Database, site: NewSite) -> None:
    slow = iter(range(1_000))
    (one,) = context.load(database, site.site.id, [Draft("New.")], now=NOON, clock=lambda: float(next(slow)))

    assert judging.signals_by_rule(one) is None
    for by_rule, scored in ((None, ScoredText(())), (judging.signals_by_rule(one), ScoredText((), too_costly=True))):
        checked = judging.judge(one, by_rule, scored, {}, now=NOON)
        assert checked.verdict.reasons == (TOO_COSTLY,)
        assert checked.value("toxicity") is None


def test_only_limits_that_hold_a_comment_are_sent_and_only_if_words_are_wanted(
    database: Database, site: NewSite
) -> None:
    plain = judging.text_to_score(load(database, site, Draft("x")), now=NOON)
    marked = judging.text_to_score(load(database, site, Draft("x", explain=True)), now=NOON)

    assert plain.explain == ()
    assert LimitToExplain("toxicity", "at_least", 0.81) in marked.explain
    assert LimitToExplain("relevance", "below", 0.15) in marked.explain
    assert not any(limit.signal == "links" for limit in marked.explain)


def test_a_mark_on_an_author_counts(database: Database, stored: NewSite) -> None:
    with database.write() as conn:
        author = articles.find_author(conn, stored.site.id, "reader-1")
        assert author is not None
        author_measures.set_mark(conn, author.id, AuthorMark(Standing.HOLD, "again", NOON + timedelta(days=1)))

    checked = judged(load(database, stored, Draft("New.", author_id="reader-1")), Signal("toxicity", 0.1, "t@1"))

    assert ReasonCode.AUTHOR_HOLD in {reason.code for reason in checked.verdict.reasons}


def test_a_draft_in_a_language_that_the_site_trusts_is_judged_by_the_policy(database: Database, site: NewSite) -> None:
    advised = Signal("language.supported", 0.5, "lang:fr")
    civil = Signal("toxicity", 0.1, "t@1"), Signal("relevance", None, "r@1", "no relevance model for French")
    before = judged(load(database, site, Draft("Le tram est arrivé.")), *civil, advised)
    sites.change_settings(database, site.site.id, by=OPERATOR, now=NOON, trusted_languages=("fr",))

    after = judged(load(database, site, Draft("Le tram est arrivé.")), *civil, advised)

    assert (before.verdict.action, after.verdict.action) == (Action.FLAG, Action.PUBLISH)
    assert [r.detail for r in before.verdict.reasons] == ["scores only advise in French"]
