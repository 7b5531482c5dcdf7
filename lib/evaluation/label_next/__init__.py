"""What to label next: pictures of a dataset that wait for labels, ranked by a run's model and by what they show."""
