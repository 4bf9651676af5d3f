"""The second executor: judges a block of firms at once, with the same rulebook and the same answers (decision 0017)."""
