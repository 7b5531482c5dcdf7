"""The few lines of pandas behind the curves of a training, on the run's own events."""

from __future__ import annotations

from lib.tasks.code.base import literal

_CURVES = """\
batches, epochs = [], []
with open(path) as file:
    for event in map(json.loads, file):
        if event["event"] == "batch":
            batches.append(event)
        elif event["event"] == "epoch":
            epochs.append({**event, **event["metrics"]})
        elif event["event"] == "resumed":  # what came after the checkpoint was computed again
            del batches[event["step"] :], epochs[event["epochs"] :]
batches, epochs = pd.DataFrame(batches), pd.DataFrame(epochs)
print(epochs.drop(columns=["event", "time", "metrics", "findings", "preview"], errors="ignore"))
figure, (loss, metric) = plt.subplots(1, 2)
loss.plot(batches["step"], batches["loss"], alpha=0.3, label="batch")
loss.plot(epochs["step"], epochs["train_loss"], label="train_loss")
loss.plot(epochs["step"], epochs["valid_loss"], "o", label="valid_loss")
"""


def lines(path: str, metric: str) -> str:
    """Return the lines; ``path`` is that of the run's ``events.jsonl``, ``metric`` one that it recorded."""
    return (
        "import json\n\nimport matplotlib.pyplot as plt\nimport pandas as pd\n\n"
        f"{literal('path', path)}\n{_CURVES}"
        f"{literal('name', metric)}\n"
        'metric.plot(epochs["epoch"], epochs[name], "o-", label=name)\n'
        "loss.legend(), metric.legend()\nplt.show()"
    )
