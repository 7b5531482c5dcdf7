"""The workspace's side of a run on a node: what the node sent is put into the run's folder, in a true order."""

from __future__ import annotations

from pathlib import Path

from lib.core.errors import DamagedError
from lib.training import events
from lib.training.remote import objects, segments
from lib.training.remote.exchange import CHECKPOINTS, LOG_TAIL, RESULTS, Keys, Placed, State
from lib.training.remote.objects import Share, Stored


class Receiver:
    """Copies what a node has sent into the folder of its run.

    A reader of the folder sees what a worker on this machine would leave: results before the event that says so, and
    events before the checkpoint that was made after them, also where this process is killed in between.

    Parameters
    ----------
    share : Share
    keys : Keys
    folder : pathlib.Path
    """

    def __init__(self, share: Share, keys: Keys, folder: Path):
        self._share, self.keys, self._folder = share, keys, folder
        self._events = segments.Appender(folder)
        self._segments = 0
        self._is_placed = False
        self._have = self._there()
        self.state: State | None = None

    def _there(self) -> dict[str, Stored]:
        there: dict[str, Stored] = {}
        for name in (*RESULTS, *CHECKPOINTS):
            path = self._folder / name
            if path.exists():
                with path.open("rb") as file:
                    there[name] = objects.measured(file)
        return there

    @property
    def end(self) -> int:
        """Bytes of the events in the folder."""
        return self._events.end

    def peek(self) -> State | None:
        """Return how far the node is, None before it has begun; nothing is taken. Raises ShareError, DamagedError."""
        try:
            return self._share.get_json(self.keys.state, State)
        except objects.MissingError:
            return None

    def receive(self) -> bool:
        """Take what is new; return whether the node has given a sign of life since the last call.

        Raises
        ------
        ShareError
            If the store cannot be read: the next call goes on from there. `lib.training.remote.objects.MissingError` of
            what the node has replaced in this moment as well.
        DamagedError
            If it holds something else than what was sent.
        OSError
            If the run's folder cannot be written to.
        """
        state = self.peek()
        if state is None or (self.state is not None and state.beat == self.state.beat):
            return False
        if foreign := set(state.files) - {*RESULTS, *CHECKPOINTS}:
            raise objects.damaged(self._share, self.keys.state, f"a run has no file {foreign.pop()[:80]!r}")
        if events.MANIFEST not in state.files:
            self._remove(events.MANIFEST)  # a run with one is complete, whatever else changes now
        self._take(RESULTS, state)
        self._take_events(state)
        self._take(CHECKPOINTS, state)
        self.state = state
        return True

    def _take(self, names: tuple[str, ...], state: State) -> None:
        for name in names:
            placed = state.files.get(name)
            if placed is None:
                self._remove(name)
                continue
            stored = Stored(size=placed["size"], checksum=placed["checksum"])
            if self._have.get(name) != stored:
                self._fetch(name, placed)
                self._have[name] = stored

    def _fetch(self, name: str, placed: Placed) -> None:
        key = self.keys.file(placed)
        try:
            self._share.fetch(key, self._folder / name, placed)
        except DamagedError:
            now = self.peek()
            if now is None or now.files.get(name) == placed:
                raise
            raise objects.MissingError(f"The object {key} was written over: the next state says by what.") from None

    def _remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)
        self._have.pop(name, None)

    def _take_events(self, state: State) -> None:
        if not self._is_placed:
            self._place(state)
        while self._segments < state.segments:
            number = self._segments + 1
            try:
                self._events.append(*segments.get(self._share, self.keys, number))
            except objects.MissingError as error:
                raise DamagedError(f"{error} It is one of {state.segments:,} with the events of this run.") from error
            except ValueError as error:
                raise objects.damaged(self._share, self.keys.segment(number), str(error)) from error
            self._segments = number
        if self._events.end != state.events:
            raise objects.damaged(
                self._share,
                self.keys.state,
                f"expected events of {self._events.end:,} bytes, found {state.events:,}",
            )

    def _place(self, state: State) -> None:
        """Find the first segment that the folder may not have, of a follower before this one."""
        low, high = 0, state.segments  # all up to `low` are there
        while low < high:
            middle = (low + high + 1) // 2
            offset, lines = segments.get(self._share, self.keys, middle)
            if offset + len(lines) <= self._events.end:
                low = middle
            else:
                high = middle - 1
        self._segments, self._is_placed = low, True

    def log(self) -> str:
        """Return the end of what the node's worker printed; "" where that cannot be read."""
        if self.state is None or self.state.log is None:
            return ""
        try:
            return self._share.get(self.keys.file(self.state.log), LOG_TAIL).decode(errors="replace")
        except (objects.ShareError, DamagedError) as error:
            return str(error)

    def clean(self) -> None:
        """Remove all objects of this attempt, whose run is in its folder now; raises ShareError."""
        self._share.remove_all(self.keys.prefix)
