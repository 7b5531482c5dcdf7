"""A bundle on the Hugging Face hub: a repository with its files, private unless it is asked to be public."""

from __future__ import annotations

import shlex
import socket
import ssl
from pathlib import Path

from lib.core.errors import UserError, reason
from lib.core.program import PROGRAM
from lib.export.bundle import contents

#: Errors of the system that a network causes; all others are of this machine.
_OF_NETWORK = (ConnectionError, TimeoutError, socket.gaierror, ssl.SSLError)


def check(repo: str) -> None:
    """Look whether a repository can be called so, and whether there is a token for the hub.

    Raises
    ------
    UserError
        If not.
    """
    import huggingface_hub
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
        is_valid = repo.count("/") == 1
    except HFValidationError:
        is_valid = False
    if not is_valid:
        raise UserError(
            f"The repository {repo[:80]!r} cannot be: expected OWNER/NAME of letters, digits, single - and ., and _, "
            "96 at most each, without .git at its end."
        )
    if huggingface_hub.get_token() is None:
        raise UserError(
            "There is no token for the Hugging Face hub: log in with `hf auth login`, or set the variable HF_TOKEN."
        )


def push(folder: Path, repo: str, *, public: bool = False, kept: Path | None = None) -> str:
    """Upload the bundle in ``folder`` to the repository ``repo`` of the hub, which is made; return its address.

    Parameters
    ----------
    folder : pathlib.Path
    repo : str
        ``OWNER/NAME``.
    public : bool
        Whether a new repository is for everybody; one that is there stays as it is.
    kept : pathlib.Path, optional
        Where the bundle lies for its owner, if ``folder`` is a copy: what is said to be pushed again.

    Raises
    ------
    UserError
        If the hub cannot be reached or refuses it, a file cannot be read, or the repository is public and ``public`` is
        False; the bundle stays where it is.
    """
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    check(repo)
    hub, kept = HfApi(), kept or folder
    try:
        address = hub.create_repo(repo, private=not public, exist_ok=True)
        if not public and hub.repo_info(repo).private is not True:
            raise _not_pushed(
                f"The repository {repo} is there already and everybody can see it: choose another one, or say that it "
                "may be public.",
                kept,
                repo,
                public=True,
            )
        hub.upload_folder(
            repo_id=repo,
            folder_path=folder,
            commit_message=f"Bundle of a Manyhot run, format {contents.FORMAT}",
        )
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise _not_pushed(
            f"The Hugging Face hub refuses the upload to {repo} (HTTP status {status}): check that the token may write "
            "there.",
            kept,
            repo,
        ) from error
    except (httpx2.HTTPError, OfflineModeIsEnabled, *_OF_NETWORK) as error:
        raise _not_pushed(
            f"The Hugging Face hub at {hub.endpoint} cannot be reached ({type(error).__name__}): try again with a "
            "network.",
            kept,
            repo,
        ) from error
    except OSError as error:
        raise _not_pushed(
            f"The upload to {repo} failed on this machine ({reason(error)}): see that the bundle's files can be read "
            "and the disk has room, then try again.",
            kept,
            repo,
        ) from error
    return str(address)


def _not_pushed(why: str, kept: Path, repo: str, *, public: bool = False) -> UserError:
    """Return why a bundle was not pushed, where it is, and for the command line how it is pushed to ``repo`` again."""
    return UserError(
        f"{why} The bundle is in {kept}.",
        flags=f"`{PROGRAM} export {shlex.quote(str(kept))} --push {repo}{' --public' if public else ''}`",
    )
