"""Create the identities of people at a login provider, and the logins with it that have begun."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1.0022"
down_revision = "v1.0021"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("moderator_id", _ID, nullable=False),
        sa.Column("linked_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_identities_moderator_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    op.create_index("uq_identities_moderator", "identities", ["moderator_id", "issuer"], unique=True)
    op.create_table(
        "provider_logins",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(100), nullable=False),
        sa.Column("verifier", sa.String(128), nullable=False),
        sa.Column("wanted", sa.String(2000), nullable=False),
        sa.Column("moderator_id", _ID),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["moderator_id"], ["moderators.id"], name=op.f("fk_provider_logins_moderator_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_provider_logins")),
    )
    op.create_index("ix_provider_logins_address", "provider_logins", ["address"])
    op.create_index("ix_provider_logins_expires_at", "provider_logins", ["expires_at"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
