"""Metrics and statistics, each defined once; numpy, scipy and pandas only."""
