"""Components that run in the browser: a Python wrapper, a script and a style sheet each."""
