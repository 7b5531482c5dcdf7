// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   d4ec452cb43b37fa6ffce553fcfd2c20fa17db5925d2bbb7e7bfc29866b558a3  learn/cells.js
//   362873d64f12251dde30dc4f6b3b292f00edbb75d33f8101440194178e0870a4  learn/choices.js
//   0b0cbc9125dbeec0e06ba2b1680106a8718b9a208b9da499eb06d7fc0d0770df  learn/chooser.js
//   a1a723fd6d199d1c79849f52456445306af9ce132e5e37f02d0ff3d8b404d66f  learn/conveyor.js
//   93b7d039777b90727c4066f01414f172c912699afc65c97192a745d56807b395  learn/coordinates.js
//   849e31eed81f7346fc4b90893cdfa2f8378c6904c73f086a0bd066d099a8fe2b  learn/finder.js
//   659dfe06a7105eab6f1550eaa8a4f920af61767ff771d2395d30a65f7f15f665  learn/fine_tuning.js
//   a0f5c312144d81796715429a359442dfbc62e6aa1ee3461b419ebf5dcc0f006c  learn/formulas.js
//   1b2935f98e37cfcfe84bc614166d45c1942737edd185fc511dbadfd1c4de1004  learn/in_address.js
//   8066827ba3cb18228048249f84610b447e75f52f5111c792ea39bb8993eb4d89  learn/kept.js
//   5df2221f01ccce7fe68ab824bb8969325616d2848f64679d6e0dc279215d8e36  learn/learn.js
//   7f9f3a77399a8c4978a4b8ff2d00481d588eec858259a408454d9595e087c8a2  learn/learning_rate.js
//   4cbbe3a146d6ea669b8f8dad46d82e8e5422419f40d4a27b06e3d7dcd9168b1c  learn/loss_bars.js
//   a4cb6095b9bd29548fb4bdececf925b7e1c5e2bfa1a2def0dbbe7aba8943c72f  learn/loss_numbers.js
//   46dc714c261c1fbf8d30062884d91e929ca8e58d1f6c1541798b74d5539545db  learn/losses.js
//   eae8be854ff7cb2c4c3763d7c4d606b4723e189a4b0ed77f957acbc007d40969  learn/marks.js
//   37bebb3049fec001f4ced064d440a9f50b8d8657f413550f65d3c21af31bbd1b  learn/name_place.js
//   3b96f5521b4a54c4cc8a43acabed3be54cdb7f22d7d7ac79ba0ff9ad1710d366  learn/one_hot.js
//   c9cb9197a91ce97bbf867c342cf98e692f14dfa5627d1487e68858963edb6707  learn/outcome.js
//   a2b9e91098182cdfd1d85fa787a27de9d77866ef3c56993cd238d16a519adf49  learn/panels.js
//   062a8dde0ff7f1da8c6bad47e4e0c618ee669ba9368247eb345f1bf333518aaa  learn/pixels.js
//   66f80eb1ef2c7b7b4edce36b51e199f74efeab822573232ef36e8bf3c2c1b4ba  learn/player.js
//   ce03f8af132d84d744e64d9878eb564acb6d076dbe035f1cdf65348987575a4b  learn/points.js
//   415c4c489cd35a12e0a3bb3976b5f65dadefcc7e3871f7251cb6449ea51e2132  learn/predictions.js
//   a4f011e75901dd077d075de4837601a787c5dbcd734df31407ab1616af2d31d1  learn/progress.js
//   7ef9c0a58b5de0bce516ba395062da2029fb78523a5486c7855d6695eeec3602  learn/quiz.js
//   7ea71be1abc31161816a7b79c860e46bb8eb032a7875f3c37052f66f6c6a0385  learn/range.js
//   7d091615ab66997322b569bc3c7ff5c7505add1a76a59a1cfc367fafdf970d8b  learn/rates.js
//   6862fb3f216c0e2eabcf9428e70b3e981db99fd0a0d503a5c5d52d0ba0d373c3  learn/schedule.js
//   26491c1c2a448e12b6d050632806e237b21c2a98f65ecc299846e4157e104ef1  learn/segments.js
//   60da7a6bed0c4d4a502d38066b3534ca7974d4ef5de64fed8cc64cadcee5d67a  learn/slip.js
//   0f891c747b9fa545ee0b43e1c2c4a07290d30d737aeb870fe9e5909216f2b71f  learn/station.js
//   61869f5bdf5ffb96b19655e68852a50cf1e72c01aed1176c0ebd379e3c1a05d3  learn/surface.js
//   18dfa01d7e594081942c7f0774ab85541e25a0c613365041f633a58f1e3b8ca7  learn/table.js
//   6c547233c51be9928bb0db3b7c82d2464d1240419334e79c0f93a1e916f6a437  learn/threshold.js
//   1c5c4ca431d42278f2a834a48fdd918534fed831fa02a193a3e496d0cfb1d52c  learn/threshold_line.js
//   e2d2afefa9c0d65dba06e19c9dd0f308b8249db6adf07ff9b550b41d8046f8fe  learn/thumbnails.js
//   a06edfa184e305f08253b6d7a469814cdb8f1302d044e54db0fcf2a17029759c  learn/train_here.js
//   9b2237b174145e09570ca5f78fd9e65ccaf87c8b0b3d061b758fc90654b3f400  learn/training.js
//   5436aa50b0d75528d19d7e8188ea6d39216ebbce48cc85f263dc0237460b8249  learn/vectors.js
//   666fd88149bc910f04cbbdc3c1c094ce0b2de10163382ebb87d02e1fe7477cd6  learn/y_range.js
//   9c018d6dafdd38bc27d4a5e6866df36b170d86a7d6cc97a166420ecf0d84e7f8  shared/arrows.js
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
//   ab869608f899e8fe7c16f4af24e6d7e4f750dd76cfd427d0dc69fc0ecc23f01a  shared/drag.js
//   9bf4a2e23ae3b3bd922ba0768885dd924d17bad21ef15b809143f1ab893289a6  shared/drawing.js
// Of what follows: f997c397c63e00a9a19a48ffffbcf28d1bc7e92501cf922d8c0572e05398f105
// shared/dom.js
var SVG = "http://www.w3.org/2000/svg";
function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== void 0) node.textContent = text;
  return node;
}
function button(className, text, label, onclick) {
  const control = element("button", className, text);
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
function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

// learn/chooser.js
var Chooser = class {
  /** @param {(name: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.list = element("nav", "panels");
    this.list.setAttribute("aria-label", "Panels");
    this.head = element("div", "head");
    this.select = element("select");
    this.select.setAttribute("aria-label", "Panel");
    this.select.onchange = () => choose(this.select.value);
    this.heading = element("h2");
    this.before = button("step", "‹", "Panel before", () => this.step(-1));
    this.after = button("step", "›", "Next panel", () => this.step(1));
    this.head.append(this.heading, this.select, this.before, this.after);
    this.panels = [];
    this.at = 0;
    this.buttons = [];
  }
  /** @param {number} by */
  step(by) {
    const panel = this.panels[this.at + by];
    if (panel) this.choose(panel.name);
  }
  /**
   * @param {PanelFacts[]} panels
   * @param {string} name of the one that is open
   * @param {string[]} done names of those that are done
   */
  show(panels, name, done) {
    if (panels.length !== this.panels.length) this.build(panels);
    this.panels = panels;
    this.at = Math.max(0, panels.findIndex((one) => one.name === name));
    this.heading.textContent = panels[this.at].title;
    this.select.value = panels[this.at].name;
    this.buttons.forEach((one, at) => {
      if (at === this.at) one.setAttribute("aria-current", "page");
      else one.removeAttribute("aria-current");
    });
    this.before.setAttribute("aria-disabled", `${this.at === 0}`);
    this.after.setAttribute("aria-disabled", `${this.at === panels.length - 1}`);
    this.mark(done);
  }
  /** @param {PanelFacts[]} panels */
  build(panels) {
    this.buttons = panels.map(({ name }) => {
      const one = element("button", "panel-name");
      one.type = "button";
      one.onclick = () => this.choose(name);
      return one;
    });
    this.list.replaceChildren(...this.buttons);
    this.select.replaceChildren(...panels.map(({ name }) => Object.assign(element("option"), { value: name })));
  }
  /**
   * Marks the panels that are done, by more than a color.
   * @param {string[]} done
   */
  mark(done) {
    this.panels.forEach(({ name, title }, at) => {
      const isDone = done.includes(name);
      const [sign, words] = [element("span", "sign", isDone ? "✓" : `${at + 1}`), element("span", "title", title)];
      if (isDone) sign.setAttribute("aria-label", "done:");
      this.buttons[at].replaceChildren(sign, words);
      this.select.options[at].textContent = `${isDone ? "✓" : at + 1} ${title}`;
    });
  }
};

// learn/in_address.js
var NAME = "choices";
var GROUPS = "[role=radiogroup], .strip";
var CELLS = { false: 0, true: 1, mixed: 2 };
var KINDS = [
  {
    of: GROUPS,
    get: (node) => [...node.children].findIndex((one) => one.ariaChecked === "true" || one.ariaCurrent === "true"),
    set: (node, at) => node.children[at]?.click()
  },
  {
    of: "[role=slider][data-puts]",
    get: (node) => Number(Number(node.dataset.puts).toPrecision(5)),
    set: (node, value) => node.dispatchEvent(new CustomEvent("put", { detail: value }))
  },
  {
    of: "input[type=range]",
    get: (node) => Number(node.value),
    set: (node, value) => {
      node.value = `${value}`;
      node.dispatchEvent(new Event("input"));
    }
  },
  {
    of: "input[type=checkbox]",
    get: (node) => Number(node.checked),
    set: (node, value) => Number(node.checked) === value || node.click()
  },
  {
    of: "[role=checkbox]",
    get: (node) => CELLS[
      /** @type {keyof typeof CELLS} */
      node.getAttribute("aria-checked")
    ],
    set: (node, value) => value < 2 && node.getAttribute("aria-checked") !== `${value === 1}` && node.dispatchEvent(new MouseEvent("click"))
  },
  {
    of: ".cells .cell",
    get: (node) => CELLS[
      /** @type {keyof typeof CELLS} */
      node.getAttribute("aria-pressed")
    ],
    set: (node, value) => node.dispatchEvent(new KeyboardEvent("keydown", { key: "01?"[value] }))
  }
];
var ALL = KINDS.map(({ of }) => of).join();
function written(values) {
  return [...values].map(([at, value]) => `${at}.${value}`).join("_");
}
function read(text) {
  const parts = text.split("_").map((part) => /^(\d{1,3})\.(-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/.exec(part));
  return new Map(parts.flatMap((part) => part ? [[Number(part[1]), Number(part[2])]] : []));
}
var InAddress = class {
  /** @param {HTMLElement} place in which the figures are */
  constructor(place) {
    this.place = place;
    this.waiting = 0;
    this.known = null;
    this.usual = null;
    for (const name of ["pointerdown", "keydown"]) {
      place.addEventListener(name, (event) => event.isTrusted && (this.usual ??= this.numbers), true);
    }
    for (const name of ["pointerup", "keyup", "input", "change", "click"]) {
      place.addEventListener(name, (event) => event.isTrusted && this.keep());
    }
  }
  get controls() {
    return [...this.place.querySelectorAll(ALL)];
  }
  get numbers() {
    return this.controls.map((node) => kindOf(node).get(node));
  }
  /**
   * Opens a figure as the address says, once it is drawn.
   * @param {boolean} isNew whether it was not there before
   */
  open(isNew) {
    const said = params().get(NAME) ?? "";
    if (!isNew && said === this.known && (said || this.waiting)) return;
    this.known = said;
    this.remove();
    this.usual = null;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (this.usual) return;
      this.usual = this.numbers;
      for (const isGroup of [true, false]) {
        for (const [at, value] of read(said)) {
          const node = this.controls[at];
          if (node?.matches(GROUPS) === isGroup && kindOf(node).get(node) !== value) kindOf(node).set(node, value);
        }
      }
    }));
  }
  // Keeps what is chosen, a moment after the last act.
  keep() {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.write(), 300);
  }
  write() {
    this.waiting = 0;
    const { numbers } = this;
    const usual2 = this.usual ?? numbers;
    const chosen2 = new Map(numbers.flatMap((value, at) => value === usual2[at] ? [] : [[at, value]]));
    const text = written(chosen2);
    const address = new URL(window.location.href);
    if ((address.searchParams.get(NAME) ?? "") === text) return;
    if (text) address.searchParams.set(NAME, text);
    else address.searchParams.delete(NAME);
    this.known = text;
    History.prototype.replaceState.call(window.history, window.history.state, "", address);
  }
  remove() {
    clearTimeout(this.waiting);
    this.waiting = 0;
  }
};
function params() {
  return new URL(window.location.href).searchParams;
}
function kindOf(node) {
  return (
    /** @type {typeof KINDS[0]} */
    KINDS.find(({ of }) => node.matches(of))
  );
}

// shared/arrows.js
var DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function afterArrow(key, at, count) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
  return by ? (at + by + count) % count : null;
}

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
function slider(node, value) {
  const axis = value.axis ?? "horizontal";
  const label = () => typeof value.label === "string" ? value.label : value.label();
  node.setAttribute("role", "slider");
  node.setAttribute("tabindex", "0");
  node.setAttribute("aria-orientation", axis);
  node.setAttribute("aria-valuemin", `${value.min}`);
  node.setAttribute("aria-valuemax", `${value.max}`);
  node.style.touchAction = axis === "horizontal" ? "pan-y" : "none";
  if (node instanceof SVGElement) node.style.display = "block";
  let dragging = false;
  const tell = () => {
    node.setAttribute("aria-label", label());
    node.setAttribute("aria-valuenow", `${value.get()}`);
    node.setAttribute("aria-valuetext", value.words(value.get()));
    node.dataset.puts = `${(value.kept ?? value.get)()}`;
  };
  const set = (wanted) => {
    const within = Math.min(value.max, Math.max(value.min, wanted));
    if (Number.isFinite(within) && within !== value.get()) value.set(within);
    tell();
  };
  const end = () => {
    if (!dragging) return;
    dragging = false;
    node.classList.remove("dragging");
    value.onDrop?.();
  };
  const down = (event) => {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    dragging = true;
    node.classList.add("dragging");
    set(value.at(event));
    event.preventDefault();
    node.focus({ preventScroll: true });
  };
  const move = (event) => {
    if (dragging) set(value.at(event));
  };
  const key = (event) => {
    const wanted = afterKey(event.key, event.shiftKey, value);
    if (wanted === null) return;
    event.preventDefault();
    event.stopPropagation();
    set(wanted);
    value.onDrop?.();
  };
  const heard = [["pointerdown", down], ["pointermove", move], ["pointerup", end], ["pointercancel", end], ["keydown", key]];
  for (const [name, handler] of heard) node.addEventListener(name, handler);
  node.addEventListener("put", (event) => set(
    /** @type {CustomEvent} */
    event.detail
  ));
  tell();
  return tell;
}
function afterKey(key, finely, { min, max, step, get }) {
  const ends = { Home: min, End: max };
  if (key in ends) return ends[key];
  const ways = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
  if (!(key in ways)) return null;
  const unit = finely ? step / 10 : step;
  const places = Math.max(0, Math.ceil(-Math.log10(unit) - 1e-9));
  return Math.min(max, Math.max(min, Number((Math.round(get() / unit + ways[key]) * unit).toFixed(places))));
}

// learn/formulas.js
function sigmoid(act) {
  return act >= 0 ? 1 / (1 + Math.exp(-act)) : Math.exp(act) / (1 + Math.exp(act));
}
function softplus(act) {
  return Math.max(act, 0) + Math.log1p(Math.exp(-Math.abs(act)));
}
function logSoftmax(acts) {
  const most = Math.max(...acts);
  const log = most + Math.log(sum(acts.map((act) => Math.exp(act - most))));
  return acts.map((act) => act - log);
}
function softmax(acts) {
  return logSoftmax(acts).map(Math.exp);
}
function nll(logProbs, target) {
  return -logProbs[target];
}
function crossEntropy(acts, target) {
  return nll(logSoftmax(acts), target);
}
function crossEntropyGradient(acts, target) {
  return softmax(acts).map((share, at) => share - (at === target ? 1 : 0));
}
function bceCells(acts, targs) {
  return acts.map((act, at) => targs[at] < 0 ? 0 : softplus(targs[at] === 1 ? -act : act));
}
function bce(acts, targs) {
  return sum(bceCells(acts, targs)) / (knownOf(targs) || 1);
}
function bceGradient(acts, targs) {
  return acts.map((act, at) => targs[at] < 0 ? 0 : (sigmoid(act) - targs[at]) / knownOf(targs));
}
function knownOf(targs) {
  return targs.filter((targ) => targ >= 0).length;
}
function swappedCells(acts, targs) {
  return acts.map((act, at) => softplus(targs[at] === 1 ? act : -act));
}
function mse(preds, targs) {
  return mean(preds.map((pred, at) => (pred - targs[at]) ** 2));
}
function mseGradient(preds, targs) {
  return preds.map((pred, at) => 2 * (pred - targs[at]) / preds.length);
}
function accuracyMulti(probs, targs, thresh) {
  const right = probs.filter((prob, at) => isAbove(prob, thresh) === (targs[at] === 1));
  return right.length / probs.length;
}
function isAbove(prob, thresh) {
  return Math.fround(prob) > Math.fround(thresh);
}
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
function mean(values) {
  return sum(values) / values.length;
}
function fixed(value, places = 4) {
  return value.toFixed(places).replace("-", "−").replace(/^\u2212(0\.?0*)$/, "$1");
}
function apart(value, other, places) {
  while (places < 8 && value !== other && fixed(value, places) === fixed(other, places)) places++;
  return fixed(value, places);
}
function oneClassWords(shares) {
  const most = [...shares].sort((a, b) => b - a);
  if (most.length === 1) {
    return "softmax splits exactly 1 among the classes: a single class gets all of it, whatever its activation. The loss is always 0, and nothing is learned.";
  }
  return `softmax splits exactly 1 among the classes: “both” would be two numbers near 1, here ${most[0].toFixed(2)} and ${most[1].toFixed(2)}; “none” would be all near 0. Add the same to every activation and nothing changes. The loss is one cell's: the true class's.`;
}

// learn/pixels.js
var EPS = 1e-7;
var [MEAN, STD] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
function drawn() {
  const between = (low, high) => low + (high - low) * Math.random();
  const maybe = (value, usual2) => Math.random() < 0.75 ? value : usual2;
  return {
    mirrored: Math.random() < 0.5,
    angle: maybe(between(-10, 10), 0),
    zoom: maybe(between(1, 1.1), 1),
    middle: [Math.random(), Math.random()],
    brightness: maybe(between(0.4, 0.6), 0.5),
    contrast: maybe(Math.exp(between(Math.log(0.8), -Math.log(0.8))), 1)
  };
}
function toFloats(rgba, width, height) {
  const [count, values] = [width * height, new Float32Array(3 * width * height)];
  for (let at = 0; at < count; at++) for (let color = 0; color < 3; color++) values[color * count + at] = rgba[4 * at + color] / 255;
  return { width, height, values };
}
function matrixOf({ mirrored: mirrored2, angle, zoom, middle }) {
  const [turn, sign, scale] = [angle * Math.PI / 180, mirrored2 ? -1 : 1, 1 / zoom];
  const [cos, sin] = [Math.cos(turn) * scale, Math.sin(turn) * scale];
  const off = middle.map((part) => (1 - scale) * (2 * part - 1));
  const rows = [[sign * Math.cos(turn), sign * Math.sin(turn)], [-Math.sin(turn), Math.cos(turn)]];
  const moved = rows.map((row) => row[0] * off[0] + row[1] * off[1]);
  return [[sign * cos, sign * sin, moved[0]], [-sin, cos, moved[1]]];
}
function turned({ width, height, values }, [[a, b, s], [c, d, t]]) {
  const [count, result] = [width * height, new Float32Array(values.length)];
  for (let row = 0; row < height; row++) {
    const v = height > 1 ? 2 * row / (height - 1) - 1 : 0;
    for (let column = 0; column < width; column++) {
      const u = width > 1 ? 2 * column / (width - 1) - 1 : 0;
      const x = reflected((a * u + b * v + s + 1) / 2 * (width - 1), width - 1);
      const y = reflected((c * u + d * v + t + 1) / 2 * (height - 1), height - 1);
      const [left, top] = [Math.min(Math.floor(x), width - 1), Math.min(Math.floor(y), height - 1)];
      const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
      const [across, down] = [x - left, y - top];
      for (let plane = 0; plane < 3 * count; plane += count) {
        const upper = values[plane + top * width + left] * (1 - across) + values[plane + top * width + right] * across;
        const lower = values[plane + bottom * width + left] * (1 - across) + values[plane + bottom * width + right] * across;
        result[plane + row * width + column] = upper * (1 - down) + lower * down;
      }
    }
  }
  return { width, height, values: result };
}
function reflected(at, last) {
  if (!last) return 0;
  const way = Math.abs(at) % (2 * last);
  return way > last ? 2 * last - way : way;
}
function lit({ width, height, values }, { brightness, contrast }) {
  const shift = Math.log(brightness / (1 - brightness));
  const result = values.map((value) => {
    const share = Math.min(1 - EPS, Math.max(EPS, value));
    return 1 / (1 + Math.exp(-contrast * (Math.log(share / (1 - share)) + shift)));
  });
  return { width, height, values: result };
}
function normalized({ width, height, values }) {
  const count = width * height;
  return { width, height, values: values.map((value, at) => (value - MEAN[Math.floor(at / count)]) / STD[Math.floor(at / count)]) };
}

