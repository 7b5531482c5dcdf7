// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   249c6fb18ede10a4bb4be599623b7dc51775d5d06fe0d2bdc92cd970c29e6089  lab/chart.js
//   6d5041dfb37a39048e50e4a8bda0a08a3b70e48ee1af980991de79188c2cf400  lab/drawing.js
//   9861b9f03fb049ec1fac1947b246651426c76ea0152b012a18bd0bfa6574605d  lab/fetched.js
//   6ae6677673c0518233c51ae6cd9faf426a5df517530ef73c204f64551daa91c1  lab/lab.js
//   02b66d7dfd36e146393c2c6ba4344cde57918fac60dff6bfb52cbb8bc610598e  lab/numbers.js
//   2f0bd52d1d891223246256368340287751bd8e77c0a52706df66d6001ac529f9  lab/paths.js
//   c16f84a47489fb7cb2f8310f093ae32c575eb7b4485e16b373b3d5dbfc63b56d  lab/sweeps.js
//   fbf5fbe9e1f0d13e663e36d121e3d74c1fb57d969ba165a4f39daf4fec13757c  lab/tiles.js
//   6eae60ea4038b09ce3673c44a3d5c27a55f5f21818e887db8b9606be33aa9050  lab/words.js
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
//   2e1fcaf1a0a13184947480409cb91088704c806429b3712fdb1350371950a0fa  shared/words.js
// Of what follows: ca4384cd63af0b409f4169ec2a2d197f14de5726c3e54c376a0f3ef4a6a7a320
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

