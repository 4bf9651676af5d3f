"""The office's own indicators: defined, changed and retired without a developer."""
