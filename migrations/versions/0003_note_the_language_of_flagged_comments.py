"""Note the language that flagged comments are judged in. Decided ones are looked up in their scorings when asked for.

It is a migration of its own, because on PostgreSQL the one that adds a column keeps everybody out of the table.
"""

from __future__ import annotations

from alembic import op

revision = "v1.0003"
down_revision = "v1.0002"
branch_labels = None
depends_on = None

_FOUND = "SELECT s.language FROM scorings s WHERE s.comment_id = comments.id ORDER BY s.id DESC LIMIT 1"
_DECLARED = """
    CASE WHEN substr(language, 3, 1) IN ('-', '_') THEN lower(substr(language, 1, 2))
         WHEN substr(language, 4, 1) IN ('-', '_') THEN lower(substr(language, 1, 3))
         ELSE lower(language) END
"""


def upgrade() -> None:
    op.execute(f"""
        UPDATE comments SET judged_in = coalesce(({_FOUND}), {_DECLARED}, 'und')
        WHERE status = 'flagged' AND judged_in IS NULL
    """)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
