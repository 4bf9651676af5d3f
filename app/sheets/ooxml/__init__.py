"""An .xlsx read as a stream, row by row: nothing of a sheet is held, and every character of it is accounted for."""
