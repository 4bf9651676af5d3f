"""The identity of a firm over time: names, registry events, likely duplicates, merges."""