// learn/range.js
function range({ title, label = title, min, max, step, get, set, words }) {
  const [root, text, input] = [element("label", "widget"), element("span"), element("input")];
  Object.assign(input, { type: "range", min: `${min}`, max: `${max}`, step: `${step}` });
  input.setAttribute("aria-label", label);
  const renew = () => {
    input.value = `${get()}`;
    write(text, `${title} ${words()}`);
    input.setAttribute("aria-valuetext", words());
  };
  input.oninput = () => {
    set(Number(input.value));
    renew();
  };
  renew();
  root.append(text, input);
  return { root, renew };
}

// learn/station.js
var Station = class _Station {
  /**
   * @param {string} name
   * @param {string} where
   * @param {() => void} choose
   */
  constructor(name, where, choose) {
    this.root = element("button", `station ${where.startsWith("batch") ? "together" : "alone"}`);
    this.root.type = "button";
    this.root.setAttribute("role", "radio");
    this.root.onclick = choose;
    this.canvas = element("canvas");
    this.root.append(this.canvas, element("span", "name", name), element("span", "soft", where));
  }
  /** @param {boolean} chosen */
  mark(chosen2) {
    this.root.setAttribute("aria-checked", `${chosen2}`);
    this.root.tabIndex = chosen2 ? 0 : -1;
  }
  /** @param {HTMLImageElement} image */
  picture(image) {
    const scale = 96 / Math.max(image.naturalWidth, image.naturalHeight);
    this.canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    this.canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    this.canvas.getContext("2d")?.drawImage(image, 0, 0, this.canvas.width, this.canvas.height);
  }
  /**
   * @param {(Planes | null)[]} pictures
   * @param {boolean} isNormalized
   */
  batch(pictures, isNormalized) {
    const side = pictures.find((one) => one)?.width ?? 1;
    const columns = pictures.length > 1 ? 2 : 1;
    this.canvas.width = side * columns + columns - 1;
    this.canvas.height = side * Math.ceil(pictures.length / columns) + columns - 1;
    const context = this.canvas.getContext("2d");
    pictures.forEach((one, at) => one && _Station.paint(context, one, at % columns * (side + 1), Math.floor(at / columns) * (side + 1), isNormalized));
  }
  /**
   * Draws planes; normalized ones from -2.5 to 2.5, the others from 0 to 1.
   * @param {CanvasRenderingContext2D | null} context
   * @param {Planes} planes
   * @param {number} left
   * @param {number} top
   * @param {boolean} isNormalized
   */
  static paint(context, { width, height, values }, left, top, isNormalized) {
    if (!context) return;
    const [image, count] = [new ImageData(width, height), width * height];
    for (let at = 0; at < count; at++) {
      for (let color = 0; color < 3; color++) {
        const value = values[color * count + at];
        image.data[4 * at + color] = 255 * (isNormalized ? value / 5 + 0.5 : value);
      }
      image.data[4 * at + 3] = 255;
    }
    context.putImageData(image, left, top);
  }
};

// learn/conveyor.js
var SIZE = 64;
var BATCH = 4;
var DRAWN = [["angle", "rotation (°)", -10, 10, 0.5], ["zoom", "zoom", 1, 1.1, 5e-3], ["brightness", "brightness", 0.4, 0.6, 5e-3], ["contrast", "contrast", 0.8, 1.25, 5e-3]];
var STATIONS = [
  { name: "Open", where: "each picture", says: "PILImage.create reads the file: width, height and three bytes a pixel, of any size." },
  { name: "Squish", where: "item_tfms", says: "Resize makes a square of it, as all pictures of a batch must have one size. All of the picture stays." },
  { name: "ToTensor", where: "item_tfms", says: "The bytes are laid out color by color: three planes. Nothing else changes." },
  { name: "Collate", where: "batch", says: "Several pictures become one tensor. From here on the GPU works on all of them at once." },
  { name: "Float", where: "batch_tfms", says: "IntToFloatTensor divides by 255: numbers from 0 to 1." },
  { name: "Rotate, zoom, flip", where: "batch_tfms", says: "One matrix a picture, so that its pixels are looked up once only. Each picture gets its own random draw; validation pictures none." },
  { name: "Lighting", where: "batch_tfms", says: "Brightness is added to the logits of the pixels and contrast multiplies them, so that none leaves 0 to 1." },
  { name: "Normalize", where: "batch_tfms", says: "Minus the mean, divided by the standard deviation that ImageNet has in each color: what a pretrained body expects." }
];
var Conveyor = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.at = 5;
    this.pixel = [40, 30];
    this.draws = Array.from({ length: BATCH }, drawn);
    this.images = [];
    this.squares = [];
    this.courses = [];
    this.isShown = false;
    this.later = eachFrame(() => this.draw());
    this.belt = element("div", "belt");
    this.belt.setAttribute("role", "radiogroup");
    this.belt.setAttribute("aria-label", "Station");
    this.stations = STATIONS.map(({ name, where }, at) => new Station(name, where, () => this.choose(at)));
    this.belt.append(...this.stations.map(({ root: root2 }) => root2));
    this.belt.onkeydown = (event) => {
      const next = afterArrow(event.key, this.at, STATIONS.length);
      if (next === null) return;
      event.preventDefault();
      this.choose(next);
      this.stations[next].root.focus();
    };
    this.large = element("canvas", "large");
    this.large.tabIndex = 0;
    this.large.setAttribute("role", "application");
    this.large.onpointermove = (event) => event.buttons && this.pick(event);
    this.large.onpointerdown = (event) => this.pick(event);
    this.large.onkeydown = (event) => this.key(event);
    this.title = element("h3");
    this.says = element("p");
    this.facts = element("p", "facts");
    this.values = element("p", "values");
    this.sliders = element("div", "widgets");
    this.source = element("p", "soft source");
    const [stage, side] = [element("div", "stage"), element("div", "side")];
    side.append(this.title, this.says, this.facts, this.values, this.sliders);
    stage.append(this.large, side);
    root.append(this.belt, stage, this.source);
    this.build();
  }
  build() {
    const sliders = DRAWN.map(([name, title, min, max, step]) => {
      const set = (value) => {
        this.draws[0][name] = value;
        this.changed(0);
      };
      const get = () => this.draws[0][name];
      return range({ title, min, max, step, get, set, words: () => fixed(get(), step < 0.1 ? 3 : 1) });
    });
    const [label, box] = [element("label", "check"), element("input")];
    Object.assign(box, { type: "checkbox", checked: this.draws[0].mirrored });
    box.onchange = () => {
      this.draws[0].mirrored = box.checked;
      this.changed(0);
    };
    label.append(box, element("span", "", "flip"));
    const again = element("button", "primary", "Draw again");
    again.type = "button";
    again.onclick = () => {
      this.draws = this.draws.map(drawn);
      box.checked = this.draws[0].mirrored;
      sliders.forEach(({ renew }) => renew());
      this.draws.forEach((_, at) => this.changed(at));
    };
    this.sliders.replaceChildren(...sliders.map(({ root }) => root), label, again);
  }
  /** @param {Content} content */
  show({ source, pictures }) {
    this.source.textContent = `${source} The first picture is the large one; its sliders show what was drawn for it.`;
    const used = Array.from({ length: BATCH }, (_, at) => pictures[at % pictures.length]);
    this.dimensions = used.map(({ width, height }) => [width, height]);
    this.squares = used.map(() => null);
    this.images = used.map(({ url, title }, at) => {
      const image = element("img");
      image.onload = () => {
        this.squares[at] = squared(image);
        this.reveal();
        this.changed(at);
      };
      image.alt = title;
      image.src = url;
      return image;
    });
  }
  /** @param {number} at */
  choose(at) {
    this.at = at;
    this.reveal();
    this.draw();
  }
  // Where the belt is wider than the page, its chosen station is in sight.
  reveal() {
    const { root } = this.stations[this.at];
    this.belt.scrollLeft = root.offsetLeft - this.belt.offsetLeft - (this.belt.clientWidth - root.offsetWidth) / 2;
  }
  /** @param {PointerEvent} event */
  pick(event) {
    const box = this.large.getBoundingClientRect();
    this.move((event.clientX - box.left) / box.width * SIZE, (event.clientY - box.top) / box.height * SIZE);
    event.preventDefault();
    this.large.focus({ preventScroll: true });
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    const by = DIRECTIONS[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(this.pixel[0] + by[0], this.pixel[1] + by[1]);
  }
  /**
   * @param {number} column
   * @param {number} row
   */
  move(column, row) {
    this.pixel = [column, row].map((one) => Math.min(SIZE - 1, Math.max(0, Math.floor(one))));
    this.later();
  }
  /** @param {number} at the picture that is to be computed anew */
  changed(at) {
    this.courses[at] = null;
    this.isShown = false;
    this.later();
  }
  /**
   * A picture after each station that changes numbers.
   * @param {number} at
   * @returns {Planes[] | null}
   */
  course(at) {
    return this.courses[at] ??= this.computed(at);
  }
  /**
   * @param {number} at
   * @returns {Planes[] | null}
   */
  computed(at) {
    const pixels = this.squares[at];
    if (!pixels) return null;
    const floats = toFloats(pixels, SIZE, SIZE);
    const moved = turned(floats, matrixOf(this.draws[at]));
    const light = lit(moved, this.draws[at]);
    return [floats, moved, light, normalized(light)];
  }
  draw() {
    const courses = this.squares.map((_, at) => this.course(at));
    const [image, square, first] = [this.images[0], this.squares[0], courses[0]];
    if (!square || !first) return;
    this.stations.forEach((station, at) => {
      station.mark(at === this.at);
      if (this.isShown) return;
      if (at === 0) station.picture(image);
      else station.batch(at < 3 ? [first[0]] : courses.map((one) => one?.[Math.max(0, at - 4)] ?? null), at === 7);
    });
    this.isShown = true;
    const { name, where, says } = STATIONS[this.at];
    write(this.title, `${this.at + 1}. ${name}, ${titleOf(where)}`);
    write(this.says, says);
    this.paint(image, first);
    write(this.facts, this.shape(first));
    write(this.values, this.pixelWords(first));
  }
  /**
   * @param {HTMLImageElement} image
   * @param {Planes[]} first
   */
  paint(image, first) {
    const isFile = this.at === 0;
    this.large.classList.toggle("file", isFile);
    if (isFile) {
      this.large.width = image.naturalWidth;
      this.large.height = image.naturalHeight;
      this.large.getContext("2d")?.drawImage(image, 0, 0);
    } else {
      this.large.width = this.large.height = SIZE;
      Station.paint(this.large.getContext("2d"), first[Math.max(0, this.at - 4)], 0, 0, this.at === 7);
      const context = this.large.getContext("2d");
      const [column, row] = this.pixel;
      if (context) {
        context.strokeStyle = "#fff";
        context.lineWidth = 1;
        context.strokeRect(column - 1.5, row - 1.5, 4, 4);
      }
    }
    this.large.setAttribute("aria-label", `The picture after ${STATIONS[this.at].name}; arrow keys choose a pixel. ${this.values.textContent}`);
  }
  /** @param {Planes[]} first */
  shape(first) {
    const [width, height] = this.dimensions?.[0] ?? [0, 0];
    if (this.at === 0) return `${width} × ${height} pixels, ${(width * height * 3).toLocaleString("en")} bytes from 0 to 255`;
    if (this.at === 1) return `${SIZE} × ${SIZE} pixels, ${(SIZE * SIZE * 3).toLocaleString("en")} bytes from 0 to 255`;
    const { values } = first[Math.max(0, this.at - 4)];
    const shape = this.at === 2 ? `(3, ${SIZE}, ${SIZE})` : `(${BATCH}, 3, ${SIZE}, ${SIZE})`;
    if (this.at < 4) return `${shape}, uint8`;
    let [low, high, sum2, squares] = [Infinity, -Infinity, 0, 0];
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      sum2 += value;
      squares += value * value;
    }
    const mean2 = sum2 / values.length;
    return `${shape}, float32 from ${fixed(low, 2)} to ${fixed(high, 2)}; this picture's mean is ${fixed(mean2, 2)}, its standard deviation ${fixed(Math.sqrt(squares / values.length - mean2 * mean2), 2)}`;
  }
  /**
   * What becomes of the red of a place.
   * @param {Planes[]} first
   */
  pixelWords(first) {
    const [column, row] = this.pixel;
    const at = row * SIZE + column;
    const [float, moved, light, last] = first.map(({ values }) => values[at]);
    const byte = this.squares[0]?.[4 * at] ?? 0;
    return `Red at column ${column}, row ${row}: ${byte} → ÷ 255 ${fixed(float, 3)} → rotated ${fixed(moved, 3)} → lit ${fixed(light, 3)} → (${fixed(light, 3)} − ${MEAN[0]}) ÷ ${STD[0]} = ${fixed(last, 3)}`;
  }
  remove() {
    this.later.cancel();
  }
};
function titleOf(where) {
  if (!where.endsWith("_tfms")) return where === "batch" ? "of the whole batch" : "of each picture";
  return where === "item_tfms" ? "one of item_tfms: each picture" : "one of batch_tfms: the whole batch at once";
}
function squared(image) {
  const canvas = element("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(image, 0, 0, SIZE, SIZE);
  return context.getImageData(0, 0, SIZE, SIZE).data;
}

// shared/drawing.js
function vector2(tag, attributes, parent, text) {
  const node = vector(tag, void 0, parent);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, `${value}`);
  if (text !== void 0) node.textContent = text;
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

// learn/rates.js
function rateWords(rate) {
  if (!rate) return "0";
  if (rate >= 1e-3) return `${Number(rate.toPrecision(3))}`;
  const [digits, power] = rate.toExponential(2).split("e");
  return `${Number(digits)}e${power}`;
}

// learn/segments.js
function segments(label, options, chosen2, onChoose) {
  const root = element("div", "segments");
  root.setAttribute("role", "radiogroup");
  root.setAttribute("aria-label", label);
  const buttons = options.map(([name, title]) => {
    const one = element("button", "segment", title);
    one.type = "button";
    one.setAttribute("role", "radio");
    one.onclick = () => choose(name);
    return one;
  });
  const mark = (chosen3) => {
    options.forEach(([name], at) => {
      buttons[at].setAttribute("aria-checked", `${name === chosen3}`);
      buttons[at].tabIndex = name === chosen3 ? 0 : -1;
    });
  };
  const choose = (name) => {
    mark(name);
    onChoose(name);
  };
  root.onkeydown = (event) => {
    const at = buttons.findIndex((one) => one.getAttribute("aria-checked") === "true");
    const next = afterArrow(event.key, at, options.length);
    if (next === null) return;
    event.preventDefault();
    choose(options[next][0]);
    buttons[next].focus();
  };
  mark(chosen2);
  root.append(...buttons);
  return root;
}

// learn/choices.js
var MOST_EPOCHS = 12;
var WIDGETS = [["freezeEpochs", "freeze_epochs", 0, MOST_EPOCHS], ["epochs", "epochs", 1, MOST_EPOCHS], ["baseLr", "base_lr", -5, -1], ["lrMult", "lr_mult", 0, 3]];
function reach(value, low, high) {
  return [Math.min(low, value), Math.max(high, value)];
}
var Choices = class {
  /** @param {(recipe: Recipe) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.root = element("div", "choices-line");
    this.recipe = null;
  }
  /** @param {Recipe[]} recipes */
  show(recipes) {
    const titles = recipes.map(({ title }, at) => (
      /** @type {[string, string]} */
      [`${at}`, title]
    ));
    const widgets = element("div", "widgets");
    const take = (at) => {
      this.recipe = { ...recipes[at] };
      widgets.replaceChildren(...WIDGETS.map(([name, title, low, high]) => this.widget(name, title, low, high)));
      this.onChange(this.recipe);
    };
    const from = recipes.length > 1 ? [segments("Whose choices", titles, "0", (at) => take(Number(at)))] : [];
    this.root.replaceChildren(...from, widgets);
    take(0);
  }
  /**
   * @param {Name} name
   * @param {string} title
   * @param {number} low
   * @param {number} high
   */
  widget(name, title, low, high) {
    const recipe = (
      /** @type {Recipe} */
      this.recipe
    );
    const isPower = name === "baseLr" || name === "lrMult";
    const get = () => isPower ? Math.log10(recipe[name]) : recipe[name];
    const set = (value) => {
      recipe[name] = isPower ? Number((10 ** value).toPrecision(3)) : value;
      this.onChange(recipe);
    };
    const [min, max] = reach(get(), low, high);
    return range({ title, min, max, step: isPower ? 0.05 : 1, get, set, words: () => rateWords(recipe[name]) }).root;
  }
};

// learn/player.js
var Player = class {
  /**
   * @param {number} seconds that all of it takes
   * @param {() => number} share of it that is over, from 0 to 1
   * @param {(share: number) => void} go is called in every frame
   */
  constructor(seconds, share, go) {
    this.seconds = seconds;
    this.share = share;
    this.go = go;
    this.frame = 0;
    this.button = element("button", "primary", "Play");
    this.button.type = "button";
    this.button.onclick = () => this.frame ? this.pause() : this.start();
  }
  start() {
    const share = this.share();
    const began = performance.now() - (share < 1 ? share : 0) * this.seconds * 1e3;
    const step = () => {
      const now = Math.min(1, (performance.now() - began) / (this.seconds * 1e3));
      this.go(now);
      this.frame = now < 1 ? requestAnimationFrame(step) : 0;
      write(this.button, this.frame ? "Pause" : "Play");
    };
    step();
  }
  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    write(this.button, "Play");
  }
};

// learn/schedule.js
var MOMS = [0.95, 0.85, 0.95];
var DIV_FINAL = 1e5;
function cosine(start, end, share) {
  return start + (1 + Math.cos(Math.PI * (1 - share))) * (end - start) / 2;
}
function combinedCosine(peak, start, middle, end, share) {
  return share < peak ? cosine(start, middle, share / peak) : cosine(middle, end, (share - peak) / (1 - peak));
}
function evenRates(first, last, count) {
  if (count === 1) return [last];
  const step = (last / first) ** (1 / (count - 1));
  return Array.from({ length: count }, (_, at) => first * step ** at);
}
function fits({ epochs, freezeEpochs, baseLr, lrMult, groups }) {
  const half = baseLr / 2;
  const below = Array(groups - 1).fill(baseLr / 10);
  const both = [
    { name: (
      /** @type {const} */
      "frozen"
    ), epochs: freezeEpochs, rates: [...below, baseLr], peak: 0.99, div: 25, learns: [...below.map(() => false), true] },
    { name: (
      /** @type {const} */
      "unfrozen"
    ), epochs, rates: evenRates(half / lrMult, half, groups), peak: 0.3, div: 5, learns: Array(groups).fill(true) }
  ];
  return both.filter((fit) => fit.epochs > 0);
}
function oneCycle({ rates, peak, div }, share) {
  return {
    rates: rates.map((rate) => combinedCosine(peak, rate / div, rate, rate / DIV_FINAL, share)),
    mom: combinedCosine(peak, MOMS[0], MOMS[1], MOMS[2], share)
  };
}
function stepsOf(all, batches) {
  return all.reduce((sum2, fit) => sum2 + fit.epochs * batches, 0);
}
function moment(all, batches, step) {
  let first = 0;
  for (const fit of all) {
    const count = fit.epochs * batches;
    if (step < first + count || fit === all[all.length - 1]) {
      const done = Math.min(step - first, count - 1);
      const share = done / count;
      return { fit, epoch: Math.floor(done / batches), batch: done % batches, share, ...oneCycle(fit, share) };
    }
    first += count;
  }
  throw new Error("no epochs");
}

