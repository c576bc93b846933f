"""Microsoft Teams: notices into a channel, through a workflow's own address."""
