"""What a firm is short of, how each gap could be closed, and the cheapest way to eligible. Pure: nothing is stored."""
