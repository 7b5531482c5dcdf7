"""The Analyze page: metrics, images, run comparison and regression values."""
