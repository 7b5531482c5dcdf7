"""Statistics of a dataset's labels, points, values and pictures."""
