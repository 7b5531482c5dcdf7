"""A search of learning rates as it was recorded, for those who have none: losses of the batches of fastai's finder.

On the sample of colored shapes, with the small network from random weights and its body frozen:
``python -m lib lr-find shapes --seed 1``.
"""

from __future__ import annotations

#: Batches that the finder wanted; it stopped when the loss exploded.
COUNT = 100
#: Loss of each batch, of which the first was trained at a rate of 1e-7.
LOSSES = (
    0.6368, 0.6407, 0.5996, 0.6086, 0.56, 0.5856, 0.619, 0.5948, 0.6414, 0.5856, 0.6012, 0.5936, 0.6591, 0.6221,
    0.6275, 0.6149, 0.5993, 0.6301, 0.5899, 0.6072, 0.6222, 0.6411, 0.603, 0.5494, 0.6117, 0.6091, 0.6185, 0.5911,
    0.6313, 0.6005, 0.6604, 0.6083, 0.6041, 0.6012, 0.5912, 0.5667, 0.5832, 0.5569, 0.5628, 0.5772, 0.5482, 0.5376,
    0.5887, 0.5478, 0.5318, 0.5488, 0.5356, 0.5505, 0.5335, 0.5335, 0.5063, 0.463, 0.484, 0.5055, 0.4936, 0.5336,
    0.4757, 0.4555, 0.4595, 0.4743, 0.462, 0.4505, 0.5062, 0.4763, 0.531, 0.5013, 0.416, 0.4618, 0.4134, 0.453,
    0.4076, 0.3952, 0.4507, 0.4726, 0.4503, 0.4508, 0.4686, 0.5262, 0.797, 0.4768, 0.7665, 0.6686, 0.5391, 0.5604,
    0.5675, 0.5337, 0.601, 0.6495, 0.8033, 1.276, 1.586, 1.253, 1.191, 1.624, 1.346, 1.809, 2.095, 4.977, 8.781,
    13.09,
)  # fmt: skip
