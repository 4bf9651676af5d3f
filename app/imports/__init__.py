"""Spreadsheets coming in: stage, rehearse, apply, undo."""
