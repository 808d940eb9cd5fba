"""The plugin's files, without a WordPress: the points of its directory's list that can be read from them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from deploy import plugin_translations as translations
from moderation.ground.wording import sentences

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "integrations" / "wordpress" / "gavel"
FILES = {str(path.relative_to(PLUGIN)): path.read_text(encoding="utf-8") for path in sorted(PLUGIN.rglob("*.php"))}
HEADER = dict(re.findall(r"^ \* ([A-Z][\w ]+?): +(.+)$", FILES["gavel.php"], re.MULTILINE))
README = (PLUGIN / "readme.txt").read_text(encoding="utf-8")
CATALOGUES = sorted(translations.LANGUAGES.glob("gavel-*.po"))
PLACEHOLDER = re.compile(r"%(?:\d\$)?[sd]")


def code(text: str) -> str:
    """Without comments."""
    return re.sub(r"/\*.*?\*/|(?<![:'\"])//[^\n]*", "", text, flags=re.DOTALL)


def test_header_and_readme_agree() -> None:
    said = dict(re.findall(r"^([A-Z][\w ]+): (.+)$", README, re.MULTILINE))

    assert HEADER["Text Domain"] == PLUGIN.name == "gavel"
    assert HEADER["Version"] == said["Stable tag"]
    assert f"const GAVEL_VERSION = '{HEADER['Version']}'" in FILES["gavel.php"]
    assert HEADER["License"] == said["License"] == "GPL-2.0-or-later"
    assert HEADER["Requires at least"] == said["Requires at least"]
    assert HEADER["Requires PHP"] == said["Requires PHP"] == "8.1"
    short = README.split("\n\n")[1]
    assert len(short) <= 150
    assert len(said["Tags"].split(", ")) <= 5
    assert "GPL-2.0-or-later" in (PLUGIN / "LICENSE.txt").read_text(encoding="utf-8")


def test_the_directory_takes_the_readme() -> None:
    said = dict(re.findall(r"^([A-Z][\w ]+): (.+)$", README.split("\n\n")[0], re.MULTILINE))
    sections = re.findall(r"^== (.+) ==$", README, re.MULTILINE)
    captions = re.findall(r"^(\d+)\. ", README.split("== Screenshots ==")[1].split("\n==")[0], re.MULTILINE)
    shots = {path.stem for path in (PLUGIN.parent / "directory").glob("screenshot-*.png")}

    assert said.keys() >= {"Contributors", "Tags", "Requires at least", "Tested up to", "Stable tag", "License"}
    assert all(re.fullmatch(r"\d+\.\d+(\.\d+)?", said[name]) for name in ("Tested up to", "Stable tag"))
    assert said["License URI"] == HEADER["License URI"]
    assert re.fullmatch(r"[a-z0-9]+(, [a-z0-9]+)*", said["Contributors"])
    assert sections == ["Description", "Installation", "Frequently Asked Questions", "Screenshots", "Changelog"]
    assert f"= {said['Stable tag']} =" in README.split("== Changelog ==")[1]
    assert shots == {f"screenshot-{number}" for number in captions}
    assert len(README.encode()) <= 20_000  # longer ones are cut


@pytest.mark.parametrize("name", FILES)
def test_a_file_does_nothing_when_it_is_called_by_itself(name: str) -> None:
    assert re.search(r"^defined\( '(ABSPATH|WP_UNINSTALL_PLUGIN)' \) \|\| exit;$", FILES[name], re.MULTILINE)


@pytest.mark.parametrize("name", FILES)
def test_what_others_can_see_has_our_prefix(name: str) -> None:
    content = code(FILES[name])
    named = re.findall(
        r"^(?:final )?class (\w+)|^function (\w+)|^const (\w+)|^\s*define\( *'(\w+)'", content, re.MULTILINE
    )
    keys = re.findall(r"(?:_option|_transient|apply_filters|do_action)\( *'(\w+)'", content)

    assert all("".join(found).lower().startswith("gavel_") for found in named)
    core = {"siteurl"}
    assert [key for key in keys if not key.startswith("gavel_") and key not in core] == []


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_printed_without_being_escaped(name: str) -> None:
    printed = re.findall(r"\b(?:echo|print|printf)\b([^;]*(?:;(?=[^\n]*')[^;]*)*);\n", code(FILES[name]))
    call = r"esc_\w+\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"
    safe = rf"checked\((?:[^()]|\(\))*\)|^\(|\)$|,|'(?:[^'\\]|\\.)*'|{call}|[\s.]"

    assert [left for one in printed if (left := re.sub(safe, "", one)).strip()] == []


def test_every_text_is_in_our_domain_and_found_by_the_translations() -> None:
    """The marks of all functions of WordPress that translate, since ours are read by three names alone."""
    marked = [
        found
        for name, content in FILES.items()
        if not name.startswith("languages/")
        for found in re.findall(r"\b(?:esc_(?:html|attr)_)?_{1,2}[enx]{0,2}\(\s[^;]*?'(\w+)'\s*\)", code(content))
    ]
    template = translations.template_of(PLUGIN)

    assert set(marked) == {"gavel"}
    assert len(marked) == len(list(translations.sentences(PLUGIN))) - 1  # the description is in the header
    assert (translations.LANGUAGES / "gavel.pot").read_bytes() == translations.written(template)


def test_translators_hear_what_placeholders_are() -> None:
    silent = [text for text, notes, _ in translations.sentences(PLUGIN) if PLACEHOLDER.search(text) and not notes]
    several = [text for text, _, _ in translations.sentences(PLUGIN) if len(re.findall(r"%[sd]", text)) > 1]

    assert silent == []
    assert several == []  # with an order of their own, such as %1$s


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_each_language_is_whole_and_wordpress_reads_the_same(file: Path) -> None:
    catalogue = translations.read(file)
    known = {message.id: str(message.string) for message in catalogue if message.id}
    compiled = file.with_suffix(".l10n.php").read_text(encoding="utf-8")

    assert known.keys() == {message.id for message in translations.template_of(PLUGIN) if message.id}
    assert [text for text, own in known.items() if not own] == []
    assert {text: sorted(PLACEHOLDER.findall(own)) for text, own in known.items()} == {
        text: sorted(PLACEHOLDER.findall(str(text))) for text in known
    }
    assert compiled == translations.as_php(catalogue, translations.locale_of(file))


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_readers_of_wordpress_read_the_words_of_the_readers_catalogue(file: Path) -> None:
    of_readers, of_plugin = sentences.ours(translations.language_of(file)), translations.read(file)
    english = sentences.ours("en")

    for id in (id for id in english if id.startswith("privacy_")):
        message = of_plugin.get(english[id])
        assert message is not None, f"{id} is not in the plugin"
        assert message.string == of_readers[id], "./run.sh translate"
    before = translations.written(of_plugin)
    translations.take_over(of_plugin, translations.language_of(file))
    assert translations.written(of_plugin) == before, "./run.sh translate"


def test_every_sentence_of_the_plugin_on_privacy_is_in_the_readers_catalogue() -> None:
    to_admins = {"Gavel", "Gavel could not erase this reader, so try again: %s"}
    marked = {text for text, _, place in translations.sentences(PLUGIN) if place == "includes/class-gavel-privacy.php"}

    known = {text for id, text in sentences.ours("en").items() if id.startswith("privacy_")}

    assert marked - to_admins == known


def test_a_sentence_takes_over_its_translation_and_all_others_keep_theirs() -> None:
    catalogue = Catalog(locale="pl_PL")
    catalogue.add("Comments", "Stare")
    catalogue.add("Key", "Klucz")

    translations.take_over(catalogue, "pl")

    assert [catalogue["Comments"].string, catalogue["Key"].string] == [sentences.ours("pl")["comments"], "Klucz"]


def test_the_plugin_speaks_the_languages_of_the_comment_box() -> None:
    assert {file.stem[6:8] for file in CATALOGUES} == set(sentences.LANGUAGES) - {"en"}


@pytest.mark.parametrize(
    "discouraged",
    [
        r"<<<",  # heredoc
        r"<\?(?!php\b)",
        r"\b(?:json_encode|strip_tags|parse_url|rand|mt_rand|date|unlink|fopen|file_put_contents|serialize)\(",
        r"\b(?:error_log|var_dump|print_r|var_export|ini_set|set_time_limit|error_reporting|goto)\b",
        r"\b(?:mysqli?_\w+|curl_\w+)\(",
        r"\blocalhost\b|127\.0\.0\.1",
        r"<(?:script|style|iframe)\b",
        r"\b(?:query_posts|wp_reset_query|extract|create_function|move_uploaded_file)\(",
    ],
)
def test_nothing_that_the_directory_discourages(discouraged: str) -> None:
    assert {name: found for name, text in FILES.items() if (found := re.findall(discouraged, code(text)))} == {}


def test_all_files_are_of_kinds_that_the_directory_takes() -> None:
    kinds = {path.suffix for path in PLUGIN.rglob("*") if path.is_file()}
    hidden = [path for path in PLUGIN.rglob("*") if path.name.startswith(".")]

    assert kinds == {".php", ".txt", ".po", ".pot", ".js"}
    assert hidden == []
    assert f"=== {HEADER['Plugin Name']} ===" == README.splitlines()[0]
    assert (PLUGIN / HEADER["Domain Path"].strip("/")).is_dir()


def test_forms_and_routes_are_guarded() -> None:
    admin, events = FILES["includes/class-gavel-admin.php"], FILES["includes/class-gavel-events.php"]
    page = FILES["includes/class-gavel-import-page.php"]

    for content in (admin, page):
        for handler in re.findall(r"(?:admin_post|wp_ajax)_\w+', array\( self::class, '(\w+)' \)", content):
            body = content.split(f"function {handler}(")[1].split("\n\t}\n")[0]
            assert re.search(r"check_(admin|ajax)_referer\(", body)
            assert "current_user_can(" in body or "self::need_right()" in body
    assert "nopriv" not in page and "current_user_can( 'manage_options' )" in page
    assert "wp_nonce_field( 'gavel_test' )" in admin and "settings_fields(" in admin
    assert "'sanitize_callback'" in admin
    assert events.count("register_rest_route(") == events.count("'permission_callback'") == 1
    assert "__return_true" not in events


def test_nothing_dangerous_or_foreign_is_called() -> None:
    words = r"\b(eval|exec|system|passthru|shell_exec|unserialize|curl_init|fsockopen|file_get_contents|extract)\("
    content = "\n".join(map(code, FILES.values()))

    assert re.findall(words, content) == []
    assert re.findall(r"\$_(?:GET|POST|REQUEST|COOKIE|SERVER)\b", content) == []
    assert re.findall(r"https?://(?!www\.gnu\.org|gavel\.example)[\w.]+", content) == []
    assert re.findall(r"->(?:query|get_results|get_col|get_var)\(\s*+(?!\$wpdb->prepare)", content) == []
