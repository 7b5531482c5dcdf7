"""A real worker answers as the run's own predictions say, quickly the second time, and nobody waits in vain."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from PIL import Image

from lib import tasks
from lib.core import processes
from lib.core.config import LR_FIND
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.files import write_json
from lib.core.questions import asking, requests, serve
from lib.core.questions.requests import Question
from lib.export import answers
from lib.inference import ask
from lib.inference import worker as inference_worker
from lib.inference.ask import GradCam, ModelQuestion, Picture, Predict
from lib.training import device_queue, events, runs
from lib.training.device_queue import DeviceQueue
from lib.training.learner import data, grad_cam
from lib.training.learner import inference as of_learner
from lib.training.runs import Run
from tests import unsealed
from tests.unit.inference.asked_runs import picture

pytestmark = pytest.mark.slow
#: Of probabilities; a GPU chooses another algorithm for another number of pictures.
CLOSE = 1e-3 if torch.cuda.is_available() else 1e-5


@pytest.fixture
def none_left() -> Iterator[None]:
    """Workers that are left at the end are killed."""
    before = list(processes._started)
    yield
    for process in processes._started:
        if process not in before and "lib.inference.worker" in process.args:
            process.kill()
            process.wait()


def brought(dataset: Dataset, rows: np.ndarray) -> Predict:
    """Return the question about pictures of a dataset as if somebody brought them."""
    return Predict(tuple(Picture.of(dataset.image_path(row), f"{row}.png") for row in rows))


def settled(question: Question, seconds: float = 90) -> requests.State:
    """Wait for an answer or an error, and return which."""
    end = time.monotonic() + seconds
    while (state := question.state()).active and time.monotonic() < end:
        time.sleep(0.02)
    return state


def process() -> object:
    """Return the inference worker that was started last."""
    return next(one for one in reversed(processes._started) if "lib.inference.worker" in one.args)


@pytest.fixture
def answered(monkeypatch) -> Callable[[Run, object], Question]:
    """A function that asks and has it answered in this process, where torch is loaded already."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    workers: dict[str, inference_worker.Worker] = {}

    def answer(run: Run, request: object) -> Question:
        question = ask.ask(run, request)
        if question.state().active:
            workers.setdefault(run.id, inference_worker.Worker(run)).answer(question)
        return question

    return answer


@pytest.mark.parametrize(("name", "head"), [(name, head) for name, task in tasks.TASKS.items() for head in task.heads])
def test_it_predicts_what_the_run_predicted(name, head, make_dataset, worked, answered):
    """The validation images, brought as files, get the predictions that the training's end wrote, by every head."""
    dataset = make_dataset(name)
    run = worked(dataset, epochs=1, head=head)
    for split in ("valid", "test"):
        expected = run.predictions(split)
        answer = answered(run, brought(dataset, expected.items)).result()
        np.testing.assert_allclose(answer["preds"], expected.preds, rtol=CLOSE, atol=CLOSE)
        np.testing.assert_array_equal(answer["sizes"], expected.sizes)
        assert answer["kept"].tolist() == list(range(len(expected.items)))
        (dataset.path / "dataset.json").unlink(missing_ok=True)  # the model answers without it


@pytest.mark.parametrize("arch", ["resnet18", "resnet10t"])
def test_it_puts_every_kind_of_network_together(arch, make_dataset, worked):
    """Networks of torchvision and timm are built without a Learner, a download or the dataset, and answer alike."""
    dataset = make_dataset("multi-label")
    run = worked(dataset, arch=arch, epochs=1, freeze_epochs=0, augment=False)
    expected = run.predictions("valid")
    paths = [dataset.image_path(row) for row in expected.items]
    (dataset.path / "dataset.json").unlink()
    preds, _, kept = of_learner.predict(of_learner.load(run), paths)
    np.testing.assert_allclose(preds, expected.preds, rtol=CLOSE, atol=CLOSE)
    assert kept == paths


