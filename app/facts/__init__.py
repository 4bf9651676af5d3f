"""What is said (claims) and what is accepted (facts)."""
