"""数字化转型: assessed level with source and date."""
