"""The form as a workbook: taken out, filled in without a line, brought back as a shown difference."""
