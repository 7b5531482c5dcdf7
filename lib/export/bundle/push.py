"""A bundle on the Hugging Face hub: a repository with its files, private unless it is asked to be public."""

from __future__ import annotations

import re
from pathlib import Path

from lib.core.errors import UserError
from lib.export.bundle import contents

#: An owner and a name, as the hub takes them.
_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


def check(repo: str) -> None:
    """Look whether a repository can be called so, and whether there is a token for the hub.

    Raises
    ------
    UserError
        If not.
    """
    if not _REPO.fullmatch(repo):
        raise UserError(f"The repository {repo[:80]!r} cannot be: expected OWNER/NAME, as it stands in its address.")
    import huggingface_hub

    if huggingface_hub.get_token() is None:
        raise UserError(
            "There is no token for the Hugging Face hub: log in with `hf auth login`, or set the variable HF_TOKEN."
        )


def push(folder: Path, repo: str, *, public: bool = False) -> str:
    """Upload the bundle in ``folder`` to the repository ``repo`` of the hub, which is made; return its address.

    Parameters
    ----------
    folder : pathlib.Path
    repo : str
        ``OWNER/NAME``.
    public : bool
        Whether a new repository is for everybody; one that is there stays as it is.

    Raises
    ------
    UserError
        If the hub cannot be reached or refuses it, or the repository is public and ``public`` is False; the bundle
        stays in its folder.
    """
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    check(repo)
    hub = HfApi()
    try:
        made = hub.create_repo(repo, private=not public, exist_ok=True)
        if not public and hub.repo_info(repo).private is not True:
            raise UserError(
                f"The repository {repo} is there already and everybody can see it: choose another one, or say that it "
                f"may be public. The bundle is in {folder}.",
                flags="--public",
            )
        hub.upload_folder(
            repo_id=repo,
            folder_path=folder,
            commit_message=f"Bundle of a Manyhot run, format {contents.FORMAT}",
        )
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise UserError(
            f"The Hugging Face hub refuses the upload to {repo} (HTTP status {status}): check that the token may write "
            f"there. The bundle is in {folder}."
        ) from error
    except (httpx2.HTTPError, OSError, OfflineModeIsEnabled) as error:
        raise UserError(
            f"The Hugging Face hub at {hub.endpoint} cannot be reached ({type(error).__name__}): try again with a "
            f"network. The bundle is in {folder}."
        ) from error
    return str(made)
