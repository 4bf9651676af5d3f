"""The append-only log of who did what, with old and new values."""
