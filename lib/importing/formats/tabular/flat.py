"""Readers of columns with one target a cell, in the order in which they are tried, whatever the file is."""

from __future__ import annotations

from lib.importing.formats.source import Reader
from lib.importing.formats.tabular import labels_csv, numbers_csv, onehot_csv, points_csv

FLAT: tuple[Reader, ...] = (onehot_csv, points_csv, labels_csv, numbers_csv)
