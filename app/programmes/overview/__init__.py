"""All four lines of a firm on one page, and the four lines side by side."""
