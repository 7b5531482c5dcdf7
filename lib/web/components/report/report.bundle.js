// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   21033fd964da710ff79ea0d199d2c828b6e394f94ebbff817042ba6372d64647  gallery/film.js
//   a426550922f2ac9b8da5b5a43fb4994e925649a8290cda29c1b0941562470965  gallery/gallery.js
//   37148c35b6b27191a5badce2f81da1b468f5640f60aa2804124af796ddf256ce  gallery/geometry.js
//   215708433d7acf803ce2330655d6f0d6c6275968166e1a579523d08d0bd2ab4d  gallery/heat.js
//   79e760541e43266f77e01865d14bb3692b9f6f67c8eec79c5c87835bed63bfc3  gallery/large.js
//   16f2e03ee02749141f815e369075db495c884553d016d674e2b9e5a7fc7ce067  gallery/legend.js
//   921aebc1c70635b26c433a60ec9cd6672db72c42f6130f3b0cbce1736c26b0c1  gallery/marks.js
//   5e4e31d7f3d6826e4801b342011398fdbd9b4467670024c3e5f57f0c791e5a84  gallery/pictures.js
//   0e450874997191f074b58a88723f3ddcd03fc4fe04292412a53ffb771e0b11d3  gallery/points.js
//   36878b583fd57ffadf4bc98eefe2ab0d8971ad30dae016ac2a6f84c95109fd61  gallery/roving.js
//   f92fb3e2fbb4e365db9d9d727e45158cdb2265c5cb1c7d2b25f56f71bf000529  gallery/selecting.js
//   640d263b595656222952703ac3c6a1e1b2f0634b1f72847cde7a99cb7a00977a  lab/chart.js
//   d8963c760885a070efac6a87e23902f0e135bd70342a8edf1d0fdf2851f84595  lab/drawing.js
//   9861b9f03fb049ec1fac1947b246651426c76ea0152b012a18bd0bfa6574605d  lab/fetched.js
//   ca56f8532c1e35d828f15456609e5c0526a7bdadc16d5a27dd4df35827cc511c  lab/lab.js
//   02b66d7dfd36e146393c2c6ba4344cde57918fac60dff6bfb52cbb8bc610598e  lab/numbers.js
//   b932d5f0861ced9708be43ded778053861a41449cff48f7cd2b754d2cc9c0aa1  lab/paths.js
//   d7f11a75fa41e3f94712d71552b1699dd1909ac5471edbbbf54f108a35aae3dc  lab/pictures.js
//   c1c1be42d397020c79a30b5f0cb68b3c669ee5777f866b8d4b7b6f1d771b1a71  lab/sweeps.js
//   6f6394e212f75edf9e565765cfbe63271b1512387b30d2a8773c32d049b89a25  lab/tiles.js
//   dc1f2421b5de4720b0724bd7d06b5278b3ea7591f27758d4741db07d822352a9  lab/words.js
//   0023fa1b2c208ee665703fc6e2320c6ecb33cc5b03cd1835e8a570f5a80fe6ee  report/cells.js
//   bb9d956ad51d5e3e2178d4f5939f6d78300fa5bd95054636bc72ec0d234fbe80  report/report.js
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
//   ab869608f899e8fe7c16f4af24e6d7e4f750dd76cfd427d0dc69fc0ecc23f01a  shared/drag.js
//   9bf4a2e23ae3b3bd922ba0768885dd924d17bad21ef15b809143f1ab893289a6  shared/drawing.js
//   d66a0878669fc9d656950ef8914e73ff8b94757b91ebac6b68d2a0cda0c3f9d5  shared/pictures.js
//   2e1fcaf1a0a13184947480409cb91088704c806429b3712fdb1350371950a0fa  shared/words.js
//   59e9a6c1305b4577872ff2e80d7c7dc131dfeca99008202810eba59e37c9967d  shared/zoom.js
// Of what follows: 72956c9e36f54389b1a380cc89eaabac3bfd9031fd43e71a58eb3bb7ef0cedf8
// shared/drag.js
function eachFrame(draw) {
  let waiting = 0;
  const later = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      draw();
    });
  };
  later.cancel = () => {
    cancelAnimationFrame(waiting);
    waiting = 0;
  };
  return later;
}

// lab/numbers.js
var HEAD = 5;
var share = (part, whole) => whole > 0 ? part / whole : NaN;
var FORMULAS = {
  accuracy_multi: ({ tp, fp, fn, tn }) => share(tp + tn, tp + fp + fn + tn),
  hamming_loss: ({ tp, fp, fn, tn }) => share(fp + fn, tp + fp + fn + tn),
  precision: ({ tp, fp }) => share(tp, tp + fp),
  recall: ({ tp, fn }) => share(tp, tp + fn),
  f1: ({ tp, fp, fn }) => share(2 * tp, 2 * tp + fp + fn),
  predicted_per_image: ({ tp, fp, n }) => share(tp + fp, n),
  subset_accuracy: ({ right = NaN, some = NaN }) => share(right, some)
};
var SplitCounts = class {
  /** @param {ArrayBuffer} buffer what `Sweep.to_bytes` of lib/metrics/sweep.py packed */
  constructor(buffer) {
    const packed = new Uint32Array(buffer);
    const [labels, bins, images, some, baseRight] = packed;
    this.labels = labels;
    this.images = images;
    this.some = some;
    this.baseRight = baseRight;
    this.steps = bins - 1;
    let at = HEAD;
    const next = (length) => packed.subarray(at, at += length);
    const [positive, negative] = [next(labels * bins), next(labels * bins)];
    this.baseTp = next(labels);
    this.baseFp = next(labels);
    this.right = next(this.steps);
    this.positives = new Uint32Array(labels);
    this.negatives = new Uint32Array(labels);
    this.tp = this.above(positive, bins, this.positives);
    this.fp = this.above(negative, bins, this.negatives);
  }
  /**
   * Bin b holds what is above exactly b thresholds: what is above threshold t is in the bins after t.
   * @param {Uint32Array} bins
   * @param {number} count of the bins of one label
   * @param {Uint32Array} totals by label, filled
   */
  above(bins, count, totals) {
    const counts = new Uint32Array(this.labels * this.steps);
    for (let c = 0; c < this.labels; c++) {
      let sum = 0;
      for (let t = this.steps - 1; t >= 0; t--) {
        sum += bins[c * count + t + 1];
        counts[c * this.steps + t] = sum;
      }
      totals[c] = sum + bins[c * count];
    }
    return counts;
  }
  /**
   * Of one label.
   * @param {number} c
   * @param {number} index
   */
  of(c, index) {
    const at = c * this.steps + index;
    return this.complete(this.tp[at], this.fp[at], this.positives[c], this.negatives[c]);
  }
  /**
   * @param {number} tp
   * @param {number} fp
   * @param {number} positives
   * @param {number} negatives
   * @returns {Counts}
   */
  complete(tp, fp, positives, negatives) {
    return { tp, fp, fn: positives - tp, tn: negatives - fp, n: this.images };
  }
  /**
   * Of all labels together; `right` is known where all have one threshold, or as the server counted it.
   * @param {ArrayLike<number>} indices
   * @param {number} [right]
   * @returns {Counts}
   */
  total(indices, right = void 0) {
    let [tp, fp, positives, negatives] = [0, 0, 0, 0];
    let same = true;
    for (let c = 0; c < this.labels; c++) {
      const at = c * this.steps + indices[c];
      tp += this.tp[at];
      fp += this.fp[at];
      positives += this.positives[c];
      negatives += this.negatives[c];
      same &&= indices[c] === indices[0];
    }
    return { ...this.complete(tp, fp, positives, negatives), right: same ? this.right[indices[0]] : right, some: this.some };
  }
  /**
   * @param {number | null} label null for all together
   * @returns {Counts}
   */
  baseline(label) {
    if (label !== null) return this.complete(this.baseTp[label], this.baseFp[label], this.positives[label], this.negatives[label]);
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const counts = this.complete(sum(this.baseTp), sum(this.baseFp), sum(this.positives), sum(this.negatives));
    return { ...counts, right: this.baseRight, some: this.some };
  }
  /**
   * The number called `name` at every threshold, of one label or, where `label` is null, of all.
   * @param {string} name
   * @param {number | null} label
   */
  curve(name, label) {
    const values = new Float64Array(this.steps);
    if (label === null) {
      const indices = new Uint16Array(this.labels);
      for (let t = 0; t < this.steps; t++) values[t] = FORMULAS[name](this.total(indices.fill(t)));
    } else for (let t = 0; t < this.steps; t++) values[t] = FORMULAS[name](this.of(label, t));
    return values;
  }
  /**
   * What changes from thresholds `before` to `now`: predictions that come and go, and how many of them are true.
   * @param {ArrayLike<number>} before
   * @param {ArrayLike<number>} now
   * @param {number | null} label
   */
  flips(before, now, label) {
    const changes = { come: 0, comeRight: 0, go: 0, goRight: 0 };
    const labels = label === null ? Array.from({ length: this.labels }, (_, c) => c) : [label];
    for (const c of labels) {
      if (before[c] === now[c]) continue;
      const [old, fresh] = [this.of(c, before[c]), this.of(c, now[c])];
      const [true_, false_] = [fresh.tp - old.tp, fresh.fp - old.fp];
      if (now[c] < before[c]) {
        changes.come += true_ + false_;
        changes.comeRight += true_;
      } else {
        changes.go -= true_ + false_;
        changes.goRight -= true_;
      }
    }
    return changes;
  }
};
function digits(value) {
  if (!Number.isFinite(value)) return "not defined";
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(3);
}
function largest(values, better) {
  let at = -1;
  for (let t = 0; t < values.length; t++) {
    if (!Number.isNaN(values[t]) && (at < 0 || (better ? values[t] > values[at] : values[t] < values[at]))) at = t;
  }
  if (at < 0) return null;
  let end = at;
  while (end + 1 < values.length && values[end + 1] === values[at]) end++;
  return { at: at + end >> 1, value: values[at] };
}

// shared/dom.js
var SVG = "http://www.w3.org/2000/svg";
function element(tag, className, text2) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text2 !== void 0) node.textContent = text2;
  return node;
}
function button(className, text2, label, onclick) {
  const control = element("button", className, text2);
  control.type = "button";
  control.title = label;
  control.setAttribute("aria-label", label);
  control.onclick = onclick;
  return control;
}
function vector(tag, className, parent) {
  const node = document.createElementNS(SVG, tag);
  if (className) node.setAttribute("class", className);
  parent?.append(node);
  return node;
}
function middle(text2, tail) {
  const name = element("span", "title");
  const cut = Math.max(0, text2.length - tail);
  name.append(element("span", "head", text2.slice(0, cut)), element("span", "tail", text2.slice(cut)));
  name.title = text2;
  return name;
}
function write(where, text2) {
  if (where.textContent !== text2) where.textContent = text2;
}
function rootOf(node) {
  return (
    /** @type {ShadowRoot | Document} */
    node.getRootNode()
  );
}

