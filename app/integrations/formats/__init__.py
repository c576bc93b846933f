"""File formats, read tolerantly and written strictly."""
