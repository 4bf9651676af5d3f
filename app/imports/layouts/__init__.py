"""What a sheet is: its header, its columns, their units and years, and the known sources that look like it."""
