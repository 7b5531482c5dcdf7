"""Plotly charts of the pages; arrays in, no computing."""
