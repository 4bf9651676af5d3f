"""Accepting by rule: named choices, each previewed before it is carried out; what is left is told with reasons."""
