"""Imports: from a folder, a zip or a name to a dataset in the workspace."""