// shared/drawing.js
function vector2(tag, attributes, parent, text2) {
  const node = vector(tag, void 0, parent);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, `${value}`);
  if (text2 !== void 0) node.textContent = text2;
  return node;
}
function ticks(low, high, most) {
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step2 = (
    /** @type {number} */
    [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw)
  );
  const values = [];
  for (let at = Math.ceil(low / step2 - 1e-9) * step2; at <= high + 1e-9; at += step2) values.push(at);
  return { values, places: Math.max(0, -Math.floor(Math.log10(step2) + 1e-9)) };
}
function path(values, x, y) {
  let commands = "";
  let pen = false;
  values.forEach((value, t) => {
    if (Number.isNaN(value)) return void (pen = false);
    commands += `${pen ? "L" : "M"}${x(t / (values.length - 1)).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = true;
  });
  return commands;
}

// lab/paths.js
var PLACES = 20;
var SHOWN = 0.1;
var SQUEEZED = 0.2;
function brokenAt(low, high, baseline, better) {
  if (better === null || !Number.isFinite(baseline)) return null;
  const gain = Math.abs((better ? high : low) - baseline);
  const room = Math.max(gain / 2, SHOWN - gain);
  const at = better ? Math.floor((baseline - room) * 100) / 100 : Math.ceil((baseline + room) * 100) / 100;
  const far = better ? at - low : high - at;
  return far > (high - low) / 2 ? at : null;
}
function squeezing({ low, high, broken, upwards }, bottom, top) {
  const linear = (from, to, start, end) => (value) => start + (value - from) / (to - from) * (end - start);
  if (broken === null) return linear(low, high, bottom, top);
  const bend = bottom + (top - bottom) * (upwards ? SQUEEZED : 1 - SQUEEZED);
  const [under, over] = [linear(low, broken, bottom, bend), linear(broken, high, bend, top)];
  return (value) => value < broken ? under(value) : over(value);
}
function bandPath(band, x, y) {
  let commands = "";
  let run = [];
  const flush = () => {
    if (run.length > 1) {
      const back = [...run].reverse();
      const point = (side) => (i) => `${x(band.thresh[i]).toFixed(1)} ${y(
        /** @type {number} */
        band[side][i]
      ).toFixed(1)}`;
      commands += `M${run.map(point("high")).join("L")}L${back.map(point("low")).join("L")}Z`;
    }
    run = [];
  };
  band.thresh.forEach((_, i) => band.low[i] === null || band.high[i] === null ? flush() : run.push(i));
  flush();
  return commands;
}
function clearest(curves, level, length) {
  let best = { at: 0, gap: -1 };
  for (let place2 = PLACES; place2 >= 0; place2--) {
    const at = Math.max(0, 1 - length) * place2 / PLACES;
    let gap = Infinity;
    for (const values of curves) {
      const [from, to] = [at, at + length].map((share2) => Math.round(Math.min(1, share2) * (values.length - 1)));
      for (let t = from; t <= to; t++) if (Math.abs(values[t] - level) < gap) gap = Math.abs(values[t] - level);
    }
    if (gap > best.gap) best = { at, gap };
  }
  return best.at;
}

// lab/chart.js
var LETTER = 7.4;
var SMALL_LETTER = 6.2;
var CHART = { height: 330, left: 52, right: 14, top: 40, bottom: 40 };
var KEY_STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -50, PageUp: 50 };
var SweepChart = class {
  /**
   * @param {HTMLElement} root
   * @param {{ onDrag: (index: number) => void, onDrop: () => void, onCancel: () => void, onKey: (event: KeyboardEvent) => void }} handlers
   */
  constructor(root, { onDrag, onDrop, onCancel, onKey }) {
    this.width = this.steps = 0;
    this.title = this.whose = this.prefix = "";
    this.dragging = false;
    this.x = this.y = () => 0;
    this.values = [];
    this.others = [];
    this.band = void 0;
    this.svg = vector2("svg", { class: "chart", height: CHART.height }, root);
    this.fixed = vector2("g", {}, this.svg);
    this.line = vector2("g", { class: "line" }, this.svg);
    vector2("rect", { class: "grip", x: -12, y: CHART.top, width: 24, height: CHART.height - CHART.top - CHART.bottom }, this.line);
    vector2("line", { class: "thresh", y1: CHART.top, y2: CHART.height - CHART.bottom }, this.line);
    this.knob = vector2("circle", { class: "knob", r: 8 }, this.line);
    this.reading = vector2("text", { class: "reading", y: CHART.top - 9 }, this.line);
    this.handlers = { onDrag, onDrop, onCancel };
    this.svg.addEventListener("pointerdown", (event) => this.down(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    this.svg.addEventListener("pointerup", () => this.up());
    this.svg.addEventListener("pointercancel", () => this.cancel());
    this.svg.addEventListener("keydown", (event) => {
      this.svg.classList.remove("pointed");
      onKey(event);
    });
    const role = { role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": 1, "aria-orientation": "horizontal" };
    for (const [name, value] of Object.entries(role)) this.svg.setAttribute(name, `${value}`);
  }
  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0 || !this.width) return;
    this.svg.setPointerCapture(event.pointerId);
    this.dragging = true;
    this.svg.classList.add("dragging", "pointed");
    this.move(event);
    event.preventDefault();
    this.svg.focus({ preventScroll: true });
  }
  /** @param {PointerEvent} event */
  move(event) {
    if (!this.dragging) return;
    const at = (event.clientX - this.svg.getBoundingClientRect().left - CHART.left) / this.inner;
    this.handlers.onDrag(Math.round(Math.min(1, Math.max(0, at)) * (this.steps - 1)));
  }
  up() {
    if (!this.dragging) return;
    this.end();
    this.handlers.onDrop();
  }
  cancel() {
    if (!this.dragging) return;
    this.end();
    this.handlers.onCancel();
  }
  end() {
    this.dragging = false;
    this.svg.classList.remove("dragging");
  }
  get inner() {
    return this.width - CHART.left - CHART.right;
  }
  /**
   * Draws what does not move: axes, curves, band, baseline, the threshold before.
   * @param {number} width
   * @param {Content} content
   */
  draw(width, { curve, title, whose, values, others, band, baseline, baselineTitle, before, noun, label, steps }) {
    this.width = width;
    this.steps = steps;
    this.title = title;
    this.prefix = others.length ? `${title} ` : "";
    this.whose = whose;
    this.svg.setAttribute("width", `${width}`);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${CHART.height}`);
    const seen = [...values, ...others.flatMap((other) => [...other.values]), baseline].filter(Number.isFinite);
    let [low, high] = [Math.min(...seen, 1), Math.max(...seen, 0)];
    if (!seen.length) [low, high] = [0, 1];
    const isShare = curve.unit.startsWith("share");
    const room = (high - low || 0.1) * 0.06;
    low = isShare || low >= 0 ? Math.max(0, low - room) : low - room;
    high = isShare ? Math.min(1.001, high + room) : high + room;
    this.x = (thresh) => CHART.left + thresh * this.inner;
    const bottom = CHART.height - CHART.bottom;
    const broken = brokenAt(low, high, baseline, curve.larger_is_better);
    this.y = squeezing({ low, high, broken, upwards: curve.larger_is_better !== false }, bottom, CHART.top);
    this.values = values;
    this.band = band;
    this.fixed.replaceChildren();
    this.others = others;
    this.axes(low, high, curve, label, noun, broken);
    const within = (value) => Math.min(bottom, Math.max(CHART.top, this.y(value)));
    if (band) vector2("path", { class: "band", d: bandPath(band, this.x, within) }, this.fixed);
    if (Number.isFinite(baseline)) {
      const y = this.y(baseline);
      vector2("line", { class: "baseline", x1: CHART.left, x2: width - CHART.right, y1: y, y2: y }, this.fixed);
      const under = y < CHART.top + 18 ? 14 : -5;
      const words = `${baselineTitle} ${digits(baseline)}${others.length ? ` (${title})` : ""}`;
      const share2 = clearest([values, ...others.map((other) => other.values)], baseline, words.length * SMALL_LETTER / this.inner);
      vector2("text", { class: "remark", x: this.x(share2), y: y + under }, this.fixed, words);
    }
    for (const other of others) {
      vector2("path", { class: "curve other", d: path(other.values, this.x, this.y) }, this.fixed);
    }
    vector2("path", { class: "curve", d: path(values, this.x, this.y) }, this.fixed);
    if (others.length) this.name(values, others);
    if (before !== null) {
      const x = this.x(before / (steps - 1));
      vector2("line", { class: "before", x1: x, x2: x, y1: CHART.top, y2: bottom }, this.fixed);
      vector2("text", { class: "remark", x: x + 4, y: bottom - 6 }, this.fixed, "before");
    }
    if (!seen.length) vector2("text", { class: "remark", x: width / 2, y: CHART.height / 2, "text-anchor": "middle" }, this.fixed, "Not defined at any threshold.");
  }
  /**
   * @param {number} low
   * @param {number} high
   * @param {Curve} curve
   * @param {number | null} label
   * @param {string} noun
   * @param {number | null} broken beyond which the scale is squeezed
   */
  axes(low, high, curve, label, noun, broken) {
    const [bottom, right] = [CHART.height - CHART.bottom, this.width - CHART.right];
    const below = curve.larger_is_better !== false;
    const down = broken === null ? ticks(low, high, 5) : below ? ticks(broken, high, 4) : ticks(low, broken, 4);
    if (broken !== null) this.squeezed(low, high, broken, below);
    for (const at of down.values) {
      const y = this.y(at);
      vector2("line", { class: "rule", x1: CHART.left, x2: right, y1: y, y2: y }, this.fixed);
      vector2("text", { class: "tick", x: CHART.left - 6, y: y + 4, "text-anchor": "end" }, this.fixed, at.toFixed(down.places));
    }
    for (const at of ticks(0, 1, this.inner < 420 ? 5 : 10).values) {
      const x = this.x(at);
      vector2("line", { class: "rule", x1: x, x2: x, y1: bottom, y2: bottom + 4 }, this.fixed);
      vector2("text", { class: "tick", x, y: bottom + 17, "text-anchor": "middle" }, this.fixed, at.toFixed(1));
    }
    vector2("text", { class: "axis", x: right, y: CHART.height - 4, "text-anchor": "end" }, this.fixed, "threshold (probability)");
    const of = label === null ? "" : `, one ${noun}`;
    vector2("text", { class: "axis", x: 2, y: 12 }, this.fixed, `${curve.title} (${curve.unit}${of})`);
  }
  /**
   * Shows where the scale is squeezed: where the curve is far worse than the baseline.
   * @param {number} low
   * @param {number} high
   * @param {number} broken
   * @param {boolean} below
   */
  squeezed(low, high, broken, below) {
    const [from, to] = [this.y(broken), this.y(below ? low : high)].sort((a, b) => a - b);
    const width = this.width - CHART.left - CHART.right;
    vector2("rect", { class: "squeezed", x: CHART.left, y: from, width, height: to - from }, this.fixed);
    const end = below ? low : high;
    vector2("text", { class: "tick", x: CHART.left - 6, y: below ? to : from + 8, "text-anchor": "end" }, this.fixed, end.toFixed(2));
    const words = `axis squeezed ${below ? "below" : "above"} ${broken.toFixed(2)}`;
    vector2("text", { class: "remark", x: this.width - CHART.right - 4, y: below ? to - 6 : from + 14, "text-anchor": "end" }, this.fixed, words);
  }
  /**
   * Writes what each curve is, where they are furthest apart.
   * @param {Values} values
   * @param {Other[]} others
   */
  name(values, others) {
    for (const { values: other, title } of others) {
      let [at, apart] = [0, -1];
      for (let t = Math.round(this.steps * 0.04); t < this.steps * 0.9; t++) {
        const gap = Math.abs(values[t] - other[t]);
        if (gap > apart) [at, apart] = [t, gap];
      }
      if (apart < 0) continue;
      const above = other[at] > values[at];
      const names = [[title, other[at], above], [this.title, values[at], !above]];
      for (const [text2, value, up] of names) {
        vector2("text", { class: "remark", x: this.x(at / (this.steps - 1)), y: this.y(value) + (up ? -10 : 18), "text-anchor": "middle" }, this.fixed, text2);
      }
    }
  }
  /**
   * How sure the number at the line is: the band at the nearest of its thresholds.
   * @param {number} index
   */
  sure(index) {
    if (!this.band) return "";
    const at = Math.round(index / (this.steps - 1) * (this.band.thresh.length - 1));
    const [low, high] = [this.band.low[at], this.band.high[at]];
    return low === null || high === null ? "" : ` (${digits(low)} to ${digits(high)})`;
  }
  /**
   * Moves the line.
   * @param {number} index
   * @param {string[]} values of each part there, in words
   * @param {string} spoken
   * @param {boolean} mixed whether labels have different thresholds, so that no single one is true
   */
  place(index, values, spoken, mixed) {
    if (!this.width) return;
    const x = this.x(index / (this.steps - 1));
    this.line.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
    this.line.classList.toggle("mixed", mixed);
    const on = mixed ? NaN : this.values[index];
    this.knob.setAttribute("cy", `${Number.isFinite(on) ? this.y(on) : (CHART.top + CHART.height - CHART.bottom) / 2}`);
    const thresh = (index / (this.steps - 1)).toFixed(3);
    const where = mixed ? ", each its own threshold" : ` at ${thresh}`;
    const also = this.others.map(({ title }, at) => ` · ${title} ${values[at + 1]}`).join("");
    const [short, sure] = [`${this.prefix}${values[0]}`, mixed ? "" : this.sure(index)];
    const length = (text2) => text2.length * LETTER;
    const all = [`${short}${sure}${where}${also}`, `${short}${where}${also}`, `${short}${where}`];
    const reading = all.find((text2) => length(text2) < this.width) ?? short;
    this.reading.textContent = reading;
    this.reading.setAttribute("x", `${Math.max(-x, Math.min(-8, this.width - x - length(reading)))}`);
    this.svg.setAttribute("aria-label", this.whose);
    this.svg.setAttribute("aria-valuenow", thresh);
    this.svg.setAttribute("aria-valuetext", spoken);
  }
};

