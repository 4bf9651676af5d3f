"""Firms, their contacts, caseworkers, rosters and how to find them."""
