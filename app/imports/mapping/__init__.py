"""Saying by hand what the columns of a workbook are, and keeping what was said for the next one."""
