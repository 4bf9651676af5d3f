"""Everything that happened to a firm, from every room, on one line of time."""
