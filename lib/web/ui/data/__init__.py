"""The Data page: import, statistics, checks, edits, splits and export."""
