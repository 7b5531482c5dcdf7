"""What of a training differs between the tasks when it is written down in plain fastai."""