// lab/tiles.js
var TILE = { width: 168, height: 52, points: 168 };
var CLICK_PX = 3;
var FEW = 20;
var FILTER_FROM = 12;
var ORDERS = {
  given: "as in the data",
  positives: "most positives first",
  value: "worst value first"
};
var Tiles = class {
  /**
   * @param {HTMLElement} root
   * @param {Handlers} handlers
   */
  constructor(root, handlers) {
    this.root = root;
    this.handlers = handlers;
    this.tiles = [];
    this.seen = /* @__PURE__ */ new Set();
    this.order = "given";
    this.names = [];
    this.noun = "";
    this.curve = "";
    this.isShare = this.smallerIsBetter = false;
    this.range = [0, 1];
    this.built = null;
    this.now = null;
    this.painted = null;
    this.list = element("ul", "tiles");
    this.none = element("p", "hint");
    this.watch = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const c = Number(
          /** @type {HTMLElement} */
          target.dataset.label
        );
        isIntersecting ? this.seen.add(c) : this.seen.delete(c);
        if (isIntersecting) this.paint(c);
        if (isIntersecting && this.now) this.placeOne(c);
      }
    }, { rootMargin: "150px" });
  }
  /** @param {{ names: string[], noun: string, counts: SplitCounts, of: string }} what `of` is what its images are called, "" where there are no others */
  build({ names, noun, counts, of }) {
    this.names = names;
    this.noun = noun;
    this.built = counts;
    this.now = null;
    const head = element("div", "tiles-head");
    head.append(element("span", "hint", `Every ${noun} has its own threshold: drag the line in its plot, click its name to see it large.${of && ` Numbers are of the ${of} images.`}`));
    const order = element("select");
    order.setAttribute("aria-label", "Order");
    for (const [value, text2] of Object.entries(ORDERS)) order.append(new Option(text2, value));
    order.onchange = () => this.arrange(order.value);
    const filter = element("input");
    filter.type = "search";
    filter.placeholder = `Find one of ${names.length}`;
    filter.setAttribute("aria-label", `Find a ${noun}`);
    filter.oninput = () => this.filter(filter.value);
    head.append(...names.length > FILTER_FROM ? [filter] : [], order);
    this.list = element("ul", "tiles");
    this.tiles = names.map((name, c) => this.tile(name, c));
    this.none = element("p", "hint", `No ${noun} is called so: clear the field to see all.`);
    this.none.hidden = true;
    this.list.append(...this.tiles.map(({ one }) => one));
    this.root.replaceChildren(head, this.none, this.list);
    this.tiles.forEach(({ one }) => this.watch.observe(one));
  }
  get counts() {
    return (
      /** @type {SplitCounts} */
      this.built
    );
  }
  /**
   * @param {string} name
   * @param {number} c
   */
  tile(name, c) {
    const one = element("li", "tile");
    one.dataset.label = `${c}`;
    const show2 = element("button", "name", name);
    show2.type = "button";
    show2.title = name;
    show2.onclick = () => this.handlers.onShow(c);
    const plot = element("div", "plot");
    const svg = vector2("svg", { viewBox: `0 0 ${TILE.width} ${TILE.height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, plot);
    const base = vector2("path", { class: "baseline" }, svg);
    const curve = vector2("path", { class: "curve" }, svg);
    const line = element("div", "mark");
    plot.append(line);
    const words = element("div", "words");
    const few = this.counts.positives[c] < FEW;
    const count = element("span", few ? "count few" : "count", `${this.counts.positives[c]} pos.`);
    count.title = few ? "So few positives say little about a threshold." : `Images with this ${this.noun}.`;
    const [thresh, value] = [element("span", "thresh"), element("span", "value")];
    words.append(thresh, value, count);
    one.append(show2, plot, words);
    this.listen(plot, c);
    return { one, show: show2, base, curve, line, thresh, value, key: "" };
  }
  /**
   * @param {HTMLElement} plot
   * @param {number} c
   */
  listen(plot, c) {
    let from = null;
    let moved = false;
    const cutAt = (event) => {
      const box = plot.getBoundingClientRect();
      return Math.round(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (this.counts.steps - 1));
    };
    plot.onpointerdown = (event) => {
      if (event.button !== 0) return;
      plot.setPointerCapture(event.pointerId);
      [from, moved] = [event.clientX, false];
      event.preventDefault();
    };
    plot.onpointermove = (event) => {
      if (from === null) return;
      moved ||= Math.abs(event.clientX - from) >= CLICK_PX;
      if (moved) this.handlers.onDrag(c, cutAt(event));
    };
    plot.onpointerup = () => {
      if (from === null) return;
      from = null;
      moved ? this.handlers.onDrop() : this.handlers.onShow(c);
    };
    plot.onpointercancel = () => {
      from = null;
      this.handlers.onCancel();
    };
  }
  /**
   * Draws the curves anew: of another number.
   * @param {{ curve: Curve, indices: number[], label: number | null }} what
   */
  draw({ curve, indices, label }) {
    this.curve = curve.of_one ? curve.name : "accuracy_multi";
    this.isShare = curve.unit.startsWith("share");
    this.smallerIsBetter = curve.of_one && curve.larger_is_better === false;
    this.painted = /* @__PURE__ */ new Set();
    this.range = this.spread();
    this.place(indices, label, true);
    this.seen.forEach((c) => this.paint(c));
    if (this.order === "value") this.arrange("value");
  }
  // One scale for all, from a few thresholds of each: pictures side by side must compare.
  spread() {
    if (this.isShare && this.curve !== "accuracy_multi" && this.curve !== "hamming_loss") return [0, 1];
    let [low, high] = [Infinity, -Infinity];
    for (let c = 0; c < this.tiles.length; c++) {
      for (let t = 0; t < this.counts.steps; t += 50) {
        const value = FORMULAS[this.curve](this.counts.of(c, t));
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    return high > low ? [low, high] : [low - 0.5, low + 0.5];
  }
  /** @param {number} c */
  paint(c) {
    if (!this.painted || this.painted.has(c)) return;
    this.painted.add(c);
    const tile = this.tiles[c];
    const [low, high] = this.range;
    const x = (share2) => share2 * TILE.width;
    const y = (value) => TILE.height - 3 - (value - low) / (high - low) * (TILE.height - 6);
    const base = FORMULAS[this.curve](this.counts.baseline(c));
    tile.base.setAttribute("d", Number.isFinite(base) ? path([base, base], x, y) : "");
    const values = Array.from({ length: TILE.points + 1 }, (_, i) => {
      const at = Math.round(i / TILE.points * (this.counts.steps - 1));
      return FORMULAS[this.curve](this.counts.of(c, at));
    });
    tile.curve.setAttribute("d", path(values, x, y));
  }
  /**
   * Moves the lines, of what is on the screen only; `all` writes the rest as well.
   * @param {number[]} indices
   * @param {number | null} label
   */
  place(indices, label, all = false) {
    this.now = { indices, label };
    const which = all ? this.tiles.keys() : this.seen;
    for (const c of which) this.placeOne(c);
  }
  /** @param {number} c */
  placeOne(c) {
    if (!this.now) return;
    const { indices, label } = this.now;
    const tile = this.tiles[c];
    const key = `${indices[c]} ${label === c} ${this.curve}`;
    if (tile.key === key) return;
    tile.key = key;
    tile.line.style.setProperty("--at", `${indices[c] / (this.counts.steps - 1)}`);
    tile.thresh.textContent = (indices[c] / (this.counts.steps - 1)).toFixed(3);
    tile.value.textContent = digits(FORMULAS[this.curve](this.counts.of(c, indices[c])));
    tile.one.classList.toggle("chosen", label === c);
    tile.show.setAttribute("aria-pressed", `${label === c}`);
  }
  /** @param {string} order */
  arrange(order) {
    this.order = order;
    const orders = {
      given: (c) => c,
      positives: (c) => -this.counts.positives[c],
      value: (c) => {
        const { indices } = (
          /** @type {NonNullable<Tiles["now"]>} */
          this.now
        );
        const value = FORMULAS[this.curve](this.counts.of(c, indices[c]));
        return Number.isNaN(value) ? Infinity : this.smallerIsBetter ? -value : value;
      }
    };
    const keys = this.tiles.map((_, c) => orders[order](c));
    const places = this.tiles.map((_, c) => c).sort((a, b) => keys[a] - keys[b] || a - b);
    this.list.append(...places.map((c) => this.tiles[c].one));
  }
  /** @param {string} text */
  filter(text2) {
    const wanted = text2.trim().toLowerCase();
    this.tiles.forEach(({ one }, c) => one.hidden = !this.names[c].toLowerCase().includes(wanted));
    this.none.hidden = this.tiles.some(({ one }) => !one.hidden);
  }
  remove() {
    this.watch.disconnect();
  }
};

// gallery/film.js
var FRAME_MS = 333;
function filmOf(data, first) {
  let text2 = first;
  let frames = JSON.parse(first);
  let at = frames.length - 1;
  let timer;
  const watchers = /* @__PURE__ */ new Set();
  const redraw = () => watchers.forEach((draw) => draw());
  const last = () => frames.length - 1;
  const stop = () => {
    clearInterval(timer);
    timer = void 0;
  };
  const kept2 = (next) => {
    for (let index = at; index >= 0; index--) {
      const place2 = next.findIndex(({ title }) => title === frames[index].title);
      if (place2 >= 0) return place2;
    }
    return 0;
  };
  const every = () => frames.flatMap(({ cards }) => cards.map((card, index) => ({ ...data.cards[index], ...card })));
  let all = every();
  const film = {
    label: data.label,
    stop,
    /** @param {() => void} draw */
    watch: (draw) => watchers.add(draw),
    state: () => ({ at, last: last(), playing: timer !== void 0, titles: frames.map(({ title }) => title) }),
    /** @param {number} index */
    card: (index) => ({ ...data.cards[index], ...frames[at].cards[index] }),
    all: () => all,
    /** @param {string} next */
    update(next) {
      if (next === text2) return;
      text2 = next;
      const newFrames = JSON.parse(next);
      at = at === last() && timer === void 0 ? newFrames.length - 1 : kept2(newFrames);
      frames = newFrames;
      all = every();
      redraw();
    },
    /** @param {number} to */
    go(to) {
      stop();
      at = Math.min(last(), Math.max(0, to));
      redraw();
    },
    toggle() {
      if (timer !== void 0) return film.go(at);
      if (at === last()) at = 0;
      timer = setInterval(() => {
        at = Math.min(last(), at + 1);
        if (at === last()) stop();
        redraw();
      }, FRAME_MS);
      redraw();
    }
  };
  return film;
}
function player(film) {
  const bar = element("div", "film");
  const play = button("control play", "", "Play", film.toggle);
  const label = element("label", "track", film.label);
  const slider = element("input");
  slider.type = "range";
  slider.min = "0";
  slider.step = "1";
  slider.oninput = () => film.go(Number(slider.value));
  label.append(slider);
  const title = element("span", "now");
  const draw = () => {
    const { at, last, playing, titles } = film.state();
    slider.max = `${Math.max(last, 0)}`;
    slider.value = `${at}`;
    slider.style.setProperty("--done", `${100 * at / Math.max(last, 1)}%`);
    slider.disabled = play.disabled = last < 1;
    slider.setAttribute("aria-valuetext", `${film.label} ${titles[at]}`);
    title.textContent = titles[at];
    title.style.minWidth = `${Math.max(...titles.map((one) => one.length))}ch`;
    play.textContent = playing ? "❚❚" : "▶";
    play.title = playing ? "Pause" : "Play";
    play.setAttribute("aria-label", play.title);
  };
  film.watch(draw);
  draw();
  bar.append(play, label, title);
  return bar;
}

// gallery/geometry.js
var MANY_POINTS = 24;
var POINTED_PX = 6;
var SAME_PX = 1.5;
var MOST_POINTED = 4;
function countOf(card) {
  return Math.max(card.true_points.length, card.pred_points.length);
}
function radius({ true_points, pred_points }, size) {
  const many = Math.max(...[true_points, pred_points].map((places) => places.filter(Boolean).length)) > MANY_POINTS;
  return (many ? { s: 1.4, m: 1.6, l: 2.6, full: 3.5 } : { s: 3.5, m: 4, l: 5, full: 6 })[size];
}
var number = (value) => value.toFixed(2);
var spot = ([x, y]) => `${number(x)} ${number(y)}`;
var segment = (from, to) => `M${spot(from)}L${spot(to)}`;
var ring = (r) => ([x, y]) => `M${number(x - r)} ${number(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
var cross = (r) => ([x, y]) => segment([x - r, y - r], [x + r, y + r]) + segment([x - r, y + r], [x + r, y - r]);
var diamond = (r) => ([x, y]) => `M${spot([x - r, y])}L${spot([x, y - r])}L${spot([x + r, y])}L${spot([x, y + r])}Z`;
function digits2(value) {
  return value >= 999.5 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
function pointWords(data, card, k) {
  const name = data.point_names[k] ?? `point ${k + 1}`;
  const inPixels = (place2) => place2 && [place2[0] * card.width, place2[1] * card.height];
  const [from, to] = [inPixels(card.true_points[k]), inPixels(card.pred_points[k])];
  const where = ([x, y]) => `(${x.toFixed(1)}, ${y.toFixed(1)})${x < 0 || y < 0 || x > card.width || y > card.height ? ", outside the image" : ""}`;
  if (from && to) {
    const off = digits2(Math.hypot(to[0] - from[0], to[1] - from[1]));
    if (data.revisions) return [`${name}: moved by ${off} px`, `before ${where(to)}, after ${where(from)}`];
    return [`${name}: ${off} px off`, `true ${where(from)}, predicted ${where(to)}`];
  }
  if (data.revisions && to) return [`${name}: missing now`, `before ${where(to)}`];
  if (data.revisions && from) return [name, where(from)];
  const labeled = card.true_points.length > 0;
  const spread = card.spread?.[k];
  const sure = spread === null || spread === void 0 ? "" : `, spread ${digits2(spread)} px`;
  if (to) return [labeled ? `${name}: predicted, not labeled` : name, `predicted ${where(to)}${sure}`];
  if (from) return [card.pred_points.length ? `${name}: labeled, not predicted` : name, where(from)];
  return [name, "missing"];
}
function pointedAt(seen, [x, y], r) {
  const all = Array.from({ length: Math.max(...seen.map((places) => places.length)) }, (_, k) => k);
  const away = (place2) => place2 ? Math.hypot(place2[0] - x, place2[1] - y) : Infinity;
  const reach = all.map((k) => Math.min(...seen.map((places) => away(places[k]))));
  const limit = Math.min(r + POINTED_PX, Math.min(...reach) + SAME_PX);
  return all.filter((k) => reach[k] <= limit).sort((a, b) => reach[a] - reach[b]).slice(0, MOST_POINTED);
}

// shared/zoom.js
var STEP = 1.5;
var WHEEL = 15e-4;
var PINCH = 0.01;
var MARGIN = 0.96;
var NEARLY = 0.02;
var STILL_PX = 3;
var edgeToMiddle = (place2, room, size, enlarged) => enlarged ? Math.min(room / 2, Math.max(room / 2 - size, place2)) : (room - size) / 2;
var Zoom = class {
  /**
   * @param {HTMLElement} stage
   * @param {Hooks} hooks
   */
  constructor(stage, hooks) {
    this.stage = stage;
    this.hooks = hooks;
    this.picture = null;
    this.view = { scale: 1, left: 0, top: 0 };
    this.fitting = 1;
    this.whole = true;
    this.fingers = /* @__PURE__ */ new Map();
    this.drag = null;
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.up(event));
    stage.addEventListener("pointercancel", (event) => this.up(event, true));
    stage.addEventListener("pointerleave", () => hooks.hover?.(null));
    this.sizes = new ResizeObserver(() => this.place());
    this.sizes.observe(stage);
  }
  /** @param {{ width: number, height: number }} picture is shown whole */
  set(picture2) {
    this.picture = picture2;
    this.fit();
  }
  fit() {
    this.whole = true;
    const { clientWidth, clientHeight } = this.stage;
    if (!this.picture || !clientWidth || !clientHeight) return;
    this.fitting = MARGIN * Math.min(clientWidth / this.picture.width, clientHeight / this.picture.height);
    this.put({ scale: this.fitting, left: 0, top: 0 });
  }
  place() {
    if (this.whole) this.fit();
    else this.put(this.view);
  }
  larger() {
    this.enlarge(STEP);
  }
  smaller() {
    this.enlarge(1 / STEP);
  }
  /**
   * What is at `at` of the stage stays there, or goes to `to`.
   * @param {number} times
   * @param {Place} [at]
   * @param {Place} [to]
   */
  enlarge(times, at = this.middle(), to = at) {
    if (!this.picture) return;
    const { scale, left, top } = this.view;
    const wanted = Math.min(this.hooks.largest(this.fitting), Math.max(this.hooks.smallest * this.fitting, scale * times));
    this.whole = Math.abs(Math.log(wanted / this.fitting)) < NEARLY;
    const next = this.whole ? this.fitting : wanted;
    const grown = next / scale;
    this.put({ scale: next, left: to[0] - (at[0] - left) * grown, top: to[1] - (at[1] - top) * grown });
  }
  /** @param {MouseEvent} event enlarges, and shows the whole picture where it is as large as it gets */
  twice(event) {
    if (this.view.scale > 0.9 * this.hooks.largest(this.fitting)) this.fit();
    else this.enlarge(STEP * STEP, this.at(event));
  }
  /** @param {Place} place from the picture's corner, in pixels of the screen, is moved into sight */
  reveal([x, y]) {
    const { scale, left, top } = this.view;
    const { clientWidth, clientHeight } = this.stage;
    if (left + x > 0 && left + x < clientWidth && top + y > 0 && top + y < clientHeight) return;
    this.put({ scale, left: clientWidth / 2 - x, top: clientHeight / 2 - y });
  }
  /** @param {View} view */
  put({ scale, left, top }) {
    const { clientWidth, clientHeight } = this.stage;
    if (!this.picture || !clientWidth) return;
    const within = this.hooks.within ?? edgeToMiddle;
    const enlarged = scale > this.fitting;
    this.view = {
      scale,
      left: within(left, clientWidth, this.picture.width * scale, enlarged),
      top: within(top, clientHeight, this.picture.height * scale, enlarged)
    };
    this.hooks.drawn(this.view, enlarged);
  }
  /** @returns {Place} */
  middle() {
    return [this.stage.clientWidth / 2, this.stage.clientHeight / 2];
  }
  /**
   * @param {MouseEvent} event
   * @returns {Place}
   */
  at({ clientX, clientY }) {
    const { left, top } = this.stage.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }
  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const turned = event.deltaY * [1, 16, this.stage.clientHeight][event.deltaMode];
    this.enlarge(Math.exp(-Math.max(-300, Math.min(300, turned)) * (event.ctrlKey ? PINCH : WHEEL)), this.at(event));
  }
  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return;
    const place2 = this.at(event);
    this.fingers.set(event.pointerId, place2);
    this.stage.setPointerCapture(event.pointerId);
    if (this.fingers.size > 1) return void this.cancel();
    this.drag = this.hooks.grab?.(place2) ?? this.pan(place2);
  }
  /**
   * @param {Place} from
   * @returns {Drag}
   */
  pan(from) {
    const { left, top, scale } = this.view;
    let moved = false;
    return {
      to: ([x, y]) => {
        moved ||= Math.hypot(x - from[0], y - from[1]) >= STILL_PX;
        if (!moved) return;
        this.stage.classList.add("panned");
        this.put({ scale, left: left + x - from[0], top: top + y - from[1] });
      },
      drop: () => void (moved || this.hooks.click?.())
    };
  }
  /** @param {PointerEvent} event */
  move(event) {
    const place2 = this.at(event);
    if (!this.fingers.has(event.pointerId)) return this.hooks.hover?.(place2);
    const before = this.spread();
    this.fingers.set(event.pointerId, place2);
    const now = this.spread();
    if (before && now) this.enlarge(before.distance > 1 ? now.distance / before.distance : 1, before.middle, now.middle);
    this.drag?.to(place2);
  }
  /** @returns {{ distance: number, middle: Place } | null} of two fingers */
  spread() {
    if (this.fingers.size !== 2) return null;
    const [[x0, y0], [x1, y1]] = [...this.fingers.values()];
    return { distance: Math.hypot(x1 - x0, y1 - y0), middle: [(x0 + x1) / 2, (y0 + y1) / 2] };
  }
  /**
   * @param {PointerEvent} event
   * @param {boolean} [cancelled]
   */
  up(event, cancelled = false) {
    if (!this.fingers.delete(event.pointerId)) return;
    const drag = this.drag;
    this.drag = null;
    this.stage.classList.remove("panned");
    if (cancelled) drag?.cancel?.();
    else drag?.drop();
    const [left] = this.fingers.values();
    if (left) this.drag = { ...this.pan(left), drop: () => {
    } };
  }
  // Ends a drag; says whether there was one.
  cancel() {
    const drag = this.drag;
    this.drag = null;
    drag?.cancel?.();
    return drag !== null;
  }
  remove() {
    this.sizes.disconnect();
  }
};

// gallery/marks.js
var LONG_NAME = 14;
var NAME_END = 8;
var KINDS = {
  true: ["●", "labeled"],
  hit: ["✓", "labeled and predicted"],
  miss: ["○", "labeled, not predicted"],
  alarm: ["✗", "predicted, not labeled"],
  unknown: ["?", "unknown"],
  changed: ["Δ", "changed"],
  // from one revision to another, which its text says
  pred: ["◆", "predicted"],
  // of a picture that nobody labeled, as the next one
  below: ["", "not predicted"],
  plain: ["", "not labeled, not predicted"]
};
function percent(value) {
  const shown = value * 100;
  return `${shown > 0 && shown < 1 ? "<1" : shown < 100 && shown > 99 ? ">99" : shown.toFixed(0)} %`;
}
function chip({ text: text2, kind, value }, meaning) {
  const item = element("li");
  const [symbol, word, amount, level, spoken] = ["symbol", "word", "value", "level", "spoken"].map((name) => element("span", name));
  level.setAttribute("aria-hidden", "true");
  item.append(symbol, word, amount, spoken, level);
  drawChip(item, { text: text2, kind, value }, meaning);
  return item;
}
function drawChip(item, { text: text2, kind, value }, meaning) {
  const known = kind in KINDS ? kind : "plain";
  const [sign, words] = KINDS[known];
  const meant = meaning ?? (known === "plain" && value === null ? "" : words);
  const [symbol, word, amount, spoken, level] = (
    /** @type {HTMLCollectionOf<HTMLElement>} */
    item.children
  );
  item.className = `chip ${known}${value === null ? "" : " measured"}`;
  item.title = meant ? `${text2}: ${meant}${value === null ? "" : `, probability ${value.toPrecision(3)}`}` : text2;
  symbol.textContent = sign;
  if (text2.length > LONG_NAME) word.replaceChildren(...middle(text2, NAME_END).children);
  else word.textContent = text2;
  amount.textContent = value === null ? "" : percent(value);
  spoken.textContent = meant ? `, ${meant}` : "";
  level.style.setProperty("--level", `${value === null ? 0 : Math.min(1, Math.max(0, value))}`);
}
function telling(all) {
  const wrong = all.filter(({ kind }) => kind === "miss" || kind === "alarm");
  return [...wrong, ...all.filter((one) => !["plain", "below"].includes(one.kind) && !wrong.includes(one))];
}
function chips(most = Infinity, rest = "more in the enlarged image") {
  const list = element("ul", "chips");
  const draw = (all) => {
    const shown = all.slice(0, most);
    shown.forEach((one, index) => {
      const there = (
        /** @type {HTMLElement | undefined} */
        list.children[index]
      );
      if (there?.classList.contains("more") === false) drawChip(there, one);
      else list.insertBefore(chip(one), there ?? null);
    });
    while (list.children.length > shown.length) list.lastChild.remove();
    const more = all.length - shown.length;
    if (more > 0) list.append(element("li", "chip plain more", `and ${more} ${rest}`));
  };
  return { list, draw };
}
function describe(card) {
  const words = card.chips.filter(({ kind }) => kind !== "plain" && kind !== "below").map(({ text: text2, kind }) => `${text2} (${KINDS[kind]?.[1]})`);
  return [card.title, ...words, card.note].filter(Boolean).join(", ");
}

// gallery/legend.js
var KINDS_OF_MARKS = {
  heat: ["evidence, dark → bright; lines at 25, 50 and 75 % of the image's strongest", "Dark where nothing in the image speaks for the label, bright where most does"],
  true: ["true", "Where the points were labeled"],
  pred: ["predicted", "Where the model sees the points"],
  lone: ["predicted, not labeled", "Predicted points whose true place nobody gave"],
  spread: ["spread", "A ring around each predicted point, as far as it scatters over changed copies of the image"],
  error: ["error", "A line from each true point to the predicted one"],
  bones: ["skeleton", "Lines that join the points"],
  names: ["names", "The name beside each point"]
};
var KINDS_OF_REVISIONS = {
  true: ["after", "Where the points are in the later revision"],
  pred: ["before", "Where the points that were moved were before"],
  lone: ["before, missing after", "Where points were that have no place any more"],
  error: ["displacement", "A line from the place after to that before"]
};
var SAMPLES = {
  true: ring(4.5)([9, 9]),
  pred: cross(4.5)([9, 9]),
  lone: diamond(5)([9, 9]),
  spread: ring(7)([9, 9]),
  error: "M2 14L16 4",
  bones: "M2 14L8 4L16 9"
};
var kept = /* @__PURE__ */ new Map();
function looksOf(kind, root) {
  const place2 = `manyhot-gallery-${kind}`;
  let chosen = {};
  try {
    chosen = JSON.parse(sessionStorage.getItem(place2) ?? "null") ?? {};
  } catch {
    chosen = kept.get(place2) ?? {};
  }
  const watchers = /* @__PURE__ */ new Set();
  const apply = () => ["heat", "true", "pred", "lone", "spread", "error", "bones"].forEach((one) => root.classList.toggle(`without-${one}`, !looks.shown(one)));
  const looks = {
    /** @param {string} one */
    shown: (one, otherwise = true) => chosen[one] ?? otherwise,
    /** @param {(kind: string) => void} draw */
    watch: (draw) => watchers.add(draw),
    /**
     * @param {string} one
     * @param {boolean} now
     */
    toggle(one, now) {
      chosen = { ...chosen, [one]: !now };
      kept.set(place2, chosen);
      try {
        sessionStorage.setItem(place2, JSON.stringify(chosen));
      } catch {
      }
      apply();
      watchers.forEach((draw) => draw(one));
    }
  };
  apply();
  return looks;
}
function sample(kind) {
  if (kind === "heat") {
    const scale = element("span", "scale");
    scale.setAttribute("aria-hidden", "true");
    return scale;
  }
  const svg = vector("svg", "overlay sample");
  svg.setAttribute("aria-hidden", "true");
  const group = vector("g", kind === "bones" || kind === "spread" ? kind : "ink", svg);
  vector("path", { bones: "neutral", spread: "ink" }[kind] ?? kind, group).setAttribute("d", SAMPLES[kind]);
  return svg;
}
function toggle(kind, looks, otherwise, revisions) {
  const [word, help] = revisions && KINDS_OF_REVISIONS[kind] || KINDS_OF_MARKS[kind];
  const one = button("entry", void 0, help, () => looks.toggle(kind, looks.shown(kind, otherwise)));
  one.removeAttribute("aria-label");
  one.append(...kind === "heat" || kind in SAMPLES ? [sample(kind)] : [], element("span", "", word));
  const draw = () => one.setAttribute("aria-pressed", String(looks.shown(kind, otherwise)));
  looks.watch(draw);
  draw();
  return one;
}
function kindsOfMarks(data, cards) {
  const some = (test) => cards.some(test);
  const has = (field) => some((card) => card[field].some(Boolean));
  const heat2 = some((card) => card.heat.length) ? ["heat"] : [];
  if (!data.points) return heat2;
  const [labeled, predicted] = [has("true_points"), has("pred_points")];
  const lone = some(({ true_points, pred_points }) => true_points.length && pred_points.some((place2, k) => place2 && !true_points[k]));
  const there = { true: labeled, pred: predicted, lone, spread: some((card) => card.spread?.some(Boolean)), error: labeled && predicted, bones: (labeled || predicted) && data.lines.length };
  return [...heat2, ...Object.keys(there).filter((kind) => there[kind])];
}
function legend(head, data, cards, looks, named = null) {
  const kinds = new Set(cards.flatMap((card) => card.chips.map(({ kind }) => kind)));
  const signs = ["hit", "miss", "alarm"].some((kind) => kinds.has(kind));
  const marks = kindsOfMarks(data, cards);
  const shown = kinds.has("pred") && !signs ? ["pred"] : ["hit", "miss", "alarm", ...kinds.has("unknown") ? ["unknown"] : []];
  const points = marks.filter((kind) => kind !== "heat");
  const content = `${marks} ${named} ${signs} ${kinds.has("pred")} ${shown}`;
  if (head.dataset.content === content) return;
  head.dataset.content = content;
  const entries = marks.map((kind) => toggle(kind, looks, true, data.revisions));
  if (points.length && named !== null) entries.push(toggle("names", looks, named));
  if (named === null && (signs || kinds.has("pred"))) {
    const list = element("ul", "chips");
    for (const kind of shown) list.append(chip({ text: KINDS[kind][1], kind, value: null }, ""));
    entries.push(list);
  }
  head.replaceChildren(...entries);
}

// shared/pictures.js
function pictureAddress(template, item, size) {
  return template.replace("{item}", String(item)).replace("{size}", String(size));
}
async function whyNone(address2, ask = fetch) {
  const answer = await ask(address2).catch(() => null);
  const says = answer && !answer.ok && answer.headers.get("content-type")?.startsWith("text/plain");
  return says && await answer.text().catch(() => "") || "This image cannot be opened.";
}

// gallery/heat.js
var LEVELS = [0.25, 0.5, 0.75];
var DIMMED = 0.62;
var FINER = 6;
var DIGITS = 1e3;
function valueAt(rows, x, y) {
  const between = (share2, cells) => {
    const at = Math.min(cells - 1, Math.max(0, share2 * cells - 0.5));
    const low = Math.min(Math.floor(at), Math.max(0, cells - 2));
    return [low, Math.min(low + 1, cells - 1), at - low];
  };
  const [left, right, across] = between(x, rows[0].length);
  const [top, bottom, down] = between(y, rows.length);
  const inRow = (row) => row[left] * (1 - across) + row[right] * across;
  return inRow(rows[top]) * (1 - down) + inRow(rows[bottom]) * down;
}
function lineOf(rows, level) {
  const [columns, lines] = [rows[0].length * FINER, rows.length * FINER];
  const values = Array.from({ length: lines + 1 }, (_, j) => Array.from({ length: columns + 1 }, (_2, i) => valueAt(rows, i / columns, j / lines)));
  const pieces = [];
  const crossing = ([ai, aj], [bi, bj]) => {
    const [from, to] = [values[aj][ai], values[bj][bi]];
    if (from > level === to > level) return null;
    const part = (level - from) / (to - from);
    return [(ai + (bi - ai) * part) / columns, (aj + (bj - aj) * part) / lines];
  };
  for (let j = 0; j < lines; j += 1) {
    for (let i = 0; i < columns; i += 1) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const ends = (
        /** @type {Place[]} */
        corners.map((corner, side) => crossing(corner, corners[(side + 1) % 4])).filter(Boolean)
      );
      for (let end = 0; end + 1 < ends.length; end += 2) pieces.push([ends[end], ends[end + 1]]);
    }
  }
  return pieces;
}
function heat(rows) {
  const cover = element("span", "heat");
  cover.setAttribute("aria-hidden", "true");
  const canvas = element("canvas");
  [canvas.width, canvas.height] = [rows[0].length, rows.length];
  const pen = (
    /** @type {CanvasRenderingContext2D} */
    canvas.getContext("2d")
  );
  const pixels = pen.createImageData(canvas.width, canvas.height);
  rows.flat().forEach((value, at) => pixels.data[4 * at + 3] = Math.round(255 * DIMMED * (1 - value)));
  pen.putImageData(pixels, 0, 0);
  const svg = vector("svg");
  svg.setAttribute("viewBox", `0 0 ${DIGITS} ${DIGITS}`);
  svg.setAttribute("preserveAspectRatio", "none");
  const scaled = ([x, y]) => [x * DIGITS, y * DIGITS];
  const drawn = LEVELS.map((level) => lineOf(rows, level).map(([from, to]) => segment(scaled(from), scaled(to))).join(""));
  for (const layer of ["halo", "ink"]) {
    drawn.forEach((d, index) => vector("path", `${layer} level-${number(LEVELS[index]).slice(2)}`, svg).setAttribute("d", d));
  }
  cover.append(canvas, svg);
  return cover;
}

// gallery/pictures.js
var CARD_PX = { s: 132, m: 208, l: 330 };
var PIXEL_ART_PX = 160;
var POOL = 240;
var TITLE_END = 9;
var pool = /* @__PURE__ */ new Map();
function address(data, card, px) {
  if (card.src?.startsWith("data:")) return card.src;
  return pictureAddress(card.src ?? /** @type {string} */
  data.pictures, card.item, Math.max(card.width, card.height) <= 256 ? 0 : px);
}
function pooled(src) {
  const there = pool.get(src);
  if (!there || there.isConnected && !there.closest(".old")) return element("img");
  pool.delete(src);
  return there;
}
function intoPool(images) {
  for (const image of images) {
    const src = (
      /** @type {string} */
      image.getAttribute("src")
    );
    if (src.startsWith("data:")) continue;
    pool.delete(src);
    pool.set(src, image);
    if (pool.size > POOL) pool.delete(
      /** @type {string} */
      pool.keys().next().value
    );
  }
}
function loadAhead(data) {
  for (const card of data.ahead ?? []) {
    const src = address(data, card, thumbnailPx(data));
    if (pool.has(src)) continue;
    const image = element("img");
    image.fetchPriority = "low";
    image.src = src;
    image.onload = () => intoPool([image]);
  }
}
function picture(data, card, px, lazy, keep) {
  const frame = element("span", "frame");
  frame.style.aspectRatio = `${card.width} / ${card.height}`;
  const src = address(data, card, px);
  const image = keep ? pooled(src) : element("img");
  image.loading = lazy ? "lazy" : "eager";
  image.decoding = "async";
  image.draggable = false;
  if (Math.max(card.width, card.height) <= PIXEL_ART_PX) image.classList.add("pixels");
  image.onerror = () => {
    pool.delete(src);
    const [broken, why] = [element("span", "broken"), element("span", "why")];
    broken.append(why);
    frame.replaceChildren(broken);
    whyNone(src).then((sentence) => broken.title = why.textContent = sentence);
  };
  if (!image.src) image.src = src;
  frame.append(image);
  if (card.heat.length) frame.append(heat(card.heat));
  return { frame, image };
}
function commonRatio(data) {
  const ratios = data.cards.map((card) => card.width / card.height).sort((a, b) => a - b);
  return Math.min(1.6, Math.max(0.7, ratios[ratios.length >> 1] ?? 1));
}
function thumbnailPx(data) {
  return CARD_PX[data.size] * Math.min(devicePixelRatio, 2) > 256 ? 512 : 256;
}

// gallery/points.js
var LINE_PX = 15;
var MARKS = ["error", "true", "pred", "lone"];
function setPath(path2, d) {
  if (path2.getAttribute("d") !== d) path2.setAttribute("d", d);
}
function layersOf(svg, className) {
  const layers = ["halo", "ink"].map((name) => {
    const group = vector("g", `${name} ${className}`, svg);
    return Object.fromEntries(MARKS.map((kind) => [kind, vector("path", kind, group)]));
  });
  return (true_, pred, which, r) => {
    const at = (places, k) => (
      /** @type {Place} */
      places[k]
    );
    const both = which.filter((k) => true_[k] && pred[k]);
    const paths = {
      error: both.map((k) => segment(at(true_, k), at(pred, k))).join(""),
      true: which.filter((k) => true_[k]).map((k) => at(true_, k)).map(ring(r)).join(""),
      pred: (true_.length ? both : which.filter((k) => pred[k])).map((k) => at(pred, k)).map(cross(r)).join(""),
      lone: (true_.length ? which.filter((k) => pred[k] && !true_[k]) : []).map((k) => at(pred, k)).map(diamond(r)).join("")
    };
    for (const layer of layers) for (const kind of MARKS) setPath(layer[kind], paths[kind]);
  };
}
function overlay(data, card, r, looks, names = false) {
  const svg = vector("svg", r < 3 ? "overlay fine" : "overlay");
  svg.setAttribute("aria-hidden", "true");
  const all = Array.from({ length: countOf(card) }, (_, k) => k);
  const chosen = card.chosen !== null && card.chosen < all.length ? [card.chosen] : [];
  if (chosen.length) svg.classList.add("choosing");
  const bones = vector("g", "bones", svg);
  const [trueBones, predBones] = ["true", "pred"].map((kind) => vector("path", kind, bones));
  const rings = vector("g", "spread", svg);
  const [ringHalo, ringInk] = ["halo", "ink"].map((layer) => vector("path", layer, rings));
  const marks = layersOf(svg, "rest");
  const largest2 = Math.max(1.5 * r, r < 3 ? 4 : 0);
  const emphasis = chosen.length ? layersOf(svg, "chosen") : null;
  const words = names ? namesOf(svg, data.point_names, all, chosen) : null;
  let light = null;
  let lit = [];
  let [now, width, height] = [card, 0, 0];
  let true_ = [];
  let pred = [];
  const placed = (points) => points.map((place2) => place2 && [place2[0] * width, place2[1] * height]);
  const bonesOf = (places) => data.lines.filter(([a, b]) => places[a] && places[b]).map(([a, b]) => segment(
    /** @type {Place} */
    places[a],
    /** @type {Place} */
    places[b]
  )).join("");
  function draw(next = now) {
    now = next;
    if (!width) return;
    [true_, pred] = [placed(now.true_points), placed(now.pred_points)];
    setPath(trueBones, bonesOf(true_));
    setPath(predBones, bonesOf(pred));
    const scatter = now.spread ?? [];
    const sure = all.filter((k) => pred[k] && scatter[k]).map((k) => ring(
      /** @type {number} */
      scatter[k] / now.width * width
    )(
      /** @type {Place} */
      pred[k]
    )).join("");
    setPath(ringHalo, sure);
    setPath(ringInk, sure);
    marks(true_, pred, chosen.length ? all.filter((k) => k !== chosen[0]) : all, r);
    emphasis?.(true_, pred, chosen, largest2);
    words?.(true_, pred, lit, r);
    light?.(true_, pred, lit, largest2);
  }
  function at(clientX, clientY) {
    const { left, top } = svg.getBoundingClientRect();
    const seen = [looks.shown("true") ? true_ : [], looks.shown("pred") ? pred : []];
    return pointedAt(seen, [clientX - left, clientY - top], r);
  }
  function highlight(which) {
    if (`${which}` === `${lit}`) return;
    lit = which;
    light ??= layersOf(svg, "lit");
    light(true_, pred, lit, largest2);
    words?.(true_, pred, lit, r);
  }
  new ResizeObserver(([{ contentRect }]) => {
    width = contentRect.width;
    height = contentRect.height;
    draw();
  }).observe(svg);
  return { svg, draw, at, highlight, card: () => now, place: (k) => pred[k] ?? true_[k] };
}
function namesOf(svg, names, all, chosen) {
  const group = vector("g", "names", svg);
  const spare = [];
  const write2 = (label, text2, className, [x, y], left) => {
    label.textContent = text2;
    label.setAttribute("class", className);
    label.setAttribute("x", number(x));
    label.setAttribute("y", number(y + 4));
    label.setAttribute("text-anchor", left ? "end" : "start");
  };
  return (true_, pred, lit, r) => {
    const wanted = [];
    const taken = /* @__PURE__ */ new Set();
    const free = ([x, y]) => {
      const cell = () => `${Math.round(x / 12)} ${Math.round(y / LINE_PX)}`;
      while (taken.has(cell())) y += LINE_PX;
      taken.add(cell());
      return [x, y];
    };
    for (const k of all) {
      const [from, to] = [true_[k], pred[k]];
      const kind = lit.includes(k) ? "lit" : chosen.includes(k) ? "picked" : "";
      const left = Boolean(from && to && from[0] < to[0]);
      const gap = (kind ? 1.5 * r : r) + 4;
      const beside = (place2, isLeft) => [place2[0] + (isLeft ? -gap : gap), place2[1]];
      if (from) wanted.push([`of-true ${kind}`, k, free(beside(from, left)), left]);
      if (to && (kind || !from)) wanted.push([`of-pred ${kind}`, k, free(beside(to, Boolean(from && !left))), Boolean(from && !left)]);
    }
    while (spare.length < wanted.length) spare.push(vector("text", "", group));
    spare.forEach((label, index) => {
      if (index >= wanted.length) return label.setAttribute("class", "unused");
      const [className, k, place2, isLeft] = wanted[index];
      write2(label, names[k] ?? `point ${k + 1}`, className, place2, isLeft);
    });
  };
}
function tipOf(host) {
  const box = element("div", "tip");
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  let shown = "";
  const hide = () => {
    box.hidden = true;
    shown = "";
  };
  const show2 = (lines, clientX, clientY) => {
    if (!lines.length) return hide();
    const text2 = lines.flat().join("\n");
    if (text2 !== shown) box.replaceChildren(...lines.flatMap(([head, rest]) => [element("b", "", head), element("span", "", rest)]));
    shown = text2;
    box.hidden = false;
    const around = host.getBoundingClientRect();
    const [x, y] = [clientX - around.left, clientY - around.top];
    const left = Math.max(0, Math.min(x + 14, around.width - box.offsetWidth));
    const below = clientY + 18 + box.offsetHeight < innerHeight;
    box.style.transform = `translate(${left}px, ${below ? y + 18 : y - box.offsetHeight - 12}px)`;
  };
  return { box, show: show2, hide };
}
function pointing(area, data, marks, tip) {
  area.onpointermove = ({ clientX, clientY, buttons }) => {
    const which = buttons ? [] : marks.at(clientX, clientY);
    marks.highlight(which);
    tip.show(which.map((k) => pointWords(data, marks.card(), k)), clientX, clientY);
  };
  area.onpointerleave = () => {
    marks.highlight([]);
    tip.hide();
  };
}

// gallery/large.js
var FEW_POINTS = 8;
var FIRST_PX = 1024;
var SMALLEST = 0.4;
var PIXEL_PX = 24;
var HARD_EDGES = 6;
function lightbox(data, cardAt, film, { edit, like }, looks) {
  const dialog = element("dialog", "lightbox");
  const stage = element("div", "stage");
  const facts = element("div", "facts");
  const head = element("div", "legend");
  const place2 = element("span", "place");
  place2.setAttribute("aria-live", "polite");
  const spoken = element("span", "spoken");
  spoken.setAttribute("aria-live", "polite");
  const tip = tipOf(dialog);
  let index = 0;
  let draw = () => {
  };
  let resized = () => {
  };
  let walk = () => {
  };
  const shown = { frame: element("span"), width: 0, height: 0 };
  const zoom = new Zoom(stage, {
    smallest: SMALLEST,
    largest: (whole) => Math.max(8 * whole, PIXEL_PX),
    drawn: ({ scale, left, top }, enlarged) => {
      const width = shown.width * scale;
      Object.assign(shown.frame.style, {
        width: `${width}px`,
        height: `${shown.height * scale}px`,
        transform: `translate(${left}px, ${top}px)`
      });
      stage.classList.toggle("moving", enlarged);
      resized(width);
    }
  });
  stage.addEventListener("dblclick", (event) => zoom.twice(event));
  const step2 = (by) => show2((index + by + data.cards.length) % data.cards.length);
  function show2(next) {
    index = next;
    const card = cardAt(index);
    const few = countOf(card) <= FEW_POINTS;
    const { frame, resize, describeAs } = sharpening(data, card);
    const marks = data.points ? overlay(data, card, radius(card, "full"), looks, true) : null;
    tip.hide();
    if (marks) {
      frame.append(marks.svg);
      pointing(stage, data, marks, tip);
    }
    const named = () => frame.classList.toggle("named", looks.shown("names", few));
    showNames = named;
    named();
    resized = resize;
    stage.replaceChildren(frame);
    Object.assign(shown, { frame, width: card.width, height: card.height });
    zoom.set(card);
    dialog.setAttribute("aria-label", card.title);
    place2.textContent = `${index + 1} of ${data.cards.length}`;
    const [words, note] = [chips(), element("span", "note")];
    facts.replaceChildren(middle(card.title, TITLE_END), element("span", "note", `${card.width} × ${card.height} px`), note, words.list, head, spoken);
    spoken.textContent = "";
    walk = marks ? walking(data, marks, tip, zoom, spoken) : () => {
    };
    draw = () => {
      const now = cardAt(index);
      legend(head, data, [now], looks, few);
      describeAs(describe(now));
      marks?.draw(now);
      words.draw(now.chips);
      note.textContent = now.note;
    };
    draw();
  }
  let showNames = () => {
  };
  looks.watch(() => showNames());
  const bar = element("div", "bar");
  bar.append(
    button("control", "‹", "Previous (left arrow)", () => step2(-1)),
    place2,
    button("control", "›", "Next (right arrow)", () => step2(1)),
    element("span", "gap"),
    ...like ? [button("control worded", "More like this", "Images that are like this one (M)", () => ask(like))] : [],
    ...edit ? [button("control worded", "Edit", "Edit this image's targets", () => ask(edit))] : [],
    button("control", "−", "Smaller (minus, or the wheel)", () => zoom.smaller()),
    button("control", "⤢", "The whole image (0)", () => zoom.fit()),
    button("control", "+", "Larger (plus, the wheel or a double click)", () => zoom.larger()),
    button("control", "✕", "Close (Esc)", () => dialog.close())
  );
  const ask = (what) => {
    dialog.close();
    what(data.cards[index].item);
  };
  const keys = {
    ArrowLeft: () => step2(-1),
    ArrowRight: () => step2(1),
    ArrowUp: () => walk(-1),
    ArrowDown: () => walk(1),
    "+": () => zoom.larger(),
    "=": () => zoom.larger(),
    // the same key without shift
    "-": () => zoom.smaller(),
    0: () => zoom.fit(),
    ...like ? { m: () => ask(like) } : {}
  };
  dialog.onkeydown = (event) => {
    event.stopPropagation();
    if (!(event.key in keys) || /** @type {HTMLInputElement} */
    event.target.type === "range") return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  };
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  dialog.onclose = () => {
    const root = rootOf(dialog);
    const focused = root.activeElement ?? document.activeElement;
    if (focused && focused !== document.body && !focused.matches(".opener")) return;
    const opener = root.querySelectorAll?.(".opener")[index];
    if (opener instanceof HTMLElement) opener.focus();
  };
  dialog.append(bar, stage, facts);
  if (film) dialog.append(player(film));
  dialog.append(tip.box);
  const open = (at) => {
    show2(at);
    dialog.showModal();
    zoom.place();
    stage.focus();
  };
  stage.tabIndex = -1;
  const opened = () => dialog.open ? data.cards[index] : null;
  return { dialog, open, opened, draw: () => dialog.open && draw(), close: () => dialog.open && dialog.close() };
}
function sharpening(data, card) {
  const shown = picture(data, card, FIRST_PX, false);
  const { frame } = shown;
  let { image } = shown;
  let [whole, width] = [false, 0];
  const blurred = address(data, card, thumbnailPx(data));
  if (!blurred.startsWith("data:")) frame.style.background = `0 / 100% 100% url(${JSON.stringify(blurred)})`;
  const sharpen = () => {
    image.classList.toggle("pixels", Math.max(card.width, card.height) <= PIXEL_ART_PX || width >= HARD_EDGES * card.width);
    const there = image.naturalWidth;
    if (whole || !there || there >= card.width || width * devicePixelRatio <= there) return;
    whole = true;
    const next = element("img");
    next.src = address(data, card, 0);
    next.decode().then(() => {
      ;
      [next.alt, next.className, next.draggable] = [image.alt, image.className, false];
      image.replaceWith(next);
      image = next;
    }, () => {
    });
  };
  image.addEventListener("load", () => {
    frame.style.background = "";
    sharpen();
  });
  const resize = (now) => {
    width = now;
    sharpen();
  };
  return { frame, resize, describeAs: (words) => image.alt = words };
}
function walking(data, marks, tip, zoom, spoken) {
  let at = -1;
  const worst = () => {
    const { true_points, pred_points, width, height } = marks.card();
    const off = (k) => {
      const [from, to] = [true_points[k], pred_points[k]];
      return from && to ? Math.hypot((to[0] - from[0]) * width, (to[1] - from[1]) * height) : -1;
    };
    const there = data.point_names.map((_, k) => k).filter((k) => marks.place(k));
    return there.sort((a, b) => off(b) - off(a) || a - b);
  };
  return (by) => {
    const order = worst();
    if (!order.length) return;
    at = at < 0 && by < 0 ? order.length - 1 : (at + by + order.length) % order.length;
    const k = order[at];
    const place2 = (
      /** @type {[number, number]} */
      marks.place(k)
    );
    zoom.reveal(place2);
    marks.highlight([k]);
    const [x, y] = place2;
    const { left, top } = marks.svg.getBoundingClientRect();
    const words = pointWords(data, marks.card(), k);
    tip.show([words], left + x, top + y);
    spoken.textContent = words.join(", ");
  };
}

// gallery/roving.js
function oneStop(root, selector) {
  const all = () => (
    /** @type {HTMLElement[]} */
    [...root.querySelectorAll(selector)]
  );
  const set = (stop) => all().forEach((one, index) => {
    one.tabIndex = one === stop || !stop && !index ? 0 : -1;
    one.dataset.roving = "";
  });
  root.addEventListener("focusin", (event) => {
    const one = (
      /** @type {HTMLElement | null} */
      /** @type {HTMLElement} */
      event.target.closest(selector)
    );
    if (one) set(one);
  });
  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const things = all();
    const here = things.findIndex((one) => one === event.target);
    const there = here < 0 ? here : step(event.key, here, things.map((one) => one.getBoundingClientRect()));
    if (there < 0 || there === here) return;
    event.preventDefault();
    things[there].focus();
  });
  new MutationObserver(() => set(all().find((one) => one.matches(":focus")))).observe(root, { childList: true });
  set(void 0);
}
function step(key, here, boxes) {
  const last = boxes.length - 1;
  const ends = { Home: 0, End: last, ArrowLeft: Math.max(0, here - 1), ArrowRight: Math.min(last, here + 1) };
  if (key in ends) return ends[key];
  const way = (
    /** @type {Record<string, number>} */
    { ArrowUp: -1, ArrowDown: 1 }[key]
  );
  if (!way) return -1;
  const middle2 = ({ left, width }) => left + width / 2;
  const beyond = boxes.map((box, index) => ({ index, rows: (box.top - boxes[here].top) * way, aside: Math.abs(middle2(box) - middle2(boxes[here])) }));
  const ahead = beyond.filter(({ rows }) => rows > 1).sort((a, b) => a.rows - b.rows);
  const row = ahead.filter(({ rows }) => rows < ahead[0].rows + 2).sort((a, b) => a.aside - b.aside);
  return row.length ? row[0].index : here;
}

