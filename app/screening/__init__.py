"""Background screening: consent, orders, results, adverse action by the law of the place."""
