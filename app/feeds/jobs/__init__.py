"""What feeds do later. Each module is one stretch of the way: note, make, upload, poll, apply, watch."""

from app.feeds.jobs import applying, making, noting, polling, uploading, watching

__all__ = ["applying", "making", "noting", "polling", "uploading", "watching"]
