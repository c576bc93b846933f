"""A carrier without a feed: people pass enrollment on."""
