"""A list drawn up before is judged again from what was known then; every difference is named with its reason."""
