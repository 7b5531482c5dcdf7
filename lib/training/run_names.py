"""The name that people give a run, and who started it: small text files in its folder, each written whole."""

from __future__ import annotations

from pathlib import Path

from lib.core import checksums, files, people, sentences
from lib.core.errors import UserError, reason
from lib.training import events

#: Letters of a name, at most.
MOST = 60
#: A letter is four bytes at most, the checksum before them is shorter: the rest of a longer file is not read.
_BYTES = 4 * max(MOST, people.MOST) + 256
#: What is shown where the file is not what was written.
DAMAGED = "(name damaged)"


def read(folder: Path) -> str:
    """Return the name of the run in ``folder``, "" without one; what nobody could have entered is replaced.

    It is `DAMAGED` where it is not the one that was given.

    Two runs may have the same name: the id tells them apart.
    """
    return _line(folder / events.NAME, MOST)


def user(folder: Path) -> str:
    """Return who started the run in ``folder``, "" where nobody logged in."""
    return _line(folder / events.USER, people.MOST)


def sign(folder: Path, user: str, run: str) -> None:
    """Write who started ``run`` into its new ``folder``; nothing where nobody logged in."""
    path = folder / events.USER
    if user:
        files.write_atomic(path, checksums.headed(user.encode(), checksums.name_of(path, run)))


def _line(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES)
        text = checksums.unheaded(content, checksums.name_of(path, path.parent.name)).decode(errors="replace")
    except OSError:  # most runs have none; one that cannot be read has none that could be shown
        return ""
    except checksums.ChecksumError:
        return DAMAGED
    return sentences.printable(text.strip())[:most]


def check_line(what: str, line: str, most: int) -> None:
    """Raise UserError if a line of a run, such as "The name", is too long or has letters that cannot be seen."""
    if len(line) > most:
        raise UserError(f"{what} of a run has {most} letters at most, and this one has {len(line):,}: shorten it.")
    hidden = [f"U+{ord(letter):04X}" for letter in line if not letter.isprintable()]
    if hidden:
        raise UserError(
            f"{what} of a run is one line of visible letters, and this one has the control character {hidden[0]}: "
            "leave it out."
        )


def write(folder: Path, name: str) -> str:
    """Name the run in ``folder`` and return the name as it is kept, without space around it; "" takes the name away.

    Raises
    ------
    UserError
        If the name is too long or has letters that cannot be seen, or the folder cannot be written to.
    """
    name = name.strip()
    check_line("The name", name, MOST)
    path = folder / events.NAME
    try:
        if name:
            files.write_atomic(path, checksums.headed(name.encode(), checksums.name_of(path, folder.name)))
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"The run {folder.name} cannot be named, because its folder {folder} cannot be written to "
            f"({reason(error)}): make it writable, or make room on its disk."
        ) from error
    return name
