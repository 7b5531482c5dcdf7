"""The command that starts a training again, from its configuration."""

from __future__ import annotations

import shlex

from lib.core.program import PROGRAM
from lib.training import events as protocol
from lib.training.events import TrainConfig
from lib.training.options import OPTIONS

_COMMANDS = {protocol.TRAIN: "train", protocol.LR_FIND: "lr-find"}


def command(config: TrainConfig) -> str:
    """Return what to type to get the same numbers on the same processor, every option spelled out.

    Examples
    --------
    >>> from lib.protocol import TrainConfig
    >>> chosen = ("small", False, None, 64, 32, True, 1, 20, 0.01, 1.0, 0.5, 42)
    >>> config = TrainConfig("faces", "c858498b8e51", "keypoints", *chosen)
    >>> command(config).partition(" --freeze")[0]
    'python -m lib train faces --arch small --no-pretrained --size 64 --bs 32'
    """
    words = [*PROGRAM.split(), _COMMANDS[config.kind], config.dataset]
    for name in OPTIONS:
        value, flag = getattr(config, name), name.replace("_", "-")
        if value is None:
            continue
        if isinstance(value, bool):
            usual = name in ("pretrained", "augment")
            if value != usual:
                words.append(f"--no-{flag}" if usual else f"--{flag}")
        else:
            words += [f"--{flag}", f"{value!r}" if isinstance(value, float) else str(value)]
    return shlex.join(words)
