"""Notes on firms: dated, by an author, never overwritten."""
