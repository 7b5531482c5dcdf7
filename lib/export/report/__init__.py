"""The report of a run: one HTML file with its numbers, pictures and the drag, which needs no server and no network."""
