"""Charts as SVG, the same in page and PDF."""
