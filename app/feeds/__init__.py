"""834 files to carriers, acknowledgements, census, discrepancies, manual fulfillment."""
