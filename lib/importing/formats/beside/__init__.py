"""What stands beside the labels: splits, second sources of labels, names of class numbers."""