// learn/surface.js
var Surface = class {
  /**
   * @param {HTMLElement} parent
   * @param {number} height in pixels
   * @param {string} words what it shows, for those who do not see it
   * @param {(width: number) => void} draw
   */
  constructor(parent, height, words, draw) {
    this.width = 0;
    this.svg = vector2("svg", { height, role: "group", "aria-label": words });
    this.back = vector2("g", {}, this.svg);
    this.front = vector2("g", {}, this.svg);
    parent.append(this.svg);
    this.sizes = new ResizeObserver(() => {
      const width = Math.round(parent.clientWidth);
      if (!width || width === this.width) return;
      this.width = width;
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      draw(width);
    });
    this.sizes.observe(parent);
  }
  /**
   * Where the pointer is, in pixels of the drawing.
   * @param {PointerEvent} event
   * @returns {[number, number]}
   */
  at(event) {
    const box = this.svg.getBoundingClientRect();
    const scale = this.width / (box.width || 1);
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }
  remove() {
    this.sizes.disconnect();
  }
};
function arrow(parent, from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (length < 4) return;
  const [ux, uy] = [dx / length, dy / length];
  const head = Math.min(9, length);
  const [bx, by] = [to[0] - ux * head, to[1] - uy * head];
  vector2("line", { class: "arrow", x1: from[0], y1: from[1], x2: bx, y2: by }, parent);
  const corners = [to, [bx - uy * 5, by + ux * 5], [bx + uy * 5, by - ux * 5]];
  vector2("path", { class: "arrow-head", d: `M${corners.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z` }, parent);
}

// learn/fine_tuning.js
var HEIGHT = 430;
var NET = { left: 34, top: 26, height: 62, gap: 14 };
var BARS = { top: 114, bottom: 200 };
var NORM = 16;
var [LOWEST, HIGHEST] = [-8, -1];
var TIME = { top: 248, middle: 338, bottom: 398, left: 46, right: 10 };
var SECONDS = 9;
var FineTuning = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.content = { recipes: [] };
    this.step = 0;
    this.follow = eachFrame(() => this.place());
    this.choices = new Choices((values) => this.change(values));
    this.player = new Player(SECONDS, () => this.last ? this.step / this.last : 1, (share) => this.go(Math.round(share * this.last)));
    this.words = element("p", "words");
    this.words.setAttribute("aria-live", "off");
    const line = element("div", "line");
    line.append(this.player.button, this.words);
    const place = element("div", "stage");
    root.append(this.choices.root, place, line);
    this.surface = new Surface(place, HEIGHT, "The network's layers, their rates, and the course of the training", () => this.draw());
    this.cursor = vector2("g", { class: "handle cursor" }, this.surface.front);
    vector2("rect", { class: "reach", x: -13, y: TIME.top - 16, width: 26, height: TIME.bottom - TIME.top + 20, rx: 6 }, this.cursor);
    vector2("line", { class: "now", y1: TIME.top - 8, y2: TIME.bottom }, this.cursor);
    vector2("circle", { class: "knob", r: 8, cy: TIME.top - 8 }, this.cursor);
    this.tell = () => {
    };
  }
  /** @param {Content} content */
  show(content) {
    this.content = content;
    this.choices.show(content.recipes);
  }
  /** @param {Recipe} recipe */
  change(recipe) {
    this.player.pause();
    this.recipe = recipe;
    this.fits = fits({ ...recipe, groups: recipe.groups.length });
    this.steps = stepsOf(this.fits, recipe.batches);
    this.step = Math.min(this.step, this.steps - 1);
    this.draw();
  }
  get last() {
    return Math.max(0, (this.steps ?? 1) - 1);
  }
  /** @param {number} step */
  go(step) {
    this.step = step;
    this.follow();
  }
  // What does not move: layers, curves, epochs.
  draw() {
    const { width } = this.surface;
    if (!width || !this.fits || !this.recipe) return;
    const back = this.surface.back;
    back.replaceChildren();
    this.network(back, width, this.recipe);
    const left = TIME.left;
    this.x = (step) => left + (width - left - TIME.right) * step / Math.max(1, this.steps ?? 1);
    this.timeline(back, width, this.fits, this.recipe.batches);
    if (!this.listens) this.listen();
    this.cursor.setAttribute("aria-valuemax", `${this.last}`);
    this.place();
  }
  listen() {
    this.listens = true;
    const last = () => this.last;
    this.tell = slider(this.cursor, {
      min: 0,
      get max() {
        return last();
      },
      step: 1,
      get: () => this.step,
      set: (step) => {
        this.player.pause();
        this.go(Math.round(step));
      },
      at: (event) => {
        const [x] = this.surface.at(event);
        return (x - TIME.left) / (this.surface.width - TIME.left - TIME.right) * (this.steps ?? 1);
      },
      label: "Batch of the training",
      words: () => this.sentence()
    });
  }
  /**
   * @param {Element} back
   * @param {number} width
   * @param {Recipe} recipe
   */
  network(back, width, { groups, norms }) {
    const count = groups.reduce((sum2, { layers }) => sum2 + layers.length, 0);
    const each = (width - NET.left - NET.gap * (groups.length - 1)) / count;
    const y = (power) => BARS.bottom - (power - LOWEST) / (HIGHEST - LOWEST) * (BARS.bottom - BARS.top);
    this.drawn = [];
    this.y = y;
    let x = NET.left;
    for (const power of [LOWEST, -6, -4, -2]) {
      vector2("line", { class: "rule", x1: NET.left, x2: width, y1: y(power), y2: y(power) }, back);
      if (power > LOWEST) vector2("text", { class: "tick soft", x: NET.left - 5, y: y(power) + 4, "text-anchor": "end" }, back, `1e${power}`);
    }
    vector2("text", { class: "axis", x: 0, y: BARS.top - 6 }, back, "rate of each layer, a hundred times as high at each line");
    for (const [number, { title, layers }] of groups.entries()) {
      const free = number < groups.length - 1 && norms ? norms.join(", ") : "";
      const wide = each * layers.length;
      vector2("text", { class: "group", x: x + wide / 2, y: 14, "text-anchor": "middle" }, back, title);
      const boxes = layers.map((layer, at) => {
        const left = x + at * each;
        const box = vector2("g", { class: "layer" }, back);
        vector2("rect", { class: "box", x: left + 2, y: NET.top, width: each - 4, height: NET.height, rx: 5 }, box);
        if (free) vector2("rect", { class: "norm", x: left + 2, y: NET.top + NET.height - NORM, width: each - 4, height: NORM, rx: 3 }, box);
        if (each > 20 + 6 * free.length) vector2("text", { class: "norm-name", x: left + each / 2, y: NET.top + NET.height - 4, "text-anchor": "middle" }, box, free);
        vector2("text", { class: "name", x: left + each / 2, y: NET.top + 28, "text-anchor": "middle" }, box, layer);
        const bar = vector2("rect", { class: "bar", x: left + 6, width: each - 12, rx: 2 }, back);
        return { box, bar };
      });
      const rate = vector2("text", { class: "rate", x: x + wide / 2, y: BARS.bottom + 17, "text-anchor": "middle" }, back);
      this.drawn.push({ layers: boxes.map(({ box }) => box), bars: boxes.map(({ bar }) => bar), rate });
      x += wide + NET.gap;
    }
  }
  /**
   * @param {Element} back
   * @param {number} width
   * @param {import("./schedule.js").Fit[]} all
   * @param {number} batches
   */
  timeline(back, width, all, batches) {
    const [x, right] = [
      /** @type {(step: number) => number} */
      this.x,
      width - TIME.right
    ];
    const top = Math.max(...all.map(({ rates }) => rates[rates.length - 1]));
    const yRate = (rate) => TIME.middle - rate / top * (TIME.middle - TIME.top);
    const yMom = (mom) => TIME.bottom - (mom - 0.84) / 0.12 * (TIME.bottom - TIME.middle - 14);
    let first = 0;
    for (const fit of all) {
      const count = fit.epochs * batches;
      vector2("rect", { class: `phase ${fit.name}`, x: x(first), y: TIME.top - 8, width: x(first + count) - x(first), height: TIME.bottom - TIME.top + 8 }, back);
      const name = fit.name === "frozen" ? "body frozen" : "all layers";
      if (x(first + count) - x(first) > 70) vector2("text", { class: "soft", x: x(first) + 5, y: TIME.top + 6 }, back, name);
      for (let epoch = 0; epoch < fit.epochs; epoch++) {
        const at = x(first + epoch * batches);
        vector2("line", { class: "rule", x1: at, x2: at, y1: TIME.bottom, y2: TIME.bottom + 5 }, back);
        if (x(batches) - x(0) > 13) vector2("text", { class: "tick", x: (at + x(first + (epoch + 1) * batches)) / 2, y: TIME.bottom + 15, "text-anchor": "middle" }, back, `${epoch + 1}`);
      }
      const points = Array.from({ length: 101 }, (_, at) => ({ at: x(first + count * at / 100), ...oneCycle(fit, at / 100) }));
      const path2 = (y) => `M${points.map((one) => `${one.at.toFixed(1)} ${y(one).toFixed(1)}`).join("L")}`;
      vector2("path", { class: "curve", d: path2(({ rates }) => yRate(rates[rates.length - 1])) }, back);
      vector2("path", { class: "curve mom", d: path2(({ mom }) => yMom(mom)) }, back);
      first += count;
    }
    vector2("line", { class: "rule", x1: TIME.left, x2: right, y1: TIME.bottom, y2: TIME.bottom }, back);
    vector2("line", { class: "rule", x1: TIME.left, x2: right, y1: TIME.middle, y2: TIME.middle }, back);
    for (const [value, at] of [[top, TIME.top + 4], [0, TIME.middle]]) vector2("text", { class: "tick", x: TIME.left - 5, y: at + 3, "text-anchor": "end" }, back, rateWords(value));
    for (const mom of [0.95, 0.85]) vector2("text", { class: "tick", x: TIME.left - 5, y: yMom(mom) + 4, "text-anchor": "end" }, back, `${mom}`);
    vector2("text", { class: "axis", x: 0, y: TIME.top - 18 }, back, "rate of the head");
    vector2("text", { class: "axis", x: TIME.left + 5, y: TIME.bottom - 6 }, back, "momentum");
    vector2("text", { class: "axis", x: right, y: TIME.bottom + 30, "text-anchor": "end" }, back, "epochs");
  }
  // What moves with the cursor.
  place() {
    if (!this.fits || !this.recipe || !this.drawn || !this.x || !this.y) return;
    const now = moment(this.fits, this.recipe.batches, this.step);
    this.cursor.setAttribute("transform", `translate(${this.x(this.step).toFixed(1)} 0)`);
    for (const [at, { layers, bars, rate }] of this.drawn.entries()) {
      const learns = now.fit.learns[at];
      const y = this.y(Math.max(LOWEST + 0.1, Math.log10(now.rates[at])));
      for (const layer of layers) layer.setAttribute("class", `layer ${learns ? "lit" : "frozen"}`);
      for (const bar of bars) {
        bar.setAttribute("class", `bar ${learns ? "lit" : "frozen"}`);
        bar.setAttribute("y", y.toFixed(1));
        bar.setAttribute("height", (BARS.bottom - y).toFixed(1));
      }
      write(rate, rateWords(now.rates[at]));
    }
    write(this.words, this.sentence());
    this.tell();
  }
  sentence() {
    if (!this.fits || !this.recipe) return "";
    const { fit, epoch, batch, rates, mom } = moment(this.fits, this.recipe.batches, this.step);
    const head = rateWords(rates[rates.length - 1]);
    const where = `${fit.name === "frozen" ? "Frozen" : "Unfrozen"} epoch ${epoch + 1} of ${fit.epochs}, batch ${batch + 1} of ${this.recipe.batches}`;
    const what = fit.name === "frozen" ? `only the head learns, at ${head}. ${ofBody(this.recipe.norms, rateWords(rates[0]))}` : `all layers learn, the first at ${rateWords(rates[0])}, the head at ${head}.`;
    return `${where}: ${what} Momentum ${mom.toFixed(3)}.`;
  }
  remove() {
    this.player.pause();
    this.follow.cancel();
    this.surface.remove();
  }
};
function ofBody(norms, rate) {
  if (!norms) return `Of the body only batch, instance and layer norm do (train_bn), where it has any, at ${rate}.`;
  if (!norms.length) return "Of the body nothing does: it has no batch, instance or layer norm.";
  return `Of the body only ${norms.join(" and ")} ${norms.length > 1 ? "do" : "does"} (train_bn), at ${rate}.`;
}

// learn/finder.js
var [FIRST, LAST, BETA] = [1e-7, 10, 0.98];
var STOP = 4;
function rateAt(batch, count) {
  return FIRST * (LAST / FIRST) ** (batch / count);
}
function smoothed(losses) {
  let mean2 = 0;
  return losses.map((loss, at) => {
    mean2 = loss + BETA * (mean2 - loss);
    return mean2 / (1 - BETA ** (at + 1));
  });
}
function explodesAt(smooth) {
  let best = Infinity;
  for (const [at, loss] of smooth.entries()) {
    best = Math.min(best, loss);
    if (loss > STOP * best) return at;
  }
  return null;
}
function seen(values, count) {
  return values.slice(Math.floor(count / 10), -5);
}
function valley(losses) {
  const lengths = losses.map(() => 1);
  let [from, to] = [0, 0];
  for (let one = 1; one < losses.length; one++) {
    for (let before = 0; before < one; before++) {
      if (losses[one] < losses[before] && lengths[one] < lengths[before] + 1) lengths[one] = lengths[before] + 1;
      if (lengths[to] < lengths[one]) {
        to = one;
        from = to - lengths[to];
      }
    }
  }
  const third = (to - from) / 3;
  const at = from + Math.trunc(third) + Math.trunc(third / 2);
  return { from: Math.max(0, from), to, at: at < 0 ? at + losses.length : at };
}
function lowest(losses) {
  return losses.indexOf(Math.min(...losses));
}
function steepest(rates, losses) {
  const slopes = rates.slice(1).map((rate, at) => (losses[at + 1] - losses[at]) / (Math.log(rate) - Math.log(rates[at])));
  return lowest(slopes);
}
function slide(rates, losses) {
  const count = losses.length;
  const slopes = losses.map((_, at) => {
    const [from, to] = [Math.max(0, at - 1), Math.min(count - 1, at + 1)];
    return (losses[to] - losses[from]) / (to - from);
  });
  let [right, left] = [count - 1, count - 16];
  let rate = rates[left];
  while (left >= 0 && Math.abs(slopes[right] - slopes[left]) > 5e-3) {
    rate = rates[left];
    right -= 1;
    left -= 1;
  }
  return rate;
}

// learn/learning_rate.js
var HEIGHT2 = 400;
var PLOT = { left: 52, right: 14, top: 40, bottom: 52 };
var POWERS = [-7, -6, -5, -4, -3, -2, -1, 0, 1];
var SECONDS2 = 8;
var LearningRate = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.batch = 0;
    this.method = "valley";
    this.recordings = [];
    this.losses = [];
    this.smooth = [];
    this.rates = [];
    this.suggested = 0;
    this.follow = eachFrame(() => this.place());
    this.top = element("div", "choices-line");
    this.player = new Player(SECONDS2, () => this.batch / (this.losses.length - 1), (share) => {
      this.batch = Math.round(share * (this.losses.length - 1));
      this.follow();
    });
    this.words = element("p", "words");
    this.source = element("p", "soft source");
    const line = element("div", "line");
    line.append(this.player.button, this.words);
    const place = element("div");
    root.append(this.top, place, line, this.source);
    this.surface = new Surface(place, HEIGHT2, "Loss against learning rate", () => this.draw());
    this.trail = vector2("path", { class: "curve" }, this.surface.front);
    this.cursor = vector2("g", { class: "handle cursor" }, this.surface.front);
    vector2("rect", { class: "reach", x: -13, y: PLOT.top - 12, width: 26, height: HEIGHT2 - PLOT.top - PLOT.bottom + 14, rx: 6 }, this.cursor);
    vector2("line", { class: "now", y1: PLOT.top - 4, y2: HEIGHT2 - PLOT.bottom }, this.cursor);
    this.knob = vector2("circle", { class: "knob", r: 8, cy: PLOT.top }, this.cursor);
    this.tell = () => {
    };
  }
  /** @param {Content} content */
  show({ recordings }) {
    this.recordings = recordings;
    const methods = segments("How the curve is read", [["valley", "valley"], ["slide", "slide"], ["minimum", "minimum / 10"], ["steep", "steep"]], this.method, (method) => {
      this.method = method;
      this.draw();
    });
    const titles = recordings.map(({ title }, at) => (
      /** @type {[string, string]} */
      [`${at}`, title]
    ));
    this.top.replaceChildren(...recordings.length > 1 ? [segments("Whose run", titles, "0", (at) => this.choose(Number(at)))] : [], methods);
    this.choose(0);
  }
  /** @param {number} at */
  choose(at) {
    const { count, losses, words } = this.recordings[at];
    this.player.pause();
    this.count = count;
    this.losses = losses;
    this.smooth = smoothed(losses);
    this.rates = losses.map((_, batch) => rateAt(batch, count));
    this.batch = losses.length - 1;
    this.source.textContent = words;
    this.draw();
  }
  draw() {
    const { width, back } = this.surface;
    if (!width || !this.losses.length) return;
    const [left, right, bottom] = [PLOT.left, width - PLOT.right, HEIGHT2 - PLOT.bottom];
    const most = Math.max(...this.smooth.slice(0, Math.max(10, this.smooth.length - 4))) * 1.15;
    const low = Math.min(...this.losses) * 0.95;
    const x = (rate) => left + (Math.log10(rate) - POWERS[0]) / (POWERS[POWERS.length - 1] - POWERS[0]) * (right - left);
    const y = (loss) => bottom - Math.min(1.05, (loss - low) / (most - low)) * (bottom - PLOT.top);
    this.x = x;
    this.y = y;
    back.replaceChildren();
    for (const power of POWERS) {
      const at = x(10 ** power);
      vector2("line", { class: "rule", x1: at, x2: at, y1: PLOT.top, y2: bottom + 4 }, back);
      const text = vector2("text", { class: "tick", x: at, y: bottom + 18, "text-anchor": "middle" }, back, power === 0 ? "1" : "10");
      if (power !== 0 && power !== 1) vector2("tspan", { dy: -5, "font-size": 10 }, text, `${power}`.replace("-", "−"));
    }
    const marks = ticks(low, most, 5);
    for (const loss of marks.values) {
      vector2("line", { class: "rule", x1: left, x2: right, y1: y(loss), y2: y(loss) }, back);
      vector2("text", { class: "tick", x: left - 6, y: y(loss) + 4, "text-anchor": "end" }, back, loss.toFixed(marks.places));
    }
    vector2("text", { class: "axis", x: right, y: HEIGHT2 - 6, "text-anchor": "end" }, back, "learning rate, ten times as high at each line");
    vector2("text", { class: "axis", x: 0, y: 14 }, back, "training loss: dots of the batches, line smoothed");
    for (const [at, loss] of this.losses.entries()) {
      if (loss <= most) vector2("circle", { class: "dot", cx: x(this.rates[at]), cy: y(loss), r: 2.5 }, back);
    }
    this.reading(back, bottom);
    if (!this.listens) this.listen();
    this.cursor.setAttribute("aria-valuemax", `${this.losses.length - 1}`);
    this.place();
  }
  /**
   * Where the method reads the curve: what it looks at, and the rate that it suggests.
   * @param {Element} back
   * @param {number} bottom
   */
  reading(back, bottom) {
    if (!this.x || !this.y || !this.count) return;
    const [rates, losses] = [seen(this.rates, this.count), seen(this.smooth, this.count)];
    this.suggested = 0;
    if (losses.length < 20) return;
    if (this.method === "valley") {
      const { from, to, at: at2 } = valley(losses);
      vector2("rect", { class: "stretch", x: this.x(rates[from]), y: PLOT.top, width: Math.max(2, this.x(rates[to]) - this.x(rates[from])), height: bottom - PLOT.top }, back);
      this.suggested = rates[at2];
    } else if (this.method === "slide") this.suggested = slide(rates, losses);
    else {
      const at2 = this.method === "minimum" ? lowest(losses) : steepest(rates, losses);
      this.suggested = this.method === "minimum" ? rates[at2] / 10 : rates[at2];
      vector2("circle", { class: "point", cx: this.x(rates[at2]), cy: this.y(losses[at2]), r: 6 }, back);
    }
    const at = this.x(this.suggested);
    vector2("line", { class: "suggested", x1: at, x2: at, y1: PLOT.top - 4, y2: bottom }, back);
    const anchor = at > this.surface.width - 140 ? "end" : at < 140 ? "start" : "middle";
    vector2("text", { class: "suggestion", x: at, y: PLOT.top - 10, "text-anchor": anchor }, back, `${this.method} suggests ${rateWords(Number(this.suggested.toPrecision(3)))}`);
  }
  listen() {
    this.listens = true;
    const last = () => this.losses.length - 1;
    this.tell = slider(this.cursor, {
      min: 0,
      get max() {
        return last();
      },
      step: 1,
      get: () => this.batch,
      set: (batch) => {
        this.player.pause();
        this.batch = Math.round(batch);
        this.follow();
      },
      at: (event) => {
        const share = (this.surface.at(event)[0] - PLOT.left) / (this.surface.width - PLOT.left - PLOT.right);
        return share * (this.count ?? 100);
      },
      label: "Batch of the search",
      words: () => this.sentence()
    });
  }
  place() {
    if (!this.x || !this.y || !this.losses.length) return;
    const at = this.x(this.rates[this.batch]);
    this.cursor.setAttribute("transform", `translate(${at.toFixed(1)} 0)`);
    this.knob.setAttribute("cy", `${this.y(this.smooth[this.batch])}`);
    const points = this.smooth.slice(0, this.batch + 1).map((loss, batch) => `${this.x?.(this.rates[batch]).toFixed(1)} ${this.y?.(loss).toFixed(1)}`);
    this.trail.setAttribute("d", `M${points.join("L")}`);
    write(this.words, this.sentence());
    this.tell();
  }
  sentence() {
    const [rate, end] = [this.rates[this.batch], explodesAt(this.smooth)];
    const here = `Batch ${this.batch + 1} of ${this.count}, trained at ${rateWords(Number(rate.toPrecision(3)))}: loss ${this.losses[this.batch].toPrecision(3)}, smoothed ${this.smooth[this.batch].toPrecision(3)}.`;
    if (end !== null && this.batch >= end) return `${here} Four times the lowest: the finder stops and puts the first weights back.`;
    const times = (10 / 1e-7) ** (1 / (this.count ?? 100));
    if (this.batch < (this.count ?? 100) / 10) return `${here} Each batch gets ${times.toPrecision(4)} times the rate of the one before. So low a rate changes nothing yet.`;
    const suggested = this.suggested;
    if (suggested && rate < suggested) return `${here} Still below what ${this.method} suggests.`;
    const low = this.smooth.indexOf(Math.min(...this.smooth));
    if (this.batch > low) return `${here} Beyond the lowest loss: steps this long jump over what they look for.`;
    return `${here} The loss falls: steps of this length learn.`;
  }
  remove() {
    this.player.pause();
    this.follow.cancel();
    this.surface.remove();
  }
};

