"""Index the measures about authors by their site, for the statements of reasons that the export and the transparency
report go through."""

from __future__ import annotations

from alembic import op

revision = "v1.0025"
down_revision = "v1.0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table is small, and who takes a measure waits for the moment that it takes."""
    op.create_index("ix_author_measures_site", "author_measures", ["site_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
