"""The user's own workbook given back: bad cells coloured and commented, and a list of all problems at its end."""
