"""Spreadsheets to rows and rows to spreadsheets."""
