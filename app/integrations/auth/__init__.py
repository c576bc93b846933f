"""How a provider wants to know who we are: data in the manifest, pure functions for headers and tokens. Nothing is stored here."""
