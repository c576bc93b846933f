"""Ways to carry bytes to a provider and back, each with an in-memory twin of identical behavior."""
