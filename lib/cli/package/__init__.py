"""Manyhot as an installed package: all of it lies below this one folder of site-packages."""
