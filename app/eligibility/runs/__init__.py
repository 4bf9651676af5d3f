"""Everybody at once: all firms judged under all editions of a day, in blocks, with compact results."""
