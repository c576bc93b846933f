"""Accurate: candidates and orders by its interactive workflow."""
