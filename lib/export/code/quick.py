"""The cells of a script that fits a quick model again: one linear layer on frozen features, by scikit-learn."""

from __future__ import annotations

from lib.export.code import heads, training
from lib.export.code.cells import Cell
from lib.export.code.facts import Facts
from lib.tasks.code.base import LABELS
from lib.tasks.learning import CLASSES, SHAPE, VALUES
from lib.tasks.learning import LABELS as SEVERAL

_ACTIVATION = {
    SEVERAL: "torch.sigmoid(acts)",
    CLASSES: "acts.softmax(dim=1)",
    VALUES: "acts",
    SHAPE: "acts",
}


def cells(facts: Facts, table: str, head: str) -> list[Cell]:
    """Return the cells; ``table`` is an expression that gives the path of the table of labels; no head is asked for."""
    kind = facts.task.linear_fit
    predict = (
        "preds = {}\n"
        f"for split in {list(facts.recorded)!r}:\n"
        f"    rows = {LABELS}[{LABELS}['split'] == split]\n"
        "    given = (torch.tensor(one, dtype=torch.float32) for one in (features[split], head_weight, head_bias))\n"
        "    acts = F.linear(*given)\n"
        f"    preds[split] = {_ACTIVATION[kind]}.numpy()\n"
        f'    print(split, "{facts.task.metric}:", score(rows, preds[split]), "- the run:", RUN[split])'
    )
    others = [
        *training.data(facts, table),
        *heads.cells(facts),
        *training.result(facts, predict),
    ]
    return [*training.first(facts, others), *others]