def test_heat_maps_are_those_of_the_validation_images(make_dataset, worked, answered):
    """The pictures go through the same transforms as in the training's own DataLoader: same acts, same maps."""
    dataset = make_dataset("multi-label")
    run = worked(dataset, size=64, epochs=1)
    rows = dataset.index("valid")
    answer = answered(run, GradCam(2, tuple(rows))).result()
    scores = run.predictions("valid").preds[:, 2].astype(np.float64)
    np.testing.assert_allclose(1 / (1 + np.exp(-answer["acts"])), scores, atol=CLOSE)
    model, task = of_learner.load(run), tasks.get("multi-label")
    dls = data.make_dls(dataset, task, run.config, {}, data.Pictures(dataset, 64), torch.device("cpu"))
    pixels = torch.cat([batch.as_subclass(torch.Tensor) for (batch,) in data.split_dl(dls, dataset, "valid")])
    expected = grad_cam.grad_cam(model.net, pixels, 2)
    np.testing.assert_allclose(answer["maps"], expected.maps, atol=1e-4)
    assert answer["maps"].shape == (len(rows), 4, 4)


def test_questions_are_answered_by_one_process_that_ends_itself(make_dataset, worked, none_left, workspace):
    """A real worker: two questions, one process; killed it is said and started anew; it withstands a bad question."""
    dataset = make_dataset("multi-label")
    run = worked(dataset, epochs=1)
    rows = dataset.index("valid")
    first = ask.ask(run, brought(dataset, rows))
    assert settled(first).name == requests.DONE, first.state()
    np.testing.assert_allclose(first.result()["preds"], run.predictions("valid").preds, atol=CLOSE)
    worker = process()
    second = ask.ask(run, GradCam(0, (0, 1)))
    assert settled(second).name == requests.DONE, second.state()
    broken = ask.ask(run, Predict((picture("x.png", b"no picture"),)))
    assert settled(broken).name == requests.DONE, broken.state()
    assert answers.of_question(broken).refused == (("x.png", "not a picture of a known type"),)
    assert process() is worker
    assert worker.poll() is None
    worker.send_signal(signal.SIGSTOP)  # so that it does not answer before it is killed
    lost = ask.ask(run, GradCam(1, (0, 1)))
    lost.tell(0, 2)  # as if it had begun
    worker.kill()
    worker.wait()
    state = settled(lost)
    assert (state.name, "Ask again" in state.message) == (requests.FAILED, True)
    asking.ask_again(lost)
    assert settled(lost).name == requests.DONE
    assert process() is not worker


