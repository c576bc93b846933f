"""A link of the chain names the record it is about; the receipt of a consent is a link of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KNOWN = "ck_evidence_link_subject_type_known"
BEFORE = ("screening_signature", "screening_notice", "screening_assessment")


def upgrade() -> None:
    op.add_column("evidence_link", sa.Column("record_file_id", sa.Uuid(), nullable=False))  # the table is new and empty
    op.create_foreign_key(
        op.f("fk_evidence_link_company_id_record_file_id"), "evidence_link", "stored_file",
        ["company_id", "record_file_id"], ["company_id", "id"], deferrable=True, initially="DEFERRED",
    )  # fmt: skip
    op.create_index(
        op.f("ix_evidence_link_company_id_record_file_id"), "evidence_link", ["company_id", "record_file_id"]
    )
    _allow(*BEFORE, "screening_receipt")


def downgrade() -> None:
    op.execute("DELETE FROM evidence_link WHERE subject_type = 'screening_receipt'")
    _allow(*BEFORE)
    op.drop_column("evidence_link", "record_file_id")


def _allow(*words: str) -> None:
    op.execute(f"ALTER TABLE evidence_link DROP CONSTRAINT {KNOWN}")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f(KNOWN), "evidence_link", f"subject_type IN ({listed})")
