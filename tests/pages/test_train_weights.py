"""The Train page accepts a weights file, and says what to do where weights are not available."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from lib.core.errors import UserError
from lib.importing import uploads
from lib.training import events, weights_files
from tests.pages.conftest import checked, opened
from tests.pages.train_form import by_the_book, choose, click_train


@pytest.mark.parametrize(("way", "taken"), [("lite0", ("lite0", True)), ("from scratch", ("small", False))])
def test_pretrained_without_network_offers_ways_out(make_dataset, launched, tmp_path, monkeypatch, way, taken):
    """Asked for weights that cannot be had, the page says so and offers those that are here, scratch and a file."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("lib.training.architectures._TORCHVISION_HOST", "http://127.0.0.1:9/")
    make_dataset("multi-label")
    app = click_train(choose(by_the_book(opened("train")), arch="resnet18"))
    assert "train from scratch" in app.error[0].value
    assert "weights file" in app.error[0].value
    assert not launched
    ways = [button.label for button in app.button if "instead" in button.label]
    assert ways == ["Train lite0 instead, whose weights are here", "Train small from scratch instead"]
    checked(next(button for button in app.button if way in button.label).click().run())
    config = events.read_config(launched[0])
    assert (config.arch, config.pretrained) == taken


def test_an_uploaded_weights_file_is_what_is_trained_from(make_dataset, launched, workspace, monkeypatch):
    """It is kept by its digest, described beside its path, and Train starts with it; another network is warned of."""
    make_dataset("multi-label")
    misfits = {"lite0": "", "resnet18": "The weights file does not fit resnet18"}
    looked = lambda _, archs: {"n_tensors": 7, "misfits": {arch: misfits[arch] for arch in archs}}  # noqa: E731
    monkeypatch.setattr(weights_files, "_look_into", looked)
    app = choose(opened("train"), arch="lite0")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as whole:  # what torch writes is one
        whole.writestr("archive/data.pkl", bytes(100))
    content = archive.getvalue()
    upload = uploads.begin(workspace, "0123456789abcdef" * 2, "my [net].pth", len(content))
    upload.append(content)
    upload.finish()
    app.session_state["weights_upload"] = {"done": upload.folder.name}
    checked(app.run())
    path = workspace.root / "weights" / f"{hashlib.sha256(content).hexdigest()}.pth"
    assert path.read_bytes() == content and not upload.folder.exists()
    assert next(field.value for field in app.text_input if str(field.key).startswith("weights-")) == str(path)
    assert any("7 tensors. It fits lite0" in caption.value for caption in app.caption)
    click_train(app)
    config = events.read_config(launched[0])
    assert (config.arch, config.pretrained, config.weights) == ("lite0", True, str(path))
    app = checked(choose(app, arch="resnet18"))
    assert any("does not fit resnet18" in warning.value for warning in app.warning)


def test_an_upload_that_is_no_weights_file_is_one_sentence(make_dataset, workspace, monkeypatch):
    """What cannot be read is said, and neither kept nor put into the field."""
    make_dataset("multi-label")

    def refused(*_):
        raise UserError("The weights file a.pth cannot be read: choose another file.")

    monkeypatch.setattr(weights_files, "_look_into", refused)
    app = opened("train")
    upload = uploads.begin(workspace, "0123456789abcdef" * 2, "a.pth", 100)
    upload.append(b"PK\x03\x04" + bytes(96))
    upload.finish()
    app.session_state["weights_upload"] = {"done": upload.folder.name}
    app = checked(app.run())
    assert "cannot be read" in app.error[0].value
    assert not upload.folder.exists() and not (workspace.root / "weights").exists()
    assert not next(field.value for field in app.text_input if str(field.key).startswith("weights-"))


def test_a_wrong_weights_path_is_said_below_its_field(make_dataset, launched, tmp_path):
    """What is no file, a folder, or another kind of file is one sentence at once; a file that may fit is none."""
    make_dataset("multi-label")
    (tmp_path / "notes.txt").touch()
    (tmp_path / "cut.pth").write_bytes(b"x")
    with zipfile.ZipFile(tmp_path / "kept.pth", "w") as kept:
        kept.writestr("kept/data.pkl", b".")
    app = opened("train")
    told = {"gone.pth": "gone.pth", "": "is a folder", "notes.txt": "notes.txt", "cut.pth": "damaged", "kept.pth": ""}
    for path, words in told.items():
        field = next(one for one in app.text_input if str(one.key).startswith("weights-"))
        checked(field.set_value(f"{tmp_path}/{path}").run())
        warnings = [warning.value.replace("\\", "") for warning in app.warning]
        assert len(warnings) == bool(words), path
        assert words in "".join(warnings)
