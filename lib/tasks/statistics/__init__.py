"""Sections of dataset statistics, one module a kind of target."""
