"""Saved views: a list with its filters under a name, with an owner and a purpose, as an address that can be sent."""
