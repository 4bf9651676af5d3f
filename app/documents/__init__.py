"""HTML to PDF; WeasyPrint lives here and nowhere else."""
