"""Work for later, kept in a table that outlives every process."""
