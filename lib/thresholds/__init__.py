"""Decision thresholds: rules, objectives, tuning and saved sets."""
