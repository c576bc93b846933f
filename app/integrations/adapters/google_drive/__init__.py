"""Google Drive: documents in a shared drive."""
