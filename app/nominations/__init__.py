"""Nomination lists: decide, rank, freeze by two people."""
