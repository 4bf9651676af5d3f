"""Evidence beside the answers of a form, in the portal."""
