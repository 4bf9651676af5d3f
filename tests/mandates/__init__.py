"""Getting in."""
