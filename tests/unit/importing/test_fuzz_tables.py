"""Random tables made from a known truth are read as it is, or asked about, or refused: never read otherwise quietly."""

from __future__ import annotations
