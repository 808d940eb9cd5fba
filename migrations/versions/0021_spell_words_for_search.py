"""Spell words in search's index one way, so that *odonnell* finds O'Donnell and *weiss* finds Weiß.

The old index follows after the migration, beside writers: see
``moderation/operations/operating/late_search.py``.
"""

from __future__ import annotations

from alembic import op

revision = "v1.0021"
down_revision = "v1.0020"
branch_labels = None
depends_on = None

_JOINERS = "'\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\u00b4\u0060\uff07-\u2010\u2011\u2013\u2212\ufe63\uff0d"
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"
_LETTERS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "ħ": "h", "Ħ": "H",
}  # fmt: skip
_PUNCTUATION = "./:@_&?=~#\\+"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _spelled(text: str) -> str:
    for letter, plain in _LETTERS.items():
        text = f"replace({text}, '{letter}', '{plain}')"
    return text


def _sqlite_words(text: str) -> str:
    spelled = _spelled(text)
    for character in _INVISIBLE:
        spelled = f"replace({spelled}, '{character}', '')"
    whole = spelled
    for joiner in _JOINERS:
        whole = f"replace({whole}, {_quoted(joiner)}, '')"
    joined = _quoted(f"*[{_JOINERS.replace('-', '')}-]*")
    return f"{spelled} || CASE WHEN {text} GLOB {joined} THEN ' ' || {whole} ELSE '' END"


def _triggers(table: str, column: str, new: str, differ: str) -> tuple[str, ...]:
    one, words = table.removesuffix("s"), _sqlite_words(new)
    return (
        f"DROP TRIGGER {one}_search_insert",
        f"DROP TRIGGER {one}_search_update",
        f"""
    CREATE TRIGGER {one}_search_insert AFTER INSERT ON {table} BEGIN
      INSERT INTO {one}_numbers ({one}_id) VALUES (new.id);
      INSERT INTO {one}_search (rowid, site, {column})
        SELECT number, new.site_id, {words} FROM {one}_numbers WHERE {one}_id = new.id;
    END
    """,
        f"""
    CREATE TRIGGER {one}_search_update AFTER UPDATE OF {column} ON {table} WHEN new.{column} {differ} old.{column} BEGIN
      UPDATE {one}_search SET {column} = {words}
        WHERE rowid = (SELECT number FROM {one}_numbers WHERE {one}_id = new.id);
    END
    """,
    )


_TO_SPELL = "CREATE TABLE search_to_spell (name VARCHAR(20) PRIMARY KEY, below INTEGER NOT NULL)"
_ALL_TO_SPELL = (
    "INSERT INTO search_to_spell SELECT 'comment', max(number) + 1 FROM comment_numbers HAVING max(number) IS NOT NULL",
    "INSERT INTO search_to_spell SELECT 'author', max(number) + 1 FROM author_numbers HAVING max(number) IS NOT NULL",
)


def _postgresql_function() -> str:
    spelled = f"translate({_spelled('$1')}, {_quoted(_INVISIBLE)}, '')"
    spelled = f"translate({spelled}, {_quoted(_PUNCTUATION)}, '{' ' * len(_PUNCTUATION)}')"
    plain = rf"normalize(regexp_replace(normalize({spelled}, NFD), '[\u0300-\u036f]', '', 'g'), NFC)"
    whole = f"translate(spelled, {_quoted(_JOINERS)}, '')"
    apart = f"translate(spelled, {_quoted(_JOINERS)}, '{' ' * len(_JOINERS)}')"
    return (
        "CREATE OR REPLACE FUNCTION search_words(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$"
        f" SELECT CASE WHEN {whole} = spelled THEN spelled"
        f" ELSE {apart} || ' ' || {whole} END FROM (SELECT {plain} AS spelled) AS letters $$"
    )


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        comments = _triggers("comments", "text", "new.text", "<>")
        authors = _triggers("authors", "name", "coalesce(new.name, '')", "IS NOT")
        for statement in (*comments, *authors, _TO_SPELL, *_ALL_TO_SPELL):
            connection.exec_driver_sql(statement)
    else:
        connection.exec_driver_sql(_postgresql_function())


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
