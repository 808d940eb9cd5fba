"""The few sentences that the scripts of a page say by themselves. They read them from the page."""

from __future__ import annotations

from service.languages.wording import N_, gettext

WORDS = {
    "unreachable": N_("The desk cannot reach the server. Nothing was changed."),
}


def words_of_scripts() -> dict[str, str]:
    """In the reader's language, by the names under which the scripts ask for them."""
    return {name: gettext(words) for name, words in WORDS.items()}
