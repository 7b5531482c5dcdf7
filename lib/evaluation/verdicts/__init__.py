"""Is the second model better than the first, and where: a verdict with its uncertainty, for one run or several."""
