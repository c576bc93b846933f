"""Stand-in carriers: an SFTP door, an 834 reader of their own, a member table, acknowledgements and census files."""