// learn/vectors.js
var UNKNOWN = -1;
var DELIMITERS = { " ": "a space", ";": "a semicolon", "|": "a vertical bar", ",": "a comma", "/": "a slash", "~": "a tilde" };
function delimiterOf(names) {
  return Object.keys(DELIMITERS).find((one) => !names.some((name) => name.includes(one))) ?? ";";
}
function delimiterWords(names) {
  return DELIMITERS[delimiterOf(names)];
}
function encode(text, names, before = []) {
  const words = text.split(delimiterOf(names)).map((word) => word.trim()).filter((word) => word);
  return { vector: names.map((name, at) => words.includes(name) ? 1 : before[at] === UNKNOWN ? UNKNOWN : 0), missing: words.filter((word) => !names.includes(word)) };
}
function decode(vector3, names) {
  const between = delimiterOf(names);
  return names.filter((_, at) => vector3[at] === 1).join(between === " " ? between : `${between} `);
}
function printed(vector3) {
  return `tensor([${vector3.map((cell) => cell === UNKNOWN ? "nan" : `${cell}.`).join(", ")}])`;
}
function vectorWords(vector3, missing) {
  if (missing.length) {
    const quoted = missing.map((word) => `“${word}”`).join(", ");
    const [are, cells] = missing.length > 1 ? ["are", "they have no cells"] : ["is", "it has no cell"];
    return `${quoted} ${are} not in the vocabulary, so ${cells}: fastai stops with “Labels '${missing.join("', '")}' were not included in the training dataset”.`;
  }
  const unknown = vector3.filter((cell) => cell === UNKNOWN).length;
  if (unknown) {
    return `${unknown} unknown: not 0. Manyhot leaves such a cell out of the loss and of every metric. fastai alone does not: with NaN in a target its loss is NaN, and accuracy_multi counts the cell as a 1.`;
  }
  const on = vector3.filter((cell) => cell === 1).length;
  if (!on) return "All zeros. That is a target like any other: “none of these”.";
  const rest = on === 1 ? "A class index could say this too." : "No class index can say this: a vector can.";
  return `${on} of ${vector3.length} cells ${on === 1 ? "is" : "are"} 1. ${rest}`;
}

// learn/loss_bars.js
var MOST = 6;
var TOP = 44;
var ACTS = 200;
var BAR = 62;
var GAP = 34;
var LEFT = 74;
var HEIGHT3 = TOP + ACTS + 2 * (GAP + BAR) + 8;
var PUSH = 60;
var LossBars = class {
  /**
   * @param {HTMLElement} parent
   * @param {{ onDrag: (at: number, act: number) => void, onTarget: (at: number) => void }} handlers
   */
  constructor(parent, handlers) {
    this.handlers = handlers;
    this.names = [];
    this.shown = null;
    this.columns = [];
    this.surface = new Surface(parent, HEIGHT3, "Activations, sigmoid and softmax", () => this.draw());
  }
  /** @param {string[]} names */
  name(names) {
    this.names = names;
    this.surface.front.replaceChildren();
    this.columns = names.map((name, at) => this.column(name, at));
  }
  /**
   * @param {string} name
   * @param {number} at
   */
  column(name, at) {
    const front = this.surface.front;
    const target = vector2("g", { class: "target", tabindex: 0, role: "checkbox", "aria-label": `${name} is true` }, front);
    vector2("rect", { x: -15, y: 16, width: 30, height: 26, rx: 5 }, target);
    const text = vector2("text", { y: 34, "text-anchor": "middle" }, target);
    target.onclick = () => this.handlers.onTarget(at);
    target.onkeydown = (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      this.handlers.onTarget(at);
    };
    const handle = vector2("g", { class: "handle" }, front);
    vector2("circle", { class: "reach", r: 20 }, handle);
    vector2("circle", { class: "knob", r: 9 }, handle);
    const tell = slider(handle, {
      min: -MOST,
      max: MOST,
      step: 0.1,
      axis: "vertical",
      get: () => this.shown?.acts[at] ?? 0,
      set: (act) => this.handlers.onDrag(at, Math.round(act * 100) / 100),
      at: (event) => (TOP + ACTS / 2 - this.surface.at(event)[1]) / (ACTS / 2) * MOST,
      label: `Activation of ${name}`,
      words: (act) => fixed(act, 2)
    });
    return { handle, target, text, tell };
  }
  /** @param {Shown} shown */
  show(shown) {
    this.shown = shown;
    this.draw();
  }
  /** @param {number} act */
  y(act) {
    return TOP + ACTS / 2 - act / MOST * (ACTS / 2);
  }
  draw() {
    const { width, back } = this.surface;
    const shown = this.shown;
    if (!width || !shown) return;
    back.replaceChildren();
    const step = (width - LEFT) / this.names.length;
    const x = (at) => LEFT + step * (at + 0.5);
    for (const act of [-6, -3, 0, 3, 6]) {
      vector2("line", { class: act ? "rule" : "rule zero", x1: LEFT, x2: width, y1: this.y(act), y2: this.y(act) }, back);
      vector2("text", { class: "soft", x: LEFT - 8, y: this.y(act) + 4, "text-anchor": "end" }, back, fixed(act, 0));
    }
    vector2("text", { x: 0, y: 33 }, back, "target");
    vector2("text", { x: 0, y: TOP + 20 }, back, "act");
    const probs = { sigmoid: shown.acts.map(sigmoid), softmax: softmax(shown.acts) };
    this.bars("sigmoid", probs.sigmoid, TOP + ACTS + GAP, shown.isOne, x, step);
    this.bars("softmax", probs.softmax, TOP + ACTS + 2 * GAP + BAR, !shown.isOne, x, step);
    this.columns.forEach(({ handle, target, text, tell }, at) => this.place(at, x(at), { handle, target, text, tell }, shown, step));
  }
  /**
   * @param {number} at
   * @param {number} x
   * @param {{ handle: SVGGElement, target: SVGGElement, text: SVGTextElement, tell: () => void }} column
   * @param {Shown} shown
   * @param {number} step
   */
  place(at, x, { handle, target, text, tell }, shown, step) {
    const back = this.surface.back;
    const y = this.y(shown.acts[at]);
    const isTrue = shown.targs[at] === 1;
    vector2("text", { class: "name", x, y: 11, "text-anchor": "middle" }, back, shorten(this.names[at], step));
    vector2("line", { class: "stem", x1: x, x2: x, y1: this.y(0), y2: y }, back);
    const cells = shown.isOne ? 1 : knownOf(shown.targs);
    arrow(back, [x + 17, y], [x + 17, y + shown.gradient[at] * cells * PUSH]);
    handle.setAttribute("transform", `translate(${x} ${y})`);
    target.setAttribute("transform", `translate(${x} 0)`);
    target.setAttribute("aria-checked", shown.targs[at] === UNKNOWN ? "mixed" : `${isTrue}`);
    target.classList.toggle("on", isTrue);
    text.textContent = shown.targs[at] === UNKNOWN ? "?" : `${shown.targs[at]}`;
    tell();
  }
  /**
   * @param {string} name
   * @param {number[]} values
   * @param {number} top
   * @param {boolean} isAside whether the loss that is chosen does not use it
   * @param {(at: number) => number} x
   * @param {number} step
   */
  bars(name, values, top, isAside, x, step) {
    const group = vector2("g", { class: isAside ? "aside" : "" }, this.surface.back);
    vector2("text", { x: 0, y: top + 14 }, group, name);
    vector2("text", { class: "soft", x: 0, y: top + 32 }, group, `sum ${sum(values).toFixed(2)}`);
    vector2("line", { class: "rule", x1: LEFT, x2: this.surface.width, y1: top + BAR, y2: top + BAR }, group);
    const wide = Math.min(46, step * 0.6);
    values.forEach((value, at) => {
      vector2("rect", { class: "room", x: x(at) - wide / 2, y: top, width: wide, height: BAR }, group);
      vector2("rect", { class: "bar", x: x(at) - wide / 2, y: top + BAR * (1 - value), width: wide, height: BAR * value }, group);
      vector2("text", { x: x(at), y: top - 5, "text-anchor": "middle" }, group, value.toFixed(3));
    });
  }
};
function shorten(name, room) {
  const most = Math.max(3, Math.floor(room / 7.5));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

// learn/table.js
var Table = class {
  /** @param {string} caption what it holds, for those who do not see it */
  constructor(caption) {
    this.root = element("table", "numbers");
    this.root.createCaption().textContent = caption;
    this.head = this.root.createTHead();
    this.body = this.root.createTBody();
    this.shape = "";
  }
  /**
   * @param {string[]} columns
   * @param {string[][]} rows a row's name first; the last row is the sum of the others where `total` is set
   * @param {{ total?: boolean, marked?: number }} [options] `marked` is the row that matters
   */
  show(columns, rows, { total = false, marked = -1 } = {}) {
    const shape = `${columns.length} ${rows.length}`;
    if (shape !== this.shape) {
      this.shape = shape;
      this.head.replaceChildren(lineOf(columns.length, true));
      this.body.replaceChildren(...rows.map(() => lineOf(columns.length, false)));
    }
    const fill = (line, words) => words.forEach((text, at) => write(line.children[at], text));
    fill(this.head.children[0], columns);
    rows.forEach((row, at) => {
      const line = this.body.children[at];
      fill(line, row);
      line.className = total && at === rows.length - 1 ? "total" : at === marked ? "marked" : "";
    });
  }
};
function lineOf(cells, isHead) {
  const line = element("tr");
  for (let at = 0; at < cells; at++) {
    const one = element(isHead || !at ? "th" : "td");
    if (isHead || !at) one.setAttribute("scope", isHead ? "col" : "row");
    line.append(one);
  }
  return line;
}

// learn/loss_numbers.js
var TRUE = [3, 6, 4, 7];
var MOST2 = 10;
var HEIGHT4 = 330;
var TOP2 = 14;
var BOTTOM = 22;
var LEFT2 = 30;
var Numbers = class {
  constructor() {
    this.root = element("div", "labels");
    this.preds = [4, 5, 4.5, 4];
    const figure = element("div", "bars");
    this.surface = new Surface(figure, HEIGHT4, "Predicted and true numbers", () => this.draw());
    this.later = eachFrame(() => this.draw());
    this.handles = TRUE.map((_, at) => this.handle(at));
    this.formula = element("p", "formula");
    this.table = new Table("Mean squared error, step by step");
    const words = element(
      "p",
      "words",
      "The area of a square is what its error costs: twice the error, four times the cost. The arrow, minus the gradient, grows with the error, so one bad label pulls harder than many good ones."
    );
    const steps2 = element("div", "steps");
    steps2.append(this.formula, this.table.root, words);
    this.root.append(figure, steps2);
  }
  /** @param {number} at */
  handle(at) {
    const node = vector2("g", { class: "handle" }, this.surface.front);
    vector2("circle", { class: "reach", r: 20 }, node);
    vector2("path", { class: "pred", d: "M-7 -7L7 7M7 -7L-7 7" }, node);
    const tell = slider(node, {
      min: 0,
      max: MOST2,
      step: 0.1,
      axis: "vertical",
      get: () => this.preds[at],
      set: (value) => {
        this.preds[at] = Math.round(value * 100) / 100;
        this.later();
      },
      at: (event) => (HEIGHT4 - BOTTOM - this.surface.at(event)[1]) / (HEIGHT4 - TOP2 - BOTTOM) * MOST2,
      label: `Prediction of picture ${at + 1}`,
      words: (value) => `${value.toFixed(2)}, true ${TRUE[at]}`
    });
    return { node, tell };
  }
  draw() {
    const { width, back } = this.surface;
    if (!width) return;
    back.replaceChildren();
    const unit = (HEIGHT4 - TOP2 - BOTTOM) / MOST2;
    const y = (value) => HEIGHT4 - BOTTOM - value * unit;
    const step = (width - LEFT2) / TRUE.length;
    const gradient = mseGradient(this.preds, TRUE);
    for (const value of [0, 2, 4, 6, 8, 10]) {
      vector2("line", { class: "rule", x1: LEFT2, x2: width, y1: y(value), y2: y(value) }, back);
      vector2("text", { class: "soft", x: LEFT2 - 8, y: y(value) + 4, "text-anchor": "end" }, back, `${value}`);
    }
    TRUE.forEach((value, at) => {
      const x = LEFT2 + step * (at + 0.35);
      const side = Math.abs(this.preds[at] - value) * unit;
      vector2("rect", { class: "square", x, y: Math.min(y(value), y(this.preds[at])), width: side, height: side }, back);
      vector2("line", { class: "stem", x1: x, x2: x, y1: y(value), y2: y(this.preds[at]) }, back);
      vector2("circle", { class: "true", cx: x, cy: y(value), r: 6 }, back);
      arrow(back, [x - 16, y(this.preds[at])], [x - 16, y(this.preds[at]) + gradient[at] * unit]);
      vector2("text", { class: "soft", x, y: HEIGHT4 - 4, "text-anchor": "middle" }, back, `picture ${at + 1}`);
      this.handles[at].node.setAttribute("transform", `translate(${x} ${y(this.preds[at])})`);
      this.handles[at].tell();
    });
    this.write(gradient);
  }
  /** @param {number[]} gradient */
  write(gradient) {
    const rows = TRUE.map((value, at) => {
      const error = this.preds[at] - value;
      return [`${at + 1}`, fixed(this.preds[at], 2), fixed(value, 2), fixed(error, 2), fixed(error ** 2), fixed(gradient[at])];
    });
    const loss = mse(this.preds, TRUE);
    rows.push(["mean", "", "", "", fixed(loss), ""]);
    this.table.show(["picture", "pred", "true", "error", "squared", "gradient"], rows, { total: true });
    this.formula.textContent = `MSELoss = mean of (pred − true)² = ${fixed(loss)}`;
  }
  remove() {
    this.later.cancel();
    this.surface.remove();
  }
};

// learn/losses.js
var MOST3 = 5;
var ONE = "one";
var SURE = 4;
var Losses = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.kind = "any";
    this.names = [];
    this.acts = [];
    this.targs = [];
    this.anyTargs = this.targs;
    const kinds = segments(
      "What is predicted",
      [["any", "Any labels"], [ONE, "One class"], ["numbers", "Numbers"]],
      this.kind,
      (kind) => this.choose(kind)
    );
    this.later = eachFrame(() => this.draw());
    this.words = element("p", "words");
    this.labels = element("div", "labels");
    this.numbers = new Numbers();
    const figure = element("div", "bars");
    this.bars = new LossBars(figure, {
      onDrag: (at, act) => {
        this.acts[at] = act;
        this.later();
      },
      onTarget: (at) => this.flip(at)
    });
    this.table = new Table("The loss, step by step");
    this.formula = element("p", "formula");
    this.presets = element("div", "acts");
    this.presets.append(
      this.preset("Sure of two", (at) => at < 2 ? SURE : -SURE),
      this.preset("Sure of none", () => -SURE),
      this.preset("Sure and right", (at) => [-SURE, SURE][this.targs[at]] ?? 0),
      // of what nobody knows there is no right
      this.preset("No idea", () => 0)
    );
    const steps2 = element("div", "steps");
    steps2.append(this.formula, this.table.root, this.words, this.presets);
    this.labels.append(figure, steps2);
    root.append(kinds, this.labels, this.numbers.root);
    this.choose(this.kind);
  }
  /**
   * @param {string} title
   * @param {(at: number) => number} act
   */
  preset(title, act) {
    const one = element("button", "act", title);
    one.type = "button";
    one.onclick = () => {
      this.acts = this.names.map((_, at) => act(at));
      this.draw();
    };
    return one;
  }
  /** @param {Examples} examples */
  show({ names, targs }) {
    const row = targs[0];
    const present = names.filter((_, at) => row[at] === 1);
    const others = [0, UNKNOWN].flatMap((targ) => names.filter((_, at) => row[at] === targ));
    this.names = [...present.slice(0, MOST3 - 1), ...others].slice(0, MOST3);
    this.targs = this.anyTargs = this.names.map((name) => row[names.indexOf(name)]);
    this.acts = this.names.map((_, at) => [2, 0.5, -1, 1, -2][at]);
    this.bars.name(this.names);
    this.choose(this.kind);
  }
  /** @param {string} kind */
  choose(kind) {
    if (this.kind !== ONE) this.anyTargs = this.targs;
    this.kind = kind;
    this.labels.hidden = kind === "numbers";
    this.numbers.root.hidden = kind !== "numbers";
    if (kind === ONE) this.only(Math.max(0, this.targs.indexOf(1)));
    else this.targs = this.anyTargs;
    this.draw();
  }
  /** @param {number} at */
  only(at) {
    this.targs = this.names.map((_, number) => number === at ? 1 : 0);
  }
  /** @param {number} at */
  flip(at) {
    if (this.kind === ONE) this.only(at);
    else this.targs[at] = this.targs[at] === 1 ? 0 : 1;
    this.draw();
  }
  draw() {
    if (!this.names.length || this.kind === "numbers") return;
    const one = this.kind === ONE;
    const target = this.targs.indexOf(1);
    const gradient = one ? crossEntropyGradient(this.acts, target) : bceGradient(this.acts, this.targs);
    this.bars.show({ acts: this.acts, targs: this.targs, gradient, isOne: one });
    if (one) this.writeOne(target, gradient);
    else this.writeAny(gradient);
  }
  /**
   * @param {number} target
   * @param {number[]} gradient
   */
  writeOne(target, gradient) {
    const [logs, shares, powers] = [logSoftmax(this.acts), softmax(this.acts), this.acts.map(Math.exp)];
    const rows = this.names.map((name, at) => [
      name,
      fixed(this.acts[at], 2),
      fixed(powers[at], 3),
      fixed(shares[at]),
      fixed(logs[at]),
      fixed(gradient[at])
    ]);
    const loss = crossEntropy(this.acts, target);
    rows.push(["sum", "", fixed(sum(powers), 3), fixed(sum(shares)), "", ""], ["negative log likelihood", "", "", "", fixed(loss), ""]);
    this.table.show(["label", "act", "exp(act)", "softmax", "log-softmax", "gradient"], rows, { total: true, marked: target });
    this.formula.textContent = `CrossEntropyLoss = negative log likelihood of log_softmax(acts) = −log_softmax(acts)[“${this.names[target]}”] = ${fixed(loss)}`;
    this.words.textContent = oneClassWords(shares);
  }
  /** @param {number[]} gradient */
  writeAny(gradient) {
    const [cells, probs] = [bceCells(this.acts, this.targs), this.acts.map(sigmoid)];
    const rows = this.names.map((name, at) => [
      name,
      fixed(this.acts[at], 2),
      fixed(probs[at]),
      ...this.targs[at] === UNKNOWN ? ["?", "", "left out", fixed(0)] : [`${this.targs[at]}`, fixed(this.targs[at] ? probs[at] : sigmoid(-this.acts[at])), fixed(cells[at]), fixed(gradient[at])]
    ]);
    const loss = bce(this.acts, this.targs);
    const known = knownOf(this.targs);
    rows.push([known < this.targs.length ? `mean of ${known} known` : "mean", "", "", "", "", fixed(loss), ""]);
    this.table.show(["label", "act", "sigmoid", "target", "of truth", "−log", "gradient"], rows, { total: true });
    this.formula.textContent = `BCEWithLogitsLoss = mean of −log(probability of the truth) = ${fixed(loss)}`;
    this.words.textContent = `Every cell is its own yes or no. The probabilities add up to ${fixed(sum(probs), 2)}, which may be 0 (“none”) or ${this.names.length} (“all”): sigmoid looks at one activation only.`;
  }
  remove() {
    this.later.cancel();
    this.bars.surface.remove();
    this.numbers.remove();
  }
};

