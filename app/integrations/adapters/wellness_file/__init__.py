"""Wellness providers without an adapter of their own: eligibility as SCIM 2.0 or as a CSV file."""
