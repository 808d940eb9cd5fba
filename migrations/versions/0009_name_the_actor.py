"""Say in the audit trail who made a change outside the desk: a key by name and id, or an operator.

In earlier entries, where there was no person to name, the subject names the key or the command line.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BY_NOBODY = ("site.failure_policy", "site.retention")


def upgrade() -> None:
    op.add_column("audit", sa.Column("actor_kind", sa.String(length=10), nullable=True))
    op.add_column("audit", sa.Column("actor_name", sa.String(length=200), nullable=True))
    op.add_column("audit", sa.Column("key_id", sa.Uuid(as_uuid=False), nullable=True))
    _name_actors(op.get_bind())


def downgrade() -> None:
    op.drop_column("audit", "key_id")
    op.drop_column("audit", "actor_name")
    op.drop_column("audit", "actor_kind")


def _name_actors(conn: sa.Connection) -> None:
    ident = sa.Uuid(as_uuid=False)
    audit = sa.table(
        "audit",
        sa.column("id", ident),
        sa.column("moderator_id", ident),
        sa.column("action", sa.String),
        sa.column("subject", sa.String),
        sa.column("actor_kind", sa.String),
        sa.column("actor_name", sa.String),
        sa.column("key_id", ident),
    )
    keys = sa.table("api_keys", sa.column("id", ident), sa.column("name", sa.String))
    names = {row.id: row.name for row in conn.execute(sa.select(keys))}
    found = sa.select(audit.c.id, audit.c.subject).where(audit.c.moderator_id.is_(None), audit.c.action.in_(BY_NOBODY))
    for row in conn.execute(found).all():
        key_id = _key_in(row.subject or "")
        kind = "operator" if key_id is None else "key"
        said = {"actor_kind": kind, "actor_name": names.get(key_id, ""), "key_id": key_id, "subject": None}
        conn.execute(sa.update(audit).where(audit.c.id == row.id).values(**said))


def _key_in(subject: str) -> str | None:
    try:
        return str(UUID(subject.removeprefix("key ")))
    except ValueError:
        return None
