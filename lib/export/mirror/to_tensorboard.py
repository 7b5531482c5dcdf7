"""TensorBoard: one event file a run, in a folder of its own, which is appended to by whole records."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib.export.mirror.rows import About, Row
from lib.export.mirror.target import Written, package
from lib.training import events

#: The text in which all facts are.
_ABOUT = "about"
#: Bytes of a record before and after what is in it.
_HEAD, _TAIL = 12, 4


class TensorBoard:
    """Writes records itself, so that a file is whole after each: the package makes what is in them."""

    #: What the package raises of its own.
    errors = ()

    def __init__(self, folder: Path, about: About):
        self._events = _part("compat.proto.event_pb2")
        self._summary = _part("compat.proto.summary_pb2").Summary
        self._tensor = _part("compat.proto.tensor_pb2").TensorProto
        self._string = _part("compat.proto.types_pb2").DT_STRING
        self._text = _part("plugins.text.metadata").create_summary_metadata
        self._choices = _part("plugins.hparams.summary_v2")
        self._choices_data = _part("plugins.hparams.plugin_data_pb2")
        self._choices_tags = _part("plugins.hparams.metadata")
        self._status = _part("plugins.hparams.api_pb2").Status
        self._checksum = _part("compat.tensorflow_stub.pywrap_tensorflow").masked_crc32c
        self._about = about
        self._told = self._ended = b""
        place = folder / about.run
        place.mkdir(parents=True, exist_ok=True)
        self._file = (place / f"events.out.tfevents.{int(about.began):010d}.manyhot").open("a+b", buffering=0)
        self._end = 0

    def read(self) -> Written:
        written, tags = Written(), set()
        self._file.seek(0)
        for record in self._records(self._file.read()):
            event = self._events.Event.FromString(record)
            for value in event.summary.value:
                tags.add(value.tag)
                self._take(written, event.step, value)
        self._file.truncate(self._end)  # what a killed process or a full disk cut off
        if not self._end:
            self._write(self._events.Event(wall_time=self._about.began, file_version="brain.Event:2"))
        if self._choices_tags.SESSION_START_INFO_TAG not in tags:
            self._write_choices()
        return written

    def _write_choices(self) -> None:
        """Write what the table of choices shows: all choices, and the metrics that runs are compared by."""
        began = self._about.began
        config = {name: "none" if value is None else value for name, value in self._about.config.items()}
        shown = [self._choices.Metric(name) for name in self._about.shown]
        names = [self._choices.HParam(name) for name in config]
        for summary in (
            self._choices.hparams_config_pb(names, shown, time_created_secs=began),
            self._choices.hparams_pb(config, trial_id=self._about.run, start_time_secs=began),
        ):
            self._write(self._events.Event(wall_time=began, summary=summary))

    def _take(self, written: Written, step: int, value: Any) -> None:
        """Sort in a value that is in the file."""
        kind, name = value.WhichOneof("value"), value.tag
        if kind == "simple_value":
            written.values[name][step] = value.simple_value
        elif name == self._choices_tags.SESSION_END_INFO_TAG:
            self._ended = value.metadata.plugin_data.content
        elif name == _ABOUT:
            self._told = value.tensor.string_val[0]
        elif kind == "tensor":
            written.texts[name].add(step)

    def row(self, row: Row) -> None:
        values = [self._summary.Value(tag=name, simple_value=value) for name, value in row.values.items()]
        values += [self._words(name, _literal(text)) for name, text in row.texts.items()]
        self._write(self._events.Event(wall_time=row.time, step=row.step, summary=self._summary(value=values)))

    def tell(self, facts: dict[str, str], row: Row) -> None:
        text = _literal("\n".join(f"{name}: {value}" for name, value in facts.items()))
        if text.encode() != self._told:
            self._told = text.encode()
            summary = self._summary(value=[self._words(_ABOUT, text)])
            self._write(self._events.Event(wall_time=row.time, step=row.step, summary=summary))

    def end(self, state: str, when: float, *, is_final: bool) -> None:
        if not is_final:  # TensorBoard keeps the first end that it reads
            return
        status = self._status.Value("STATUS_SUCCESS" if state in events.COMPLETE else "STATUS_FAILURE")
        ended = self._choices_data.SessionEndInfo(status=status, end_time_secs=when)
        data = self._choices_tags.create_summary_metadata(self._choices_data.HParamsPluginData(session_end_info=ended))
        if data.plugin_data.content != self._ended:
            self._ended = data.plugin_data.content
            tag, empty = self._choices_tags.SESSION_END_INFO_TAG, self._choices_tags.NULL_TENSOR
            summary = self._summary(value=[self._summary.Value(tag=tag, metadata=data, tensor=empty)])
            self._write(self._events.Event(wall_time=when, summary=summary))

    def _words(self, name: str, text: str) -> Any:
        """Return a text as a value."""
        tensor = self._tensor(dtype=self._string, string_val=[text.encode()])
        return self._summary.Value(tag=name, metadata=self._text(None, None), tensor=tensor)

    def flush(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def _write(self, event: Any) -> None:
        """Append a record, whole or not at all."""
        data = event.SerializeToString()
        head = struct.pack("<Q", len(data))
        sums = (struct.pack("<I", self._checksum(part)) for part in (head, data))
        record, done = b"".join((head, next(sums), data, next(sums))), 0
        try:
            while done < len(record):  # a disk that is nearly full takes a part
                done += self._file.write(record[done:])
        except OSError:
            self._file.truncate(self._end)
            raise
        self._end += len(record)

    def _records(self, content: bytes) -> Iterator[bytes]:
        """Give what is in the records up to the first that is not whole; `_end` is where they end."""
        while len(content) >= self._end + _HEAD:
            head = content[self._end : self._end + 8]
            start = self._end + _HEAD
            end = start + struct.unpack("<Q", head)[0]
            sums = content[start - 4 : start] + content[end : end + _TAIL]
            if len(content) < end + _TAIL or sums != struct.pack(
                "<II", self._checksum(head), self._checksum(content[start:end])
            ):
                return
            self._end = end + _TAIL
            yield content[start:end]


def _part(module: str) -> Any:
    """Return a module of the package."""
    return package(f"tensorboard.{module}")


def _literal(text: str) -> str:
    """Return Markdown that shows a text as it is: TensorBoard would load a picture that a name asks for."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def open_target(folder: Path, about: About) -> TensorBoard:
    """Return what writes one run's event file."""
    return TensorBoard(folder, about)
