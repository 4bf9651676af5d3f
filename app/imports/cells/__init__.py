"""What the cells of a row say: exact values, the texts kept of them, a sentence where a cell is not in order."""
