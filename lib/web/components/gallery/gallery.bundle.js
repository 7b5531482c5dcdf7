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
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
//   d66a0878669fc9d656950ef8914e73ff8b94757b91ebac6b68d2a0cda0c3f9d5  shared/pictures.js
//   59e9a6c1305b4577872ff2e80d7c7dc131dfeca99008202810eba59e37c9967d  shared/zoom.js
// Of what follows: 7fd712e44fcb1cc03d9301efcf93b0d087b259301f150c8612b28c57cb85d7f5
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
function middle(text, tail) {
  const name = element("span", "title");
  const cut = Math.max(0, text.length - tail);
  name.append(element("span", "head", text.slice(0, cut)), element("span", "tail", text.slice(cut)));
  name.title = text;
  return name;
}
function rootOf(node) {
  return (
    /** @type {ShadowRoot | Document} */
    node.getRootNode()
  );
}

// gallery/film.js
var FRAME_MS = 333;
function filmOf(data, first) {
  let text = first;
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
      const place = next.findIndex(({ title }) => title === frames[index].title);
      if (place >= 0) return place;
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
      if (next === text) return;
      text = next;
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
function digits(value) {
  return value >= 999.5 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
function pointWords(data, card, k) {
  const name = data.point_names[k] ?? `point ${k + 1}`;
  const inPixels = (place) => place && [place[0] * card.width, place[1] * card.height];
  const [from, to] = [inPixels(card.true_points[k]), inPixels(card.pred_points[k])];
  const where = ([x, y]) => `(${x.toFixed(1)}, ${y.toFixed(1)})${x < 0 || y < 0 || x > card.width || y > card.height ? ", outside the image" : ""}`;
  if (from && to) {
    const off = digits(Math.hypot(to[0] - from[0], to[1] - from[1]));
    if (data.revisions) return [`${name}: moved by ${off} px`, `before ${where(to)}, after ${where(from)}`];
    return [`${name}: ${off} px off`, `true ${where(from)}, predicted ${where(to)}`];
  }
  if (data.revisions && to) return [`${name}: missing now`, `before ${where(to)}`];
  if (data.revisions && from) return [name, where(from)];
  const labeled = card.true_points.length > 0;
  const spread = card.spread?.[k];
  const sure = spread === null || spread === void 0 ? "" : `, spread ${digits(spread)} px`;
  if (to) return [labeled ? `${name}: predicted, not labeled` : name, `predicted ${where(to)}${sure}`];
  if (from) return [card.pred_points.length ? `${name}: labeled, not predicted` : name, where(from)];
  return [name, "missing"];
}
function pointedAt(seen, [x, y], r) {
  const all = Array.from({ length: Math.max(...seen.map((places) => places.length)) }, (_, k) => k);
  const away = (place) => place ? Math.hypot(place[0] - x, place[1] - y) : Infinity;
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
var edgeToMiddle = (place, room, size, enlarged) => enlarged ? Math.min(room / 2, Math.max(room / 2 - size, place)) : (room - size) / 2;
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
    const place = this.at(event);
    this.fingers.set(event.pointerId, place);
    this.stage.setPointerCapture(event.pointerId);
    if (this.fingers.size > 1) return void this.cancel();
    this.drag = this.hooks.grab?.(place) ?? this.pan(place);
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
    const place = this.at(event);
    if (!this.fingers.has(event.pointerId)) return this.hooks.hover?.(place);
    const before = this.spread();
    this.fingers.set(event.pointerId, place);
    const now = this.spread();
    if (before && now) this.enlarge(before.distance > 1 ? now.distance / before.distance : 1, before.middle, now.middle);
    this.drag?.to(place);
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
function chip({ text, kind, value }, meaning) {
  const item = element("li");
  const [symbol, word, amount, level, spoken] = ["symbol", "word", "value", "level", "spoken"].map((name) => element("span", name));
  level.setAttribute("aria-hidden", "true");
  item.append(symbol, word, amount, spoken, level);
  drawChip(item, { text, kind, value }, meaning);
  return item;
}
function drawChip(item, { text, kind, value }, meaning) {
  const known = kind in KINDS ? kind : "plain";
  const [sign, words] = KINDS[known];
  const meant = meaning ?? (known === "plain" && value === null ? "" : words);
  const [symbol, word, amount, spoken, level] = (
    /** @type {HTMLCollectionOf<HTMLElement>} */
    item.children
  );
  item.className = `chip ${known}${value === null ? "" : " measured"}`;
  item.title = meant ? `${text}: ${meant}${value === null ? "" : `, probability ${value.toPrecision(3)}`}` : text;
  symbol.textContent = sign;
  if (text.length > LONG_NAME) word.replaceChildren(...middle(text, NAME_END).children);
  else word.textContent = text;
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
  const words = card.chips.filter(({ kind }) => kind !== "plain" && kind !== "below").map(({ text, kind }) => `${text} (${KINDS[kind]?.[1]})`);
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
  const place = `manyhot-gallery-${kind}`;
  let chosen = {};
  try {
    chosen = JSON.parse(sessionStorage.getItem(place) ?? "null") ?? {};
  } catch {
    chosen = kept.get(place) ?? {};
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
      kept.set(place, chosen);
      try {
        sessionStorage.setItem(place, JSON.stringify(chosen));
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
  const lone = some(({ true_points, pred_points }) => true_points.length && pred_points.some((place, k) => place && !true_points[k]));
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
  const between = (share, cells) => {
    const at = Math.min(cells - 1, Math.max(0, share * cells - 0.5));
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
function setPath(path, d) {
  if (path.getAttribute("d") !== d) path.setAttribute("d", d);
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
  const largest = Math.max(1.5 * r, r < 3 ? 4 : 0);
  const emphasis = chosen.length ? layersOf(svg, "chosen") : null;
  const words = names ? namesOf(svg, data.point_names, all, chosen) : null;
  let light = null;
  let lit = [];
  let [now, width, height] = [card, 0, 0];
  let true_ = [];
  let pred = [];
  const placed = (points) => points.map((place) => place && [place[0] * width, place[1] * height]);
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
    emphasis?.(true_, pred, chosen, largest);
    words?.(true_, pred, lit, r);
    light?.(true_, pred, lit, largest);
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
    light(true_, pred, lit, largest);
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
  const write = (label, text, className, [x, y], left) => {
    label.textContent = text;
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
      const beside = (place, isLeft) => [place[0] + (isLeft ? -gap : gap), place[1]];
      if (from) wanted.push([`of-true ${kind}`, k, free(beside(from, left)), left]);
      if (to && (kind || !from)) wanted.push([`of-pred ${kind}`, k, free(beside(to, Boolean(from && !left))), Boolean(from && !left)]);
    }
    while (spare.length < wanted.length) spare.push(vector("text", "", group));
    spare.forEach((label, index) => {
      if (index >= wanted.length) return label.setAttribute("class", "unused");
      const [className, k, place, isLeft] = wanted[index];
      write(label, names[k] ?? `point ${k + 1}`, className, place, isLeft);
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
  const show = (lines, clientX, clientY) => {
    if (!lines.length) return hide();
    const text = lines.flat().join("\n");
    if (text !== shown) box.replaceChildren(...lines.flatMap(([head, rest]) => [element("b", "", head), element("span", "", rest)]));
    shown = text;
    box.hidden = false;
    const around = host.getBoundingClientRect();
    const [x, y] = [clientX - around.left, clientY - around.top];
    const left = Math.max(0, Math.min(x + 14, around.width - box.offsetWidth));
    const below = clientY + 18 + box.offsetHeight < innerHeight;
    box.style.transform = `translate(${left}px, ${below ? y + 18 : y - box.offsetHeight - 12}px)`;
  };
  return { box, show, hide };
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
  const place = element("span", "place");
  place.setAttribute("aria-live", "polite");
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
  const step2 = (by) => show((index + by + data.cards.length) % data.cards.length);
  function show(next) {
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
    place.textContent = `${index + 1} of ${data.cards.length}`;
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
    place,
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
    show(at);
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
    const place = (
      /** @type {[number, number]} */
      marks.place(k)
    );
    zoom.reveal(place);
    marks.highlight([k]);
    const [x, y] = place;
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
var mounted = /* @__PURE__ */ new WeakMap();
function gallery({ data, parentElement, setTriggerValue, setStateValue }) {
  const { frames, selected, ...fixed } = data;
  const root = (
    /** @type {HTMLElement} */
    parentElement.querySelector(".gallery")
  );
  const edit = fixed.editable ? (item) => setTriggerValue("edit", item) : null;
  const like = fixed.alike ? (item) => setTriggerValue("like", item) : null;
  const pick = selected ? (picked) => setStateValue("picked", picked) : null;
  const shown = renewed(mounted.get(parentElement), fixed, root, { frames, edit, like, pick });
  mounted.set(parentElement, shown);
  if (selected) shown.selection?.update(selected);
  if (frames) shown.film?.update(frames);
  return () => {
    mounted.get(parentElement)?.close();
    mounted.delete(parentElement);
  };
}
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
export {
  gallery as default,
  renewed
};
