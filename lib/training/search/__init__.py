"""Searches: which choices of a training to try next, as runs that are started, watched and stopped early."""
