// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   60c140879368f1c78688814f96b689262a77e08bf77a0477f6bc69a19f377603  lab/paths.js
//   9ba480a7689def2b06f73c10a55fffaf35f3c9c03b35bc48cf05e064e53b2da0  learn/cells.js
//   16b86323c5131c9d671606b18d9f38a46bc65de741636dfb32a7b8a4515bb870  learn/chooser.js
//   228b16f51611cec5706f7af3a7011dd61908778231d11b80f9c78d3d4cf138ca  learn/formulas.js
//   f33d3900e6b1886c2317218a0b3ad0d3a1bcca7caa227b003b50d946c9b9025e  learn/learn.js
//   397932a7c0fb60581d0e804eb6ab2fcd131195fc6deb639339b8863780f9f319  learn/loss_bars.js
//   c15faa7ed2f733c2bc1bf7828a91fbb15c1ba9f0d2be5cde397cbfa1849fbf81  learn/loss_numbers.js
//   7c02b84b4298ece7ec60d3fa332933494737d5cc6ead6ef896456ea01c7c053f  learn/losses.js
//   4c419f7908ced59b88987b743f7a9101c816bed249fd9d0acd2564e3682b5ef4  learn/one_hot.js
//   7815d1976c70d483ad5f373aac326d357ccdc4d7ae5c9afb5bf30aa866cbb134  learn/panels.js
//   798e96dc53357f80d9e34ec46b34ef69845b42ec383c1999ecc583695fbff2c3  learn/progress.js
//   4e6757188b3fb24b806a8fab0f4d79ba7fe0927bff020f9569c5b79e0f817b9c  learn/quiz.js
//   c9f97a60a83d55e07f6193ce080b82be22cc887af0f0f62cc22f73e7520dfbba  learn/segments.js
//   5b3006074c2d9e5cf05bfca162f508d635e108abfebe7e9aba1e2f026ed5de14  learn/slip.js
//   bbce05dafc28eb2be01609399a40077b03917702d37f9fd9fe3cb771da126841  learn/surface.js
//   18dfa01d7e594081942c7f0774ab85541e25a0c613365041f633a58f1e3b8ca7  learn/table.js
//   29ab8ea19c8236ff525a1af1b454f1e4f721834918369732ee82aa220636c850  learn/threshold.js
//   b0c4f6c8bf35b848ca7b7acc14445b5a12afd0f38b08d36e5009b37f4b6ac310  learn/threshold_line.js
//   9ab1a12c66a9d1c06ae8b3048e4125984943f4cfa8bb8e4d0d2248ebdb0e8bf6  learn/thumbnails.js
//   aaffbfd5a093cd83a615cfd0f64306c301f4001e7d79604373cb0a876ed118d3  learn/training.js
//   ce901bc16ba3cccca7c6b9a4285e3584a3d928e956ede0416cb8b9abd2ccdcbf  learn/vectors.js
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
//   3f7deabc2df0e9dd6c76b432fed07331a4f7e8054b408dae44f07d57e007ee99  shared/drag.js
// Of what follows: d2cea329babe48193b0703c40958f0dcc42529b7f53b3cdcd32bcf21ab9c5044
// shared/dom.js
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
    this.before.disabled = this.at === 0;
    this.after.disabled = this.at === panels.length - 1;
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
      const [sign, words2] = [element("span", "sign", isDone ? "✓" : `${at + 1}`), element("span", "title", title)];
      if (isDone) sign.setAttribute("aria-label", "done:");
      this.buttons[at].replaceChildren(sign, words2);
      this.select.options[at].textContent = `${isDone ? "✓" : at + 1} ${title}`;
    });
  }
};

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
  let dragging = false;
  const tell = () => {
    node.setAttribute("aria-label", label());
    node.setAttribute("aria-valuenow", `${value.get()}`);
    node.setAttribute("aria-valuetext", value.words(value.get()));
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
  return acts.map((act, at) => softplus(targs[at] === 1 ? -act : act));
}
function bce(acts, targs) {
  return mean(bceCells(acts, targs));
}
function bceGradient(acts, targs) {
  return acts.map((act, at) => (sigmoid(act) - targs[at]) / acts.length);
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

// lab/paths.js
var SVG = "http://www.w3.org/2000/svg";
function vector(tag, attributes, parent, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, `${value}`);
  if (text !== void 0) node.textContent = text;
  parent?.append(node);
  return node;
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

// learn/surface.js
var Surface = class {
  /**
   * @param {HTMLElement} parent
   * @param {number} height in pixels
   * @param {string} words what it shows, for those who do not see it
   * @param {(width: number) => void} draw
   */
  constructor(parent, height, words2, draw) {
    this.width = 0;
    this.svg = vector("svg", { height, role: "group", "aria-label": words2 });
    this.back = vector("g", {}, this.svg);
    this.front = vector("g", {}, this.svg);
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
  vector("line", { class: "arrow", x1: from[0], y1: from[1], x2: bx, y2: by }, parent);
  const corners = [to, [bx - uy * 5, by + ux * 5], [bx + uy * 5, by - ux * 5]];
  vector("path", { class: "arrow-head", d: `M${corners.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z` }, parent);
}

// learn/loss_bars.js
var MOST = 6;
var TOP = 44;
var ACTS = 200;
var BAR = 62;
var GAP = 34;
var LEFT = 74;
var HEIGHT = TOP + ACTS + 2 * (GAP + BAR) + 8;
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
    this.surface = new Surface(parent, HEIGHT, "Activations, sigmoid and softmax", () => this.draw());
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
    const target = vector("g", { class: "target", tabindex: 0, role: "checkbox", "aria-label": `${name} is true` }, front);
    vector("rect", { x: -15, y: 17, width: 30, height: 22, rx: 5 }, target);
    const text = vector("text", { y: 33, "text-anchor": "middle" }, target);
    target.onclick = () => this.handlers.onTarget(at);
    target.onkeydown = (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      this.handlers.onTarget(at);
    };
    const handle = vector("g", { class: "handle" }, front);
    vector("circle", { class: "reach", r: 20 }, handle);
    vector("circle", { class: "knob", r: 9 }, handle);
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
      vector("line", { class: act ? "rule" : "rule zero", x1: LEFT, x2: width, y1: this.y(act), y2: this.y(act) }, back);
      vector("text", { class: "soft", x: LEFT - 8, y: this.y(act) + 4, "text-anchor": "end" }, back, fixed(act, 0));
    }
    vector("text", { x: 0, y: 33 }, back, "target");
    vector("text", { x: 0, y: TOP + 20 }, back, "act");
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
    vector("text", { class: "name", x, y: 11, "text-anchor": "middle" }, back, shorten(this.names[at], step));
    vector("line", { class: "stem", x1: x, x2: x, y1: this.y(0), y2: y }, back);
    const cells = shown.isOne ? 1 : shown.acts.length;
    arrow(back, [x + 17, y], [x + 17, y + shown.gradient[at] * cells * PUSH]);
    handle.setAttribute("transform", `translate(${x} ${y})`);
    target.setAttribute("transform", `translate(${x} 0)`);
    target.setAttribute("aria-checked", `${isTrue}`);
    target.classList.toggle("on", isTrue);
    text.textContent = `${shown.targs[at]}`;
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
    const group = vector("g", { class: isAside ? "aside" : "" }, this.surface.back);
    vector("text", { x: 0, y: top + 14 }, group, name);
    vector("text", { class: "soft", x: 0, y: top + 32 }, group, `sum ${sum(values).toFixed(2)}`);
    vector("line", { class: "rule", x1: LEFT, x2: this.surface.width, y1: top + BAR, y2: top + BAR }, group);
    const wide = Math.min(46, step * 0.6);
    values.forEach((value, at) => {
      vector("rect", { class: "room", x: x(at) - wide / 2, y: top, width: wide, height: BAR }, group);
      vector("rect", { class: "bar", x: x(at) - wide / 2, y: top + BAR * (1 - value), width: wide, height: BAR * value }, group);
      vector("text", { x: x(at), y: top - 5, "text-anchor": "middle" }, group, value.toFixed(3));
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
    const fill = (line, words2) => words2.forEach((text, at) => write(line.children[at], text));
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
var HEIGHT2 = 330;
var TOP2 = 14;
var BOTTOM = 22;
var LEFT2 = 30;
var Numbers = class {
  constructor() {
    this.root = element("div", "labels");
    this.preds = [4, 5, 4.5, 4];
    const figure = element("div", "bars");
    this.surface = new Surface(figure, HEIGHT2, "Predicted and true numbers", () => this.draw());
    this.later = eachFrame(() => this.draw());
    this.handles = TRUE.map((_, at) => this.handle(at));
    this.formula = element("p", "formula");
    this.table = new Table("Mean squared error, step by step");
    const words2 = element(
      "p",
      "words",
      "The area of a square is what its error costs: twice the error, four times the cost. The arrow, minus the gradient, grows with the error, so one bad label pulls harder than many good ones."
    );
    const steps2 = element("div", "steps");
    steps2.append(this.formula, this.table.root, words2);
    this.root.append(figure, steps2);
  }
  /** @param {number} at */
  handle(at) {
    const node = vector("g", { class: "handle" }, this.surface.front);
    vector("circle", { class: "reach", r: 20 }, node);
    vector("path", { class: "pred", d: "M-7 -7L7 7M7 -7L-7 7" }, node);
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
      at: (event) => (HEIGHT2 - BOTTOM - this.surface.at(event)[1]) / (HEIGHT2 - TOP2 - BOTTOM) * MOST2,
      label: `Prediction of picture ${at + 1}`,
      words: (value) => `${value.toFixed(2)}, true ${TRUE[at]}`
    });
    return { node, tell };
  }
  draw() {
    const { width, back } = this.surface;
    if (!width) return;
    back.replaceChildren();
    const unit = (HEIGHT2 - TOP2 - BOTTOM) / MOST2;
    const y = (value) => HEIGHT2 - BOTTOM - value * unit;
    const step = (width - LEFT2) / TRUE.length;
    const gradient = mseGradient(this.preds, TRUE);
    for (const value of [0, 2, 4, 6, 8, 10]) {
      vector("line", { class: "rule", x1: LEFT2, x2: width, y1: y(value), y2: y(value) }, back);
      vector("text", { class: "soft", x: LEFT2 - 8, y: y(value) + 4, "text-anchor": "end" }, back, `${value}`);
    }
    TRUE.forEach((value, at) => {
      const x = LEFT2 + step * (at + 0.35);
      const side = Math.abs(this.preds[at] - value) * unit;
      vector("rect", { class: "square", x, y: Math.min(y(value), y(this.preds[at])), width: side, height: side }, back);
      vector("line", { class: "stem", x1: x, x2: x, y1: y(value), y2: y(this.preds[at]) }, back);
      vector("circle", { class: "true", cx: x, cy: y(value), r: 6 }, back);
      arrow(back, [x - 16, y(this.preds[at])], [x - 16, y(this.preds[at]) + gradient[at] * unit]);
      vector("text", { class: "soft", x, y: HEIGHT2 - 4, "text-anchor": "middle" }, back, `${at + 1}`);
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
    this.table.show(["", "pred", "true", "error", "squared", "gradient"], rows, { total: true });
    this.formula.textContent = `MSELoss = mean of (pred − true)² = ${fixed(loss)}`;
  }
  remove() {
    this.later.cancel();
    this.surface.remove();
  }
};

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
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = buttons.findIndex((one) => one.getAttribute("aria-checked") === "true");
    const next = (at + by + options.length) % options.length;
    choose(options[next][0]);
    buttons[next].focus();
  };
  mark(chosen2);
  root.append(...buttons);
  return root;
}

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
      this.preset("Sure and right", (at) => this.targs[at] ? SURE : -SURE),
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
    const others = names.filter((_, at) => row[at] !== 1);
    this.names = [...present.slice(0, MOST3 - 1), ...others].slice(0, MOST3);
    this.targs = this.names.map((name) => present.includes(name) ? 1 : 0);
    this.acts = this.names.map((_, at) => [2, 0.5, -1, 1, -2][at]);
    this.bars.name(this.names);
    this.choose(this.kind);
  }
  /** @param {string} kind */
  choose(kind) {
    this.kind = kind;
    this.labels.hidden = kind === "numbers";
    this.numbers.root.hidden = kind !== "numbers";
    if (kind === ONE) this.only(Math.max(0, this.targs.indexOf(1)));
    this.draw();
  }
  /** @param {number} at */
  only(at) {
    this.targs = this.names.map((_, number) => number === at ? 1 : 0);
  }
  /** @param {number} at */
  flip(at) {
    if (this.kind === ONE) this.only(at);
    else this.targs[at] = 1 - this.targs[at];
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
    rows.push(["sum", "", fixed(sum(powers), 3), fixed(sum(shares)), "", ""]);
    this.table.show(["", "act", "exp(act)", "softmax", "log", "gradient"], rows, { total: true, marked: target });
    const loss = crossEntropy(this.acts, target);
    this.formula.textContent = `CrossEntropyLoss = −log_softmax(acts)[“${this.names[target]}”] = ${fixed(loss)}`;
    const most = [...shares].sort((a, b) => b - a);
    this.words.textContent = `softmax shares out exactly 1: “both” would be two numbers near 1, here ${most[0].toFixed(2)} and ${most[1].toFixed(2)}; “none” would be all near 0. Add the same to every activation and nothing changes. The loss is one cell's: the true class's.`;
  }
  /** @param {number[]} gradient */
  writeAny(gradient) {
    const [cells, probs] = [bceCells(this.acts, this.targs), this.acts.map(sigmoid)];
    const rows = this.names.map((name, at) => [
      name,
      fixed(this.acts[at], 2),
      fixed(probs[at]),
      `${this.targs[at]}`,
      fixed(this.targs[at] ? probs[at] : sigmoid(-this.acts[at])),
      fixed(cells[at]),
      fixed(gradient[at])
    ]);
    const loss = bce(this.acts, this.targs);
    rows.push(["mean", "", "", "", "", fixed(loss), ""]);
    this.table.show(["", "act", "sigmoid", "target", "of truth", "−log", "gradient"], rows, { total: true });
    this.formula.textContent = `BCEWithLogitsLoss = mean of −log(probability of the truth) = ${fixed(loss)}`;
    this.words.textContent = `Every cell is its own yes or no. The probabilities add up to ${fixed(sum(probs), 2)}, which may be 0 (“none”) or ${this.names.length} (“all”): sigmoid looks at one activation only.`;
  }
  remove() {
    this.later.cancel();
    this.bars.surface.remove();
    this.numbers.remove();
  }
};

