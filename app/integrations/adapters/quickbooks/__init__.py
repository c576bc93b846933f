"""QuickBooks Online: chart of accounts, vendors, bills and what was paid on them."""
