"""How a provider and we are kept from hurting each other: rates, leases, circuit breaker, repeats. Pure state, no clock, no sleep.

The application brings a `Shelf` (rows or keys that all workers share) and does the waiting.
"""
