"""Say of each notice who gave it, by which key, and where it puts its comment in the queue.

PostgreSQL gets the indexes after the migration, beside writers: see
``moderation/operations/operating/late_indexes.py``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0014"
down_revision = "v1.0013"
branch_labels = None
depends_on = None

_NOTIFIERS = """
    UPDATE notices SET notifier = CASE
        WHEN flagger IS NOT NULL THEN 'flagger:' || flagger
        WHEN reader_id IS NOT NULL THEN 'reader:' || reader_id
        WHEN email IS NOT NULL THEN 'mail:' || lower(email)
    END
"""


def upgrade() -> None:
    op.add_column("notices", sa.Column("notifier", sa.String(300), nullable=True))
    op.add_column("notices", sa.Column("key_id", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("notices", sa.Column("place", sa.String(20), nullable=True))
    op.add_column("notices", sa.Column("hid", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(_NOTIFIERS)
    if op.get_bind().dialect.name == "sqlite":
        _index("ix_notices_notifier", ["site_id", "notifier", "received_at"], "notifier IS NOT NULL")
        _index("ix_notices_first", ["site_id", "received_at"], "place = 'first'")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "notices", columns, sqlite_where=sa.text(where))


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
