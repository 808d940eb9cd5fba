"""The form of the answers that readers see."""

from __future__ import annotations

from moderation.ground.values.articles import ArticleState
from moderation.ground.values.modes import Mode, ModeName
from moderation.readers.pages.line_rows import PageLine
from moderation.readers.pages.page_rows import PageThread, ShownArticle
from service.api.pages import bodies
from service.api.schemas.article_schemas import ArticleMode


def article_shown(external_id: str, article: ShownArticle | None, picks: int, mode: Mode | None) -> bodies.PageArticle:
    is_open = article is None or article.state is not ArticleState.CLOSED
    if mode is not None and mode.name is ModeName.CLOSED:
        is_open = False
    return bodies.PageArticle(
        id=external_id,
        title=article.title if article else None,
        state="open" if is_open else "closed",
        open=is_open,
        closes_at=None,
        aged=article is not None and article.is_aged,
        mode=ArticleMode(name=mode.name, until=mode.ends_at) if mode else None,
        comments=article.comments if article else 0,
        roots=article.roots if article else 0,
        picks=picks,
    )


def thread_shown(thread: PageThread) -> bodies.PageComment:
    root = thread.root
    return bodies.PageComment(
        id=root.external_id,
        gone=root.is_gone,
        text=root.text,
        author=_author(root),
        posted_at=root.posted_at,
        edited_at=root.edited_at,
        featured=root.is_featured,
        replies=thread.replies,
        skipped=thread.skipped,
        first_replies=[reply_shown(line) for line in thread.some],
        more_replies=thread.following,
    )


def reply_shown(line: PageLine) -> bodies.PageReply:
    return bodies.PageReply(
        id=line.external_id,
        text=line.text,
        author=_author(line),
        posted_at=line.posted_at,
        edited_at=line.edited_at,
        featured=line.is_featured,
        parent_id=line.parent_external_id,
        parent_name=line.parent_name,
    )


def _author(line: PageLine) -> bodies.PageAuthor:
    return bodies.PageAuthor(name=line.author_name, staff=line.is_staff)
