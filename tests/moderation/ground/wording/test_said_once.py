"""No sentence to a reader stands outside the catalogue, and each that the catalogue has is said somewhere.

The desk's own sentences, and those to programs and operators, are not meant for readers.
"""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from moderation.ground.values.measures import Measure
from moderation.ground.wording.sentences import LANGUAGES, ours
from moderation.law.appeals.making import TextFault
from moderation.law.appeals.values import AppealOutcome, AppealReason
from moderation.law.notices.values import Outcome
from moderation.law.statements.facts import Automation, Restriction
from moderation.law.statements.measure_facts import AccountRestriction
from moderation.readers.reports import reasons
from moderation.sites.settings.grounds import SENTENCE_OF
from service.api.refusals import READERS_OWN
from service.embed.script import SPARE
from service.errors import KINDS
from tests.moderation.ground.wording.own_words import (
    NAMES_OF_REASONS,
    SCRIPT,
    TEMPLATES,
    TO_OTHERS,
    given_to_readers,
    modules,
    own_words,
    own_words_of_script,
    public_templates,
    sentences_in,
    strings_in,
    tree_of,
    writes_to_readers,
)


def test_a_page_to_readers_has_no_words_of_its_own() -> None:
    texts = {file.name: own_words(file.read_text(encoding="utf-8")) for file in public_templates()}

    assert {"statement.html", "statement_gone.html", "notice.html", "comments.html", "card.html"} <= texts.keys()
    assert {name: words for name, words in texts.items() if words} == {}
    assert [name for name in TO_OTHERS if not (TEMPLATES / name).is_file()] == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>{{ words.a }} <b>Read on</b></p>",
        "<p>{{ _('Read on') }}</p>",
        "{% trans %}Read on{% endtrans %}",
        '<img alt="Read on">',
        "<input placeholder='Name'>",
        "{% if x %}Oui{% endif %}",
        "<p>{{ ngettext('%(n)s a', '%(n)s b', n) }}</p>",
    ],
)
def test_words_of_a_template_are_found(template: str) -> None:
    assert own_words(template) != []
    assert (
        own_words('<p class="quiet text" title="{{ words.a }}">{{ words.b }} · 3 {# Read on #}<!-- and on --></p>')
        == []
    )


def test_the_script_of_the_box_has_no_words_of_its_own() -> None:
    files = sorted(SCRIPT.rglob("*.js"))
    texts = {str(file.relative_to(SCRIPT)): own_words_of_script(file.read_text(encoding="utf-8")) for file in files}

    assert len(texts) == 21
    assert {name: words for name, words in texts.items() if words} == {}


@pytest.mark.parametrize("code", ['say(x, "Post");', 'say(x, "try again");', "say(x, `Noch ${n} Kommentare`);"])
def test_words_of_a_script_are_found(code: str) -> None:
    assert own_words_of_script(code) != []
    assert own_words_of_script('make("p", { class: "badge pick" }, words.of("again")); // Post it. "Read on"') == []


def test_no_module_that_writes_to_readers_has_a_sentence_of_its_own() -> None:
    assert {path: texts for path, source in modules().items() if (texts := sentences_in(source))} == {}


def test_readers_are_given_no_string_of_the_code() -> None:
    assert {path: texts for path, source in modules().items() if (texts := given_to_readers(source))} == {}


def test_a_sentence_of_a_module_is_found() -> None:
    importing = "from moderation.ground.wording.sentences import spoken\n"

    assert sentences_in(f'{importing}said = f"You can appeal until {{day}}."') == ["You can appeal until "]
    assert sentences_in(f'{importing}def said():\n    return "Der Kommentar ist online"') == [
        "Der Kommentar ist online"
    ]
    assert sentences_in(f'{importing}"""Says it well."""\nField(description="The site\'s id")') == []
    assert given_to_readers('AuthorMessage(language="en", text=f"Come back on {day}")') == ["Come back on "]
    assert given_to_readers('problem(e, reader_text=gettext("Wait"))') == ["gettext()"]


