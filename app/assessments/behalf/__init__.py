"""Writing in a firm's form for it: the firm says that staff may, staff write, both sides see who wrote what."""
