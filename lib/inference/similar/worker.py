"""The process that looks at the pictures of a dataset: ``python -m lib.inference.similar.worker FOLDER LOCK``.

Each question is worked on in a fork of its own, which ends at once when it is withdrawn: what was seen by then is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions import asking, forks, serve
from lib.inference import ask
from lib.inference.similar import features, questions, reduced, tsne
from lib.inference.similar.questions import Seen, SeenQuestion
from lib.training import bundled, runs

if TYPE_CHECKING:
    from lib.training.learner.inference import Model

_LOOKING, _REDUCING = "Looking at the images", "Reducing what was seen"


class Worker(forks.Worker[SeenQuestion]):
    """Answers questions about the pictures of one dataset."""

    kind = SeenQuestion
    failure = "The images could not be looked at"
    most_at_once = 1

    @classmethod
    def place_in(cls, folder: Path) -> Seen:
        return Seen(folder, folder.parent.name)

    def respond(self, question: SeenQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        question.tell(0, 0, loading=True)
        return _ANSWERS[request["kind"]](question, request)


def seen_by(question: SeenQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Answer `lib.inference.similar.features.ask`."""
    from lib.training.learner import pooled

    place = Seen(question.place.folder, question.place.id)
    dataset = place.load(request["base"])
    model = _model(place, dataset, request)
    tell = serve.ProgressTeller(question)
    rows, values = pooled.of_rows(
        model, dataset, range(len(dataset)), tell=lambda done, total: tell(done, total, _LOOKING), note=print
    )
    if not len(rows):
        raise UserError(
            f"None of the {len(dataset):,} images of {dataset.name} can be read: the checks under Quality say why."
        )
    tell(0, 0, _REDUCING)
    left_out = np.array([len(dataset) - len(rows)], dtype=np.int64)
    return {"rows": rows, "values": values, "reduced": reduced.of(values), "left_out": left_out}


def map_of(question: SeenQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Answer `lib.inference.similar.maps.ask`."""
    place = Seen(question.place.folder, question.place.id)
    asked = asking.find(place, request["features"], SeenQuestion)
    known = features.of_question(asked, len(place.load(request["base"]))) if asked else None
    if known is None:
        raise UserError("What the network sees in the images is not there any more: ask again.")
    positions, drawn = tsne.arrange(known.reduced, serve.ProgressTeller(question))
    kept = tsne.neighbors_kept(known.reduced, positions)
    return {
        "rows": known.rows,
        "positions": positions,
        "drawn": np.array([len(drawn)], dtype=np.int64),
        "kept": np.array([kept], dtype=np.float32),
    }


_ANSWERS = {questions.FEATURES: seen_by, questions.MAP: map_of}


def _model(place: Seen, dataset: Dataset, request: dict[str, Any]) -> Model:
    """Return the network that is asked about, where it is to work."""
    from lib.inference.worker import device
    from lib.training.learner import inference, pooled

    if request["run"]:
        run = runs.load(place.workspace, request["run"])
        if ask.model_id(run) != request["model"]:
            raise UserError(f"The run {run.id} has another model by now: ask again.")
        model = inference.load(run)
    elif request["model"] == bundled.DIGEST:
        model = pooled.pretrained(dataset, request["size"])
    else:
        raise UserError("The network that comes with the installation is another one by now: ask again.")
    return model.to(device(place.workspace))


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
