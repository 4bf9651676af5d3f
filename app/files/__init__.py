"""Stored files by content; they have no address of their own."""
