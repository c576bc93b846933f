"""Looking at the machine: the audit trail and the outbox."""