// learn/thumbnails.js
function thumbnails(root, { pictures, titles, columns, vectors, at, choose }) {
  if (root.dataset.of !== pictures.join()) {
    root.dataset.of = pictures.join();
    const row = (src, number) => {
      const one = element("button", "row");
      one.type = "button";
      const image = element("img");
      image.src = src;
      image.alt = titles[number];
      one.append(image, ...columns.map(() => element("span", "bit")), element("span", "more"));
      one.onclick = () => choose(number);
      one.onkeydown = (event) => {
        const next = { ArrowRight: number + 1, ArrowDown: number + 1, ArrowLeft: number - 1, ArrowUp: number - 1 }[event.key];
        const to = root.children[next ?? -1];
        if (next === void 0 || !(to instanceof HTMLElement)) return;
        event.preventDefault();
        choose(next);
        to.focus();
      };
      return one;
    };
    root.replaceChildren(...pictures.map(row));
  }
  vectors.forEach((vector3, number) => {
    const one = root.children[number];
    if (number === at) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
    columns.forEach((column, place) => {
      const [value, bit] = [vector3[column], one.children[place + 1]];
      bit.className = `bit ${value === 1 ? "on" : value === UNKNOWN ? "unknown" : "off"}`;
      bit.textContent = value === UNKNOWN ? "?" : `${value}`;
    });
    const others = vector3.filter((value, column) => value && !columns.includes(column)).length;
    write(
      /** @type {Element} */
      one.lastElementChild,
      others ? `+${others}` : ""
    );
  });
}

// learn/one_hot.js
var OneHot = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.examples = null;
    this.at = 0;
    this.vectors = [];
    this.buttons = [];
    this.missing = /** @type {string[]} */
    [];
    this.before = /** @type {number[]} */
    [];
    this.picture = element("img", "large");
    this.typed = element("input");
    this.typed.type = "text";
    this.typed.autocomplete = "off";
    this.typed.spellcheck = false;
    this.typed.oninput = () => this.type();
    this.label = element("label", "typed");
    this.caption = element("span", "", "Labels");
    this.label.append(this.caption, this.typed);
    this.cells = element("div", "cells");
    this.tensor = element("code", "tensor");
    this.words = element("p", "words");
    this.words.setAttribute("aria-live", "polite");
    const acts = element("div", "acts");
    acts.append(
      this.act("As in the data", () => this.change([...this.examples?.targs[this.at] ?? []])),
      this.act("No label", () => this.change(this.vector.map(() => 0)))
    );
    this.strip = element("div", "strip");
    const side = element("div", "side");
    side.append(this.label, this.cells, this.tensor, this.words, acts);
    const stage = element("div", "stage");
    stage.append(this.picture, side);
    this.source = element("p", "source");
    root.append(stage, this.strip, this.source);
  }
  /**
   * @param {string} words
   * @param {() => void} onclick
   */
  act(words, onclick) {
    const one = element("button", "act", words);
    one.type = "button";
    one.onclick = onclick;
    return one;
  }
  get vector() {
    return this.vectors[this.at] ?? [];
  }
  /** @param {Examples} examples */
  show(examples) {
    this.examples = examples;
    this.at = 0;
    this.vectors = examples.targs.map((row) => [...row]);
    this.caption.textContent = `Labels, with ${delimiterWords(examples.names)} between them`;
    this.typed.placeholder = "no label";
    this.buttons = examples.names.map((name, at) => this.cell(name, at));
    this.cells.replaceChildren(...this.buttons);
    const [drawn2, all] = [examples.frequent.length, examples.names.length];
    const of = drawn2 < all ? ` The rows show the ${drawn2} most frequent of ${all} labels, and how many others are 1 or unknown.` : "";
    this.source.textContent = `Pictures and labels of ${examples.source}. ${examples.per_image.toFixed(2)} labels a picture.${of}`;
    this.choose(0);
  }
  /**
   * @param {string} name
   * @param {number} at
   */
  cell(name, at) {
    const one = element("button", "cell");
    one.type = "button";
    one.append(element("span", "name", name), element("span", "value"));
    const set = (value) => {
      const vector3 = [...this.vector];
      vector3[at] = value;
      this.change(vector3);
    };
    one.onclick = () => set(this.vector[at] === 0 ? 1 : this.vector[at] === 1 ? UNKNOWN : 0);
    one.onkeydown = (event) => {
      const to = { "0": 0, "1": 1, "?": UNKNOWN }[event.key];
      if (to !== void 0) set(to);
      const next = { ArrowRight: this.cells.children[at + 1], ArrowLeft: this.cells.children[at - 1] }[event.key];
      if (next instanceof HTMLElement) next.focus();
      if (to === void 0 && !next) return;
      event.preventDefault();
    };
    return one;
  }
  /** @param {number} at */
  choose(at) {
    const { pictures, titles } = (
      /** @type {Examples} */
      this.examples
    );
    this.at = at;
    this.picture.src = pictures[at];
    this.picture.alt = titles[at];
    this.change(this.vector);
  }
  type() {
    const { names } = (
      /** @type {Examples} */
      this.examples
    );
    const { vector: vector3, missing } = encode(this.typed.value, names, this.before);
    this.change(vector3, missing);
  }
  /**
   * @param {number[]} vector
   * @param {string[] | null} [missing] words that were typed and are in no vocabulary, null if nothing was typed
   */
  change(vector3, missing = null) {
    const { names } = (
      /** @type {Examples} */
      this.examples
    );
    this.vectors[this.at] = vector3;
    if (missing === null) {
      this.typed.value = decode(vector3, names);
      this.before = vector3;
    }
    this.missing = missing ?? [];
    this.draw();
  }
  draw() {
    const { frequent, pictures, titles } = (
      /** @type {Examples} */
      this.examples
    );
    this.buttons.forEach((one, at) => {
      const value = this.vector[at];
      one.className = `cell ${value === 1 ? "on" : value === UNKNOWN ? "unknown" : "off"}`;
      one.setAttribute("aria-pressed", value === UNKNOWN ? "mixed" : `${value === 1}`);
      write(
        /** @type {Element} */
        one.lastElementChild,
        value === UNKNOWN ? "?" : `${value}`
      );
    });
    this.tensor.textContent = printed(this.vector);
    this.words.textContent = vectorWords(this.vector, this.missing);
    this.words.classList.toggle("warns", this.missing.length > 0);
    thumbnails(this.strip, { pictures, titles, columns: frequent, vectors: this.vectors, at: this.at, choose: (at) => this.choose(at) });
  }
};

// learn/coordinates.js
function toUnit([x, y], [width, height]) {
  return [x * 2 / width - 1, y * 2 / height - 1];
}
function toPixels([x, y], [width, height]) {
  return [(x + 1) / 2 * width, (y + 1) / 2 * height];
}
function inRange(act, low, high) {
  return sigmoid(act) * (high - low) + low;
}
function slopeOf(act, low, high) {
  const share = sigmoid(act);
  return share * (1 - share) * (high - low);
}
function actOf(value, low, high) {
  const share = (value - low) / (high - low);
  return Math.log(share / (1 - share));
}
function mirrored(units, order) {
  const turned2 = units.map(
    /** @returns {Point} */
    ([x, y]) => [0 - x, y]
  );
  return order ? order.map((from) => turned2[from]) : turned2;
}
function cropped([x, y], [width, height]) {
  const side = Math.min(width, height);
  return toUnit([x - (width - side) / 2, y - (height - side) / 2], [side, side]);
}

// learn/name_place.js
var WAYS = [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]];
function placeOfName(dots, own, size, box, [radius, others]) {
  const reach2 = box.map((side) => side / 2 + radius * 1.15);
  const places = WAYS.map((way) => (
    /** @type {Point} */
    way.map((by, axis) => inside(dots[own][axis] + by * reach2[axis], box[axis], size[axis]))
  ));
  const costs = places.map((place) => {
    const away = dots.map((dot) => distance(dot, place, box));
    const nearest = Math.min(...away.filter((_, at) => at !== own && !Number.isNaN(away[at])));
    const covered = away.reduce((sum2, far, at) => sum2 + (at === own ? far < radius ? 100 : 0 : far < others ? 1 : 0), 0);
    return covered + (nearest < away[own] ? 0.5 : 0);
  });
  return places[costs.indexOf(Math.min(...costs))];
}
function inside(middle, side, whole) {
  return side >= whole ? whole / 2 : Math.min(whole - side / 2, Math.max(side / 2, middle));
}
function distance(dot, place, box) {
  const [x, y] = dot.map((at, axis) => Math.max(0, Math.abs(at - place[axis]) - box[axis] / 2));
  return Math.hypot(x, y);
}

// learn/marks.js
var CHOSEN = 1.7;
var LETTERS = 12;
var Marks = class {
  /** @param {() => void} draw called where the picture is shown at another size */
  constructor(draw) {
    this.svg = vector2("svg", { class: "marks" });
    this.dots = [];
    this.name = vector2("text", { class: "mark-name", "text-anchor": "middle" });
    this.widths = /* @__PURE__ */ new Map();
    this.shown = 0;
    this.sizes = new ResizeObserver(([{ contentRect }]) => {
      this.shown = contentRect.width;
      draw();
    });
    this.sizes.observe(this.svg);
    this.whole = [1, 1];
    this.radius = 1;
  }
  /**
   * @param {number} width
   * @param {number} height
   * @param {number} radius of a point
   */
  size(width, height, radius) {
    this.whole = [width, height];
    this.radius = radius;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.dots = [];
  }
  /**
   * @param {Point[]} points those that are nowhere are not numbers
   * @param {number} chosen
   * @param {string[]} names
   */
  show(points, chosen2, names) {
    if (this.dots.length !== points.length) {
      this.dots = points.map(() => vector2("circle", {}));
      this.svg.replaceChildren(...this.dots, this.name);
    }
    points.forEach(([x2, y2], at) => {
      const dot = this.dots[at];
      dot.setAttribute("class", Number.isNaN(x2) ? "nowhere" : at === chosen2 ? "mark chosen" : "mark");
      dot.setAttribute("r", `${at === chosen2 ? this.radius * CHOSEN : this.radius}`);
      if (Number.isNaN(x2)) return;
      dot.setAttribute("cx", `${x2}`);
      dot.setAttribute("cy", `${y2}`);
    });
    const isNowhere = Number.isNaN(points[chosen2][0]);
    write(this.name, isNowhere ? "" : names[chosen2]);
    if (isNowhere || !this.shown) return;
    const letters = LETTERS * this.whole[0] / this.shown;
    const style = `font-size: ${letters}px; stroke-width: ${letters / 4}px`;
    if (this.name.getAttribute("style") !== style) this.name.setAttribute("style", style);
    const width = (this.widthOf(names[chosen2], letters) + 0.25) * letters;
    const [x, y] = placeOfName(points, chosen2, this.whole, [width, letters], [this.radius * CHOSEN, this.radius]);
    this.name.setAttribute("x", x.toFixed(2));
    this.name.setAttribute("y", (y + letters * 0.3).toFixed(2));
  }
  /**
   * @param {string} name what is written
   * @param {number} letters their size
   */
  widthOf(name, letters) {
    const width = this.widths.get(name) ?? /** @type {SVGTextElement} */
    this.name.getComputedTextLength() / letters;
    if (width) this.widths.set(name, width);
    return width;
  }
  remove() {
    this.sizes.disconnect();
  }
};

// learn/points.js
var SHOWN = 240;
var Points = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.size = 64;
    this.how = "squish";
    this.mirror = false;
    this.swaps = true;
    this.at = 0;
    this.point = 0;
    this.content = { source: "", names: [], order: null, pictures: [] };
    this.moved = [];
    this.later = eachFrame(() => this.draw());
    this.image = element("img");
    this.image.onload = () => this.later();
    this.marks = new Marks(this.later);
    this.canvas = element("canvas");
    this.other = new Marks(this.later);
    this.other.size(SHOWN, SHOWN, SHOWN / 60);
    this.table = new Table("Where the point is");
    this.words = element("p", "words");
    this.controls = element("div", "choices-line");
    this.source = element("p", "soft source");
    const [stage, left, right, side] = ["stage", "original", "square", "side"].map((name) => element("div", name));
    left.append(this.image, this.marks.svg);
    right.append(this.canvas, this.other.svg);
    side.append(this.table.root, this.words);
    stage.append(left, right, side);
    root.append(this.controls, stage, this.source);
    this.left = left;
    left.addEventListener("pointerdown", (event) => this.down(event));
    left.addEventListener("pointermove", (event) => this.move(event));
    for (
      const name of
      /** @type {const} */
      ["pointerup", "pointercancel"]
    ) left.addEventListener(name, () => this.dragging = false);
    left.style.touchAction = "none";
    this.handle = left;
    left.tabIndex = 0;
    left.setAttribute("role", "slider");
    left.addEventListener("keydown", (event) => this.key(event));
  }
  /** @param {Content} content */
  show(content) {
    this.content = content;
    this.moved = content.pictures.map(({ points }) => points.map((point) => point ? [...point] : [NaN, NaN]));
    this.build();
    this.choose(0);
  }
  build() {
    const { pictures, order, source } = this.content;
    const size = range({
      title: "square",
      label: "Side of the square in pixels",
      min: 8,
      max: 224,
      step: 1,
      get: () => this.size,
      set: (size2) => {
        this.size = size2;
        this.later();
      },
      words: () => `${this.size} px`
    });
    const how = segments("How the picture becomes square", [["squish", "squish"], ["crop", "crop"]], this.how, (how2) => {
      this.how = how2;
      this.later();
    });
    const [mirror, swap] = [this.check("mirror", this.mirror, (on) => this.mirror = on), this.check("swap pairs", this.swaps, (on) => this.swaps = on)];
    const showSwap = () => swap.hidden = !order || !this.mirror;
    mirror.addEventListener("change", showSwap);
    showSwap();
    const next = element("button", "next", "Next picture");
    next.type = "button";
    next.hidden = pictures.length < 2;
    next.onclick = () => this.choose((this.at + 1) % pictures.length);
    this.controls.replaceChildren(how, size.root, mirror, swap, next);
    this.source.textContent = `${source} Drag any point, or move it by the arrow keys; Page Up and Down choose another.`;
  }
  /**
   * @param {string} title
   * @param {boolean} on
   * @param {(on: boolean) => void} set
   */
  check(title, on, set) {
    const [label, input] = [element("label", "check"), element("input")];
    Object.assign(input, { type: "checkbox", checked: on });
    input.onchange = () => {
      set(input.checked);
      this.draw();
    };
    label.append(input, element("span", "", title));
    return label;
  }
  // Points that are only numbered are called so.
  get names() {
    return this.content.names.map((name) => /^\d+$/.test(name) ? `point ${name}` : name);
  }
  get picture() {
    return this.content.pictures[this.at];
  }
  get points() {
    return this.moved[this.at];
  }
  /** @returns {Point} */
  get dimensions() {
    return [this.picture.width, this.picture.height];
  }
  /** @param {number} at */
  choose(at) {
    this.at = at;
    const { url, title, width, height, points } = this.picture;
    const there = (one) => points[one] !== null;
    if (!there(this.point)) this.point = points.findIndex((_, one) => there(one));
    this.image.src = url;
    this.image.alt = title;
    this.left.style.aspectRatio = `${width} / ${height}`;
    this.left.style.maxWidth = `${Math.round(22 * width / height)}rem`;
    this.marks.size(width, height, Math.max(width, height) / 90);
    this.draw();
  }
  /**
   * @param {PointerEvent} event
   * @returns {Point}
   */
  place(event) {
    const box = this.left.getBoundingClientRect();
    const [width, height] = this.dimensions;
    return [(event.clientX - box.left) / box.width * width, (event.clientY - box.top) / box.height * height];
  }
  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return;
    const [x, y] = this.place(event);
    const far = this.points.map(([px, py]) => Math.hypot(px - x, py - y)).map((one) => Number.isNaN(one) ? Infinity : one);
    this.point = far.indexOf(Math.min(...far));
    this.left.setPointerCapture(event.pointerId);
    this.dragging = true;
    event.preventDefault();
    this.left.focus({ preventScroll: true });
    this.move(event);
  }
  /** @param {PointerEvent} event */
  move(event) {
    if (!this.dragging) return;
    this.put(this.place(event));
  }
  /** @param {Point} place */
  put([x, y]) {
    const [width, height] = this.dimensions;
    this.points[this.point] = [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
    this.later();
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    const by = DIRECTIONS[event.key];
    const other = { PageUp: -1, PageDown: 1 }[event.key];
    if (!by && !other) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? 10 : 1;
    if (by) return this.put([this.points[this.point][0] + by[0] * step, this.points[this.point][1] + by[1] * step]);
    const count = this.points.length;
    do
      this.point = (this.point + /** @type {number} */
      other + count) % count;
    while (Number.isNaN(this.points[this.point][0]));
    this.later();
  }
  // The points of the square, from -1 to 1, before and after the mirror.
  get units() {
    const change = (point) => this.how === "crop" ? cropped(point, this.dimensions) : toUnit(point, this.dimensions);
    const units = this.points.map(change);
    return { units, after: this.mirror ? mirrored(units, this.swaps ? this.content.order : null) : units };
  }
  draw() {
    if (!this.content.pictures.length) return;
    const { names } = this;
    const [width, height] = this.dimensions;
    const { units, after } = this.units;
    this.square();
    this.marks.show(this.points, this.point, names);
    const there = after.map(
      /** @returns {Point} */
      (unit2) => isInside(unit2) ? toPixels(unit2, [SHOWN, SHOWN]) : [NaN, NaN]
    );
    this.other.show(there, this.point, names);
    const [point, unit, moved] = [this.points[this.point], units[this.point], after[this.point]];
    const row = (name, [x, y], places = 4) => [name, fixed(x, places), fixed(y, places)];
    const rows = [
      row(`picture, ${width} × ${height} px`, point, 2),
      row("−1 to 1", unit),
      ...this.mirror ? [row("mirrored", moved)] : [],
      row(`square, ${this.size} × ${this.size} px`, toPixels(moved, [this.size, this.size]), 2),
      ...this.how === "squish" && !this.mirror ? [row("back in the picture", toPixels(moved, this.dimensions), 2)] : []
    ];
    this.table.show([names[this.point], "x", "y"], rows, { marked: 1 });
    this.words.textContent = this.sentence(units, after);
    this.left.setAttribute("aria-label", `Point ${names[this.point]}`);
    this.left.setAttribute("aria-valuetext", `x ${fixed(point[0], 1)}, y ${fixed(point[1], 1)} pixels; ${fixed(unit[0], 3)}, ${fixed(unit[1], 3)} from −1 to 1`);
    this.left.setAttribute("aria-valuenow", fixed(point[0], 1));
  }
  square() {
    const context = this.canvas.getContext("2d");
    if (!context || !this.image.complete || !this.image.naturalWidth) return;
    const { naturalWidth: wide, naturalHeight: high } = this.image;
    this.canvas.width = this.canvas.height = this.size;
    const side = Math.min(wide, high);
    const [x, y, w, h] = this.how === "crop" ? [(wide - side) / 2, (high - side) / 2, side, side] : [0, 0, wide, high];
    context.setTransform(this.mirror ? -1 : 1, 0, 0, 1, this.mirror ? this.size : 0, 0);
    context.drawImage(this.image, x, y, w, h, 0, 0, this.size, this.size);
  }
  /**
   * @param {Point[]} units
   * @param {Point[]} after
   */
  sentence(units, after) {
    const [names, { order }] = [this.names, this.content];
    if (this.mirror) {
      const partner = order ? order[this.point] : this.point;
      if (!order) return "A mirror turns x round. No two points here are left and right of each other, so none change places.";
      if (partner === this.point) return `A mirror turns x round: −x. “${names[this.point]}” has no partner and keeps its name.`;
      if (this.swaps) return `−x, and “${names[this.point]}” changes places with “${names[partner]}”: each name is again where it belongs.`;
      return `−x alone, as fastai's Flip does it: “${names[this.point]}” now sits where “${names[partner]}” belongs. Half of such a training teaches the opposite.`;
    }
    if (this.how === "crop") {
      const lost = units.filter((unit) => !Number.isNaN(unit[0]) && !isInside(unit)).length;
      return `A crop cuts the longer side: ${lost} of ${names.length} points lie outside now, and the way back needs to know what was cut.`;
    }
    const far = Math.abs(toPixels(after[this.point], this.dimensions)[0] - this.points[this.point][0]);
    return `2 · x / width − 1. The square may have any size: −1 to 1 stays the same, and the way back is exact (off by ${far < 1e-9 ? "0" : far.toExponential(0)} px).`;
  }
  remove() {
    this.marks.remove();
    this.other.remove();
    this.later.cancel();
  }
};
function isInside([x, y]) {
  return Math.abs(x) <= 1 && Math.abs(y) <= 1;
}