// gallery/selecting.js
function after(selected, shown, index, anchor) {
  const next = new Set(selected);
  const on = anchor === null ? !selected.has(shown[index]) : selected.has(shown[anchor]);
  const [first, last] = anchor === null ? [index, index] : [Math.min(anchor, index), Math.max(anchor, index)];
  for (const item of shown.slice(first, last + 1)) on ? next.add(item) : next.delete(item);
  return next;
}
var Selection = class {
  /**
   * @param {GalleryData} data
   * @param {(picked: Picked) => void} send
   */
  constructor(data, send) {
    this.shown = data.cards.map(({ item }) => item);
    this.send = send;
    this.selected = /* @__PURE__ */ new Set();
    this.anchor = null;
    this.number = 0;
    this.cards = [];
  }
  /**
   * A card gets its check mark, and its picture the keys and clicks that select.
   * @param {HTMLElement} one
   * @param {HTMLElement} opener
   * @param {string} title
   */
  add(one, opener, title) {
    const index = this.cards.length;
    const check = button("check", "✓", `Select ${title} (Space; Shift for a range)`, () => {
    });
    check.setAttribute("role", "checkbox");
    check.tabIndex = -1;
    check.onclick = ({ shiftKey }) => this.toggle(index, shiftKey);
    opener.setAttribute("aria-keyshortcuts", "Space");
    opener.addEventListener("click", (event) => {
      if (!event.shiftKey && !event.ctrlKey && !event.metaKey) return;
      event.stopImmediatePropagation();
      this.toggle(index, event.shiftKey);
    }, { capture: true });
    opener.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      if (!event.repeat) this.toggle(index, event.shiftKey);
    });
    opener.addEventListener("keyup", (event) => event.key === " " && event.preventDefault());
    one.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault());
    one.append(check);
    this.cards.push({ one, check });
  }
  /**
   * @param {number} index
   * @param {boolean} range
   */
  toggle(index, range) {
    this.selected = after(this.selected, this.shown, index, range ? this.anchor : null);
    this.anchor = index;
    this.number += 1;
    this.draw();
    this.send({ items: this.shown.filter((item) => this.selected.has(item)), shown: this.shown, number: this.number });
  }
  /**
   * What Python knows counts unless it has not heard yet what was clicked last.
   * @param {Selected} known
   */
  update({ items, number: number2 }) {
    if (number2 < this.number) return;
    this.number = number2;
    this.selected = new Set(items);
    this.draw();
  }
  draw() {
    this.cards.forEach(({ one, check }, index) => {
      const on = this.selected.has(this.shown[index]);
      one.classList.toggle("selected", on);
      check.setAttribute("aria-checked", `${on}`);
    });
  }
};

