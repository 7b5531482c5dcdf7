"""Experiments of seconds that answer a question about training: small models of some pictures, compared in pairs."""
