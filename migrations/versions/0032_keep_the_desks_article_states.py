"""Keep a state that the desk sets on an article, beside the one that the site sent.

A state that was set at the desk before looks like the site's own: the site's next description still replaces it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("site_state", sa.String(20), nullable=True))


def downgrade() -> None:
    op.drop_column("articles", "site_state")
