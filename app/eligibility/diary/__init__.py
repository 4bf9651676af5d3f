"""The diary of a firm: only changes of verdict, and the datum that caused each."""
