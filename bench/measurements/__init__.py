"""One module a subject; its ``measure()`` yields figures."""
