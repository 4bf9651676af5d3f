"""Verdicts as of any past day: what was known then, under the rules of then, and what has changed since."""
