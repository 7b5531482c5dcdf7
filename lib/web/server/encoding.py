"""A picture as bytes for a browser, made in little memory: small ones here, large ones by a process of their own.

That process, ``python -m lib.web.server.encoding``, gives its memory back to the last byte, and a decoder that crashes
takes nobody along. Together both may take `TOTAL_MB`, see `lib.core.budget`.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from functools import cache
from typing import BinaryIO

from lib.core import budget, depth, pictures, processes
from lib.core.budget import MB, Budget
from lib.core.depth import Rule
from lib.core.picture_files import TooLargeError, UnreadableImageError

try:
    import resource
except ImportError:  # Windows: no limits
    _HAS_LIMITS = False
else:
    _HAS_LIMITS = True

#: What ``size=0``, the whole picture, may have at most: more than a screen shows.
LARGEST = 4096
#: A picture up to this longer side is made without loss: JPEG would show when it is enlarged.
LOSSLESS = 512
#: MB that pictures may take together, where `lib.core.budget.VARIABLE` says no other number.
TOTAL_MB = 300
#: What of that is for pictures in this process, and what a single one may take of it.
_HERE, _EACH = 0.15, 0.08
#: What an interpreter takes that has decoded nothing yet.
_EMPTY = 40 * MB
_SLACK = 128 * MB  # that the estimate may be off, and what is asked for but never touched
_SECONDS = 180.0
_REFUSED = 3  # exit status: the answer is why


def encode(file: BinaryIO, size: int, rule: Rule) -> tuple[bytes, str]:
    """Return a picture at most ``size`` pixels long, 0 for `LARGEST`, as bytes and media type; made here or apart.

    ``file`` is an open file of the system, which a process of its own is given as it is.

    Raises
    ------
    lib.core.picture_files.UnreadableImageError
        If the file is damaged, or takes more memory than it may.
    """
    try:
        return encode_here(file, size, rule)
    except TooLargeError as error:
        return encode_apart(file, size, rule, error)


def encode_here(file: BinaryIO, size: int, rule: Rule) -> tuple[bytes, str]:
    """Return what `encode` does, made in this process; raises as it does."""
    if 0 < size < LOSSLESS:
        return pictures.thumbnail(file, size, rule), "image/jpeg"
    image = pictures.shrunk(file, size or LARGEST, rule)
    out = io.BytesIO()
    if max(image.size) <= LOSSLESS:
        image.save(out, "PNG", compress_level=3)
        return out.getvalue(), "image/png"
    image.save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue(), "image/jpeg"


def encode_apart(file: BinaryIO, size: int, rule: Rule, error: TooLargeError) -> tuple[bytes, str]:
    """Return what `encode` does, made by a process of its own; ``error`` says why not here.

    Raises
    ------
    lib.core.picture_files.UnreadableImageError
        As `encode`, and if its decoder crashes.
    """
    room = _apart()
    try:
        with room.hold(error.cost + _EMPTY):
            return _asked(file, size, rule, error.cost)
    except budget.TooLargeError as too_large:
        allowed = budget.TooLargeError(error.cost, too_large.limit - _EMPTY)
        raise TooLargeError(error.size, error.kind, allowed, error.in_rows) from error


def _asked(file: BinaryIO, size: int, rule: Rule, cost: int) -> tuple[bytes, str]:
    words = [json.dumps({"size": size, "cost": cost, **depth.to_json(rule)})]
    command = [sys.executable, "-m", "lib.web.server.encoding", *words]
    environment = processes.environment() | {budget.VARIABLE: str(cost / MB + 1)}
    try:
        done = subprocess.run(command, env=environment, stdin=file, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise UnreadableImageError(f"it took more than {_SECONDS:.0f} s: save it smaller") from error
    if done.returncode == _REFUSED:
        raise UnreadableImageError(done.stdout.decode())
    if done.returncode:
        raise UnreadableImageError("its decoder crashed: save it anew")
    kind, content = done.stdout.split(b"\n", 1)
    return content, kind.decode()


def use_budget() -> None:
    """Let pictures in this process, the web server, take their part of what all may take together."""
    total = budget.limit(TOTAL_MB)
    budget.use(Budget(int(total * _HERE), most=int(total * _EACH)))


@cache
def _apart() -> Budget:
    return Budget(int(budget.limit(TOTAL_MB) * (1 - _HERE)))


def main() -> None:
    """Answer the request on the command line for the picture in stdin: media type, line break, picture; or why not."""
    request = json.loads(sys.argv[1])
    if _HAS_LIMITS:
        most = request["cost"] + _EMPTY + _SLACK
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    try:
        content, kind = encode_here(sys.stdin.buffer, request["size"], depth.from_json(request.get("value_range")))
    except (OSError, UnreadableImageError) as error:
        sys.stdout.write(str(error))
        sys.exit(_REFUSED)
    except MemoryError:
        sys.stdout.write("it takes more memory than its header tells: save it anew")
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(f"{kind}\n".encode() + content)


if __name__ == "__main__":
    main()
