"""Edits of a dataset, kept in a journal and replayed over what was imported."""