// learn/training.js
var HEIGHT5 = 240;
var LEFT3 = 34;
var TOP3 = 26;
var BOTTOM2 = 30;
var NAMES = ["as printed", "right"];
var CLASSES = ["printed", "right"];
var Training = class {
  /** @param {(value: unknown) => void} act */
  constructor(act) {
    this.root = element("div", "training");
    this.shown = null;
    this.button = element("button", "primary");
    this.button.type = "button";
    this.button.onclick = () => act({ do: this.isActive ? "stop" : "train" });
    this.words = element("p", "words");
    this.words.setAttribute("aria-live", "polite");
    this.bar = element("progress");
    this.bar.setAttribute("aria-label", "Training");
    const line = element("div", "acts");
    line.append(this.button, this.bar, this.words);
    this.figure = element("div", "bars");
    this.surface = new Surface(this.figure, HEIGHT5, "accuracy_multi after each epoch, with each loss", () => this.draw());
    this.result = element("p", "result");
    this.root.append(line, this.figure, this.result);
  }
  get isActive() {
    return this.shown?.state === "waiting" || this.shown?.state === "working";
  }
  /** @param {SlipTraining} training */
  show(training) {
    this.shown = training;
    const { state, message, done, total, accuracy } = training;
    this.button.textContent = this.isActive ? "Stop" : state === "none" ? "Train with each loss" : "Train again";
    this.button.className = state === "none" || state === "failed" ? "primary" : "";
    this.bar.hidden = !this.isActive;
    if (total) Object.assign(this.bar, { max: total, value: done });
    else this.bar.removeAttribute("value");
    const count = total && this.isActive ? `: ${done} of ${total}` : "";
    const what = `${training.source}, a linear layer on what a pretrained network sees: some seconds.`;
    this.words.textContent = state === "none" ? what : state === "done" ? "" : `${message}${count}`;
    this.words.classList.toggle("wrong", state === "failed");
    this.figure.hidden = !accuracy.length;
    this.result.textContent = state === "done" ? resultOf(training) : "";
    this.draw();
  }
  draw() {
    const { width, back } = this.surface;
    const shown = this.shown;
    if (!width || !shown?.accuracy.length) return;
    back.replaceChildren();
    const epochs = shown.accuracy[0].length - 1;
    const right = width - 112;
    const x = (share) => LEFT3 + share * (right - LEFT3);
    const y = (value) => HEIGHT5 - BOTTOM2 - value * (HEIGHT5 - TOP3 - BOTTOM2);
    for (const value of [0, 0.25, 0.5, 0.75, 1]) {
      vector2("line", { class: "rule", x1: LEFT3, x2: right, y1: y(value), y2: y(value) }, back);
      vector2("text", { class: "soft", x: LEFT3 - 6, y: y(value) + 4, "text-anchor": "end" }, back, `${value}`);
    }
    for (const epoch of [0, epochs / 2, epochs]) {
      vector2("text", { class: "soft", x: x(epoch / epochs), y: HEIGHT5 - 10, "text-anchor": "middle" }, back, `${epoch}`);
    }
    vector2("text", { x: right + 20, y: HEIGHT5 - 10 }, back, "epochs");
    vector2("text", { x: 0, y: 12 }, back, "accuracy_multi, of other pictures");
    const nothing = shown.nothing ?? 0;
    vector2("line", { class: "baseline", x1: LEFT3, x2: right, y1: y(nothing), y2: y(nothing) }, back);
    const labels = [{ at: nothing, text: `nothing ${fixed(nothing, 3)}`, kind: "soft" }];
    shown.accuracy.forEach((values, number) => {
      const known = values.map((value) => value ?? NaN);
      vector2("path", { class: `curve ${CLASSES[number]}`, d: path(known, x, y) }, back);
      const at = known.filter((value) => !Number.isNaN(value)).length - 1;
      if (at < 0) return;
      const last = known[at];
      vector2("circle", { class: `dot ${CLASSES[number]}`, cx: x(at / epochs), cy: y(last), r: 5 }, back);
      labels.push({ at: last, text: `${NAMES[number]} ${fixed(last, 3)}`, kind: CLASSES[number] });
    });
    labels.sort((one, other) => one.at - other.at);
    let below = Infinity;
    for (const { at, text, kind } of labels) {
      below = Math.min(y(at) + 4, below - 15);
      vector2("text", { class: `curve-name ${kind}`, x: right + 8, y: below }, back, text);
    }
  }
  remove() {
    this.surface.remove();
  }
};
function resultOf({ accuracy, loss, nothing, n_train, n_valid }) {
  const last = accuracy.map((values) => values[values.length - 1] ?? NaN);
  const apart2 = Math.max(...loss[0].map((value, at) => Math.abs((value ?? NaN) - (loss[1][at] ?? NaN))));
  const losses = apart2 < 5e-4 ? "The two training losses fell alike, digit for digit" : "Both training losses fell";
  const from = loss[0][0] ?? NaN, to = loss[0][loss[0].length - 1] ?? NaN;
  return `${losses} (${fixed(from, 3)} to ${fixed(to, 3)}). Of the cells of ${n_valid} other pictures ${fixed(100 * last[1], 0)} % are right with the right loss, ${fixed(100 * last[0], 0)} % with the one as printed; predicting nothing gets ${fixed(100 * (nothing ?? NaN), 0)} %. Trained on ${n_train} pictures.`;
}

// learn/slip.js
var MOST4 = 8;
var HIGHEST2 = 8.6;
var HEIGHT6 = 300;
var LEFT4 = 34;
var RIGHT = 12;
var TOP4 = 26;
var BOTTOM3 = 44;
var CODE = { printed: "1-inputs, inputs", right: "inputs, 1-inputs" };
var Slip = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root, act }) {
    this.act = MOST4;
    this.names = [];
    this.targs = [];
    const [stage, figure, side] = ["stage", "bars", "steps"].map((name) => element("div", name));
    this.surface = new Surface(figure, HEIGHT6, "What a cell costs by each loss", () => this.draw());
    this.later = eachFrame(() => this.draw());
    this.handle = vector2("g", { class: "handle" }, this.surface.front);
    vector2("line", { class: "thresh", y1: TOP4, y2: HEIGHT6 - BOTTOM3 }, this.handle);
    vector2("rect", { class: "reach", x: -20, y: TOP4, width: 40, height: HEIGHT6 - TOP4 - BOTTOM3 }, this.handle);
    this.tell = slider(this.handle, {
      min: -MOST4,
      max: MOST4,
      step: 0.5,
      get: () => this.act,
      set: (value) => {
        this.act = Math.round(value * 20) / 20;
        this.later();
      },
      at: (event) => (this.surface.at(event)[0] - LEFT4) / (this.surface.width - LEFT4 - RIGHT) * 2 * MOST4 - MOST4,
      label: "Activation in the direction of the truth",
      words: (value) => `${fixed(value, 1)}: as printed ${fixed(softplus(value))}, right ${fixed(softplus(-value))}`
    });
    this.table = new Table("What each cell costs");
    this.costs = { printed: element("strong"), right: element("strong") };
    side.append(this.code("printed", "as printed"), this.code("right", "right"), this.table.root);
    stage.append(figure, side);
    const why = element(
      "p",
      "words",
      "An easy slip: one thinks of a distance, and a 1 is missed by 1 − inputs. But −log makes a cost of a probability, so it wants the one that the truth was given: inputs where the target is 1. And nothing warns. The loss falls as nicely, for a model that learns the opposite. The chapter's own training is not affected: fastai trains with BCEWithLogitsLoss, and the printed function stands in the text only."
    );
    this.training = new Training(act);
    for (const event of ["pointerenter", "focusin"]) root.addEventListener(event, () => act({ do: "soon" }), { once: true });
    root.append(stage, why, this.training.root);
  }
  /**
   * @param {"printed" | "right"} which
   * @param {string} title
   */
  code(which, title) {
    const root = element("div", `loss ${which}`);
    const line = element("code");
    line.append("-torch.where(targets==1, ", element("mark", "", CODE[which]), ").log().mean()");
    root.append(element("span", "title", title), this.costs[which], line);
    return root;
  }
  /** @param {SlipContent} content */
  show({ names, targs, training }) {
    this.names = names;
    this.targs = targs;
    this.training.show(training);
    this.draw();
  }
  draw() {
    const { width, back } = this.surface;
    if (!width || !this.names.length) return;
    back.replaceChildren();
    const x = (act) => LEFT4 + (act + MOST4) / (2 * MOST4) * (width - LEFT4 - RIGHT);
    const y = (cost) => HEIGHT6 - BOTTOM3 - cost / HIGHEST2 * (HEIGHT6 - TOP4 - BOTTOM3);
    for (const cost of [0, 2, 4, 6, 8]) {
      vector2("line", { class: "rule", x1: LEFT4, x2: width - RIGHT, y1: y(cost), y2: y(cost) }, back);
      vector2("text", { class: "soft", x: LEFT4 - 8, y: y(cost) + 4, "text-anchor": "end" }, back, `${cost}`);
    }
    for (const act of [-8, -4, 0, 4, 8]) {
      vector2("text", { class: "soft", x: x(act), y: HEIGHT6 - BOTTOM3 + 17, "text-anchor": "middle" }, back, fixed(act, 0));
    }
    vector2("text", { x: 0, y: 12 }, back, "cost of a cell");
    vector2("text", { x: LEFT4, y: HEIGHT6 - 6 }, back, "← sure and wrong");
    vector2("text", { x: width - RIGHT, y: HEIGHT6 - 6, "text-anchor": "end" }, back, "sure and right →");
    vector2("text", { x: x(0), y: HEIGHT6 - 6, "text-anchor": "middle" }, back, "act");
    const curve = (cost) => {
      const places = Array.from({ length: 65 }, (_, at) => at / 64 * 2 * MOST4 - MOST4);
      return `M${places.map((act) => `${x(act).toFixed(1)} ${y(cost(act)).toFixed(1)}`).join("L")}`;
    };
    const costs = { printed: softplus, right: (act) => softplus(-act) };
    for (const [name, cost] of Object.entries(costs)) {
      vector2("path", { class: `curve ${name}`, d: curve(cost) }, back);
      const at = name === "printed" ? 5.2 : -5.2;
      const anchor = at > 0 ? "end" : "start";
      vector2("text", { class: `curve-name ${name}`, x: x(at) + (at > 0 ? -10 : 10), y: y(cost(at)) - 6, "text-anchor": anchor }, back, name === "printed" ? "as printed" : "right");
      vector2("circle", { class: `dot ${name}`, cx: x(this.act), cy: y(cost(this.act)), r: 7 }, back);
    }
    this.handle.setAttribute("transform", `translate(${x(this.act).toFixed(1)} 0)`);
    this.tell();
    this.write();
  }
  write() {
    const acts = this.targs.map((targ) => targ === 1 ? this.act : -this.act);
    const [printed2, right] = [swappedCells(acts, this.targs), bceCells(acts, this.targs)];
    const rows = this.names.map((name, at) => [
      name,
      `${this.targs[at]}`,
      fixed(acts[at], 1),
      fixed(sigmoid(acts[at])),
      fixed(printed2[at]),
      fixed(right[at])
    ]);
    rows.push(["mean", "", "", "", fixed(mean(printed2)), fixed(mean(right))]);
    this.table.show(["label", "target", "act", "inputs", "as printed", "right"], rows, { total: true });
    this.costs.printed.textContent = fixed(mean(printed2));
    this.costs.right.textContent = fixed(mean(right));
  }
  remove() {
    this.later.cancel();
    this.surface.remove();
    this.training.remove();
  }
};

// learn/cells.js
var CELLS2 = 10;
var PRESENT = [0.92, 0.61, 0.34, 0.78, 0.57, 0.83, 0.45, 0.7, 0.95, 0.52];
var ABSENT = [0.08, 0.55, 0.27, 0.12, 0.45, 0.03, 0.18, 0.33, 0.05, 0.22];
var NEARLY = 0.02;
function chosen(targs) {
  const width = Math.min(5, targs[0].length);
  const frequency = targs[0].map((_, at) => targs.filter((row) => row[at] === 1).length);
  const knowing = targs[0].map((_, at) => targs.filter((row) => row[at] >= 0).length);
  const order = (one, other) => frequency[other] - frequency[one] || knowing[other] - knowing[one];
  const columns = frequency.map((_, at) => at).sort(order).slice(0, width).sort((a, b) => a - b);
  const knownOf2 = (at) => columns.filter((column) => targs[at][column] >= 0);
  const known = targs.map((_, at) => at).sort((one, other) => knownOf2(other).length - knownOf2(one).length);
  const complete = known.filter((at) => knownOf2(at).length === width);
  const trueOf = (at) => columns.filter((column) => targs[at][column] === 1).length;
  if (2 * width === CELLS2) {
    for (const one of complete) {
      const other = complete.find((at) => at > one && trueOf(at) + trueOf(one) === 3);
      if (other !== void 0) return [one, other].map((row) => ({ row, columns }));
    }
  }
  let room = CELLS2;
  const cells = known.map((row) => {
    const of = knownOf2(row).slice(0, room);
    room -= of.length;
    return { row, columns: of };
  });
  return cells.filter((one) => one.columns.length);
}
function begun(targs) {
  let [present, absent] = [0, 0];
  return targs.map((targ) => targ === 1 ? PRESENT[present++ % PRESENT.length] : ABSENT[absent++ % ABSENT.length]);
}
function nearlyPerfect(targs) {
  return targs.map((targ) => targ === 1 ? 1 - NEARLY : NEARLY);
}
function compared(probs, twice) {
  return twice ? probs.map(sigmoid) : probs;
}
function steps(probs, targs) {
  const threshs = [.../* @__PURE__ */ new Set([0, ...probs])].sort((a, b) => a - b);
  return threshs.map((thresh) => [thresh, accuracyMulti(probs, targs, thresh)]);
}
function counted(probs, targs, thresh) {
  const right = probs.map((prob, at) => isAbove(prob, thresh) === (targs[at] === 1));
  return { right, count: right.filter(Boolean).length };
}
function nearestOf(thresh, count) {
  return Math.round(thresh * (count - 1));
}
function twiceWords(share) {
  return `sigmoid of a probability lies between 0.50 and 0.73: above 0.5 for every cell whose probability is not as good as 0. At that threshold nearly perfect predictions score ${fixed(share, 2)} here, the share of true cells, instead of 1.0; where half of them are true, 0.5.`;
}

