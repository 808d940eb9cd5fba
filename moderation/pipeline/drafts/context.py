"""Reads what is known about drafts: article, parent and author of the site, its policy, and near copies of the text.
It reads only, and what it returns has no row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.environment.own_time import own_time
from moderation.ground.errors import ArticleClosed, FieldProblem, InvalidInput
from moderation.ground.values.articles import Article, ArticleState
from moderation.ground.values.authors import Author
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import BUDGET_S, UNLIMITED, Budget
from moderation.law.modes import acting as modes
from moderation.pipeline.drafts.drafts import ArticleContext, Draft
from moderation.pipeline.loading import looking_up
from moderation.pipeline.loading import rows as loading
from moderation.sites import rows as sites
from moderation.sites.newest_policies import newest_policy
from moderation.spine.articles import rows as articles
from moderation.spine.comments import rows as comments

NO_ID = ""
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class InContext:
    """A draft as scorers and the policy read a comment."""

    draft: Draft
    scored: CommentToScore
    knows_author: bool  # whether the caller says who writes


def load(
    db: Database, site_id: str, drafts: Sequence[Draft], *, now: datetime, clock: Callable[[], float] = own_time
) -> list[InContext]:
    """Drafts are compared with stored comments, and not with each other. Each is read within a budget of its own, from
    here on.

    Raises ArticleClosed, and InvalidInput for a parent that does not exist or answers another article.
    """
    with db.read() as conn:
        loaded = [_load(conn, site_id, draft, now) for draft in drafts]
    read = [_read(scored, Budget(BUDGET_S, clock)) for scored in loaded]
    with db.read() as conn:
        looked_up = [known for scored in read for known in looking_up.known_of(conn, [scored], now=now)]
    return [
        InContext(draft, looking_up.excused(scored), draft.author_id is not None)
        for draft, scored in zip(drafts, looked_up, strict=True)
    ]


def _read(loaded: CommentToScore, budget: Budget) -> CommentToScore:
    with budget:
        return looking_up.read_for(loaded, budget)


def _load(conn: Connection, site_id: str, draft: Draft, now: datetime) -> CommentToScore:
    text = _readable(draft.text)
    article = _article(conn, site_id, draft.article or ArticleContext())
    author = articles.find_author(conn, site_id, draft.author_id) if draft.author_id else None
    comment = _comment(site_id, text, draft, article, author, now)
    known = article.id or None
    held = modes.in_force(conn, site_id, article_id=known, section=article.section, now=now)
    modes.refuse_closed(held, article.external_id)
    return CommentToScore(
        comment=comment,
        article=article,
        author=_named(author or Author(NO_ID, site_id, draft.author_id or NO_ID, None), draft),
        parent_text=_parent_text(conn, site_id, draft, article),
        policy=newest_policy(conn, site_id),
        reading=Reading(text, UNLIMITED),  # not before it has its budget
        website=draft.author_url,
        recent=loading.count_recent(conn, comment) if author is not None else 0,
        languages=sites.get_site(conn, site_id).settings.languages,
        modes=held,
    )


def _named(author: Author, draft: Draft) -> Author:
    return replace(author, name=_either(draft.author_name, author.name))


def _comment(site_id: str, text: str, draft: Draft, article: Article, author: Author | None, now: datetime) -> Comment:
    return Comment(
        id=new_id(),  # no row has it
        site_id=site_id,
        external_id=NO_ID,
        article_id=article.id,
        author_id=author.id if author is not None else NO_ID,
        parent_id=None,
        text=text,
        language=draft.language,
        status=CommentStatus.WAITING,
        version=1,
        posted_at=now,
        received_at=now,
        updated_at=now,
    )


def _article(conn: Connection, site_id: str, given: ArticleContext) -> Article:
    known = articles.find_article(conn, site_id, given.id) if given.id else None
    if known is None:
        known = Article(NO_ID, site_id, given.id or NO_ID, None, None, None, None, (), None, ArticleState.OPEN)
    if known.state is ArticleState.CLOSED:
        raise ArticleClosed(known.external_id)
    return replace(
        known,
        title=_either(given.title, known.title),
        summary=_either(given.summary, known.summary),
        text=_either(given.text, known.text),
        section=_either(given.section, known.section),
    )


def _parent_text(conn: Connection, site_id: str, draft: Draft, article: Article) -> str | None:
    if draft.parent_id is None:
        return _readable(draft.parent_text) if draft.parent_text else None
    parent = comments.find_comment(conn, site_id, draft.parent_id)
    if parent is None:
        raise InvalidInput(FieldProblem("parent_id", f"no comment has the id {draft.parent_id!r}"))
    if article.external_id and parent.article_id != article.id:
        raise InvalidInput(FieldProblem("parent_id", "is a comment on another article"))
    return parent.text or None  # an erased one has none


def _either(given: str | None, known: str | None) -> str | None:
    return known if given is None else _readable(given)


def _readable(text: str) -> str:
    """The text without the lone halves of signs that JSON may hold and no model can read."""
    return _SURROGATE.sub("\ufffd", text)


def article_key(article: Article) -> str:
    """Identifies this version of the article for the vectors that a scoring process keeps."""
    parts = (article.title, article.summary, article.text, article.section, *article.tags)
    content = "\0".join(part or "" for part in parts)
    return f"{article.id}:{hashlib.blake2b(content.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"
