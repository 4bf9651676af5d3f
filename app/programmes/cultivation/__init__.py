"""高企培育库: the pool, its stages, entry and exit."""