// learn/threshold_line.js
var LEFT5 = 40;
var RIGHT2 = 14;
var TRUE_Y = 42;
var FALSE_Y = 84;
var LINE_END = 112;
var CURVE_TOP = 150;
var CURVE_BOTTOM = 300;
var HEIGHT7 = 340;
var ThresholdLine = class {
  /**
   * @param {HTMLElement} parent
   * @param {{ onThresh: (thresh: number) => void, onProb: (at: number, prob: number) => void }} handlers
   */
  constructor(parent, handlers) {
    this.handlers = handlers;
    this.drawn = null;
    this.dots = [];
    this.surface = new Surface(parent, HEIGHT7, "Probabilities, the threshold and accuracy_multi", () => this.draw());
    this.line = vector2("g", { class: "handle line" }, this.surface.front);
    vector2("line", { class: "thresh" }, this.line);
    this.reach = vector2("rect", { class: "reach", x: -16, width: 32 }, this.line);
    this.reading = vector2("text", { class: "reading", y: 12, "text-anchor": "middle" }, this.line);
    this.knob = vector2("circle", { class: "knob", r: 8 }, this.line);
    this.tell = slider(this.line, {
      min: 0,
      max: 1,
      step: 0.05,
      get: () => this.drawn?.thresh ?? 0.5,
      set: (thresh) => handlers.onThresh(Math.round(thresh * 1e3) / 1e3),
      at: (event) => this.share(event),
      label: "Threshold",
      words: (thresh) => `${fixed(thresh, 3)}: accuracy_multi ${fixed(this.drawn?.value ?? 0, 3)}`
    });
  }
  /** @param {PointerEvent} event */
  share(event) {
    return (this.surface.at(event)[0] - LEFT5) / (this.surface.width - LEFT5 - RIGHT2);
  }
  /** @param {Drawn} drawn */
  show(drawn2) {
    this.drawn = drawn2;
    if (drawn2.titles.length !== this.dots.length) {
      for (const { node } of this.dots) node.remove();
      this.dots = drawn2.titles.map((_, at) => this.dot(at));
    }
    this.draw();
  }
  /** @param {number} at */
  dot(at) {
    const node = vector2("g", { class: "handle probe" }, this.surface.front);
    vector2("circle", { class: "reach", r: 16 }, node);
    vector2("path", { class: "cell" }, node);
    const tell = slider(node, {
      min: 0,
      max: 1,
      step: 0.05,
      get: () => this.drawn?.probs[at] ?? 0,
      kept: () => this.drawn?.once[at] ?? 0,
      set: (prob) => {
        if (!this.drawn?.fixed) this.handlers.onProb(at, Math.round(prob * 100) / 100);
      },
      at: (event) => this.share(event),
      label: () => `Probability of ${this.drawn?.titles[at] ?? ""}`,
      words: (prob) => `${apart(prob, this.drawn?.thresh ?? 0, this.drawn?.fixed ? 3 : 2)}, ${this.drawn?.targs[at] === 1 ? "true" : "not true"}`
    });
    return { node, tell };
  }
  draw() {
    const { width, back } = this.surface;
    const drawn2 = this.drawn;
    if (!width || !drawn2) return;
    back.replaceChildren();
    const x = (share) => LEFT5 + share * (width - LEFT5 - RIGHT2);
    const hasCells = drawn2.titles.length > 0;
    const [top, bottom] = hasCells ? [CURVE_TOP, CURVE_BOTTOM] : [44, CURVE_BOTTOM];
    const low = Math.max(0, Math.min(...drawn2.curve.map(([, value]) => value), drawn2.nothing) - 0.05);
    const from = hasCells ? 0 : Math.floor(low * 10) / 10;
    const y = (value) => bottom - (value - from) / (1 - from) * (bottom - top);
    if (hasCells) this.cells(drawn2, x);
    for (const value of [0, 0.25, 0.5, 0.75, 1].map((share) => from + share * (1 - from))) {
      vector2("line", { class: "rule", x1: LEFT5, x2: width - RIGHT2, y1: y(value), y2: y(value) }, back);
      vector2("text", { class: "soft", x: LEFT5 - 6, y: y(value) + 4, "text-anchor": "end" }, back, `${Number(value.toFixed(3))}`);
    }
    for (const thresh of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
      vector2("text", { class: "soft", x: x(thresh), y: bottom + 17, "text-anchor": "middle" }, back, `${thresh}`);
    }
    vector2("text", { x: width - RIGHT2, y: bottom + 35, "text-anchor": "end" }, back, "threshold");
    vector2("text", { x: 0, y: top - 10 }, back, "accuracy_multi");
    vector2("line", { class: "baseline", x1: LEFT5, x2: width - RIGHT2, y1: y(drawn2.nothing), y2: y(drawn2.nothing) }, back);
    const [at, anchor, down] = hasCells ? [LEFT5 + 4, "start", -5] : [width - RIGHT2, "end", 15];
    vector2("text", { class: "curve-name soft", x: at, y: y(drawn2.nothing) + down, "text-anchor": anchor }, back, `nothing ${fixed(drawn2.nothing, 3)}`);
    vector2("path", { class: "curve", d: hasCells ? stepsPath(drawn2.curve, x, y) : linePath(drawn2.curve, x, y) }, back);
    for (const [thresh, value] of drawn2.marks) vector2("circle", { class: "mark", cx: x(thresh), cy: y(value), r: 3.5 }, back);
    this.place(drawn2, x(drawn2.thresh), y(drawn2.value), bottom);
  }
  /**
   * @param {Drawn} drawn
   * @param {(share: number) => number} x
   */
  cells(drawn2, x) {
    const back = this.surface.back;
    for (
      const [name, y] of
      /** @type {[string, number][]} */
      [["true", TRUE_Y], ["not", FALSE_Y]]
    ) {
      vector2("line", { class: "rule", x1: LEFT5, x2: x(1), y1: y, y2: y }, back);
      vector2("text", { x: 0, y: y + 4 }, back, name);
    }
    vector2("text", { class: "soft", x: x(1), y: LINE_END + 2, "text-anchor": "end" }, back, "probability");
    this.dots.forEach(({ node, tell }, at) => {
      const [prob, isTrue] = [drawn2.probs[at], drawn2.targs[at] === 1];
      const right = isAbove(prob, drawn2.thresh) === isTrue;
      node.setAttribute("transform", `translate(${x(prob).toFixed(1)} ${isTrue ? TRUE_Y : FALSE_Y})`);
      node.setAttribute("class", `handle probe ${isTrue ? "is-true" : "is-false"} ${right ? "" : "misses"}`);
      node.children[1].setAttribute("d", isTrue ? "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0" : "M0 -8L8 0L0 8L-8 0Z");
      tell();
    });
  }
  /**
   * @param {Drawn} drawn
   * @param {number} x
   * @param {number} y of the curve there
   * @param {number} bottom
   */
  place(drawn2, x, y, bottom) {
    this.line.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
    const line = (
      /** @type {SVGElement} */
      this.line.firstElementChild
    );
    line.setAttribute("y1", "18");
    line.setAttribute("y2", `${bottom}`);
    this.reach.setAttribute("y", "18");
    this.reach.setAttribute("height", `${bottom - 18}`);
    this.knob.setAttribute("cy", y.toFixed(1));
    this.reading.textContent = `thresh ${fixed(drawn2.thresh, 3)}`;
    const half = 48;
    this.reading.setAttribute("x", `${Math.max(half - x, Math.min(0, this.surface.width - half - x)).toFixed(1)}`);
    this.tell();
  }
};
function stepsPath(steps2, x, y) {
  const parts = steps2.map(([thresh, value], at) => `${at ? `H${x(thresh).toFixed(1)}V` : `M${x(thresh).toFixed(1)} `}${y(value).toFixed(1)}`);
  return `${parts.join("")}H${x(1).toFixed(1)}`;
}
function linePath(places, x, y) {
  return `M${places.map(([thresh, value]) => `${x(thresh).toFixed(1)} ${y(value).toFixed(1)}`).join("L")}`;
}

// learn/threshold.js
var RUN = "run";
var Threshold = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.content = null;
    this.kind = "cells";
    this.thresh = 0.5;
    this.twice = false;
    this.titles = [];
    this.probs = [];
    this.targs = [];
    this.cells = [];
    this.kinds = element("div");
    const [stage, figure, side] = ["stage", "bars", "steps"].map((name) => element("div", name));
    this.figure = figure;
    this.later = eachFrame(() => this.draw());
    this.line = new ThresholdLine(figure, {
      onThresh: (thresh) => this.change(() => this.thresh = thresh),
      onProb: (at, prob) => this.change(() => this.probs[at] = prob)
    });
    this.code = element("code", "call");
    this.result = element("p", "result");
    this.table = element("div", "pictures");
    this.words = element("p", "words");
    this.sigmoid = element("input");
    this.sigmoid.type = "checkbox";
    this.sigmoid.onchange = () => this.change(() => this.twice = this.sigmoid.checked);
    this.label = element("label", "twice");
    this.label.append(this.sigmoid, element("span", "", "sigmoid once more (on what get_preds gives)"));
    this.presets = element("div", "acts");
    this.presets.append(
      this.preset("thresh = 0.2", () => this.thresh = 0.2),
      this.preset("thresh = 0.5", () => this.thresh = 0.5),
      this.preset("Predict nothing", () => this.thresh = 1)
    );
    this.perfect = this.preset("Nearly perfect", () => this.probs = nearlyPerfect(this.targs));
    this.start = this.preset("As at first", () => this.probs = begun(this.targs));
    this.presets.append(this.perfect, this.start);
    side.append(this.code, this.result, this.table, this.label, this.words, this.presets);
    stage.append(figure, side);
    root.append(this.kinds, stage);
  }
  /**
   * @param {string} title
   * @param {() => void} change
   */
  preset(title, change) {
    const one = element("button", "act", title);
    one.type = "button";
    one.onclick = () => this.change(change);
    return one;
  }
  /** @param {() => void} change */
  change(change) {
    change();
    this.later();
  }
  /** @param {ThresholdContent} content */
  show(content) {
    this.content = content;
    const { examples, run } = content;
    const rows = chosen(examples.targs);
    const cells = rows.flatMap(({ row, columns }, at) => columns.map((column) => ({ row, column, number: at + 1 })));
    this.titles = cells.map(({ column, number }) => `${examples.names[column]} in picture ${number}`);
    this.targs = cells.map(({ row, column }) => examples.targs[row][column]);
    this.probs = begun(this.targs);
    this.build(rows);
    if (!run) this.kind = "cells";
    else if (!cells.length) this.kind = RUN;
    const options = (
      /** @type {[string, string][]} */
      [["cells", `${cells.length} cells`], ...run ? [[RUN, run.own ? "Your run" : "A recorded run"]] : []]
    );
    this.kinds.replaceChildren(...run ? [segments("What is counted", options, this.kind, (kind) => this.change(() => this.kind = kind))] : []);
    this.draw();
  }
  /**
   * The pictures, each with its cells.
   * @param {ReturnType<typeof chosen>} rows
   */
  build(rows) {
    const { examples } = (
      /** @type {ThresholdContent} */
      this.content
    );
    this.cells = [];
    const lines = rows.map(({ row, columns }) => {
      const line = element("div", "picture");
      const image = element("img");
      image.src = examples.pictures[row];
      image.alt = examples.titles[row];
      line.append(image);
      for (const column of columns) {
        const cell = element("span", "cell");
        cell.append(element("span", "name", examples.names[column]), element("span", "value"));
        this.cells.push(cell);
        line.append(cell);
      }
      return line;
    });
    this.table.replaceChildren(...lines);
  }
  draw() {
    const { content } = this;
    if (!content) return;
    const run = this.kind === RUN ? content.run : null;
    const isEmpty = !run && !this.targs.length;
    this.table.hidden = this.label.hidden = this.perfect.hidden = this.start.hidden = Boolean(run) || isEmpty;
    this.figure.hidden = this.code.hidden = this.words.hidden = this.presets.hidden = isEmpty;
    if (run) this.drawRun(run);
    else if (isEmpty) this.result.textContent = "No label of these pictures is known, so there is no cell to count: say in Data what is on them.";
    else this.drawCells(content);
  }
  /** @param {ThresholdContent} content */
  drawCells({ examples, noun }) {
    const probs = compared(this.probs, this.twice);
    const { right, count } = counted(probs, this.targs, this.thresh);
    const total = this.targs.length;
    const value = count / total;
    const nothing = accuracyMulti(this.targs.map(() => 0), this.targs, this.thresh);
    this.line.show({
      titles: this.titles,
      probs,
      once: this.probs,
      targs: this.targs,
      fixed: this.twice,
      thresh: this.thresh,
      curve: steps(probs, this.targs),
      marks: [],
      nothing,
      value
    });
    this.call(this.thresh, !this.twice);
    this.result.textContent = `${count} of ${total} cells are right: ${fixed(value, 2)}`;
    this.cells.forEach((cell, at) => {
      const words = `${apart(probs[at], this.thresh, this.twice ? 3 : 2)} ${right[at] ? "✓" : "✗"}`;
      cell.className = `cell ${this.targs[at] === 1 ? "on" : ""} ${right[at] ? "" : "misses"}`;
      write(
        /** @type {Element} */
        cell.lastElementChild,
        words
      );
    });
    const present = this.targs.filter((targ) => targ === 1).length;
    const own = examples.nothing === null ? "" : ` In ${examples.own ? "your dataset" : examples.source}, with ${fixed(examples.per_image, 2)} of ${examples.names.length} ${noun} a picture, it scores ${fixed(examples.nothing, 3)}.`;
    this.words.textContent = this.twice ? twiceWords(present / total) : `${total - present} of ${total} cells are not true, so predicting nothing scores ${fixed(nothing, 2)}.${own} The dashed line is what to beat.`;
  }
  /** @param {NonNullable<ThresholdContent["run"]>} run */
  drawRun({ title, threshs, accuracy, book, nothing, split }) {
    const at = nearestOf(this.thresh, threshs.length);
    const [thresh, value] = [threshs[at], accuracy[at]];
    const marks = book.threshs.map((thresh2, at2) => (
      /** @type {[number, number]} */
      [thresh2, book.accuracy[at2]]
    ));
    this.line.show({
      titles: [],
      probs: [],
      once: [],
      targs: [],
      fixed: true,
      thresh,
      curve: threshs.map((thresh2, at2) => [thresh2, accuracy[at2]]),
      marks,
      nothing,
      value
    });
    this.call(thresh, true);
    this.result.textContent = `accuracy_multi ${fixed(value, 3)} on ${split}`;
    const best = marks.reduce((best2, mark) => mark[1] > best2[1] ? mark : best2);
    this.words.textContent = `${title}. The circles are the book's 29 thresholds; the best of them is ${fixed(best[0], 2)} with ${fixed(best[1], 3)}, predicting nothing scores ${fixed(nothing, 3)}. A best one that is chosen on these pictures looks better on them than on new ones.`;
  }
  /**
   * @param {number} thresh
   * @param {boolean} once whether sigmoid is not applied again
   */
  call(thresh, once) {
    this.code.textContent = `partial(accuracy_multi, thresh=${Number(thresh.toFixed(3))}${once ? ", sigmoid=False" : ""})(preds, targs)`;
  }
  remove() {
    this.later.cancel();
    this.line.surface.remove();
  }
};

