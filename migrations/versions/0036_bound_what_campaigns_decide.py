"""Know which texts a campaign had when a person decided, and which comments only share a contact or a domain with it.

Texts of before count as seen by those who have decided for the week by now; texts that join later do not.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("comments", sa.Column("shares_only", sa.Boolean(), nullable=True))
    op.add_column("campaign_keys", sa.Column("added_at", _MOMENT, nullable=True))
    op.add_column("campaigns", sa.Column("treated_at", _MOMENT, nullable=True))
    campaigns = sa.table("campaigns", sa.column("treatment"), sa.column("treated_at", _MOMENT))
    op.execute(campaigns.update().where(campaigns.c.treatment.is_not(None)).values(treated_at=datetime.now(UTC)))


def downgrade() -> None:
    op.drop_column("campaigns", "treated_at")
    op.drop_column("campaign_keys", "added_at")
    op.drop_column("comments", "shares_only")
