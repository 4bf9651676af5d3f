"""育企: the whole program. Nothing is imported here, so that pure modules stay importable without Flask."""
