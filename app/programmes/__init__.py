"""The four lines of cultivation and what they share."""
