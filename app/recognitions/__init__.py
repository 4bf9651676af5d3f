"""Recognitions of firms: register with validity and evidence, and the ladder they form."""