// gallery/gallery.js
var AT_ONCE = 12;
var MOST_CHIPS = 10;
var FEW_CHIPS = 4;
var PAIR_CHIPS = 6;
function renewed(shown, data, root, { frames, edit = null, like = null, pick = null } = {}) {
  const content = JSON.stringify(data);
  if (shown?.content === content) return shown;
  const open = shown?.opened();
  shown?.close();
  const selection = pick ? new Selection(data, pick) : null;
  const turned = shown && selection && !selection.shown.some((item) => shown.items.includes(item));
  const fresh = { content, ...build(data, root, frames, { edit, like }, selection) };
  if (turned && root.getBoundingClientRect().top < 0) root.scrollIntoView();
  const still = open ? data.cards.findIndex(({ item, src, title }) => item === open.item && src === open.src && title === open.title) : -1;
  if (still >= 0) fresh.open(still);
  return fresh;
}
function build(data, root, frames, asks, selection) {
  root.querySelector(".grid")?.classList.add("old");
  const film = frames ? filmOf(data, frames) : null;
  const cardAt = (index) => film?.card(index) ?? data.cards[index];
  const looks = looksOf(data.kind, root);
  const tip = tipOf(root);
  const box = lightbox(data, cardAt, film, asks, looks);
  const cards = data.cards.map((_, index) => cardOf(data, () => cardAt(index), { ...asks, open: () => box.open(index) }, index, looks, tip, selection));
  const head = element("div", "legend");
  oneStop(head, ".entry");
  const draw = () => {
    legend(head, data, film?.all() ?? data.cards, looks);
    cards.forEach((card) => card.draw());
    box.draw();
  };
  film?.watch(draw);
  draw();
  root.classList.toggle("moves", film !== null);
  root.classList.toggle("dense", film !== null && data.size === "s");
  root.classList.toggle("compact", Boolean(data.compact));
  root.classList.toggle("pairs", Boolean(data.pairs));
  root.replaceChildren(...film ? [player(film)] : [], head, grid(data, cards), box.dialog, tip.box);
  intoPool(root.querySelectorAll(".grid img"));
  loadAhead(data);
  const close = () => {
    film?.stop();
    box.close();
  };
  return { film, close, open: box.open, opened: box.opened, selection, items: data.cards.map(({ item }) => item) };
}
function cardOf(data, cardNow, { open, like }, index, looks, tip, selection) {
  const card = cardNow();
  const one = element("li", "card");
  const opener = button("opener", void 0, `Open ${card.title}`, open);
  opener.removeAttribute("title");
  const { frame, image } = picture(data, card, thumbnailPx(data), index >= AT_ONCE, true);
  frame.classList.add(card.width / card.height >= commonRatio(data) ? "wide" : "tall");
  const marks = data.points && countOf(card) ? overlay(data, card, radius(card, data.size), looks) : null;
  if (marks) {
    frame.append(marks.svg);
    pointing(opener, data, marks, tip);
  }
  opener.append(frame);
  const words = data.pairs ? chips(PAIR_CHIPS, "more") : chips(data.compact ? FEW_CHIPS : MOST_CHIPS, data.compact ? "more" : void 0);
  const note = element("span", "note");
  one.append(opener, middle(card.title, TITLE_END), words.list, note);
  selection?.add(one, opener, card.title);
  if (like) askable(one, opener, `More like ${card.title} (M)`, () => like(card.item));
  const draw = () => {
    const now = cardNow();
    image.alt = describe(now);
    marks?.draw(now);
    words.draw(data.compact ? telling(now.chips) : now.chips);
    note.textContent = now.note;
  };
  return { one, draw };
}
function askable(one, opener, label, ask) {
  const alike = button("alike", "≈", label, ask);
  alike.tabIndex = -1;
  opener.setAttribute("aria-keyshortcuts", `${opener.getAttribute("aria-keyshortcuts") ?? ""} M`.trim());
  opener.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => key === "m" && !ctrlKey && !metaKey && !altKey && ask());
  one.append(alike);
}
function grid(data, cards) {
  const grid2 = element("ul", "grid");
  grid2.style.setProperty("--card", `${CARD_PX[data.size]}px`);
  grid2.style.setProperty("--box", `${commonRatio(data)}`);
  if (data.columns) grid2.style.gridTemplateColumns = `repeat(${data.columns}, minmax(0, 1fr))`;
  grid2.append(...cards.map(({ one }) => one));
  oneStop(grid2, ".opener");
  return grid2;
}

