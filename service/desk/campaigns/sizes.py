"""How large a campaign is, in words: its copies, and apart from them the comments that only mention it."""

from __future__ import annotations

from babel.lists import format_list

from moderation.moderators.campaigns.opening import Contents
from service.desk.frame.sentences.numbers import figures
from service.languages import choice
from service.languages.wording import ngettext


def comments_in_words(count: int) -> str:
    """``61 comments``, where nobody has read which of them are copies."""
    return ngettext("%(count)s comment", "%(count)s comments", count, count=figures(count))


def contents_in_words(contents: Contents) -> str:
    """``60 copies and 1 mention``"""
    copies, mentions, sharing = contents.copies, contents.mentions, contents.sharing
    parts = {
        ngettext("%(count)s copy", "%(count)s copies", copies, count=figures(copies)): copies,
        ngettext("%(count)s mention", "%(count)s mentions", mentions, count=figures(mentions)): mentions,
        ngettext(
            "%(count)s comment with a shared contact or domain",
            "%(count)s comments with a shared contact or domain",
            sharing,
            count=figures(sharing),
        ): sharing,
    }
    return format_list([words for words, count in parts.items() if count], locale=choice.current().formats)