def test_it_ends_when_nobody_asks_and_not_before(make_dataset, worked, monkeypatch):
    """Idle it lets go of its lock; a question at the last moment keeps it."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    dataset = make_dataset("multi-label")
    run = worked(dataset, epochs=1)
    question = ask.ask(run, brought(dataset, dataset.index("valid")[:2]))
    freed: list[bool] = []
    assert not serve.let_go_if_idle(run, ModelQuestion, lambda: freed.append(True))
    place = inference_worker.Worker.place_in(run.folder)
    assert serve.serve(inference_worker.Worker, place, idle=0.0) == 0
    assert question.state().name == requests.DONE
    assert not processes.is_alive(run.folder / requests.FOLDER)
    with processes.alive_lock(run.folder / requests.FOLDER):
        assert (
            serve.serve(inference_worker.Worker, inference_worker.Worker.place_in(run.folder), idle=0.0)
            == serve.ANOTHER
        )
    assert not freed


def test_what_cannot_be_answered_is_one_sentence(make_dataset, worked, answered, workspace):
    """A damaged model, a changed dataset, a resumed run: each is said, and the worker lives on."""
    dataset = make_dataset("multi-label")
    run = worked(dataset, epochs=1)
    content = (run.folder / events.MODEL).read_bytes()
    for damage in (b"", content[:100], content[:-10], b"\x80\x04K\x01."):
        (run.folder / events.MODEL).write_bytes(damage)
        question = answered(run, GradCam(0, (len(damage) % 7, 1)))
        assert "train again" in question.state().message
        question.cancel()
    (run.folder / events.MODEL).write_bytes(content)
    question = ask.ask(run, GradCam(0, (5,)))
    head = unsealed.read(dataset.path / "dataset.json")
    unsealed.renew_dataset(dataset.path, revision="another")
    worker = inference_worker.Worker(run)
    worker.answer(question)
    assert "changed after this training" in question.state().message
    write_json(dataset.path / "dataset.json", head)
    asking.ask_again(question)
    manifest = unsealed.read(run.folder / events.MANIFEST)
    write_json(run.folder / events.MANIFEST, {**manifest, "seconds": manifest["seconds"] + 1})
    worker.answer(question)
    assert "another model" in question.state().message
    worker.answer(ask.ask(run, GradCam(0, (5,))))
    assert ask.ask(run, GradCam(0, (5,))).state().name == requests.DONE


def test_a_withdrawn_question_costs_no_more(make_dataset, worked, monkeypatch):
    """Taken back while the worker is at it, it leaves neither answer nor error, and the worker goes on."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    dataset = make_dataset("multi-label")
    run = worked(dataset, epochs=1)
    question = ask.ask(run, brought(dataset, np.arange(40)))
    worker, seen = inference_worker.Worker(run), []
    tell = Question.tell

    def withdrawn(self: Question, done: int, total: int, **loading: bool) -> None:
        seen.append(done)
        if done:
            self.cancel()
        tell(self, done, total, **loading)

    monkeypatch.setattr(Question, "tell", withdrawn)
    worker.answer(question)
    assert seen == [0, 0, of_learner.BATCH]
    assert not list((run.folder / requests.FOLDER).glob(f"{question.id}.*"))


def test_a_gpu_that_trains_is_left_alone(workspace, monkeypatch):
    """A question goes to the GPU where it is free, and to the CPU as long as a run trains on it."""
    monkeypatch.setattr(data, "best_device", lambda: torch.device("cuda", 0))
    workspace.root.mkdir()
    assert inference_worker.device(workspace).type == "cuda"
    queue = DeviceQueue(workspace, "cuda", "20260102-030405-abcd")
    queue.enter(device_queue.draw(workspace))
    assert queue.try_take()
    assert inference_worker.device(workspace).type == "cpu"
    queue.leave()
    assert inference_worker.device(workspace).type == "cuda"


def test_pictures_of_any_kind_are_seen_upright(make_dataset, worked, tmp_path):
    """Turned by its EXIF tag, gray or with transparency, a picture is predicted as it is shown."""
    dataset = make_dataset("keypoints")
    model = of_learner.load(worked(dataset, epochs=1, freeze_epochs=0))
    upright = Image.open(dataset.image_path(0)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right by 90 degrees
    upright.save(tmp_path / "upright.png")
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    upright.convert("RGBA").save(tmp_path / "clear.png")
    upright.convert("L").save(tmp_path / "gray.png")
    paths = [tmp_path / f"{name}.png" for name in ("upright", "turned", "clear", "gray")]
    preds, sizes, _ = of_learner.predict(model, paths)
    np.testing.assert_allclose(preds[1:3], preds[[0, 0]], atol=1e-4)
    np.testing.assert_array_equal(sizes, [[48, 40]] * 4)
    with pytest.raises(UserError, match="no picture"):
        of_learner.predict(model, [])
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"bad\.png"):
        of_learner.predict(model, [tmp_path / "bad.png"])


def test_a_run_without_a_model_is_a_sentence(workspace, make_dataset, worked):
    """A learning-rate finder leaves none."""
    run = worked(make_dataset("multi-label"), kind=LR_FIND)
    with pytest.raises(UserError, match="learning-rate finder"):
        of_learner.load(runs.load(workspace, run.id))