// lab/paths.js
var SVG = "http://www.w3.org/2000/svg";
var PLACES = 20;
function vector(tag, attributes, parent, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, `${value}`);
  if (text !== void 0) node.textContent = text;
  parent?.append(node);
  return node;
}
function ticks(low, high, most) {
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = (
    /** @type {number} */
    [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw)
  );
  const values = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + 1e-9; at += step) values.push(at);
  return { values, places: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
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
  for (let place = PLACES; place >= 0; place--) {
    const at = Math.max(0, 1 - length) * place / PLACES;
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
    this.band = void 0;
    this.svg = vector("svg", { class: "chart", height: CHART.height }, root);
    this.fixed = vector("g", {}, this.svg);
    this.line = vector("g", { class: "line" }, this.svg);
    vector("rect", { class: "grip", x: -12, y: CHART.top, width: 24, height: CHART.height - CHART.top - CHART.bottom }, this.line);
    vector("line", { class: "thresh", y1: CHART.top, y2: CHART.height - CHART.bottom }, this.line);
    this.knob = vector("circle", { class: "knob", r: 8 }, this.line);
    this.reading = vector("text", { class: "reading", y: CHART.top - 9 }, this.line);
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
    this.y = (value) => bottom - (value - low) / (high - low) * (bottom - CHART.top);
    this.values = values;
    this.band = band;
    this.fixed.replaceChildren();
    this.axes(low, high, curve, label, noun);
    if (band) vector("path", { class: "band", d: bandPath(band, this.x, this.y) }, this.fixed);
    if (Number.isFinite(baseline)) {
      const y = this.y(baseline);
      vector("line", { class: "baseline", x1: CHART.left, x2: width - CHART.right, y1: y, y2: y }, this.fixed);
      const under = y < CHART.top + 18 ? 14 : -5;
      const words = `${baselineTitle} ${digits(baseline)}${others.length ? ` (${title})` : ""}`;
      const share2 = clearest([values, ...others.map((other) => other.values)], baseline, words.length * SMALL_LETTER / this.inner);
      vector("text", { class: "note", x: this.x(share2), y: y + under }, this.fixed, words);
    }
    for (const other of others) {
      vector("path", { class: "curve other", d: path(other.values, this.x, this.y) }, this.fixed);
    }
    vector("path", { class: "curve", d: path(values, this.x, this.y) }, this.fixed);
    if (others.length) this.name(values, others);
    if (before !== null) {
      const x = this.x(before / (steps - 1));
      vector("line", { class: "before", x1: x, x2: x, y1: CHART.top, y2: bottom }, this.fixed);
      vector("text", { class: "note", x: x + 4, y: bottom - 6 }, this.fixed, "before");
    }
    if (!seen.length) vector("text", { class: "note", x: width / 2, y: CHART.height / 2, "text-anchor": "middle" }, this.fixed, "Not defined at any threshold.");
  }
  /**
   * @param {number} low
   * @param {number} high
   * @param {Curve} curve
   * @param {number | null} label
   * @param {string} noun
   */
  axes(low, high, curve, label, noun) {
    const [bottom, right] = [CHART.height - CHART.bottom, this.width - CHART.right];
    const down = ticks(low, high, 5);
    for (const at of down.values) {
      const y = this.y(at);
      vector("line", { class: "grid", x1: CHART.left, x2: right, y1: y, y2: y }, this.fixed);
      vector("text", { class: "tick", x: CHART.left - 6, y: y + 4, "text-anchor": "end" }, this.fixed, at.toFixed(down.places));
    }
    for (const at of ticks(0, 1, this.inner < 420 ? 5 : 10).values) {
      const x = this.x(at);
      vector("line", { class: "grid", x1: x, x2: x, y1: bottom, y2: bottom + 4 }, this.fixed);
      vector("text", { class: "tick", x, y: bottom + 17, "text-anchor": "middle" }, this.fixed, at.toFixed(1));
    }
    vector("text", { class: "axis", x: right, y: CHART.height - 4, "text-anchor": "end" }, this.fixed, "threshold (probability)");
    const of = label === null ? "" : `, one ${noun}`;
    vector("text", { class: "axis", x: 2, y: 12 }, this.fixed, `${curve.title} (${curve.unit}${of})`);
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
      for (const [text, value, up] of names) {
        vector("text", { class: "note", x: this.x(at / (this.steps - 1)), y: this.y(value) + (up ? -10 : 18), "text-anchor": "middle" }, this.fixed, text);
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
   * @param {number} value
   * @param {string} spoken
   * @param {boolean} mixed whether labels have different thresholds, so that no single one is true
   */
  place(index, value, spoken, mixed) {
    if (!this.width) return;
    const x = this.x(index / (this.steps - 1));
    this.line.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
    this.line.classList.toggle("mixed", mixed);
    const on = mixed ? NaN : this.values[index];
    this.knob.setAttribute("cy", `${Number.isFinite(on) ? this.y(on) : (CHART.top + CHART.height - CHART.bottom) / 2}`);
    const thresh = (index / (this.steps - 1)).toFixed(3);
    const reading = mixed ? "each its own" : `${this.prefix}${digits(value)}${this.sure(index)} at ${thresh}`;
    this.reading.textContent = reading;
    const room = this.width - x - reading.length * LETTER;
    this.reading.setAttribute("x", `${Math.max(-x, Math.min(-8, room))}`);
    this.svg.setAttribute("aria-label", this.whose);
    this.svg.setAttribute("aria-valuenow", thresh);
    this.svg.setAttribute("aria-valuetext", spoken);
  }
};

// shared/dom.js
function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== void 0) node.textContent = text;
  return node;
}
function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}
function rootOf(node) {
  return (
    /** @type {ShadowRoot | Document} */
    node.getRootNode()
  );
}

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
    for (const [value, text] of Object.entries(ORDERS)) order.append(new Option(text, value));
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
    const show = element("button", "name", name);
    show.type = "button";
    show.title = name;
    show.onclick = () => this.handlers.onShow(c);
    const plot = element("div", "plot");
    const svg = vector("svg", { viewBox: `0 0 ${TILE.width} ${TILE.height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, plot);
    const base = vector("path", { class: "baseline" }, svg);
    const curve = vector("path", { class: "curve" }, svg);
    const line = element("div", "mark");
    plot.append(line);
    const words = element("div", "words");
    const few = this.counts.positives[c] < FEW;
    const count = element("span", few ? "count few" : "count", `${this.counts.positives[c]} pos.`);
    count.title = few ? "So few positives say little about a threshold." : `Images with this ${this.noun}.`;
    const [thresh, value] = [element("span", "thresh"), element("span", "value")];
    words.append(thresh, value, count);
    one.append(show, plot, words);
    this.listen(plot, c);
    return { one, show, base, curve, line, thresh, value, key: "" };
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
  filter(text) {
    const wanted = text.trim().toLowerCase();
    this.tiles.forEach(({ one }, c) => one.hidden = !this.names[c].toLowerCase().includes(wanted));
    this.none.hidden = this.tiles.some(({ one }) => !one.hidden);
  }
  remove() {
    this.watch.disconnect();
  }
};

// shared/words.js
function countOf(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

// lab/words.js
var Toolbar = class {
  /** @param {Lab} lab */
  constructor(lab2) {
    this.thresh = void 0;
    this.head = void 0;
    this.scope = element("select", "scope");
    this.kinds = /* @__PURE__ */ new Map();
    this.root = element("div", "bar");
    this.field = element("input");
    Object.assign(this.field, { type: "number", min: 0, max: 1, step: 1e-3 });
    this.field.onchange = () => {
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
   * Changes what is there: new elements would take the focus from whoever uses the keyboard, or types.
   * @param {Lab} lab
   */
  draw(lab2) {
    if (this.head !== lab2.head) this.build(lab2);
    this.scope.value = `${lab2.label ?? ""}`;
    this.kinds.forEach((one, curve) => {
      one.setAttribute("aria-pressed", `${curve === lab2.curve}`);
      one.disabled = !curve.of_one && lab2.label !== null;
    });
    this.settle(lab2);
  }
  /** @param {Lab} lab */
  build(lab2) {
    const { names, noun, title, curves } = lab2.fixed;
    this.head = lab2.head;
    const scope = this.scope = element("select", "scope");
    scope.setAttribute("aria-label", `Which ${noun}`);
    scope.append(new Option(title, ""), ...names.map((name, c) => new Option(name, `${c}`)));
    scope.onchange = () => lab2.choose({ label: scope.value === "" ? null : Number(scope.value) });
    this.kinds = new Map(curves.map((curve) => [curve, this.kind(lab2, curve)]));
    const group = element("div", "kinds");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "What is drawn against the threshold");
    group.append(...this.kinds.values());
    this.root.replaceChildren(scope, this.exact, this.undo, group);
  }
  /**
   * @param {Lab} lab
   * @param {Curve} curve
   */
  kind(lab2, curve) {
    const one = element("button", "kind", curve.title);
    one.type = "button";
    one.title = curve.help;
    one.onclick = () => lab2.choose({ curve });
    return one;
  }
  /** @param {Lab} lab */
  settle(lab2) {
    this.undo.disabled = !lab2.past.length;
  }
  /**
   * Writes the threshold into its field, unless somebody types there.
   * @param {string | null} thresh null where labels have different ones
   */
  write(thresh) {
    this.thresh = thresh;
    if (rootOf(this.field).activeElement !== this.field) this.field.value = thresh ?? "";
    this.field.placeholder = thresh === null ? "mixed" : "";
  }
};
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
    const listed = curves.filter(({ of_one }) => of_one || label === null);
    const counts = Object.entries(COUNTS).map(([name, row]) => ({ name, ...row, count: true }));
    const rows = [...listed, ...counts];
    this.rows = rows.map((row) => {
      const one = element("div", "number");
      one.title = row.help;
      one.append(element("dt", "", row.title));
      const cells = this.order.map((part, place) => {
        const cell = element("dd", place ? "also" : "value");
        cell.dataset.name = row.name;
        cell.dataset.split = parts[part].split;
        return cell;
      });
      const aside = element("dd", "aside");
      one.append(...row.count ? [...cells, aside] : [cells[0], aside, ...cells.slice(1)]);
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
    for (const { row, cells, aside } of this.rows ?? []) {
      const of = (one) => row.count ? one[
        /** @type {"tp" | "fp" | "fn"} */
        row.name
      ] : FORMULAS[row.name](one);
      const text = (value) => row.count ? value.toLocaleString("en") : digits(value);
      cells.forEach((cell, place) => {
        const part = this.order[place];
        const later = row.name === "subset_accuracy" && counts[part].right === void 0;
        const number = later ? "after release" : text(of(counts[part]));
        write(cell, place ? `${number} on ${parts[part].title}` : number);
      });
      const change = of(counts[this.order[0]]) - of(before);
      const moved = Math.abs(change) > 1e-12 ? `${change > 0 ? "+" : "−"}${text(Math.abs(change))}` : "";
      write(aside, [moved, row.count ? "" : `${baseline} ${digits(of(base))}`].filter(Boolean).join(" · "));
    }
  }
};
var Strip = class {
  constructor() {
    this.content = void 0;
    this.root = element("div", "strip");
  }
  /** @param {import("./types.js").Flipped} flipped */
  show({ count, whose, flips }) {
    const content = JSON.stringify([count, whose, flips]);
    if (content === this.content) return;
    this.content = content;
    this.root.hidden = !flips.length;
    const list = element("ul");
    list.append(...flips.map(({ url, title, words }) => {
      const one = element("li");
      const image = element("img");
      Object.assign(image, { src: url, alt: `${title}: ${words}`, title: `${title}: ${words}`, draggable: false });
      one.append(image, element("span", "", words));
      return one;
    }));
    const many = `${countOf(count, `${whose} image`)} changed`;
    this.root.replaceChildren(element("span", "hint", count > flips.length ? `${many}, the first ${flips.length}; all of them below with the order Flips:` : `${many}:`), list);
  }
};
function flipWords({ come, comeRight, go, goRight }, best, curve, steps, titles) {
  const where = titles.best ? `on ${titles.best}` : "here";
  const highest = best ? `Best ${curve.title} ${where}: ${digits(best.value)} at ${(best.at / (steps - 1)).toFixed(3)}, chosen and read on the same images. ` : "";
  if (!come && !go) return `${highest}Drag the line: what is predicted changes at once.`;
  const many = (count, verb) => countOf(count, `prediction ${verb}s`, `predictions ${verb}`);
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
    this.strip = new Strip();
    this.readout = new Readout();
    const tiles = element("div", "multiples");
    root.replaceChildren(this.bar.root, this.message, this.plot, this.flipped, this.strip.root, this.readout.root, tiles);
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
    this.sizes = new ResizeObserver(() => lab2.draw());
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
    this.tiles.build({ names, noun, counts: lab2.sweeps.parts[0], of: titleOf(lab2.fixed, 0) });
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
    const counts = parts.map((part, number) => at(part, indices, counted ? lab2.rights.of[number] : void 0));
    const shown = parts[lab2.shown];
    this.readout.write(counts, at(shown, from), shown.baseline(label), fixed);
    this.place(lab2, counts[0]);
    this.tiles.place(indices, label);
    const titles = { best: titleOf(fixed, 0), flips: titleOf(fixed, lab2.shown) };
    write(this.flipped, flipWords(shown.flips(from, indices, label), this.best, lab2.curve, shown.steps, titles));
  }
  /**
   * Moves the chart's line, and writes the threshold into its field.
   * @param {Lab} lab
   * @param {Counts} counts of the first part
   */
  place({ label, indices, curve, fixed, sweeps }, counts) {
    const mixed = label === null && indices.some((index2) => index2 !== indices[0]);
    const index = label === null ? indices[0] : indices[label];
    const value = FORMULAS[curve.name](counts);
    const base = FORMULAS[curve.name](sweeps.parts[0].baseline(label));
    const thresh = (index / (sweeps.parts[0].steps - 1)).toFixed(3);
    const spoken = `${mixed ? "each label its own" : thresh}: ${curve.title} ${digits(value)}, ${fixed.baseline} ${digits(base)}`;
    this.chart.place(index, value, spoken, mixed);
    this.bar.write(mixed ? null : thresh);
  }
  remove() {
    this.sizes.disconnect();
    this.tiles.remove();
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
  /** @param {Fixed} fixed */
  constructor(fixed) {
    this.fixed = fixed;
    this.parts = [];
    this.bands = {};
  }
  /** Fetches the counts; returns why they cannot be had, "" where they are here. */
  async load() {
    const answers = await Promise.all(this.fixed.parts.map(({ url }) => fetched(url)));
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
    const { buffer, refusal } = await fetched(this.fixed.band + (label === null ? "" : `&label=${label}`));
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
function lab({ data, parentElement, setStateValue }) {
  const lab2 = labs.get(parentElement) ?? new Lab(
    /** @type {HTMLElement} */
    parentElement.querySelector(".lab")
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
  /** @param {HTMLElement} root */
  constructor(root) {
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
    this.frame = /** @type {number | null} */
    null;
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
    this.drawing.strip.show(data.strip);
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
    const sweeps = this.sweeps = new Sweeps(this.fixed);
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
    const step = event.shiftKey ? Math.sign(KEY_STEPS[event.key]) : KEY_STEPS[event.key];
    const wanted = (
      /** @type {Record<string, number>} */
      { Home: 0, End: last }[event.key] ?? now + step
    );
    if (!Number.isFinite(wanted) || !last) return;
    event.preventDefault();
    event.stopPropagation();
    const within = (index) => Math.min(last, Math.max(0, index));
    if (Number.isFinite(step) && this.label === null && !equal(this.indices, this.indices.map(() => now))) {
      this.change(() => this.indices = this.indices.map((index) => within(index + step)));
    } else this.drag(this.label, within(wanted));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.drop(), SETTLE_MS);
  }
  sendChoice() {
    this.sent += 1;
    this.send({ indices: [...this.indices], label: this.label, curve: this.curve.name, number: this.sent });
  }
  // --- what is drawn ---------------------------------------------------------------------------------------
  later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.follow();
    });
  }
  draw() {
    this.drawing.draw(this);
  }
  follow() {
    this.drawing.follow(this);
  }
  remove() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame ?? 0);
    this.drawing.remove();
  }
};
var unset = void 0;
export {
  Lab,
  lab as default
};