def test_no_text_of_the_catalogue_is_said_again_in_the_code() -> None:
    """One word may mean several things; two or more are a sentence."""
    texts = {text for language in LANGUAGES for text in ours(language).values() if " " in text} - NAMES_OF_REASONS
    said = {path: texts & set(strings_in(tree_of(source))) for path, source in modules().items()}

    assert {path: repeated for path, repeated in said.items() if repeated} == {}


@cache
def ids_in_code() -> tuple[frozenset[str], tuple[str, ...]]:
    """Every string that could be an id, and the beginnings of ids that are put together."""
    names, beginnings = set(SPARE), set()
    for source in modules().values():
        for node in ast.walk(tree_of(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
    for file in (*SCRIPT.rglob("*.js"), *public_templates()):
        source = file.read_text(encoding="utf-8")
        names |= set(re.findall(r"\w+", source))
        beginnings |= set(re.findall(r"`([a-z_]+_)\$\{", source))
    return frozenset(names), tuple(start for start in beginnings if re.fullmatch(r"[a-z]+_(?:[a-z]+_)*", start))


def test_every_sentence_of_the_catalogue_is_said_somewhere() -> None:
    names, beginnings = ids_in_code()
    to_wordpress = {id for id in ours("en") if id.startswith("privacy_")}  # its plugin has them: see deploy

    assert [id for id in ours("en") if id not in names | to_wordpress and not id.startswith(beginnings)] == []


FAMILIES = {
    "appeal_outcome_": AppealOutcome,
    "appeal_reason_": AppealReason,
    "appeal_account_outcome_": (AppealOutcome.OVERTURNED, AppealOutcome.SETTLED),
    "appeal_account_reason_": (reason for reason in AppealReason if reason is not AppealReason.NOTHING_NEW),
    "appeal_": TextFault,
    "receipt_title_": Outcome,
    "receipt_outcome_": Outcome,
    "receipt_changed_": (Outcome.UPHELD, Outcome.DISMISSED),
    "statement_title_": (*Restriction, *AccountRestriction),
    "statement_decision_": (*Restriction, *AccountRestriction),
    "statement_deciding_": (*Automation, "site"),
    "measure_": (measure if measure is not Measure.RESTORE else "restored" for measure in Measure),
    "report_": reasons.LISTED,
    "reason_": SENTENCE_OF.values(),
    "rule_": ("general", *(end for end in SENTENCE_OF.values() if end != "other")),
    "problem_": (KINDS[error].name.replace("-", "_") for error in READERS_OWN),
    "count_": ("none", "one", "few", "many"),
}
"""The ids that the code puts together, by their beginning."""


@pytest.mark.parametrize("beginning", FAMILIES)
def test_every_id_that_is_put_together_has_its_sentence(beginning: str) -> None:
    assert [end for end in FAMILIES[beginning] if f"{beginning}{end}" not in ours("en")] == []


def ids_asked_for() -> set[str]:
    """The ids that stand in the code whole, where a sentence is asked for."""
    python = r'\bwords\[(?:"(\w+)"\]|"(\w+)" if)|\.say\(\s*"(\w+)"'
    script, template = r'\bwords\.(?:of|has)\("(\w+)"', r'\bwords(?:\.([a-z]\w*)\s|\["(\w+)"\])'
    sources = (
        *((python, source) for source in modules().values() if writes_to_readers(source)),
        *((script, file.read_text(encoding="utf-8")) for file in SCRIPT.rglob("*.js")),
        *((template, file.read_text(encoding="utf-8")) for file in public_templates()),
    )
    asked = (match for pattern, source in sources for match in re.finditer(pattern, source))
    return {id for match in asked for id in match.groups() if id}


def test_every_sentence_that_is_asked_for_is_in_the_catalogue() -> None:
    asked = ids_asked_for()

    assert {"measure_restored", "write_first", "link_gone_text", "appeal_send", "pick", "receipt_title"} <= asked
    assert asked - ours("en").keys() - {"language"} == set()
