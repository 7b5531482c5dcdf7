"""The thresholds part of the Analyze page: tuning, slices, confusion and calibration."""
