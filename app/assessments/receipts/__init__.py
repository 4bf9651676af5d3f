"""Receipts: a round of a self-assessment on paper, frozen, printed, verifiable by anybody who holds it."""
