"""Published datasets with files of their own: Biwi, CUB-200, MPII, 300-W."""
