"""What falls due is told in time, once, to who can act; who cannot be reached stands on a list to be called."""
