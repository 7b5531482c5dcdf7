"""The process that looks into a weights file: ``python -m lib.training.weights_check FILE ARCHITECTURE...``.

A page has no torch, and what comes from outside is read where it can take down nothing else. It prints one JSON
document: how many tensors the file has, and for each architecture a sentence why it does not fit, empty if it does.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from lib.core.config import TrainConfig
from lib.core.errors import UserError

#: Bytes of memory that torch may take for itself, and how many times the file's size what is made of it may take.
_TORCH, _TIMES = 4 * 2**30, 6


def main(file: Path, architectures: list[str]) -> int:
    """Look into ``file`` and print what was found."""
    with contextlib.suppress(ImportError):  # a system without such limits
        import resource

        most = _TORCH + _TIMES * file.stat().st_size
        resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    from lib.training.learner import loading, weights

    answer: dict[str, Any] = {"n_tensors": 0, "misfits": {}}
    try:
        answer["n_tensors"] = len(weights.read(file))
    except UserError as error:
        answer["error"], architectures = str(error), []
    for arch in architectures:
        config = TrainConfig("", "", "", arch, True, str(file), 64, 2, False, 0, 1, 1e-3, 1.0, 0.5, 0)
        answer["misfits"][arch] = loading.misfit(config)
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
