"""Providers that work by files: `sending` writes orders, `reading` understands results, `shelf` is what the page shows."""
