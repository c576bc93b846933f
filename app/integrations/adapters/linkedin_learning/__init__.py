"""LinkedIn Learning: who learned what."""
