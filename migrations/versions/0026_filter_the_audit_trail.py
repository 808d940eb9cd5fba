"""Filter the audit trail: by person, by kind of actor and by action."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_audit_person": ["site_id", "moderator_id", "id"],
    "ix_audit_actor_kind": ["site_id", "actor_kind", "id"],
    "ix_audit_action": ["site_id", "action", "id"],
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # on PostgreSQL moderation/operating/late_indexes.py builds them
        for name, columns in INDEXES.items():
            op.create_index(name, "audit", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="audit", if_exists=True)
