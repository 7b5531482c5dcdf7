"""Plotly figures that tasks draw, in one palette and one layout."""
