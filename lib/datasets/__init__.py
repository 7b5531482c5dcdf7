"""Datasets: how they come in, how they lie on disk, what they hold."""
