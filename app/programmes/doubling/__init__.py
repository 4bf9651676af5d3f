"""倍增计划: baseline, target, years, and the path between."""
