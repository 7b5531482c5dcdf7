"""Changes of arrays and tables: a run's predictions, a data set's targets and items."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load, save

from tests.attack.damage.changes import FREE, SAID, SEALED, Change, Named, always, any_file


def _tensors(change: Callable[[dict[str, np.ndarray]], Any], *, sealed: bool = False) -> Change:
    def changed(before: bytes) -> bytes:
        arrays = {name: array.copy() for name, array in load(before).items()}
        change(arrays)
        head = json.loads(before[8 : 8 + int.from_bytes(before[:8], "little")])
        kept = head.get("__metadata__") if sealed else None
        return save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, kept)

    return changed


def _set(name: str, make: Callable[[np.ndarray], np.ndarray], *, sealed: bool = False) -> Change:
    return _tensors(lambda arrays: arrays.update({name: make(arrays[name])}), sealed=sealed)


def _put(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def put(array: np.ndarray) -> np.ndarray:
        array.reshape(-1)[0] = value
        return array

    return put


def predictions(task: str) -> Iterator[Named]:
    yield from any_file()
    yield "a header of 2^60 bytes", lambda before: struct.pack("<Q", 2**60) + before[8:]
    yield "no tensor", always(save({}))
    yield "a foreign tensor more", _tensors(lambda arrays: arrays.update({"moon": np.zeros(3)})), FREE
    for name in ("items", "preds", "targs", "sizes", "baseline"):
        yield f"without {name}", _tensors(lambda arrays, name=name: arrays.pop(f"valid.{name}"))
        yield f"{name} one row short", _set(f"valid.{name}", lambda array: array[:-1])
        same = name == "items" or (name, task) == ("targs", "single-label")  # small numbers of one axis fit
        change = _set(f"valid.{name}", lambda array: array.astype(np.uint8).reshape(-1))
        yield f"{name} as text's bytes", change, FREE if same else SAID
        yield f"{name} with an axis more", _set(f"valid.{name}", lambda array: array[..., None])
        yield f"{name} of no row", _set(f"valid.{name}", lambda array: array[:0])
    yield (
        "without all of valid",
        _tensors(lambda arrays: [arrays.pop(name) for name in list(arrays) if name.startswith("valid")]),
    )
    for name in ("preds", "baseline", "quick"):
        for value in (np.nan, np.inf, -7.0, 1e30):
            may_be = "label" not in task and np.isfinite(value)
            change = _set(f"valid.{name}", _put(value), sealed=may_be)
            yield f"{name}: {value:g}", change, SEALED if may_be else SAID
    yield "preds as whole numbers", _set("valid.preds", lambda array: np.nan_to_num(array).astype(np.int64))
    yield "preds as booleans", _set("valid.preds", lambda array: array > 0.5)
    if task != "single-label":
        yield "preds of one column less", _set("valid.preds", lambda array: array[:, :-1])
    yield "preds and targs of two columns more", _tensors(_wider)
    yield "quick of other columns", _set("valid.quick", lambda array: array[:, :1])
    for value in (-1, 10**6, 2**62):
        yield f"items: {value}", _set("valid.items", _put(value))
    yield "items twice the same", _set("valid.items", lambda array: np.full_like(array, array[0]))
    yield "items of train", _set("valid.items", lambda array: array * 0 + np.arange(len(array)))
    yield "items as floats", _set("valid.items", lambda array: array + 0.5)
    for value in (np.nan, 0.0, -3.0, np.inf):
        yield f"sizes: {value:g}", _set("valid.sizes", _put(value))
    yield "targs: 99", _set("valid.targs", _put(99))
    yield "targs: -5", _set("valid.targs", _put(-5))
    yield (
        "targs as floats",
        _set("valid.targs", lambda array: array.astype(np.float64)),
        SAID if "label" in task else FREE,
    )
    yield "test without preds", _tensors(lambda arrays: arrays.pop("test.preds"))


def _wider(arrays: dict[str, np.ndarray]) -> None:
    for name in ("preds", "targs", "baseline", "quick"):
        array = arrays[f"valid.{name}"]
        if array.ndim > 1:
            arrays[f"valid.{name}"] = np.concatenate([array, array[:, :2]], axis=1)


def _npy(array: np.ndarray, *, pickled: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=pickled)
    return buffer.getvalue()


def _array(make: Callable[[np.ndarray], np.ndarray]) -> Change:
    return lambda before: _npy(make(np.load(io.BytesIO(before))))


def targets(task: str) -> Iterator[Named]:
    yield from any_file()
    yield "one row short", _array(lambda array: array[:-1])
    yield "a row more", _array(lambda array: np.concatenate([array, array[:1]]))
    yield "no row", _array(lambda array: array[:0])
    yield "an axis more", _array(lambda array: array[..., None])
    yield "flat", _array(lambda array: np.ascontiguousarray(array.reshape(-1)))
    yield "turned", _array(lambda array: np.ascontiguousarray(array.T))
    yield "text", _array(lambda array: array.astype("U8"))
    yield "complex numbers", _array(lambda array: array.astype(np.complex64))
    yield "dates", _array(lambda array: array.astype(np.int64).astype("datetime64[s]"))
    yield "pickled", lambda before: _npy(np.array([{"a": 1}, None], dtype=object), pickled=True)
    yield "99", _array(_put(99)) if "label" in task else _array(_put(np.inf))
    yield "-5", _array(_put(-5)) if "label" in task else _array(_put(-np.inf))
    yield "of wide numbers", _array(lambda array: array.astype(np.float64 if "label" in task else np.int64))
    if task != "single-label":
        yield "one column short", _array(lambda array: np.ascontiguousarray(array[:, :-1]))


def _table(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Change:
    return lambda before: change(pd.read_parquet(io.BytesIO(before))).to_parquet(index=False)


def _column(name: str, value: Any) -> Change:
    def put(frame: pd.DataFrame) -> pd.DataFrame:
        values = frame[name].tolist()
        values[1] = value
        return frame.assign(**{name: values})

    return _table(put)


def items() -> Iterator[Named]:
    yield from any_file()
    for name in ("file", "original", "split", "group", "width", "height"):
        yield f"without {name}", _table(lambda frame, name=name: frame.drop(columns=name))
        yield f"{name} of other type", _table(lambda frame, name=name: frame.assign(**{name: [[1, 2]] * len(frame)}))
        yield f"{name} none", _column(name, None)
    yield "one row short", _table(lambda frame: frame.iloc[:-1])
    yield "a row more", _table(lambda frame: pd.concat([frame, frame.iloc[:1]]))
    yield "no row", _table(lambda frame: frame.iloc[:0])
    yield "no column", _table(lambda frame: frame[[]])
    yield "a column more", _table(lambda frame: frame.assign(moon=1))
    yield "an unknown split", _column("split", "moon")
    yield "a split as a number", _table(lambda frame: frame.assign(split=1))
    yield "all in train", _table(lambda frame: frame.assign(split="train")), SEALED
    yield "a width of nothing", _column("width", 0)
    yield "a negative height", _column("height", -4)
    yield "a width as text", _table(lambda frame: frame.assign(width="wide"))
    yield "a width of NaN", _column("width", float("nan"))
    yield "an endless height", _column("height", float("inf"))
    yield "a file that leads out", _column("file", "../../../etc/passwd")
    yield "an absolute file", _column("file", "/etc/passwd")
    yield "a file of no name", _column("file", "")
    yield "one file for all", _table(lambda frame: frame.assign(file=frame["file"].iloc[0])), SEALED
    yield "columns in another order", _table(lambda frame: frame[frame.columns[::-1]])