// lab/pictures.js
var Pictures = class {
  constructor() {
    this.root = element("div", "pictures");
    this.words = element("p", "words");
    this.place = element("div", "gallery");
    this.root.append(this.words, this.place);
    this.shown = void 0;
  }
  /** @param {import("./types.js").Beside} beside */
  show({ words, gallery }) {
    write(this.words, words);
    this.place.hidden = !gallery;
    if (gallery) this.shown = renewed(this.shown, gallery, this.place);
  }
  remove() {
    this.shown?.close();
  }
};

// shared/words.js
function countOf2(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

// lab/words.js
var NARROW = 640;
var LISTED = ["precision", "recall", "f1", "predicted_per_image"];
var Toolbar = class {
  /** @param {Lab} lab */
  constructor(lab2) {
    this.thresh = void 0;
    this.narrow = void 0;
    this.head = void 0;
    this.scope = element("select", "scope");
    this.curves = element("select", "curves");
    this.root = element("details", "tools");
    this.summary = element("summary");
    this.line = element("div");
    this.root.append(this.summary, this.line);
    this.field = element("input");
    Object.assign(this.field, { type: "number", min: 0, max: 1, step: 1e-3 });
    this.typed = false;
    this.field.oninput = () => this.typed = true;
    this.field.onblur = () => this.typed = false;
    this.field.onchange = () => {
      this.typed = false;
      const value = Number(this.field.value);
      if (lab2.counts && this.field.value !== "" && value >= 0 && value <= 1) {
        lab2.drag(lab2.label, Math.round(value * (lab2.counts.steps - 1)));
        lab2.drop();
        lab2.follow();
      }
      this.field.value = this.thresh ?? "";
    };
    this.exact = element("label", "exact", "Threshold ");
    this.exact.append(this.field);
    this.undo = element("button", "kind undo", "↶ Undo");
    this.undo.type = "button";
    this.undo.title = "Back to the thresholds before (Ctrl+Z on the line)";
    this.undo.onclick = () => lab2.back();
  }
  /**
   * Where it is narrow the controls are one line that unfolds.
   * @param {number} width
   */
  fold(width) {
    const narrow = width <= NARROW;
    if (narrow === this.narrow) return;
    this.narrow = narrow;
    this.root.open = !narrow;
  }
  /**
   * Changes what is there: new elements would take the focus from whoever uses the keyboard, or types.
   * @param {Lab} lab
   */
  draw(lab2) {
    if (this.head !== lab2.head) this.build(lab2);
    this.scope.value = `${lab2.label ?? ""}`;
    this.curves.value = lab2.curve.name;
    for (const [at, { of_one }] of lab2.fixed.curves.entries()) this.curves.options[at].disabled = !of_one && lab2.label !== null;
    this.curves.title = lab2.curve.help;
    this.settle(lab2);
  }
  /** @param {Lab} lab */
  build(lab2) {
    const { names, noun, title, curves } = lab2.fixed;
    this.head = lab2.head;
    this.scope = element("select", "scope");
    this.scope.setAttribute("aria-label", `Which ${noun}`);
    this.scope.append(new Option(title, ""), ...names.map((name, c) => new Option(name, `${c}`)));
    this.scope.onchange = () => lab2.choose({ label: this.scope.value === "" ? null : Number(this.scope.value) });
    this.curves = element("select", "curves");
    this.curves.setAttribute("aria-label", "What is drawn against the threshold");
    this.curves.append(...curves.map((curve) => Object.assign(new Option(curve.title, curve.name), { title: curve.help })));
    this.curves.onchange = () => lab2.choose({ curve: curves.find(({ name }) => name === this.curves.value) });
    this.line.replaceChildren(this.scope, this.curves, this.exact, this.undo);
  }
  /** @param {Lab} lab */
  settle(lab2) {
    this.undo.disabled = !lab2.past.length;
  }
  /**
   * Writes the threshold into its field, unless somebody types there; the focus alone is not typing.
   * @param {string | null} thresh null where labels have different ones
   * @param {Fixed} fixed
   * @param {number | null} label
   * @param {Curve} curve
   */
  write(thresh, { names, title }, label, curve) {
    this.thresh = thresh;
    if (!this.typed) this.field.value = thresh ?? "";
    this.field.placeholder = thresh === null ? "mixed" : "";
    write(this.summary, `${label === null ? title : names[label]} · ${curve.title} · threshold ${thresh ?? "mixed"}`);
  }
};
function numberWords(name, counts) {
  if (name === "subset_accuracy" && counts.right === void 0) return "after release";
  return digits(FORMULAS[name](counts));
}
var Readout = class {
  constructor() {
    this.root = element("dl", "numbers");
    this.rows = void 0;
    this.order = [];
  }
  /**
   * @param {Fixed} fixed
   * @param {number | null} label
   * @param {number} shown which part comes first
   */
  build({ parts, curves }, label, shown) {
    this.order = [shown, ...parts.keys()].filter((part, at, all) => all.indexOf(part) === at);
    const counts = Object.entries(COUNTS).map(([name, row]) => ({ name, ...row, count: true }));
    const rows = [...counts, ...curves.filter(({ name }) => LISTED.includes(name))];
    this.rows = rows.map((row) => {
      const one = element("div", "number");
      one.append(element("dt", "", row.title));
      const cells = this.order.map((part, place2) => {
        const cell = element("dd", place2 ? "also" : "value");
        cell.dataset.name = row.name;
        cell.dataset.split = parts[part].split;
        return cell;
      });
      const aside = element("dd", "aside");
      one.append(cells[0], aside, ...cells.slice(1));
      return { row, one, cells, aside };
    });
    this.root.replaceChildren(...this.rows.map(({ one }) => one));
  }
  /**
   * @param {Counts[]} counts of each split
   * @param {Counts} before of the one that comes first, before the change
   * @param {Counts} base of its baseline
   * @param {Fixed} fixed
   */
  write(counts, before, base, { parts, baseline }) {
    for (const { row, one, cells, aside } of this.rows ?? []) {
      const of = (counted) => row.count ? counted[
        /** @type {"tp" | "fp" | "fn"} */
        row.name
      ] : FORMULAS[row.name](counted);
      const text2 = (value) => row.count ? value.toLocaleString("en") : digits(value);
      cells.forEach((cell, place2) => {
        const part = this.order[place2];
        const number2 = text2(of(counts[part]));
        write(cell, place2 ? `${number2} on ${parts[part].title}` : number2);
      });
      const change = of(counts[this.order[0]]) - of(before);
      write(aside, Math.abs(change) > 1e-12 ? `${change > 0 ? "+" : "−"}${text2(Math.abs(change))}` : "");
      const meaning = `${row.help} Baseline (${baseline}): ${text2(of(base))}.`;
      if (one.title !== meaning) one.title = meaning;
    }
  }
};
function flipWords({ come, comeRight, go, goRight }, best, curve, steps, titles) {
  const where = titles.best ? `on ${titles.best}` : "here";
  const highest = best ? `Best ${curve.title} ${where}: ${digits(best.value)} at ${(best.at / (steps - 1)).toFixed(3)}, chosen and read on the same images. ` : "";
  if (!come && !go) return `${highest}Drag the line: what is predicted changes at once.`;
  const many = (count, verb) => countOf2(count, `prediction ${verb}s`, `predictions ${verb}`);
  const words = [];
  if (come) words.push(`${many(come, "appear")} (${comeRight.toLocaleString("en")} right)`);
  if (go) words.push(`${many(go, "disappear")} (${goRight.toLocaleString("en")} of them right)`);
  return `${highest}Against before${titles.flips && `, on ${titles.flips}`}: ${words.join(", ")}.`;
}
var COUNTS = {
  tp: { title: "TP", help: "True positives: predicted, and true." },
  fp: { title: "FP", help: "False positives: predicted, not true." },
  fn: { title: "FN", help: "False negatives: true, not predicted." }
};

// lab/drawing.js
var Drawing = class {
  /**
   * @param {HTMLElement} root
   * @param {Lab} lab is told what people do
   */
  constructor(root, lab2) {
    this.drawn = /** @type {string | undefined} */
    void 0;
    this.best = /** @type {ReturnType<typeof largest>} */
    null;
    this.content = /** @type {Omit<import("./types.js").Content, "before"> | undefined} */
    void 0;
    this.bar = new Toolbar(lab2);
    this.message = element("p", "message", "Counting …");
    this.plot = element("div", "large");
    this.flipped = element("p", "flips");
    this.pictures = new Pictures();
    this.readout = new Readout();
    const [tiles, left, first] = ["multiples", "left", "first"].map((name) => element("div", name));
    left.append(this.plot, this.flipped);
    first.append(left, this.pictures.root, this.readout.root);
    root.replaceChildren(this.bar.root, this.message, first, tiles);
    const told = { onDrop: () => lab2.drop(), onCancel: () => lab2.cancel() };
    this.chart = new SweepChart(this.plot, {
      ...told,
      onDrag: (index) => lab2.drag(lab2.label, index),
      onKey: (event) => lab2.key(event)
    });
    this.tiles = new Tiles(tiles, {
      ...told,
      onDrag: (label, index) => lab2.drag(label, index),
      onShow: (label) => lab2.choose({ label: label === lab2.label ? null : label })
    });
    this.sizes = new ResizeObserver(() => {
      this.bar.fold(root.clientWidth);
      lab2.draw();
    });
    this.sizes.observe(this.plot);
  }
  /** @param {string} message "" for none */
  say(message) {
    this.message.hidden = !message;
    this.message.textContent = message;
  }
  /**
   * Makes what stays until other counts come.
   * @param {Lab} lab
   */
  begin(lab2) {
    const { names, noun } = lab2.fixed;
    this.bar.draw(lab2);
    if (names.length > 1) this.tiles.build({ names, noun, counts: lab2.sweeps.parts[0], of: titleOf(lab2.fixed, 0) });
  }
  /** @param {Lab} lab */
  draw(lab2) {
    const width = this.plot.clientWidth;
    if (!lab2.counts || !width) return;
    const { label, curve } = lab2;
    const key = JSON.stringify([lab2.head, width, label, curve.name, lab2.shown, lab2.sweeps.band(label) ? 1 : 0]);
    const content = key === this.drawn && this.content ? this.content : this.renew(lab2, lab2.counts);
    this.drawn = key;
    this.chart.draw(width, { ...content, before: came(lab2) });
    this.follow(lab2);
  }
  /**
   * Makes anew what depends on curve, label and part.
   * @param {Lab} lab
   * @param {SplitCounts} counts of the first part
   */
  renew(lab2, counts) {
    const { label, curve, fixed, sweeps } = lab2;
    const [values, ...others] = sweeps.parts.map((part) => part.curve(curve.name, label));
    this.best = curve.has_best ? largest(values, curve.larger_is_better) : null;
    this.content = {
      curve,
      values,
      label,
      noun: fixed.noun,
      steps: counts.steps,
      title: fixed.parts[0].title,
      whose: label === null ? "Threshold" : `Threshold of ${fixed.names[label]}`,
      others: others.map((values2, index) => ({ values: values2, title: fixed.parts[index + 1].title })),
      band: sweeps.band(label)?.[curve.name],
      baseline: FORMULAS[curve.name](counts.baseline(label)),
      baselineTitle: fixed.baseline
    };
    this.tiles.draw({ curve, indices: lab2.indices, label });
    this.readout.build(fixed, label, lab2.shown);
    this.bar.draw(lab2);
    lab2.band();
    return this.content;
  }
  /**
   * Everything that changes while the pointer moves, and nothing else.
   * @param {Lab} lab
   */
  follow(lab2) {
    const { label, indices, fixed } = lab2;
    const { parts } = lab2.sweeps;
    if (!parts.length || !this.readout.rows) return;
    const from = lab2.from ?? lab2.before;
    const counted = equal(indices, lab2.rights.indices);
    const at = (part, which, right) => label === null ? part.total(which, right) : part.of(label, which[label]);
    const counts = parts.map((part, number2) => at(part, indices, counted ? lab2.rights.of[number2] : void 0));
    const shown = parts[lab2.shown];
    this.readout.write(counts, at(shown, from), shown.baseline(label), fixed);
    this.place(lab2, counts);
    this.tiles.place(indices, label);
    const titles = { best: titleOf(fixed, 0), flips: titleOf(fixed, lab2.shown) };
    write(this.flipped, flipWords(shown.flips(from, indices, label), this.best, lab2.curve, shown.steps, titles));
  }
  /**
   * Moves the chart's line, and writes the threshold into its field.
   * @param {Lab} lab
   * @param {Counts[]} counts of each part
   */
  place({ label, indices, curve, fixed, sweeps }, counts) {
    const mixed = label === null && indices.some((index2) => index2 !== indices[0]);
    const index = label === null ? indices[0] : indices[label];
    const values = counts.map((one) => numberWords(curve.name, one));
    const base = FORMULAS[curve.name](sweeps.parts[0].baseline(label));
    const thresh = (index / (sweeps.parts[0].steps - 1)).toFixed(3);
    const spoken = `${mixed ? "each label its own" : thresh}: ${curve.title} ${values[0]}, ${fixed.baseline} ${digits(base)}`;
    this.chart.place(index, values, spoken, mixed);
    this.bar.write(mixed ? null : thresh, fixed, label, curve);
  }
  remove() {
    this.sizes.disconnect();
    this.tiles.remove();
    this.pictures.remove();
  }
};
function came({ from, before, indices, label }) {
  const old = from ?? before;
  if (label !== null) return old[label] === indices[label] ? null : old[label];
  return old.every((index) => index === old[0]) && old[0] !== indices[0] ? old[0] : null;
}
var titleOf = ({ parts }, part) => parts.length > 1 ? parts[part].title : "";
var equal = (a, b) => a.every((value, index) => value === b[index]);

// lab/fetched.js
async function fetched(url) {
  const answer = await fetch(url).catch(() => null);
  if (!answer) return { refusal: "The server cannot be reached: reload the page." };
  return answer.ok ? { buffer: await answer.arrayBuffer() } : { refusal: await answer.text() || `Error ${answer.status}.` };
}

// lab/sweeps.js
var AGAIN_MS = 5e3;
var Sweeps = class {
  /**
   * @param {Fixed} fixed
   * @param {typeof import("./fetched.js").fetched} ask answers the addresses in it
   */
  constructor(fixed, ask) {
    this.fixed = fixed;
    this.ask = ask;
    this.parts = [];
    this.bands = {};
  }
  /** Fetches the counts; returns why they cannot be had, "" where they are here. */
  async load() {
    const answers = await Promise.all(this.fixed.parts.map(({ url }) => this.ask(url)));
    const refused = answers.find(({ refusal }) => refusal);
    if (refused) return `The counts could not be loaded. ${refused.refusal}`;
    this.parts = answers.map(({ buffer }) => new SplitCounts(
      /** @type {ArrayBuffer} */
      buffer
    ));
    return "";
  }
  /**
   * The bands of one label's curves or, where `label` is null, of all together's; null where they are not here yet.
   * @param {number | null} label
   */
  band(label) {
    return this.bands[label ?? "all"] ?? null;
  }
  /**
   * Fetches the bands; returns why they cannot be had, "" where they are here, null where they were asked for before.
   * @param {number | null} label
   */
  async loadBand(label) {
    const key = `${label ?? "all"}`;
    if (key in this.bands) return null;
    this.bands[key] = null;
    const { buffer, refusal } = await this.ask(this.fixed.band + (label === null ? "" : `&label=${label}`));
    if (refusal) {
      setTimeout(() => delete this.bands[key], AGAIN_MS);
      return `How sure the curve is could not be worked out. ${refusal}`;
    }
    this.bands[key] = JSON.parse(new TextDecoder().decode(buffer));
    return "";
  }
};

// lab/lab.js
var SETTLE_MS = 350;
var MOST_STEPS_BACK = 100;
var labs = /* @__PURE__ */ new WeakMap();
function lab({ data, parentElement, setStateValue, ask = fetched }) {
  const lab2 = labs.get(parentElement) ?? new Lab(
    /** @type {HTMLElement} */
    parentElement.querySelector(".lab"),
    ask
  );
  labs.set(parentElement, lab2);
  lab2.send = (value) => setStateValue("chosen", value);
  lab2.show(data);
  return () => {
    labs.get(parentElement)?.remove();
    labs.delete(parentElement);
  };
}
var Lab = class {
  /**
   * @param {HTMLElement} root
   * @param {typeof fetched} ask
   */
  constructor(root, ask) {
    this.ask = ask;
    this.past = [];
    this.send = () => {
    };
    this.sent = 0;
    this.fixed = /** @type {Fixed} */
    unset;
    this.curve = /** @type {Curve} */
    unset;
    this.indices = /** @type {number[]} */
    unset;
    this.before = /** @type {number[]} */
    unset;
    this.rights = /** @type {{ indices: number[], of: number[] }} */
    unset;
    this.label = /** @type {number | null} */
    null;
    this.head = /** @type {string | undefined} */
    void 0;
    this.choice = /** @type {string | undefined} */
    void 0;
    this.from = /** @type {number[] | null} */
    null;
    this.shown = 0;
    this.sweeps = /** @type {Sweeps} */
    unset;
    this.later = eachFrame(() => this.follow());
    this.timer = /** @type {number | undefined} */
    void 0;
    this.drawing = new Drawing(root, this);
  }
  // --- what Python says ------------------------------------------------------------------------------------
  /** @param {Data} data */
  show(data) {
    const [head, choice] = [JSON.stringify(data.fixed), JSON.stringify(data.chosen)];
    const late = data.heard < this.sent;
    if (head !== this.head) {
      this.head = head;
      this.fixed = data.fixed;
      this.past = [];
      this.sent = data.heard;
      this.adopt(data);
      this.load();
    } else if (late) return;
    else if (choice !== this.choice && !this.from) this.adopt(data);
    this.choice = choice;
    this.shown = data.shown;
    this.drawing.pictures.show(data.beside);
    this.rights = { indices: data.chosen.indices, of: data.rights };
    this.draw();
  }
  /** @param {{ chosen: Chosen }} data */
  adopt({ chosen }) {
    clearTimeout(this.timer);
    if (this.indices?.length === chosen.indices.length && !equal(this.indices, chosen.indices)) this.remember([...this.indices]);
    this.indices = [...chosen.indices];
    this.before = [...chosen.before];
    this.label = chosen.label;
    this.curve = this.fixed.curves.find(({ name }) => name === chosen.curve) ?? this.fixed.curves[0];
    if (!this.curve.of_one && this.label !== null) this.curve = this.fixed.curves[0];
  }
  // The counts of the first part, null until they are here.
  get counts() {
    return this.sweeps.parts[0] ?? null;
  }
  async load() {
    const sweeps = this.sweeps = new Sweeps(this.fixed, this.ask);
    this.drawing.say("Counting …");
    const refusal = await sweeps.load();
    if (sweeps !== this.sweeps) return;
    this.drawing.say(refusal);
    if (refusal) return;
    this.drawing.begin(this);
    this.draw();
  }
  async band() {
    const sweeps = this.sweeps;
    const refusal = await sweeps.loadBand(this.label);
    if (sweeps !== this.sweeps || refusal === null) return;
    this.drawing.say(refusal);
    if (!refusal) this.draw();
  }
  // --- what people do --------------------------------------------------------------------------------------
  /**
   * @param {number | null} label
   * @param {number} index
   */
  drag(label, index) {
    this.change(() => label === null ? this.indices.fill(index) : this.indices[label] = index);
  }
  /** @param {() => void} move */
  change(move) {
    const first = !this.from;
    this.from ??= [...this.indices];
    move();
    first ? this.draw() : this.later();
  }
  drop() {
    const from = this.from;
    this.from = null;
    if (!from || equal(from, this.indices)) return this.draw();
    this.before = from;
    this.sendChoice();
    this.remember(from);
    requestAnimationFrame(() => this.draw());
  }
  cancel() {
    clearTimeout(this.timer);
    if (this.from) this.indices = this.from;
    this.from = null;
    this.draw();
  }
  /** @param {number[]} indices */
  remember(indices) {
    this.past.push(indices);
    if (this.past.length > MOST_STEPS_BACK) this.past.shift();
    this.drawing.bar.settle(this);
  }
  back() {
    if (this.from) {
      this.drawing.chart.end();
      return this.cancel();
    }
    const last = this.past.pop();
    if (!last) return;
    this.before = [...this.indices];
    this.indices = last;
    this.drawing.bar.settle(this);
    this.sendChoice();
    this.draw();
  }
  /** @param {{ label?: number | null, curve?: Curve }} choice */
  choose({ label = this.label, curve = this.curve }) {
    if (label !== null && !curve.of_one) curve = this.fixed.curves[0];
    this.label = label;
    this.curve = curve;
    this.sendChoice();
    this.drawing.bar.draw(this);
    this.draw();
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape" && this.from) {
      this.drawing.chart.end();
      return this.cancel();
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "z") {
      event.preventDefault();
      return this.back();
    }
    const last = (this.counts?.steps ?? 1) - 1;
    const now = this.label === null ? this.indices[0] : this.indices[this.label];
    const step2 = event.shiftKey ? Math.sign(KEY_STEPS[event.key]) : KEY_STEPS[event.key];
    const wanted = (
      /** @type {Record<string, number>} */
      { Home: 0, End: last }[event.key] ?? now + step2
    );
    if (!Number.isFinite(wanted) || !last) return;
    event.preventDefault();
    event.stopPropagation();
    const within = (index) => Math.min(last, Math.max(0, index));
    if (Number.isFinite(step2) && this.label === null && !equal(this.indices, this.indices.map(() => now))) {
      this.change(() => this.indices = this.indices.map((index) => within(index + step2)));
    } else this.drag(this.label, within(wanted));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.drop(), SETTLE_MS);
  }
  sendChoice() {
    this.sent += 1;
    this.send({ indices: [...this.indices], label: this.label, curve: this.curve.name, number: this.sent });
  }
  // --- what is drawn ---------------------------------------------------------------------------------------
  draw() {
    this.drawing.draw(this);
  }
  follow() {
    this.drawing.follow(this);
  }
  remove() {
    clearTimeout(this.timer);
    this.later.cancel();
    this.drawing.remove();
  }
};
var unset = void 0;

