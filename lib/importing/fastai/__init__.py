"""fastai's own datasets, downloaded by name."""
