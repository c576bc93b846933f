"""The connector for screening providers without an adapter of their own: all settings, no code. See README.md."""
