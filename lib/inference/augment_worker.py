"""The process that makes copies of a dataset's pictures as training does.

``python -m lib.inference.augment_worker DATASET_DIR LOCK`` loads torch once, answers questions in their order, and ends
when nobody has asked for a while.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lib import tasks
from lib.core.questions import serve
from lib.inference.augment_preview import COPIES, Preview, Studio
from lib.training import options

if TYPE_CHECKING:
    from lib.training.learner.copies import Copies

#: Longest side in pixels of the pictures that are sent to the page, and their quality as JPEG.
_SHOWN, _QUALITY = 512, 92


class Worker(serve.Worker[Preview]):
    """Answers `lib.inference.augment_preview.PreviewRequest`."""

    kind = Preview
    failure = "The copies could not be made"

    @classmethod
    def place_in(cls, folder: Path) -> Studio:
        return Studio(folder, folder.name)

    def get_ready(self) -> None:
        """Load torch and fastai."""
        import lib.training.learner.copies  # noqa: F401  # that is all that takes long

    def respond(self, question: Preview, request: dict[str, Any]) -> dict[str, np.ndarray]:
        question.tell(0, COPIES, loading=True)
        from lib.training.learner import copies

        question.tell(0, COPIES)
        dataset = Studio(question.place.folder, question.place.id).load(request["revision"])
        settings = {name: request[name] for name in ("size", "augment", "flip")}
        config = options.configure(dataset, {"pretrained": False, **settings})
        options.check_flip(config, dataset)
        row, seed = request["row"], request["seed"]
        return _packed(copies.copies(dataset, tasks.get(dataset.task), config, row, seed=seed, count=COPIES))


def _packed(batch: Copies) -> dict[str, np.ndarray]:
    """Return copies as arrays by name, each picture as the bytes of a JPEG."""
    arrays = {"targs": batch.targs, "mirrored": batch.mirrored, "turn": batch.turn, "zoom": batch.zoom}
    pictures = {f"picture{number}": _jpeg(picture) for number, picture in enumerate(batch.pictures)}
    size = np.array(batch.pictures.shape[1:2], dtype=np.int64)
    return {**{name: np.ascontiguousarray(value) for name, value in arrays.items()}, **pictures, "size": size}


def _jpeg(pixels: np.ndarray) -> np.ndarray:
    image, buffer = Image.fromarray(pixels), io.BytesIO()
    image.thumbnail((_SHOWN, _SHOWN))
    image.save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
    return np.frombuffer(buffer.getvalue(), dtype=np.uint8)


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