// learn/outcome.js
var [ROW, MOST_ROWS] = [46, 3];
var PLOT2 = { left: 128, right: 70, top: 12, bottom: 44 };
var HEIGHT8 = PLOT2.top + MOST_ROWS * ROW + PLOT2.bottom;
function judged({ verdict, best, differing, counted: counted2 }, prediction) {
  if (verdict === "same") return { sign: "=", words: "The same.", short: "the same:", look: "" };
  if (verdict === "too few" && !differing) return { sign: "=", words: `The same on all ${counted2}.`, short: "the same:", look: "" };
  if (verdict === "too few") return { sign: "≈", words: `Open: they differ on ${differing} of ${counted2}.`, short: "undecided:", look: "" };
  if (verdict !== "better") return { sign: "≈", words: "Open: chance may decide.", short: "undecided:", look: "" };
  if (best === prediction) return { sign: "✓", words: "As you predicted.", short: "predicted right:", look: "right" };
  return { sign: "✗", words: "Not as you predicted.", short: "predicted otherwise:", look: "wrong" };
}
function axisOf({ options, larger_is_better }) {
  const ends = options.flatMap(({ value, low: low2, high: high2 }) => [value, low2 ?? value, high2 ?? value]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = high > low ? (high - low) * 0.08 : 0.1 * (Math.abs(high) || 1);
  return [Math.max(0, low - room), larger_is_better ? Math.min(1, high + room) : high + room];
}
function threeDigits(value) {
  return Math.abs(value) < 1e3 ? value.toPrecision(3) : value.toFixed(0);
}
var Outcome = class {
  constructor() {
    this.root = element("div", "outcome");
    this.verdict = element("p", "verdict");
    this.sentence = element("p");
    this.facts = element("ul", "soft");
    const place = element("div");
    this.root.append(this.verdict, place, this.sentence, this.facts);
    this.answer = null;
    this.options = [];
    this.surface = new Surface(place, HEIGHT8, "The options with their intervals", () => this.draw());
  }
  /**
   * @param {Answer | null} answer
   * @param {string[]} options
   * @param {number | null} prediction
   */
  show(answer, options, prediction) {
    this.root.hidden = !answer;
    this.answer = answer;
    this.options = options;
    this.prediction = prediction;
    if (!answer) return;
    const { sign, words, look } = judged(answer, prediction);
    this.verdict.textContent = `${sign} ${words}`;
    this.verdict.className = `verdict ${look}`;
    this.sentence.textContent = answer.sentence;
    const counted2 = `Learned from ${answer.n_train.toLocaleString("en")} pictures, judged on ${answer.n_valid.toLocaleString("en")} others, in ${answer.seconds.toFixed(0)} s.`;
    this.facts.replaceChildren(...[...answer.facts, counted2].map((fact) => element("li", "", fact)));
    this.draw();
  }
  draw() {
    const { width, back } = this.surface;
    if (!this.answer || !width) return;
    const { options, best, metric, unit } = this.answer;
    const [least, most] = axisOf(this.answer);
    const left = width < 500 ? 96 : PLOT2.left;
    const x = (value) => left + (value - least) / (most - least) * (width - left - PLOT2.right);
    const bottom = PLOT2.top + options.length * ROW;
    back.replaceChildren();
    this.surface.svg.setAttribute("viewBox", `0 0 ${width} ${bottom + PLOT2.bottom}`);
    const marks = ticks(least, most, width < 500 ? 3 : 6);
    for (const value of marks.values) {
      vector2("line", { class: "rule", x1: x(value), x2: x(value), y1: PLOT2.top, y2: bottom }, back);
      vector2("text", { class: "tick", x: x(value), y: bottom + 16, "text-anchor": "middle" }, back, fixed(value, marks.places));
    }
    options.forEach(({ value, low, high }, at) => {
      const y = PLOT2.top + (at + 0.5) * ROW;
      const isBest = at === best;
      vector2("text", { class: isBest ? "option best" : "option", x: left - 12, y: y + (at === this.prediction ? -1 : 4), "text-anchor": "end" }, back, this.options[at]);
      if (at === this.prediction) vector2("text", { class: "soft yours", x: left - 12, y: y + 14, "text-anchor": "end" }, back, "you");
      if (low !== null && high !== null) vector2("line", { class: "interval", x1: x(low), x2: x(high), y1: y, y2: y }, back);
      vector2("circle", { class: isBest ? "value best" : "value", cx: x(value), cy: y, r: 7 }, back);
      vector2("text", { class: "number", x: width - PLOT2.right + 10, y: y + 4 }, back, threeDigits(value));
    });
    vector2("text", { class: "axis", x: width - PLOT2.right, y: bottom + 36, "text-anchor": "end" }, back, `${metric}${unit ? ` (${unit})` : ""}, lines are intervals of 95 %`);
  }
  remove() {
    this.surface.remove();
  }
};

// learn/kept.js
var Kept = class {
  /**
   * @param {string} key in the storage
   * @param {Pick<Storage, "getItem" | "setItem"> | null} [storage]
   */
  constructor(key, storage = usual()) {
    this.key = key;
    this.storage = storage;
    this.values = {};
    try {
      const values = JSON.parse(storage?.getItem(key) ?? "{}");
      if (values && typeof values === "object" && !Array.isArray(values)) this.values = values;
    } catch {
      this.values = {};
    }
  }
  /** @param {string} name */
  get(name) {
    return Object.hasOwn(this.values, name) ? this.values[name] : null;
  }
  /**
   * @param {string} name
   * @param {unknown} value
   */
  set(name, value) {
    this.values[name] = value;
    try {
      this.storage?.setItem(this.key, JSON.stringify(this.values));
    } catch {
      this.storage = null;
    }
  }
};
function usual() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

// learn/predictions.js
var Predictions = class {
  constructor() {
    this.kept = new Kept("manyhot-learn-predictions");
  }
  /**
   * The option that was predicted, null if none was.
   * @param {string} key
   * @returns {number | null}
   */
  of(key) {
    const option = this.kept.get(key);
    return typeof option === "number" && Number.isInteger(option) && option >= 0 ? option : null;
  }
  /**
   * @param {string} key
   * @param {number} option
   */
  keep(key, option) {
    this.kept.set(key, option);
  }
};

// learn/train_here.js
var TrainHere = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root, act }) {
    this.act = act;
    this.at = 0;
    this.wantsOwn = true;
    this.asked = "";
    this.stopped = /* @__PURE__ */ new Set();
    this.predictions = new Predictions();
    this.content = { dataset: "", experiments: [] };
    this.source = element("div", "choices-line");
    this.list = element("div", "list");
    this.list.setAttribute("role", "radiogroup");
    this.list.setAttribute("aria-label", "Experiment");
    this.list.onkeydown = (event) => this.key(event);
    this.question = element("h3");
    this.options = element("div", "acts");
    this.does = element("p", "soft");
    this.going = element("div", "line going");
    this.going.setAttribute("role", "status");
    this.control = element("button");
    this.control.type = "button";
    this.words = element("p");
    this.going.append(this.words, this.control);
    this.outcome = new Outcome();
    const [stage, main] = [element("div", "stage"), element("div", "main")];
    main.append(this.question, this.options, this.does, this.going, this.outcome.root);
    stage.append(this.list, main);
    root.append(this.source, stage);
  }
  /** @param {Content} content */
  show(content) {
    const isFirst = !this.content.experiments.length;
    const isOther = content.dataset !== this.content.dataset;
    this.content = content;
    this.asked = "";
    if (isFirst || isOther) this.choosePictures();
    if (isFirst) this.at = Math.max(0, content.experiments.findIndex((one) => this.predictions.of(this.keyOf(one)) === null));
    this.draw();
  }
  choosePictures() {
    const { dataset, experiments } = this.content;
    const some = experiments.some(({ own }) => own);
    this.wantsOwn = some;
    const choice = segments("Whose pictures", [["own", dataset], ["sample", "the sample"]], "own", (which) => {
      this.wantsOwn = which === "own";
      this.draw();
    });
    this.source.replaceChildren(...some ? [choice] : []);
  }
  /** @param {Experiment} experiment */
  isOwn({ own }) {
    return this.wantsOwn && own !== null;
  }
  /** @param {Experiment} experiment */
  stateOf(experiment) {
    return (
      /** @type {State} */
      this.isOwn(experiment) ? experiment.own : experiment.sample
    );
  }
  /** @param {Experiment} experiment */
  keyOf(experiment) {
    return `${this.isOwn(experiment) ? this.content.dataset : ""}/${experiment.name}`;
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    const next = afterArrow(event.key, this.at, this.content.experiments.length);
    if (next === null) return;
    event.preventDefault();
    this.at = next;
    this.draw();
    const chosen2 = this.list.children[this.at];
    if (chosen2 instanceof HTMLElement) chosen2.focus();
  }
  /** @param {number} option */
  predict(option) {
    const experiment = this.content.experiments[this.at];
    this.predictions.keep(this.keyOf(experiment), option);
    this.run(experiment);
  }
  /** @param {Experiment} experiment */
  run(experiment) {
    this.stopped.delete(this.keyOf(experiment));
    if (this.stateOf(experiment).state !== "done") {
      this.asked = experiment.name;
      this.act({ experiment: experiment.name, own: this.isOwn(experiment) });
    }
    this.draw();
  }
  draw() {
    const { experiments } = this.content;
    if (!experiments.length) return;
    if (this.list.children.length !== experiments.length) this.list.replaceChildren(...experiments.map((_, at) => this.entry(at)));
    experiments.forEach((experiment2, at) => this.mark(experiment2, at));
    const experiment = experiments[this.at];
    const [state, prediction] = [this.stateOf(experiment), this.predictions.of(this.keyOf(experiment))];
    write(this.question, experiment.question);
    const answered = prediction !== null && state.answer !== null;
    const isGoing = this.asked === experiment.name || ["waiting", "working"].includes(state.state);
    this.offer(experiment.options, prediction, answered || isGoing);
    const whose = this.isOwn(experiment) ? this.content.dataset : "the sample of colored shapes";
    write(this.does, `${prediction === null ? "Choose one, and it starts. " : ""}${experiment.does} Pictures of ${whose}.`);
    this.say(experiment, state, isGoing, prediction !== null);
    this.outcome.show(answered ? state.answer : null, experiment.options, prediction);
  }
  /**
   * The options; those that were there stay, so that the focus does.
   * @param {string[]} options
   * @param {number | null} prediction
   * @param {boolean} isOver
   */
  offer(options, prediction, isOver) {
    const buttons = options.map((_, at) => (
      /** @type {HTMLElement} */
      this.options.children[at] ?? element("button")
    ));
    if (this.options.children.length !== buttons.length) this.options.replaceChildren(...buttons);
    for (const [at, one] of buttons.entries()) {
      one.setAttribute("type", "button");
      one.className = `choice${prediction === at ? " predicted" : ""}`;
      one.setAttribute("aria-disabled", `${isOver}`);
      one.onclick = () => !isOver && this.predict(at);
      write(one, prediction === at ? `${options[at]} (your prediction)` : options[at]);
    }
  }
  /**
   * @param {Experiment} experiment
   * @param {State} state
   * @param {boolean} isGoing
   * @param {boolean} isPredicted
   */
  say(experiment, state, isGoing, isPredicted) {
    const words = wordsOf(state, isGoing, isPredicted, this.stopped.has(this.keyOf(experiment)));
    const hadFocus = this.control.matches(":focus");
    this.going.hidden = !words;
    write(this.words, words);
    this.words.className = state.state === "failed" && !isGoing ? "wrong" : "";
    write(this.control, isGoing ? "Stop" : "Run it");
    this.control.onclick = () => isGoing ? this.stop(experiment) : this.run(experiment);
    const chosen2 = this.options.querySelector(".predicted");
    if (hadFocus && !words && chosen2 instanceof HTMLElement) chosen2.focus();
  }
  /** @param {Experiment} experiment */
  stop(experiment) {
    this.stopped.add(this.keyOf(experiment));
    this.act({ experiment: experiment.name, own: this.isOwn(experiment), stop: true });
  }
  /** @param {number} at */
  entry(at) {
    const one = element("button", "experiment");
    one.type = "button";
    one.setAttribute("role", "radio");
    one.append(element("span", "sign"), element("span", "title"));
    one.onclick = () => {
      this.at = at;
      this.draw();
    };
    return one;
  }
  /**
   * @param {Experiment} experiment
   * @param {number} at
   */
  mark(experiment, at) {
    const one = (
      /** @type {HTMLElement} */
      this.list.children[at]
    );
    const [state, prediction] = [this.stateOf(experiment), this.predictions.of(this.keyOf(experiment))];
    one.setAttribute("aria-checked", `${at === this.at}`);
    one.tabIndex = at === this.at ? 0 : -1;
    const [sign, words] = signOf(state, prediction);
    write(one.children[0], sign);
    one.children[0].setAttribute("aria-label", words);
    write(one.children[1], experiment.question);
  }
  remove() {
    this.outcome.remove();
  }
};
function wordsOf({ state, words }, isGoing, isPredicted, wasStopped) {
  if (isGoing) return words || "Starting";
  if (!isPredicted) return "";
  if (state === "failed") return words;
  if (state !== "") return "";
  return wasStopped ? "Stopped." : "Not run yet.";
}
function signOf({ state, answer }, prediction) {
  if (prediction === null) return ["?", "not predicted yet:"];
  if (["waiting", "working"].includes(state)) return ["…", "running:"];
  if (!answer) return ["–", "predicted, not run:"];
  const { sign, short: short2 } = judged(answer, prediction);
  return [sign, short2];
}

// learn/y_range.js
var HEIGHT9 = 400;
var PLOT3 = { left: 52, right: 60, top: 26, bottom: 46 };
var ACT = 8;
var WIDTHS = [["0", "as the targets"], ["0.05", "+5 % each end"], ["0.25", "+25 % each end"]];
var YRange = class {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.act = 1;
    this.share = 0.9;
    this.range = { title: "", low: -1, high: 1, from: -1, to: 1, words: "" };
    this.wide = 0;
    this.follow = eachFrame(() => this.place());
    this.top = element("div", "choices-line");
    this.words = element("p", "words");
    const place = element("div");
    root.append(this.top, place, this.words);
    this.surface = new Surface(place, HEIGHT9, "The prediction for each activation", () => this.draw());
    const { front } = this.surface;
    this.drop = vector2("path", { class: "drop" }, front);
    this.tangent = vector2("path", { class: "tangent" }, front);
    this.target = vector2("g", { class: "handle target-line" }, front);
    this.targetLine = vector2("path", { class: "true" }, this.target);
    vector2("rect", { class: "reach", x: -14, y: -13, width: 28, height: 26, rx: 6 }, this.target);
    vector2("circle", { class: "knob", r: 8 }, this.target);
    this.needs = vector2("path", { class: "needs" }, front);
    this.handle = vector2("g", { class: "handle act" }, front);
    vector2("circle", { class: "reach", r: 17 }, this.handle);
    vector2("circle", { class: "knob", r: 9 }, this.handle);
    this.tells = [() => {
    }, () => {
    }];
  }
  /** @param {Content} content */
  show({ ranges }) {
    const titles = ranges.map(({ title }, at) => (
      /** @type {[string, string]} */
      [`${at}`, title]
    ));
    const wider = segments("How wide the range is", WIDTHS, "0", (wide) => {
      this.wide = Number(wide);
      this.draw();
    });
    const which = ranges.length > 1 ? [segments("What is predicted", titles, "0", (at) => this.choose(ranges[Number(at)]))] : [];
    this.top.replaceChildren(...which, wider);
    this.choose(ranges[0]);
  }
  /** @param {Range} range */
  choose(range2) {
    this.range = range2;
    this.draw();
  }
  // The ends that the sigmoid is scaled to.
  get ends() {
    return widened(this.range, this.wide);
  }
  get goal() {
    return this.range.low + (this.range.high - this.range.low) * this.share;
  }
  draw() {
    const { width, back } = this.surface;
    if (!width || !this.range.title) return;
    const [low, high] = this.ends;
    const [left, right, bottom] = [PLOT3.left, width - PLOT3.right, HEIGHT9 - PLOT3.bottom];
    const room = (this.range.high - this.range.low) * 0.3;
    const [least, most] = [this.range.low - room, this.range.high + room];
    const x = (act) => left + (act + ACT) / (2 * ACT) * (right - left);
    const y = (value) => bottom - (value - least) / (most - least) * (bottom - PLOT3.top);
    this.x = x;
    this.y = y;
    back.replaceChildren();
    for (let act = -ACT; act <= ACT; act += width < 500 ? 4 : 2) {
      vector2("line", { class: "rule", x1: x(act), x2: x(act), y1: PLOT3.top, y2: bottom }, back);
      vector2("text", { class: "tick", x: x(act), y: bottom + 17, "text-anchor": "middle" }, back, fixed(act, 0));
    }
    const marks = ticks(least, most, 6);
    for (const value of marks.values) {
      vector2("line", { class: "rule", x1: left, x2: right, y1: y(value), y2: y(value) }, back);
      vector2("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, back, fixed(value, marks.places));
    }
    for (const end of [low, high]) vector2("line", { class: "end", x1: left, x2: right, y1: y(end), y2: y(end) }, back);
    vector2("rect", { class: "reached", x: left, y: y(high), width: right - left, height: y(low) - y(high) }, back);
    const acts = Array.from({ length: 161 }, (_, at) => -ACT + at * 0.1);
    vector2("path", { class: "curve", d: `M${acts.map((act) => `${x(act).toFixed(1)} ${y(inRange(act, low, high)).toFixed(1)}`).join("L")}` }, back);
    vector2("text", { class: "axis", x: right, y: HEIGHT9 - 6, "text-anchor": "end" }, back, "activation");
    vector2("text", { class: "axis", x: 0, y: 14 }, back, `prediction, ${this.range.title}`);
    if (!this.listens) this.listen();
    this.place();
  }
  listen() {
    this.listens = true;
    const from = (event) => this.surface.at(event);
    const act = slider(this.handle, {
      min: -ACT,
      max: ACT,
      step: 0.1,
      get: () => this.act,
      set: (value) => {
        this.act = value;
        this.follow();
      },
      at: (event) => (from(event)[0] - PLOT3.left) / (this.surface.width - PLOT3.left - PLOT3.right) * 2 * ACT - ACT,
      label: "Activation",
      words: (value) => `${fixed(value, 2)}, prediction ${fixed(inRange(value, this.ends[0], this.ends[1]), 3)}`
    });
    const target = slider(this.target, {
      min: 0,
      max: 1,
      step: 0.01,
      get: () => this.share,
      set: (value) => {
        this.share = value;
        this.follow();
      },
      at: (event) => {
        const [top, bottom] = [this.y?.(this.range.high) ?? 0, this.y?.(this.range.low) ?? 1];
        return 1 - (from(event)[1] - top) / (bottom - top);
      },
      label: "Target",
      words: () => fixed(this.goal, 3),
      axis: "vertical"
    });
    this.tells = [act, target];
  }
  place() {
    if (!this.x || !this.y) return;
    const { width } = this.surface;
    const [low, high] = this.ends;
    const [value, slope, need] = [inRange(this.act, low, high), slopeOf(this.act, low, high), actOf(this.goal, low, high)];
    const [x, y, bottom] = [this.x(this.act), this.y(value), HEIGHT9 - PLOT3.bottom];
    this.handle.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    this.drop.setAttribute("d", `M${x} ${bottom}V${y}H${PLOT3.left}`);
    const reach2 = 1.2;
    const at = (by) => `${this.x?.(this.act + by).toFixed(1)} ${this.y?.(value + slope * by).toFixed(1)}`;
    this.tangent.setAttribute("d", `M${at(-reach2)}L${at(reach2)}`);
    const goal = this.y(this.goal);
    this.target.setAttribute("transform", `translate(${width - PLOT3.right + 14} ${goal.toFixed(1)})`);
    this.targetLine.setAttribute("d", `M${PLOT3.left - width + PLOT3.right - 14} 0H-10`);
    this.needs.setAttribute("d", Math.abs(need) <= ACT ? `M${this.x(need)} ${goal}V${bottom}` : "");
    this.words.textContent = this.sentence(value, slope, need);
    for (const tell of this.tells) tell();
  }
  /**
   * @param {number} value
   * @param {number} slope
   * @param {number} need
   */
  sentence(value, slope, need) {
    const [low, high] = this.ends;
    const { from, to, words, low: first, high: last } = this.range;
    const place = from + (value - first) / (last - first) * (to - from);
    const needs = Number.isFinite(need) ? `The target ${fixed(this.goal, 3)} needs an activation of ${fixed(need, 2)}.` : `The target ${fixed(this.goal, 3)} is at the end of the range, which no activation reaches: choose the range a little wider.`;
    return `sigmoid(${fixed(this.act, 2)}) · (${short(high)} − ${enclosed(low)}) + ${enclosed(low)} = ${fixed(value, 4)}${words ? `, ${words.replace("{}", fixed(place, 1))}` : ""}. One more in the activation moves it by about ${fixed(slope, 3)} here${slope < 0.05 * (high - low) ? ": near the ends hardly at all, and the gradient is as small" : ""}. ${needs}`;
  }
  remove() {
    this.follow.cancel();
    this.surface.remove();
  }
};
function widened({ low, high }, part) {
  const more = (high - low) * part;
  return [low - more, high + more];
}
function short(value) {
  return fixed(Number(value.toFixed(2)), Number.isInteger(value) ? 0 : 2);
}
function enclosed(value) {
  return value < 0 ? `(${short(value)})` : short(value);
}

// learn/panels.js
var PANELS = {
  "one-hot": OneHot,
  losses: Losses,
  slip: Slip,
  threshold: Threshold,
  "fine-tuning": FineTuning,
  "learning-rate": LearningRate,
  points: Points,
  "y-range": YRange,
  conveyor: Conveyor,
  "train-here": TrainHere
};

// learn/progress.js
var Progress = class {
  /** @param {Pick<Storage, "getItem" | "setItem">} [storage] */
  constructor(storage) {
    this.kept = new Kept("manyhot-learn", storage);
  }
  /**
   * @param {string} panel
   * @returns {Answers}
   */
  answers(panel) {
    const answers = this.kept.get(panel);
    return Array.isArray(answers) ? answers : [];
  }
  /**
   * @param {string} panel
   * @param {Answers} answers
   */
  keep(panel, answers) {
    this.kept.set(panel, answers);
  }
  /**
   * @param {string} panel
   * @param {{ answer: number }[]} questions
   */
  isDone(panel, questions) {
    const answers = this.answers(panel);
    return questions.every(({ answer }, at) => answers[at] === answer);
  }
};

// learn/quiz.js
var Quiz = class {
  constructor() {
    this.root = element("div", "quiz");
  }
  /**
   * @param {Question[]} questions
   * @param {Answers} answers from before
   * @param {(answers: Answers) => void} onAnswer
   */
  show(questions, answers, onAnswer) {
    const chosen2 = questions.map((_, at) => answers[at] ?? null);
    this.root.replaceChildren(
      ...questions.map(
        (question, at) => fieldset(question, chosen2[at], (choice) => {
          chosen2[at] = choice;
          onAnswer([...chosen2]);
        })
      )
    );
  }
};
function fieldset({ text, choices, answer, why }, chosen2, onChoose) {
  const root = element("fieldset", "question");
  const reason = element("p", "why");
  reason.setAttribute("aria-live", "polite");
  const buttons = choices.map((words, at) => {
    const one = element("button", "choice", words);
    one.type = "button";
    one.onclick = () => {
      onChoose(at);
      mark(at);
    };
    return one;
  });
  const mark = (at) => {
    buttons.forEach((one, number) => {
      const state = number !== at ? "" : at === answer ? "right" : "wrong";
      one.className = `choice ${state}`;
      one.setAttribute("aria-pressed", `${number === at}`);
    });
    reason.textContent = at === null ? "" : `${at === answer ? "✓ Yes." : "✗ Not quite."} ${why}`;
  };
  mark(chosen2);
  const line = element("div", "choices");
  line.append(...buttons);
  root.append(element("legend", "", text), line, reason);
  return root;
}

// learn/learn.js
var pages = /* @__PURE__ */ new WeakMap();
function learn({ data, parentElement, setTriggerValue }) {
  const page = pages.get(parentElement) ?? new Page(
    /** @type {HTMLElement} */
    parentElement.querySelector(".learn")
  );
  pages.set(parentElement, page);
  page.send = setTriggerValue;
  page.show(data);
  return () => {
    pages.get(parentElement)?.remove();
    pages.delete(parentElement);
  };
}
var Page = class {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.send = () => {
    };
    this.progress = new Progress();
    this.chooser = new Chooser((name) => this.send("panel", name));
    this.lead = element("p", "lead");
    this.place = element("div", "figure");
    this.choices = new InAddress(this.place);
    this.about = element("p", "about");
    this.quiz = new Quiz();
    this.name = "";
    this.figure = null;
    this.content = "";
    const main = element("section", "panel");
    main.append(this.chooser.head, this.lead, this.place, this.about, this.quiz.root);
    root.replaceChildren(this.chooser.list, main);
  }
  /** @param {Data} data */
  show({ panels, panel: name, content }) {
    const panel = panels.find((one) => one.name === name) ?? panels[0];
    if (name !== this.name) {
      this.figure?.remove?.();
      this.name = name;
      this.content = "";
      this.lead.textContent = panel.lead;
      this.about.textContent = panel.about;
      this.about.hidden = !panel.about;
      const root = element("div", name);
      this.place.replaceChildren(root);
      this.figure = new PANELS[name]({ root, act: (value) => this.send("act", value) });
      this.quiz.show(panel.questions, this.progress.answers(name), (answers) => {
        this.progress.keep(name, answers);
        this.chooser.mark(this.doneOf(panels));
      });
    }
    this.chooser.show(panels, name, this.doneOf(panels));
    const now = JSON.stringify(content);
    if (content && now !== this.content) {
      const isFirst = !this.content || this.content === "null";
      this.figure?.show(content);
      this.choices.open(isFirst);
    }
    this.content = now;
  }
  /** @param {import("./types.js").PanelFacts[]} panels */
  doneOf(panels) {
    return panels.filter(({ name, questions }) => this.progress.isDone(name, questions)).map(({ name }) => name);
  }
  remove() {
    this.choices.remove();
    this.figure?.remove?.();
  }
};
export {
  learn as default
};
