"""Exports: datasets, predictions, thresholds and findings as files."""
