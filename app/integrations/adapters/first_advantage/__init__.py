"""First Advantage: what it tells us; orders are entered in its own portal."""
