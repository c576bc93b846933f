"""What feeds do later. Each module is one stretch of the way: note, make, upload, poll, apply, watch, tell."""

from app.feeds.jobs import alarming, applying, making, noting, polling, uploading, watching

__all__ = ["alarming", "applying", "making", "noting", "polling", "uploading", "watching"]