// report/cells.js
var UNKNOWN = 3;
var Cells = class {
  /**
   * @param {ArrayBuffer} buffer what `lib.export.report.drag.cells` packed: a number for each label of each image
   * @param {number} labels
   */
  constructor(buffer, labels) {
    this.cells = new Uint16Array(buffer);
    this.labels = labels;
    this.images = labels ? this.cells.length / labels : 0;
  }
  /**
   * Images of which every known label is right, among those with a known label: `n_right` of lib/metrics/sweep.py.
   * @param {number[]} indices of the thresholds, one a label
   */
  right(indices) {
    let count = 0;
    for (let image = 0, at = 0; image < this.images; image++, at += this.labels) {
      let [known, right] = [false, true];
      for (let c = 0; c < this.labels; c++) {
        const cell = this.cells[at + c];
        const truth = cell & 3;
        if (truth === UNKNOWN) continue;
        known = true;
        if (+(indices[c] < cell >> 2) !== truth) right = false;
      }
      if (known && right) count++;
    }
    return count;
  }
  /**
   * Images of which a prediction is another one now than before, of one label or, where `label` is null, of any.
   * @param {number[]} before
   * @param {number[]} now
   * @param {number | null} label
   */
  changed(before, now, label) {
    const moved = now.map((_, c) => c).filter((c) => before[c] !== now[c] && (label === null || label === c));
    let count = 0;
    for (let image = 0, at = 0; image < this.images; image++, at += this.labels) {
      if (moved.some((c) => before[c] < this.cells[at + c] >> 2 !== now[c] < this.cells[at + c] >> 2)) count++;
    }
    return count;
  }
};
async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

