"""A carrier reached by 834 files over SFTP."""
