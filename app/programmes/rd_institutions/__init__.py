"""研发机构: kind, level, recognition and validity; coverage over the roster."""
