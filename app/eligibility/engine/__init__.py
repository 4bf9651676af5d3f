"""The pure judge: no web, no database, no clock."""
