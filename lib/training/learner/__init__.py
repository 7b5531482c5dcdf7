"""The model: the only package, with the worker, that imports torch and fastai at the top."""
