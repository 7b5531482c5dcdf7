"""Dry runs, imports and samples as questions: asked by a page, answered by a process of its own with limits."""
