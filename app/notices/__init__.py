"""Notices: PDF, e-mail, in-app."""
