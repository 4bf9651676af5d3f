"""A verdict is official for a firm once the bureau has published it: who, when, which; and what was taken back."""
