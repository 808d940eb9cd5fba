"""Every word that a page says can be translated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.desk.frame import tagged

SERVICE = Path(__file__).parents[4] / "service"
NOT_WORDS = {
    "desk/people/alerts.py": {"Slack", "Microsoft Teams", "Mattermost", "English", "Deutsch"},
    "desk/transparency_report/pages.py": {
        'attachment; filename="{}.csv"',
        'attachment; filename="{}.html"',
        'attachment; filename="',
    },
    "desk/blueprint.py": {"check the address, or start from the queue"},
    "desk/failed/pages.py": {'attachment; filename="{}"', 'attachment; filename="'},
    "desk/frame/headline.py": {"error rates"},
    "desk/frame/modes_in_force.py": {"modes in force"},
    "desk/frame/open_appeals.py": {"open appeals"},
    "desk/frame/put_back.py": {"put back"},
    "desk/frame/rendering.py": {"Vary"},
    "desk/frame/sentences/abstentions.py": {r"fewer than (\d+) decided comments", "(.+) approved such copies"},
    "desk/frame/sentences/formats.py": {"Hms", "Hm"},
    "desk/frame/sentences/wording.py": {"Gavel"},
    "desk/frame/tallies.py": {"tallies of law"},
    "desk/frame/texts/marking.py": {
        '<mark%s class="masked">%s<span class="word">%s</span></mark>',
        ' id="mark-{}" tabindex="-1"',
    },
    "desk/history/audit.py": {'attachment; filename="{}"', 'attachment; filename="'},
    "desk/history/pages.py": {"people of the history"},
    "desk/learning/versions.py": {'attachment; filename="house-model-{}.md"', 'attachment; filename="house-model-'},
    "desk/people/login.py": {"nobody is logged in", "Lax"},
    "desk/queue/articles.py": {"waiting on article"},
    "desk/queue/filters.py": {"filter counts"},
    "desk/queue/views.py": {"saved view"},
    "desk/review/live_updates.py": {"data: {}\n\n", ": still here\n\n"},
    "desk/review/help.py": {"Esc"},
    "desk/rules/files.py": {'attachment; filename="{}"', 'attachment; filename="'},
    "desk/trends/pages.py": {'attachment; filename="{}"', 'attachment; filename="'},
}
"""Literals that nobody reads as words, by module."""


@pytest.mark.parametrize("file", tagged.files(SERVICE / "templates", "*.html"), ids=lambda f: f.name)
def test_every_word_of_a_template_is_marked_for_translation(file: Path) -> None:
    assert list(tagged.in_template(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("file", tagged.files(SERVICE / "desk", "*.py"), ids=lambda f: f"{f.parent.name}/{f.name}")
def test_every_sentence_of_the_desks_code_is_marked_for_translation(file: Path) -> None:
    not_words = NOT_WORDS.get(str(file.relative_to(SERVICE)), set())

    assert set(tagged.in_code(file.read_text(encoding="utf-8"))) <= not_words


@pytest.mark.parametrize(
    "source",
    [
        "<p>Not marked</p>",
        '<button aria-label="Close this">×</button>',
        '{{ "No name" if not name }}',
        "{{ count }} comment{{ 's' if count != 1 }}",
        '{{ tile("Waiting now", 3) }}',
        "<p>{% if x %}Yes, it is{% endif %}</p>",
    ],
)
def test_a_word_that_is_not_marked_is_found(source: str) -> None:
    assert list(tagged.in_template(source))


@pytest.mark.parametrize(
    "source",
    [
        '<p>{{ _("Marked") }}</p>',
        "{% trans count=n %}{{ count }} comment{% pluralize %}{{ count }} comments{% endtrans %}",
        '<code>PUT /v1/site</code><p class="quiet-text">{{ url_for("desk.review") }}</p>',
    ],
)
def test_marked_words_and_code_are_let_be(source: str) -> None:
    assert not list(tagged.in_template(source))


@pytest.mark.parametrize("source", ['x = "Not marked at all"', 'f"{n} comments wait"', 'TITLES = {"a": "Waiting"}'])
def test_a_sentence_in_code_that_is_not_marked_is_found(source: str) -> None:
    assert list(tagged.in_code(source))


@pytest.mark.parametrize(
    "source", ['"""A docstring of a module."""', 'x = N_("Marked at last")', 'log.info("no reader sees this")']
)
def test_marked_sentences_docstrings_and_logs_are_let_be(source: str) -> None:
    assert not list(tagged.in_code(source))
