"""Refusals: why a source cannot be read, and what to export instead."""
