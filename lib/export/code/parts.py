"""Classes that a script needs for what fastai has no word for; each as short as does the same."""

from __future__ import annotations

FUSED_ADAM = """\
def fused_adam(p, lr, mom, sqr_mom, eps, wd, step=0, avg=None, sqr=None, do_wd=True, **kwargs):
    "A step of fastai's Adam in torch's fused kernel: one pass over a weight."
    if avg is None:
        avg, sqr = torch.zeros_like(p.data), torch.zeros_like(p.data)
    grad = torch.empty_like(p.data).copy_(p.grad.data)  # laid out as the weight is
    done = torch.tensor(float(step + 1), device=p.device)
    torch._fused_adamw_(
        [p.data], [grad], [avg], [sqr], [], [done], lr=lr, beta1=mom, beta2=sqr_mom,
        weight_decay=wd if do_wd else 0.0, eps=eps, amsgrad=False, maximize=False,
    )
    return {"step": step + 1, "avg": avg, "sqr": sqr}


opt_func = partial(Optimizer, cbs=[fused_adam], mom=0.9, sqr_mom=0.99, eps=1e-5, wd=0.01)"""

#: What happens to a batch of bytes where nothing is augmented.
FAST_NORMALIZE = """\
class FastNormalize(Transform):
    "Bytes as the network takes them."
    order = 30

    def encodes(self, x: TensorImage):
        x = x.as_subclass(torch.Tensor)
        return TensorImage(x.float().mul_(1 / (255 * STD)).sub_(MEAN / STD).contiguous())"""

FAST_AUGMENT = """\
class FastAugment(Transform):
    "aug_transforms and Normalize in one pass over a batch of bytes: turn, zoom, light."
    order, split_idx = 30, None
    mat = None  # (n, 2, 3): from places in the copy to places in the picture

    def __call__(self, x, split_idx=None, **kwargs):
        first = x[0] if isinstance(x, tuple) else x
        if isinstance(first, TensorImage):
            self.mat = None if split_idx else self.draw(len(first)).to(first.device)
        return super().__call__(x, split_idx=split_idx, **kwargs)

    def draw(self, n):
        "With chance 3/4 each: turn, enlarge by up to 1.1, brightness and contrast by up to 0.2."
        chance = torch.rand(10, n)  # by the processor, also for a GPU

        def between(k, low, high): return low + (high - low) * chance[k]

        turn = between(0, -math.radians(MAX_ROTATE), math.radians(MAX_ROTATE))
        turn = torch.where(chance[5] < 0.75, turn, 0.0)
        zoom = torch.where(chance[3] < 0.75, 1 + (1.1 - 1) * chance[3] / 0.75, 1.0)
        light = torch.where(chance[8] < 0.75, between(1, 0.4, 0.6), 0.5)
        slope = between(2, math.log(1 - 0.2), -math.log(1 - 0.2)).exp()
        self.slope = torch.where(chance[9] < 0.75, slope, 1.0)
        self.shift = self.slope * torch.logit(light)
        sign = torch.where((chance[4] < 0.5) & FLIP, -1.0, 1.0)
        cos, sin, scale = turn.cos(), turn.sin(), 1 / zoom
        rows = torch.stack([sign * cos, sign * sin], 1), torch.stack([-sin, cos], 1)
        turned = torch.stack(rows, 1)
        off = (1 - scale)[:, None] * (2 * chance[6:8].T.contiguous() - 1)
        return torch.cat([turned * scale[:, None, None], turned @ off[:, :, None]], dim=2)

    def encodes(self, x: TensorImage):
        x = x.as_subclass(torch.Tensor).contiguous()
        if self.mat is None:
            return TensorImage(x.float().mul_(1 / (255 * STD)).sub_(MEAN / STD))
        height, width = x.shape[-2:]
        across, down = (torch.linspace(-1, 1, side, device=x.device) for side in (width, height))
        # Brightness, contrast and normalization are looked up at the nearest quarter of a level.
        levels = torch.logit(torch.linspace(0, 1, 1021, device=x.device), 1e-7)
        shift, slope = (one.to(x.device)[:, None] for one in (self.shift, self.slope))
        lit = torch.addcmul(shift, levels, slope).sigmoid_()
        table = (lit[:, None] - MEAN[0, :, :, 0]) / STD[0, :, :, 0]  # (n, 3, 1021)
        out, few = [], max(1, 8 * 128 * 128 // (height * width))  # few pictures fit into the cache
        for pixels, mat, of_few in zip(x.split(few), self.mat.split(few), table.split(few)):
            grid = torch.empty(len(pixels), height, width, 2, device=x.device)
            for k in (0, 1):
                rows = mat[:, k, 1, None] * down + mat[:, k, 2, None]
                grid[..., k] = (mat[:, k, 0, None] * across)[:, None, :] + rows[:, :, None]
            turned = F.grid_sample(pixels.float(), grid, padding_mode="reflection", align_corners=True)
            begins = torch.arange(3 * len(pixels), device=x.device).view(-1, 3, 1, 1) * 1021
            out.append(of_few.reshape(-1)[(turned * 4 + 0.5).int() + begins])
        return TensorImage(torch.cat(out))"""

#: Goes on with `FAST_AUGMENT` where the targets lie in the picture.
OF_POINTS = """

    def encodes(self, x: TensorPoint):
        return x if self.mat is None else x.affine_coord(self.mat)"""

