"""A company's link to a provider: settings, credentials, health, inbox."""
