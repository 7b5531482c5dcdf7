"""Inference in worker processes: requests on disk, answered by a model that stays loaded."""