SWAP_PAIRS = """\
class SwapPairs(Transform):
    "Left and right points change places in a mirrored picture, which fastai's Flip leaves to us."
    order = AffineCoordTfm.order + 1

    def __init__(self, affine): self.affine = affine

    def encodes(self, x: TensorPoint):
        mat = self.affine.mat
        if mat is None: return x  # not in training
        mat = mat.as_subclass(torch.Tensor)
        is_mirrored = (mat[:, 0, 0] * mat[:, 1, 1] - mat[:, 0, 1] * mat[:, 1, 0]) < 0
        return torch.where(is_mirrored[:, None, None], x[:, SWAPPED], x)"""

POOL = """\
class Pool(nn.Module):
    "A grid of means, which keeps places, and the largest value of each channel, which only knows whether."

    def __init__(self, grid):
        super().__init__()
        self.grid = grid

    def forward(self, x):
        means, largest = F.adaptive_avg_pool2d(x, self.grid), F.adaptive_max_pool2d(x, 1)
        return torch.cat([means.flatten(1), largest.flatten(1)], dim=1)"""

HEATMAP = """\
class Maps(nn.Sequential):
    "A body that answers with the last map of each resolution, finest first, instead of the last map alone."
    keep = ()

    def forward(self, x):
        maps = []
        for module in self:
            x = module(x)
            maps.append(x)
        return [maps[at] for at in self.keep] if self.keep else maps


def places(n):
    "Where the middles of n cells from -1 to 1 are, and the edges before and after them."
    edge = torch.ones(1)
    return torch.cat([-edge, (2 * torch.arange(n) + 1) / n - 1, edge])


class HeatmapHead(nn.Module):
    "A map for each point, and the mean place on it (soft-argmax, Sun et al. 2018) around a guess from it all."

    def __init__(self, channels, n_points, width=128):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(n, width, 1, bias=False) for n in channels)
        self.norm, self.mix = nn.BatchNorm2d(width), ConvLayer(width, width)
        self.local = nn.Conv2d(width, n_points, 3, padding=2)
        for weights in self.local.parameters():
            nn.init.zeros_(weights)
        self.guess = nn.Sequential(
            Pool(4), nn.Linear(width * 17, 256), nn.BatchNorm1d(256), nn.ReLU(inplace=True), nn.Dropout(0.2),
            nn.Linear(256, 2 * n_points), SigmoidRange(-1, 1),
        )
        self.sharpness = nn.Parameter(torch.full((n_points,), 3.0))

    def forward(self, maps):
        finest, *others = (conv(x) for conv, x in zip(self.convs, maps))
        cells = finest.shape[-2:]
        x = sum((F.interpolate(one, size=cells, mode="bilinear") for one in others), finest)
        x = self.mix(self.norm(x).relu())
        acts = 3.0 * self.local(x)  # (N, K, height + 2, width + 2)
        guess = self.guess(x).unflatten(1, (-1, 2))
        ys, xs = (places(side).to(acts) for side in x.shape[-2:])
        half = self.sharpness.exp()[:, None] / 2
        acts = acts - (half * (guess[..., 1:] - ys) ** 2)[..., None]
        acts = acts - (half * (guess[..., :1] - xs) ** 2)[..., None, :]
        shares = acts.flatten(2).softmax(dim=2).view(acts.shape)
        return torch.stack([shares.sum(dim=2) @ xs, shares.sum(dim=3) @ ys], dim=2).flatten(1)"""

KEEP_STATS = """\
class KeepStats(Callback):
    "Batch norms of the body normalize by the means and variances of the pretraining, and keep them."
    order = TrainEvalCallback.order + 1  # that one puts the whole model into training mode

    def before_train(self):
        for module in self.model[0].modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()"""

AVERAGED = """\
class Averaged(Callback):
    "Keeps an exponential moving average of the weights; validates, and ends, with it."

    def __init__(self, decay):
        self.update, self.average, self.is_in = get_ema_multi_avg_fn(decay), {}, False

    def swap(self):
        for name, tensor in self.model.state_dict(keep_vars=True).items():
            tensor.data, self.average[name] = self.average[name], tensor.data
        self.is_in = not self.is_in

    def before_train(self):
        if self.is_in: self.swap()

    def after_step(self):
        now = self.model.state_dict()
        if not self.average:
            self.average = {name: tensor.clone() for name, tensor in now.items()}
            return
        floats = [name for name, tensor in now.items() if tensor.is_floating_point()]
        self.update([self.average[name] for name in floats], [now[name] for name in floats], 0)

    def before_validate(self):
        if self.average and not self.is_in: self.swap()"""

PROGRESSIVE = """\
class Progressive(Callback):
    "Trains on smaller pictures first: SIDES has the side of each epoch."
    order = CastToTensor.order + 1
    done = 0

    def after_epoch(self): self.done += 1

    def before_batch(self):
        if self.training and (side := SIDES[self.done]) < SIZE:
            small = F.interpolate(self.xb[0], size=(side, side), mode="bilinear", antialias=True)
            self.learn.xb = (small,)"""

MIXED = """\
class Mixed(Callback):
    "The body computes in bfloat16 while it is trained and validated; head, loss and weights stay float32."

    def before_train(self):
        body = self.model[0]
        if "forward" in body.__dict__: return
        body.to(memory_format=torch.channels_last)
        plain = body.forward

        def forward(x):
            with torch.autocast(x.device.type, dtype=torch.bfloat16):
                maps = plain(x.contiguous(memory_format=torch.channels_last))
            return [one.float() for one in maps] if isinstance(maps, list) else maps.float()

        body.forward = forward

    def after_fit(self): self.model[0].__dict__.pop("forward", None)"""
