"""Manyhot's library: everything that is not a page."""
