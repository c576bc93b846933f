"""Checkr: candidates, invitations, reports, adverse action."""
