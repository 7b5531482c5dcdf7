"""The sides of the training pictures under progressive resizing, epoch by epoch."""

from __future__ import annotations

#: Sides are multiples of this, and not under the smallest that networks made for 224 px can halve five times.
_STEP, _SMALLEST = 8, 32


def sizes(size: int, epochs: int) -> list[int]:
    """Return the side in pixels of the training pictures of each epoch, through both fits.

    It grows evenly from half of ``size`` and reaches it after two thirds of the epochs, at the latest in the last one.

    Examples
    --------
    >>> sizes(128, 7)
    [64, 80, 96, 112, 128, 128, 128]
    >>> sizes(64, 1), sizes(24, 3)
    ([64], [24, 24, 24])
    """
    growing = 2 * epochs // 3
    return [
        min(size, max(_SMALLEST, size * (growing + epoch) // (2 * growing) // _STEP * _STEP))
        if epoch < growing
        else size
        for epoch in range(epochs)
    ]
