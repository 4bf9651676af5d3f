"""Demo data: real published rows with their source, and firms that say they are invented."""
