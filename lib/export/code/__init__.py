"""A run written down in plain fastai, torch and scikit-learn: a script and a notebook that train it again."""
