"""Evaluation of keypoints: errors, failure analysis, swaps and uncertainty."""
