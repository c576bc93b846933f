"""The parts one machine needs, PostgreSQL and Valkey: found or started, provisioned, handed out as addresses.

Imports nothing from `app`: addresses must be in the environment before the app is imported.
"""
