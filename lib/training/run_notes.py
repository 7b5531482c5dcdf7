"""What people keep of a run beside its name, in a file of its own in the run's folder: a note, tags, whether pinned."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from lib.core import files, json_files, locks, sentences
from lib.core.errors import UserError, reason, unread
from lib.training import events, run_names

#: Letters of a note and of a tag, and how many tags, at most.
MOST, MOST_OF_TAG, MOST_TAGS = 500, 30, 10
#: What is shown where the file is not what was written.
DAMAGED = "(notes damaged)"
_SECONDS = 5.0


@dataclass(frozen=True)
class Notes:
    """What people keep of a run.

    Attributes
    ----------
    note : str
        One line.
    tags : tuple of str
        Without repetition, in the order in which they were given.
    pinned : bool
        Whether it stands before the others.
    """

    note: str = ""
    tags: tuple[str, ...] = ()
    pinned: bool = False


class _Kept(TypedDict, total=False):
    """What the file holds."""

    note: Annotated[str, Meta(max_length=MOST)]
    tags: Annotated[list[Annotated[str, Meta(max_length=MOST_OF_TAG)]], Meta(max_length=MOST_TAGS)]
    pinned: bool


def read(folder: Path) -> Notes:
    """Return what is kept of the run in ``folder``; the note is `DAMAGED` where the file is not what was written."""
    try:
        return _read(folder)
    except (OSError, ValueError):
        return Notes(note=DAMAGED)


def _read(folder: Path) -> Notes:
    try:
        kept = json_files.read(folder / events.NOTES, _Kept, folder.name)
    except FileNotFoundError:  # most runs have none
        return Notes()
    tags = tuple(sentences.printable(tag) for tag in kept.get("tags", []))
    return Notes(sentences.printable(kept.get("note", "")), tags, kept.get("pinned", False))


def write(folder: Path, **changes: Any) -> Notes:
    """Change some of what is kept of the run in ``folder``, fields of `Notes`, and return all of it.

    Raises
    ------
    UserError
        If a note or a tag is too long or has letters that cannot be seen, or the file cannot be read or written.
    """
    try:
        with locks.held(folder / events.NOTES_LOCK, _SECONDS):  # else of two at once one would be lost
            notes = _clean(dataclasses.replace(_read(folder), **changes))
            if notes == Notes():
                (folder / events.NOTES).unlink(missing_ok=True)
            else:
                files.write_json(folder / events.NOTES, dataclasses.asdict(notes), folder.name)
    except ValueError as error:
        raise UserError(
            f"The file {folder / events.NOTES} is damaged ({unread(error)}): put it back from a copy, or remove it and "
            "write the notes of this run again."
        ) from error
    except OSError as error:
        raise UserError(
            f"The notes of the run {folder.name} cannot be written, because its folder {folder} cannot be written to "
            f"({reason(error)}): make it writable, or make room on its disk."
        ) from error
    return notes


def tags_of(text: str) -> tuple[str, ...]:
    """Return the tags in a line, separated by commas.

    Examples
    --------
    >>> tags_of("baseline, for the paper,,baseline")
    ('baseline', 'for the paper')
    """
    return tuple(dict.fromkeys(tag for one in text.split(",") if (tag := one.strip())))


def _clean(notes: Notes) -> Notes:
    """Return notes without space around their words; raises UserError for what cannot be kept."""
    note, tags = notes.note.strip(), tuple(dict.fromkeys(tag.strip() for tag in notes.tags if tag.strip()))
    if len(tags) > MOST_TAGS:
        raise UserError(f"A run has {MOST_TAGS} tags at most, and these are {len(tags):,}: leave some out.")
    run_names.check_line("A note", note, MOST)
    for tag in tags:
        run_names.check_line("A tag", tag, MOST_OF_TAG)
    return Notes(note, tags, notes.pinned)
