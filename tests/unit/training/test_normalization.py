"""Images are normalized as the network was trained, and as the run recorded it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from fastai.vision.all import imagenet_stats
from PIL import Image
from torch import nn

from lib import tasks
from lib.core import json_files
from lib.core.config import IMAGENET, TrainConfig
from lib.core.errors import UserError
from lib.training.learner import inference, normalization
from tests.unit.training.saved_networks import config_of


def test_pictures_are_normalized_as_the_network_was_taught():
    """Its own mean and deviation for timm's pretrained networks, ImageNet's for torchvision's, from scratch, of old."""
    imagenet = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    half = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert normalization.of(config_of("lite0")) == half
    assert normalization.of(config_of("vit_tiny_patch16_224")) == half
    assert normalization.of(config_of("resnet18")) == normalization.of(config_of("mobilenetv3_small_050")) == imagenet
    assert normalization.of(replace(config_of("lite0"), pretrained=False)) == imagenet
    assert normalization.of(replace(config_of("vit_tiny_patch16_224"), normalize=IMAGENET)) == imagenet
    old = {name: value for name, value in config_of("vit_tiny_patch16_224").to_json().items() if name != "normalize"}
    assert normalization.of(json_files.decode(json.dumps(old).encode(), TrainConfig)) == imagenet
    with pytest.raises(UserError, match="no weights of the tag"):
        normalization.of(config_of("resnet50.no_such_tag"))


def test_the_record_of_the_normalization_is_what_a_model_answers_with():
    """What a run recorded comes back; without a record it is ImageNet's, and a damaged one is a sentence."""
    assert normalization.from_json(normalization.to_json(config_of("lite0"))) == normalization.of(config_of("lite0"))
    assert normalization.from_json(None) == tuple(map(tuple, imagenet_stats))
    for mean, std in (([0.5], [0.5]), ([0.5] * 3, [0.0] * 3), ([float("nan")] * 3, [1.0] * 3)):
        with pytest.raises(UserError, match="normalization is damaged"):
            normalization.from_json({"mean": mean, "std": std})


def test_a_model_sees_what_its_run_recorded():
    """The numbers that reach the network are the pixels by the recorded mean and deviation, written out here."""
    pixels = np.random.default_rng(2).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    stats = ((0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    config = config_of("lite0")
    model = inference.Model(nn.Sequential(), tasks.get("keypoints"), ("a",), {}, config, stats=stats)
    expected = (pixels.transpose(2, 0, 1) / 255 - np.array(stats[0])[:, None, None]) / np.array(stats[1])[:, None, None]
    batch = model.batch([Image.fromarray(pixels)])[0].numpy()
    np.testing.assert_allclose(batch, expected, atol=1e-5)
