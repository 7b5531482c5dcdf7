"""The bundle of a run: it predicts anywhere, checks itself, and is a run again where it is imported."""
