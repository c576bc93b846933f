"""Smart Pension: what was paid in for whom."""
