"""Workbooks in the binary formats of Excel: .xlsb record by record, .xls with what calamine does not tell of it."""
