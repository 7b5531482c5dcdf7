"""What are the parts of a dataset called?"""

from __future__ import annotations

#: What images are for: to train on, to validate with, to test with.
SPLITS = ("train", "valid", "test")
#: In place of a split: an image that is kept, but taught and counted nowhere.
EXCLUDED = "excluded"
#: What the images of each split are for, after their number.
PURPOSES = {"train": "to train on", "valid": "to validate with", "test": "to test with"}
