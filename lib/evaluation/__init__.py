"""Evaluation of a run's predictions: slices, calibration, confusion and comparisons."""