// learn/vectors.js
var UNKNOWN = -1;
function delimiterOf(names) {
  return names.some((name) => name.includes(" ")) ? ";" : " ";
}
function encode(text, names) {
  const words2 = text.split(delimiterOf(names)).map((word) => word.trim()).filter((word) => word);
  return { vector: names.map((name) => words2.includes(name) ? 1 : 0), missing: words2.filter((word) => !names.includes(word)) };
}
function decode(vector2, names) {
  const between = delimiterOf(names);
  return names.filter((_, at) => vector2[at] === 1).join(between === ";" ? "; " : between);
}
function printed(vector2) {
  return `tensor([${vector2.map((cell) => cell === UNKNOWN ? "nan" : `${cell}.`).join(", ")}])`;
}

// learn/thumbnails.js
function thumbnails(root, { pictures, titles, names, vectors, at, choose }) {
  if (root.dataset.of !== pictures.join()) {
    root.dataset.of = pictures.join();
    const row = (src, number) => {
      const one = element("button", "row");
      one.type = "button";
      const image = element("img");
      image.src = src;
      image.alt = titles[number];
      one.append(image, ...names.map(() => element("span", "bit")));
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
  vectors.forEach((vector2, number) => {
    const one = root.children[number];
    if (number === at) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
    vector2.forEach((value, column) => {
      const bit = one.children[column + 1];
      bit.className = `bit ${value === 1 ? "on" : value === UNKNOWN ? "unknown" : "off"}`;
      bit.textContent = value === UNKNOWN ? "?" : `${value}`;
    });
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
  act(words2, onclick) {
    const one = element("button", "act", words2);
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
    const between = delimiterOf(examples.names) === " " ? "a space" : "a semicolon";
    this.caption.textContent = `Labels, with ${between} between them`;
    this.typed.placeholder = "no label";
    this.buttons = examples.names.map((name, at) => this.cell(name, at));
    this.cells.replaceChildren(...this.buttons);
    const more = examples.n_labels - examples.names.length;
    const of = more ? `, ${examples.names.length} of ${examples.n_labels} labels` : "";
    this.source.textContent = `Pictures and labels of ${examples.source}${of}. ${examples.per_image.toFixed(2)} labels a picture.`;
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
      const vector2 = [...this.vector];
      vector2[at] = value;
      this.change(vector2);
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
    const { vector: vector2, missing } = encode(this.typed.value, names);
    this.change(vector2, missing);
  }
  /**
   * @param {number[]} vector
   * @param {string[] | null} [missing] words that were typed and are in no vocabulary, null if nothing was typed
   */
  change(vector2, missing = null) {
    const { names } = (
      /** @type {Examples} */
      this.examples
    );
    this.vectors[this.at] = vector2;
    if (missing === null) this.typed.value = decode(vector2, names);
    this.missing = missing ?? [];
    this.draw();
  }
  draw() {
    const { names, pictures, titles } = (
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
    this.words.textContent = words(this.vector, this.missing);
    this.words.classList.toggle("warns", this.missing.length > 0);
    thumbnails(this.strip, { pictures, titles, names, vectors: this.vectors, at: this.at, choose: (at) => this.choose(at) });
  }
};
function words(vector2, missing) {
  if (missing.length) {
    return `“${missing[0]}” is not in the vocabulary, so it has no cell: fastai stops with “Label '${missing[0]}' was not included in the training dataset”.`;
  }
  const unknown = vector2.filter((cell) => cell === UNKNOWN).length;
  if (unknown) return `${unknown} unknown: not 0. Such a cell is NaN in training, costs nothing and counts in no metric.`;
  const on = vector2.filter((cell) => cell === 1).length;
  if (!on) return "All zeros. That is a target like any other: “none of these”.";
  const rest = on === 1 ? "A class index could say this too." : "No class index can say this: a vector can.";
  return `${on} of ${vector2.length} cells are 1. ${rest}`;
}

// learn/training.js
var HEIGHT3 = 240;
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
    this.surface = new Surface(this.figure, HEIGHT3, "accuracy_multi after each epoch, with each loss", () => this.draw());
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
    const right = width - (width < 500 ? 92 : 120);
    const x = (share) => LEFT3 + share * (right - LEFT3);
    const y = (value) => HEIGHT3 - BOTTOM2 - value * (HEIGHT3 - TOP3 - BOTTOM2);
    for (const value of [0, 0.25, 0.5, 0.75, 1]) {
      vector("line", { class: "rule", x1: LEFT3, x2: right, y1: y(value), y2: y(value) }, back);
      vector("text", { class: "soft", x: LEFT3 - 6, y: y(value) + 4, "text-anchor": "end" }, back, `${value}`);
    }
    for (const epoch of [0, epochs / 2, epochs]) {
      vector("text", { class: "soft", x: x(epoch / epochs), y: HEIGHT3 - 10, "text-anchor": "middle" }, back, `${epoch}`);
    }
    vector("text", { x: right + 20, y: HEIGHT3 - 10 }, back, "epochs");
    vector("text", { x: 0, y: 12 }, back, "accuracy_multi, of other pictures");
    const nothing = shown.nothing ?? 0;
    vector("line", { class: "baseline", x1: LEFT3, x2: right, y1: y(nothing), y2: y(nothing) }, back);
    const labels = [{ at: nothing, text: `nothing ${fixed(nothing, 3)}`, kind: "soft" }];
    shown.accuracy.forEach((values, number) => {
      const known = values.map((value) => value ?? NaN);
      vector("path", { class: `curve ${CLASSES[number]}`, d: path(known, x, y) }, back);
      const at = known.filter((value) => !Number.isNaN(value)).length - 1;
      if (at < 0) return;
      const last = known[at];
      vector("circle", { class: `dot ${CLASSES[number]}`, cx: x(at / epochs), cy: y(last), r: 5 }, back);
      labels.push({ at: last, text: `${NAMES[number]} ${fixed(last, 3)}`, kind: CLASSES[number] });
    });
    labels.sort((one, other) => one.at - other.at);
    let below = Infinity;
    for (const { at, text, kind } of labels) {
      below = Math.min(y(at) + 4, below - 15);
      vector("text", { class: `curve-name ${kind}`, x: right + 8, y: below }, back, text);
    }
  }
  remove() {
    this.surface.remove();
  }
};
function resultOf({ accuracy, loss, nothing, n_train, n_valid }) {
  const last = accuracy.map((values) => values[values.length - 1] ?? NaN);
  const apart = Math.max(...loss[0].map((value, at) => Math.abs((value ?? NaN) - (loss[1][at] ?? NaN))));
  const losses = apart < 5e-4 ? "The two training losses fell alike, digit for digit" : "Both training losses fell";
  const from = loss[0][0] ?? NaN, to = loss[0][loss[0].length - 1] ?? NaN;
  return `${losses} (${fixed(from, 3)} to ${fixed(to, 3)}). Of the cells of ${n_valid} other pictures ${fixed(100 * last[1], 0)} % are right with the right loss, ${fixed(100 * last[0], 0)} % with the one as printed; predicting nothing gets ${fixed(100 * (nothing ?? NaN), 0)} %. Trained on ${n_train} pictures.`;
}

// learn/slip.js
var MOST4 = 8;
var HIGHEST = 8.6;
var HEIGHT4 = 300;
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
    this.surface = new Surface(figure, HEIGHT4, "What a cell costs by each loss", () => this.draw());
    this.later = eachFrame(() => this.draw());
    this.handle = vector("g", { class: "handle" }, this.surface.front);
    vector("line", { class: "thresh", y1: TOP4, y2: HEIGHT4 - BOTTOM3 }, this.handle);
    vector("rect", { class: "reach", x: -20, y: TOP4, width: 40, height: HEIGHT4 - TOP4 - BOTTOM3 }, this.handle);
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
      "An easy slip: one thinks of a distance, and a 1 is missed by 1 − inputs. But −log makes a cost of a probability, so it wants the one that the truth was given: inputs where the target is 1. And nothing warns. The loss falls as nicely, for a model that learns the opposite."
    );
    this.training = new Training(act);
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
    const y = (cost) => HEIGHT4 - BOTTOM3 - cost / HIGHEST * (HEIGHT4 - TOP4 - BOTTOM3);
    for (const cost of [0, 2, 4, 6, 8]) {
      vector("line", { class: "rule", x1: LEFT4, x2: width - RIGHT, y1: y(cost), y2: y(cost) }, back);
      vector("text", { class: "soft", x: LEFT4 - 8, y: y(cost) + 4, "text-anchor": "end" }, back, `${cost}`);
    }
    for (const act of [-8, -4, 0, 4, 8]) {
      vector("text", { class: "soft", x: x(act), y: HEIGHT4 - BOTTOM3 + 17, "text-anchor": "middle" }, back, fixed(act, 0));
    }
    vector("text", { x: 0, y: 12 }, back, "cost of a cell");
    vector("text", { x: LEFT4, y: HEIGHT4 - 6 }, back, "← sure and wrong");
    vector("text", { x: width - RIGHT, y: HEIGHT4 - 6, "text-anchor": "end" }, back, "sure and right →");
    vector("text", { x: x(0), y: HEIGHT4 - 6, "text-anchor": "middle" }, back, "act");
    const curve = (cost) => {
      const places = Array.from({ length: 65 }, (_, at) => at / 64 * 2 * MOST4 - MOST4);
      return `M${places.map((act) => `${x(act).toFixed(1)} ${y(cost(act)).toFixed(1)}`).join("L")}`;
    };
    const costs = { printed: softplus, right: (act) => softplus(-act) };
    for (const [name, cost] of Object.entries(costs)) {
      vector("path", { class: `curve ${name}`, d: curve(cost) }, back);
      const at = name === "printed" ? 5.2 : -5.2;
      const anchor = at > 0 ? "end" : "start";
      vector("text", { class: `curve-name ${name}`, x: x(at) + (at > 0 ? -10 : 10), y: y(cost(at)) - 6, "text-anchor": anchor }, back, name === "printed" ? "as printed" : "right");
      vector("circle", { class: `dot ${name}`, cx: x(this.act), cy: y(cost(this.act)), r: 7 }, back);
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
    this.table.show(["", "target", "act", "inputs", "as printed", "right"], rows, { total: true });
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
var CELLS = 10;
var PRESENT = [0.92, 0.61, 0.34, 0.78, 0.57, 0.83, 0.45, 0.7, 0.95, 0.52];
var ABSENT = [0.08, 0.55, 0.27, 0.12, 0.45, 0.03, 0.18, 0.33, 0.05, 0.22];
var NEARLY = 0.02;
function chosen(targs) {
  const width = Math.min(5, targs[0].length);
  const frequency = targs[0].map((_, at) => targs.filter((row) => row[at] === 1).length);
  const columns = frequency.map((_, at) => at).sort((one, other) => frequency[other] - frequency[one]).slice(0, width).sort((a, b) => a - b);
  const count = Math.ceil(CELLS / width);
  const known = targs.map((_, at) => at).filter((at) => columns.every((column) => targs[at][column] >= 0));
  const trueOf = (at) => columns.filter((column) => targs[at][column] === 1).length;
  if (count === 2) {
    for (const one of known) {
      const other = known.find((at) => at > one && trueOf(at) + trueOf(one) === 3);
      if (other !== void 0) return { columns, rows: [one, other] };
    }
  }
  return { columns, rows: known.slice(0, count) };
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

// learn/threshold_line.js
var LEFT5 = 40;
var RIGHT2 = 14;
var TRUE_Y = 42;
var FALSE_Y = 84;
var LINE_END = 112;
var CURVE_TOP = 150;
var CURVE_BOTTOM = 300;
var HEIGHT5 = 340;
var ThresholdLine = class {
  /**
   * @param {HTMLElement} parent
   * @param {{ onThresh: (thresh: number) => void, onProb: (at: number, prob: number) => void }} handlers
   */
  constructor(parent, handlers) {
    this.handlers = handlers;
    this.drawn = null;
    this.dots = [];
    this.surface = new Surface(parent, HEIGHT5, "Probabilities, the threshold and accuracy_multi", () => this.draw());
    this.line = vector("g", { class: "handle line" }, this.surface.front);
    vector("line", { class: "thresh" }, this.line);
    this.reach = vector("rect", { class: "reach", x: -16, width: 32 }, this.line);
    this.reading = vector("text", { class: "reading", y: 12, "text-anchor": "middle" }, this.line);
    this.knob = vector("circle", { class: "knob", r: 8 }, this.line);
    this.tell = slider(this.line, {
      min: 0,
      max: 1,
      step: 0.05,
      get: () => this.drawn?.thresh ?? 0.5,
      set: (thresh) => handlers.onThresh(Math.round(thresh * 1e3) / 1e3),
      at: (event) => this.share(event),
      label: "Threshold",
      words: (thresh) => `${fixed(thresh, 2)}: accuracy_multi ${fixed(this.drawn?.value ?? 0, 3)}`
    });
  }
  /** @param {PointerEvent} event */
  share(event) {
    return (this.surface.at(event)[0] - LEFT5) / (this.surface.width - LEFT5 - RIGHT2);
  }
  /** @param {Drawn} drawn */
  show(drawn) {
    this.drawn = drawn;
    if (drawn.titles.length !== this.dots.length) {
      for (const { node } of this.dots) node.remove();
      this.dots = drawn.titles.map((_, at) => this.dot(at));
    }
    this.draw();
  }
  /** @param {number} at */
  dot(at) {
    const node = vector("g", { class: "handle probe" }, this.surface.front);
    vector("circle", { class: "reach", r: 16 }, node);
    vector("path", { class: "cell" }, node);
    const tell = slider(node, {
      min: 0,
      max: 1,
      step: 0.05,
      get: () => this.drawn?.probs[at] ?? 0,
      set: (prob) => {
        if (!this.drawn?.fixed) this.handlers.onProb(at, Math.round(prob * 100) / 100);
      },
      at: (event) => this.share(event),
      label: () => `Probability of ${this.drawn?.titles[at] ?? ""}`,
      words: (prob) => `${fixed(prob, 2)}, ${this.drawn?.targs[at] === 1 ? "true" : "not true"}`
    });
    return { node, tell };
  }
  draw() {
    const { width, back } = this.surface;
    const drawn = this.drawn;
    if (!width || !drawn) return;
    back.replaceChildren();
    const x = (share) => LEFT5 + share * (width - LEFT5 - RIGHT2);
    const hasCells = drawn.titles.length > 0;
    const [top, bottom] = hasCells ? [CURVE_TOP, CURVE_BOTTOM] : [44, CURVE_BOTTOM];
    const low = Math.max(0, Math.min(...drawn.curve.map(([, value]) => value), drawn.nothing) - 0.05);
    const from = hasCells ? 0 : Math.floor(low * 10) / 10;
    const y = (value) => bottom - (value - from) / (1 - from) * (bottom - top);
    if (hasCells) this.cells(drawn, x);
    for (const value of [0, 0.25, 0.5, 0.75, 1].map((share) => from + share * (1 - from))) {
      vector("line", { class: "rule", x1: LEFT5, x2: width - RIGHT2, y1: y(value), y2: y(value) }, back);
      vector("text", { class: "soft", x: LEFT5 - 6, y: y(value) + 4, "text-anchor": "end" }, back, `${Number(value.toFixed(3))}`);
    }
    for (const thresh of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
      vector("text", { class: "soft", x: x(thresh), y: bottom + 17, "text-anchor": "middle" }, back, `${thresh}`);
    }
    vector("text", { x: width - RIGHT2, y: bottom + 35, "text-anchor": "end" }, back, "threshold");
    vector("text", { x: 0, y: top - 10 }, back, "accuracy_multi");
    vector("line", { class: "baseline", x1: LEFT5, x2: width - RIGHT2, y1: y(drawn.nothing), y2: y(drawn.nothing) }, back);
    vector("text", { class: "curve-name soft", x: LEFT5 + 4, y: y(drawn.nothing) - 5 }, back, `nothing ${fixed(drawn.nothing, 3)}`);
    vector("path", { class: "curve", d: hasCells ? stepsPath(drawn.curve, x, y) : linePath(drawn.curve, x, y) }, back);
    for (const [thresh, value] of drawn.marks) vector("circle", { class: "mark", cx: x(thresh), cy: y(value), r: 2.5 }, back);
    this.place(drawn, x(drawn.thresh), y(drawn.value), bottom);
  }
  /**
   * @param {Drawn} drawn
   * @param {(share: number) => number} x
   */
  cells(drawn, x) {
    const back = this.surface.back;
    for (
      const [name, y] of
      /** @type {[string, number][]} */
      [["true", TRUE_Y], ["not", FALSE_Y]]
    ) {
      vector("line", { class: "rule", x1: LEFT5, x2: x(1), y1: y, y2: y }, back);
      vector("text", { x: 0, y: y + 4 }, back, name);
    }
    vector("text", { class: "soft", x: x(1), y: LINE_END + 2, "text-anchor": "end" }, back, "probability");
    this.dots.forEach(({ node, tell }, at) => {
      const [prob, isTrue] = [drawn.probs[at], drawn.targs[at] === 1];
      const right = isAbove(prob, drawn.thresh) === isTrue;
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
  place(drawn, x, y, bottom) {
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
    this.reading.textContent = `thresh ${fixed(drawn.thresh, 3)}`;
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
    const { columns, rows } = chosen(examples.targs);
    const cells = rows.flatMap((row) => columns.map((column) => ({ row, column }))).slice(0, 10);
    this.titles = cells.map(({ row, column }) => `${examples.names[column]} in picture ${rows.indexOf(row) + 1}`);
    this.targs = cells.map(({ row, column }) => examples.targs[row][column]);
    this.probs = begun(this.targs);
    this.build(rows, columns);
    if (!run) this.kind = "cells";
    const options = (
      /** @type {[string, string][]} */
      [["cells", `${cells.length} cells`], ...run ? [[RUN, "Your run"]] : []]
    );
    this.kinds.replaceChildren(...run ? [segments("What is counted", options, this.kind, (kind) => this.change(() => this.kind = kind))] : []);
    this.draw();
  }
  /**
   * The pictures, each with its cells.
   * @param {number[]} rows
   * @param {number[]} columns
   */
  build(rows, columns) {
    const { examples } = (
      /** @type {ThresholdContent} */
      this.content
    );
    this.cells = [];
    const lines = rows.map((row) => {
      const line = element("div", "picture");
      const image = element("img");
      image.src = examples.pictures[row];
      image.alt = examples.titles[row];
      line.append(image);
      for (const column of columns) {
        if (this.cells.length === this.targs.length) break;
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
    this.table.hidden = this.label.hidden = this.perfect.hidden = this.start.hidden = Boolean(run);
    if (run) this.drawRun(run);
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
      targs: this.targs,
      fixed: this.twice,
      thresh: this.thresh,
      curve: steps(probs, this.targs),
      marks: [],
      nothing,
      value
    });
    this.call(!this.twice);
    this.result.textContent = `${count} of ${total} cells are right: ${fixed(value, 2)}`;
    this.cells.forEach((cell, at) => {
      const words2 = `${fixed(probs[at], 2)} ${right[at] ? "✓" : "✗"}`;
      cell.className = `cell ${this.targs[at] === 1 ? "on" : ""} ${right[at] ? "" : "misses"}`;
      write(
        /** @type {Element} */
        cell.lastElementChild,
        words2
      );
    });
    const present = this.targs.filter((targ) => targ === 1).length;
    const own = examples.nothing === null ? "" : ` In ${examples.own ? "your data set" : examples.source}, with ${fixed(examples.per_image, 2)} of ${examples.n_labels} ${noun} a picture, it scores ${fixed(examples.nothing, 3)}.`;
    this.words.textContent = this.twice ? `sigmoid of a probability lies between 0.50 and 0.73: every cell is above 0.5. Nearly perfect predictions then score ${fixed(present / total, 2)} here, the share of true cells, instead of 1.0; where half of them are true, 0.5.` : `${total - present} of ${total} cells are not true, so predicting nothing scores ${fixed(nothing, 2)}.${own} The dashed line is what to beat.`;
  }
  /** @param {NonNullable<ThresholdContent["run"]>} run */
  drawRun({ title, threshs, accuracy, book, nothing, split }) {
    const last = threshs.length - 1;
    const value = accuracy[Math.round(this.thresh * last)];
    const marks = book.threshs.map((thresh, at) => (
      /** @type {[number, number]} */
      [thresh, book.accuracy[at]]
    ));
    this.line.show({
      titles: [],
      probs: [],
      targs: [],
      fixed: true,
      thresh: this.thresh,
      curve: threshs.map((thresh, at) => [thresh, accuracy[at]]),
      marks,
      nothing,
      value
    });
    this.call(true);
    this.result.textContent = `accuracy_multi ${fixed(value, 3)} on ${split}`;
    const best = marks.reduce((best2, mark) => mark[1] > best2[1] ? mark : best2);
    this.words.textContent = `${title}. The dots are the book's 29 thresholds; the best of them is ${fixed(best[0], 2)} with ${fixed(best[1], 3)}, predicting nothing scores ${fixed(nothing, 3)}. A best one that is chosen on these pictures looks better on them than on new ones.`;
  }
  /** @param {boolean} once whether sigmoid is not applied again */
  call(once) {
    this.code.textContent = `partial(accuracy_multi, thresh=${Number(this.thresh.toFixed(3))}${once ? ", sigmoid=False" : ""})(preds, targs)`;
  }
  remove() {
    this.later.cancel();
    this.line.surface.remove();
  }
};

// learn/panels.js
var PANELS = { "one-hot": OneHot, losses: Losses, slip: Slip, threshold: Threshold };

// learn/progress.js
var KEPT = "manyhot-learn";
var Progress = class {
  /** @param {Pick<Storage, "getItem" | "setItem"> | null} [storage] */
  constructor(storage = usual()) {
    this.storage = storage;
    this.kept = {};
    try {
      const kept = JSON.parse(storage?.getItem(KEPT) ?? "{}");
      if (kept && typeof kept === "object" && !Array.isArray(kept)) this.kept = kept;
    } catch {
      this.kept = {};
    }
  }
  /**
   * @param {string} panel
   * @returns {Answers}
   */
  answers(panel) {
    const answers = this.kept[panel];
    return Array.isArray(answers) ? answers : [];
  }
  /**
   * @param {string} panel
   * @param {Answers} answers
   */
  keep(panel, answers) {
    this.kept[panel] = answers;
    try {
      this.storage?.setItem(KEPT, JSON.stringify(this.kept));
    } catch {
      this.storage = null;
    }
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
function usual() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

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
        (question, at) => asked(question, chosen2[at], (choice) => {
          chosen2[at] = choice;
          onAnswer([...chosen2]);
        })
      )
    );
  }
};
function asked({ text, choices, answer, why }, chosen2, onChoose) {
  const root = element("fieldset", "question");
  const said = element("p", "why");
  said.setAttribute("aria-live", "polite");
  const buttons = choices.map((words2, at) => {
    const one = element("button", "choice", words2);
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
    said.textContent = at === null ? "" : `${at === answer ? "✓ Yes." : "✗ Not quite."} ${why}`;
  };
  mark(chosen2);
  const line = element("div", "choices");
  line.append(...buttons);
  root.append(element("legend", "", text), line, said);
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
    this.quiz = new Quiz();
    this.name = "";
    this.figure = null;
    this.content = "";
    const main = element("section", "panel");
    main.append(this.chooser.head, this.lead, this.place, this.quiz.root);
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
    if (now !== this.content) this.figure?.show(content);
    this.content = now;
  }
  /** @param {import("./types.js").PanelFacts[]} panels */
  doneOf(panels) {
    return panels.filter(({ name, questions }) => this.progress.isDone(name, questions)).map(({ name }) => name);
  }
  remove() {
    this.figure?.remove?.();
  }
};
export {
  learn as default
};
