"""Imported datasets: store, queries, splits, checks and edits."""
