"""The journal of a dataset: what was edited, line by line, and the replay over what was imported."""
