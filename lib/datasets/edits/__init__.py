"""Edits of a dataset: made, undone and listed; each is a line of the journal."""
