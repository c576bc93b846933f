"""Wellhub: who may use it."""
