"""Slack: notices into a channel, by a bot."""
