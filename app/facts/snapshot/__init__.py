"""The current facts of every firm in columns, kept beside the rows: what judging everybody reads."""
