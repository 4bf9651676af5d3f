"""Pages that use every macro once, served beside the real application for the browser's tests; all names invented."""
