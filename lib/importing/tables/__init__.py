"""Tables of labels, points and numbers: cells, roles of columns, rows, and which file is used."""
