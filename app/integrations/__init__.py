"""Everything Corridor says to the outside world: contracts, transports, formats, adapters.

A library: nothing in here imports from the rest of Corridor, and nothing in here keeps state, logs or sleeps.
"""
