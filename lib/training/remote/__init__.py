"""Runs and datasets by way of a shared store of objects, where machines do not see one folder; without torch."""
