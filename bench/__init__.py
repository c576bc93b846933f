"""Measures Corridor against its own floors on this machine: `make bench`. What the goals mean: docs/performance.md."""