// report/report.js
var text = document.getElementById("report-data")?.textContent;
var place = document.getElementById("report-lab");
if (text && place) show(JSON.parse(text), place);
async function show({ fixed, chosen, shown, answers, cells }, place2) {
  const parts = await Promise.all(cells.map(async (packed) => new Cells(await unpacked(packed), fixed.names.length)));
  const title = fixed.parts[shown].title;
  let now = chosen;
  let heard = 0;
  let words = "";
  const ask = async (address2) => address2 in answers ? { buffer: await unpacked(answers[address2]) } : { refusal: "It is not in this report." };
  const draw = () => {
    const rights = parts.map((part) => part.right(now.indices));
    const data = { fixed, chosen: now, heard, rights, shown, beside: { words, gallery: null } };
    lab({ data, parentElement: place2, setStateValue: (_, value) => choose(
      /** @type {Chosen & { number: number }} */
      value
    ), ask });
  };
  const choose = ({ indices, label, curve, number: number2 }) => {
    const moved = indices.some((index, c) => index !== now.indices[c]);
    const before = moved ? now.indices : now.before;
    const changed = parts[shown].changed(before, indices, label);
    words = moved || changed ? `${countOf2(changed, `${title} image`)} changed with the last move of a threshold` : "";
    [now, heard] = [{ indices, before, label, curve }, number2];
    draw();
  };
  draw();
}
