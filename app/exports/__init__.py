"""The export centre: what leaves as a workbook, by whom, for what purpose, and until when it can be taken again."""
