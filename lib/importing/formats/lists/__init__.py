"""Lists: text files with a picture a line, and plain JSON with a picture a record."""
