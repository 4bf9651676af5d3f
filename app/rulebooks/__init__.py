"""Policy as data: sealed, dated, cited editions."""
