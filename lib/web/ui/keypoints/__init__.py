"""The keypoints part of the Analyze page: errors, failures, swaps and uncertainty."""
