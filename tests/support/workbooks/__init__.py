"""Small workbooks of every format and defect that offices send, made here, each with what reading it must give."""
