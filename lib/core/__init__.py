"""Nouns and disk primitives that every other package uses and that decide nothing."""
