"""Tables of one row a picture, whose columns hold labels, 0 and 1, numbers or points."""
