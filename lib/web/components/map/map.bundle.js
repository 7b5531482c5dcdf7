// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   b4462d398667826e42aa291df40e85a11f741628f070d326f6d3ffabc2a1f606  map/colors.js
//   301cdd9ffaefb81c182e205781a56161cf9057d1768cb29761d62af673ecd257  map/fetched.js
//   52de4eec0ca80473ffa66f141f2e47d8ec3f6b8611b23cec16c81c5663701b7d  map/geometry.js
//   3f998e115a23afcd076a03f213cd6b2bd88d5855d533fc62bdfec908914d088d  map/lasso.js
//   28a664a224bc6d570577291296651f7dc9bca04f3f12b6267bbacfa91245b617  map/map.js
//   ad6905e07cbdb799aad76b7b1917a3643521d55f60aa3f307705b0b7ffde5f7d  map/raster.js
//   ca0e3b344b3154c0aea690c4a81bc31cd2582e0ac403cbf217e843ad0a9ee701  map/thumbs.js
//   4fabd9edaa6fe6fd94ec7aa46e13a673464cb74c4f26772e2a1d5ae14b9efcd9  map/tip.js
//   0be41e21f6f6bf86f14cfb30537d65391c7723d88dccfdd974a3c16ade1285f4  map/tools.js
//   9c018d6dafdd38bc27d4a5e6866df36b170d86a7d6cc97a166420ecf0d84e7f8  shared/arrows.js
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
//   ab869608f899e8fe7c16f4af24e6d7e4f750dd76cfd427d0dc69fc0ecc23f01a  shared/drag.js
//   d66a0878669fc9d656950ef8914e73ff8b94757b91ebac6b68d2a0cda0c3f9d5  shared/pictures.js
//   59e9a6c1305b4577872ff2e80d7c7dc131dfeca99008202810eba59e37c9967d  shared/zoom.js
// Of what follows: 1016615e696db8d4e79b5f4751124b623bf153e42a6f3ff07749882200e8ef05
// shared/arrows.js
var DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

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
function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
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
  set(picture) {
    this.picture = picture;
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

// map/raster.js
var MOST_SMOOTH = 1e4;
var REACH = 1.4;
var FINE = 4;
var SHAPES = [
  (x, y) => x * x + y * y <= 1,
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 0.89,
  (x, y) => Math.abs(x) + Math.abs(y) <= 1.25,
  (x, y) => y <= 0.78 && y >= 1.73 * Math.abs(x) - 1.25
];
var N_SHAPES = SHAPES.length;
var masks = /* @__PURE__ */ new Map();
function maskOf(radius, shape, smooth) {
  const key = `${radius.toFixed(2)} ${shape} ${smooth}`;
  const known = masks.get(key);
  if (known) return known;
  const reach = Math.ceil(radius * REACH);
  const cells = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      let hits = 0;
      for (let fine = 0; fine < FINE * FINE; fine++) {
        const [x, y] = [dx + (fine % FINE + 0.5) / FINE - 0.5, dy + (Math.floor(fine / FINE) + 0.5) / FINE - 0.5];
        if (SHAPES[shape](x / radius, y / radius)) hits++;
      }
      if (smooth ? hits : 2 * hits >= FINE * FINE) cells.push([dx, dy, smooth ? Math.round(255 * hits / (FINE * FINE)) : 255]);
    }
  }
  cells.sort((a, b) => b[2] - a[2]);
  const mask = {
    dx: Int32Array.from(cells, ([dx]) => dx),
    dy: Int32Array.from(cells, ([, dy]) => dy),
    covered: Uint8Array.from(cells, ([, , covered]) => covered),
    whole: cells.filter(([, , covered]) => covered === 255).length
  };
  if (masks.size > 200) masks.clear();
  masks.set(key, mask);
  return mask;
}
function drawMarks(sheet, marks, view, radius) {
  const { width, height, pixels } = sheet;
  const { positions, order, colors, shapes } = marks;
  const { scale, left, top } = view;
  const shaped = Array.from({ length: N_SHAPES }, (_, shape) => maskOf(radius, shape, order.length <= MOST_SMOOTH));
  const jumps = shaped.map(({ dx, dy }) => Int32Array.from(dx, (by, cell) => by + dy[cell] * width));
  const reach = Math.ceil(radius * REACH);
  const [right, bottom] = [width - reach, height - reach];
  let count = 0;
  pixels.fill(0);
  for (let index = 0; index < order.length; index++) {
    const at = order[index];
    const x = left + positions[2 * at] * scale + 0.5 | 0;
    const y = top + positions[2 * at + 1] * scale + 0.5 | 0;
    if (x < -reach || y < -reach || x >= width + reach || y >= height + reach) continue;
    count++;
    const mask = shaped[shapes[at]];
    if (x < reach || y < reach || x >= right || y >= bottom) {
      drawPart(sheet, mask, x, y, colors[at]);
      continue;
    }
    const jump = jumps[shapes[at]];
    const color = colors[at];
    const start = y * width + x;
    for (let cell = 0; cell < mask.whole; cell++) pixels[start + jump[cell]] = color;
    for (let cell = mask.whole; cell < jump.length; cell++) {
      const place = start + jump[cell];
      pixels[place] = blended(pixels[place], color, mask.covered[cell]);
    }
  }
  return count;
}
function drawPart({ width, height, pixels }, { dx, dy, covered }, x, y, color) {
  for (let cell = 0; cell < covered.length; cell++) {
    const [column, row] = [x + dx[cell], y + dy[cell]];
    if (column < 0 || row < 0 || column >= width || row >= height) continue;
    pixels[row * width + column] = blended(pixels[row * width + column], color, covered[cell]);
  }
}
function blended(under, over, share) {
  if (share === 255) return over;
  const alpha = under >>> 24;
  if (alpha === 0) return share << 24 | over & 16777215;
  const left = 255 - share;
  const red = (over & 255) * share + (under & 255) * left >> 8;
  const green = (over >> 8 & 255) * share + (under >> 8 & 255) * left >> 8;
  const blue = (over >> 16 & 255) * share + (under >> 16 & 255) * left >> 8;
  return (alpha > share ? alpha : share) << 24 | blue << 16 | green << 8 | red;
}
function packed([red, green, blue]) {
  return 255 << 24 | Math.round(blue) << 16 | Math.round(green) << 8 | Math.round(red);
}

// map/colors.js
var UNKNOWN = 255;
var LAST = 254;
var FAINT = 0.14;
var PALE = 0.24;
function colorsOf(buffer, n) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = (
    /** @type {Head} */
    JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
  );
  const codes = new Uint8Array(buffer, 4 + length, n);
  const passes = new Uint8Array(buffer, 4 + length + n, n);
  const values = head.scale ? new Float32Array(buffer.slice(4 + length + 2 * n, 4 + length + 6 * n)) : null;
  return new Coloring(head, codes, passes, values);
}
var Coloring = class {
  /**
   * @param {Head} head
   * @param {Uint8Array} codes numbers of groups, or positions on the scale
   * @param {Uint8Array} passes 1 for what passes the filters
   * @param {Float32Array | null} values
   */
  constructor(head, codes, passes, values) {
    this.head = head;
    this.codes = codes;
    this.passes = passes;
    this.values = values;
    this.counts = new Uint32Array(256);
  }
  /**
   * What is drawn: below what does not pass, then what is not known, then the others, mixed so that none hides another.
   * @param {Float32Array} positions
   * @param {Uint8Array | null} within which are inside the lasso
   * @param {HTMLElement} root
   * @returns {import("./raster.js").Marks}
   */
  marks(positions, within, root) {
    const n = this.codes.length;
    const [back, text] = [rgbOf(root, "--st-background-color"), rgbOf(root, "--st-text-color")];
    const faint = packed(mixed(back, text, FAINT));
    const table = this.table(packed(mixed(back, text, PALE)));
    const shape = this.head.groups.map((group) => group.shape);
    const [colors, shapes, ranks] = [new Int32Array(n), new Uint8Array(n), new Uint8Array(n)];
    const ends = [0, 0, 0];
    this.counts.fill(0);
    for (let at = 0; at < n; at++) {
      const code = this.codes[at];
      const isIn = this.passes[at] && (!within || within[at]);
      if (isIn) this.counts[code]++;
      ranks[at] = isIn ? code === UNKNOWN ? 1 : 2 : 0;
      ends[ranks[at]]++;
      colors[at] = isIn ? table[code] : faint;
      shapes[at] = isIn ? shape[code] ?? 0 : 0;
    }
    const next = [0, ends[0], ends[0] + ends[1]];
    const order = new Uint32Array(n);
    for (const at of shuffled(n)) order[next[ranks[at]]++] = at;
    return { positions, order, colors, shapes };
  }
  /** @param {number} unknown */
  table(unknown) {
    const table = new Int32Array(256).fill(unknown);
    this.head.groups.forEach(({ color }, code) => table[code] = packed(rgbOfHex(color)));
    const { scale } = this.head;
    if (scale) for (let code = 0; code <= LAST; code++) table[code] = packed(between(scale.stops, code / LAST));
    return table;
  }
  /** @param {number} at */
  wordsOf(at) {
    const { groups, title, unit, unknown } = this.head;
    if (this.codes[at] === UNKNOWN) return unknown;
    if (!this.values) return groups[this.codes[at]].name;
    return `${title} ${Number(this.values[at].toPrecision(3))}${unit && ` ${unit}`}`;
  }
};
var orders = /* @__PURE__ */ new Map();
function shuffled(n) {
  const known = orders.get(n);
  if (known) return known;
  const order = Uint32Array.from({ length: n }, (_, at) => at);
  let state = 12345;
  for (let at = n - 1; at > 0; at--) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    const other = state % (at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  orders.clear();
  orders.set(n, order);
  return order;
}
function between(stops, share) {
  const above = Math.max(1, stops.findIndex(([place]) => place >= share));
  const [[low, from], [high, to]] = [stops[above - 1], stops[above]];
  return mixed(rgbOfHex(from), rgbOfHex(to), (share - low) / (high - low));
}
var mixed = (one, other, share) => one.map((value, channel) => value + (other[channel] - value) * share);
var rgbOfHex = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
function rgbOf(root, name) {
  const pen = (
    /** @type {CanvasRenderingContext2D} */
    document.createElement("canvas").getContext("2d")
  );
  pen.fillStyle = getComputedStyle(root).getPropertyValue(name).trim();
  return rgbOfHex(String(pen.fillStyle));
}
function legend(where, { head, counts }) {
  const entries = head.groups.map(({ name, color, shape }, code) => entry(swatch(color, shape), name, counts[code]));
  if (head.scale) {
    const bar = element("span", "bar");
    bar.style.background = `linear-gradient(90deg, ${head.scale.stops.map(([place, color]) => `${color} ${100 * place}%`).join(", ")})`;
    const scale = element("span", "entry");
    scale.append(element("span", "end", head.scale.low), bar, element("span", "end", `${head.scale.high}${head.unit && ` ${head.unit}`}`));
    entries.push(scale);
  }
  if (counts[UNKNOWN]) entries.push(entry(swatch("", 0), head.unknown, counts[UNKNOWN]));
  where.replaceChildren(element("span", "by", head.title), ...entries);
}
function entry(sign, name, count) {
  const one = element("span", "entry");
  const word = element("span", "name", name);
  word.title = name;
  one.append(sign, word, element("span", "count", count.toLocaleString("en")));
  return one;
}
function swatch(color, shape) {
  const svg = vector("svg", color ? "swatch" : "swatch unknown");
  svg.setAttribute("viewBox", "-6 -6 12 12");
  svg.setAttribute("aria-hidden", "true");
  const path = vector("path", void 0, svg);
  path.setAttribute("d", ["M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0", "M-4 -4H4V4H-4Z", "M0 -5.6L5.6 0L0 5.6L-5.6 0Z", "M0 -5.2L5.3 3.7H-5.3Z"][shape]);
  if (color) path.style.fill = color;
  return svg;
}

// map/fetched.js
var LEAST = 0.01;
async function fetched(url) {
  const answer = await fetch(url).catch(() => null);
  if (!answer) return { refusal: "The server cannot be reached: reload the page." };
  return answer.ok ? { buffer: await answer.arrayBuffer() } : { refusal: await answer.text() || `Error ${answer.status}.` };
}
function positionsOf({ buffer, refusal }) {
  if (!buffer) return { refusal };
  const n = new DataView(buffer).getUint32(0, true);
  const positions = new Float32Array(buffer, 4 + 4 * n, 2 * n);
  const size = { width: LEAST, height: LEAST };
  for (let at = 0; at < n; at++) {
    size.width = Math.max(size.width, positions[2 * at]);
    size.height = Math.max(size.height, positions[2 * at + 1]);
  }
  return { all: { rows: new Uint32Array(buffer, 4, n), positions, size } };
}

// map/geometry.js
var CELLS = 256;
var UNIT = 1e5;
var FARTHEST = 10;
var MOST_CORNERS = 64;
var CORNER = /^(-?\d{1,7})\.(-?\d{1,7})$/;
var Grid = class {
  /** @param {Float32Array} positions x and y in turn, from 0 to 1 */
  constructor(positions) {
    this.positions = positions;
    const n = positions.length / 2;
    const cells = new Uint16Array(n);
    this.starts = new Uint32Array(CELLS * CELLS + 1);
    for (let at = 0; at < n; at++) {
      cells[at] = cellOf(positions[2 * at + 1]) * CELLS + cellOf(positions[2 * at]);
      this.starts[cells[at] + 1]++;
    }
    for (let cell = 0; cell < CELLS * CELLS; cell++) this.starts[cell + 1] += this.starts[cell];
    const next = this.starts.slice(0, -1);
    this.order = new Uint32Array(n);
    for (let at = 0; at < n; at++) this.order[next[cells[at]]++] = at;
  }
  /**
   * The nearest of those within `radius` that `counts`, -1 where there is none.
   * @param {Place} place
   * @param {number} radius
   * @param {(at: number) => boolean} counts
   */
  nearest([x, y], radius, counts) {
    let [best, least] = [-1, radius * radius];
    const [left, right, top, bottom] = [cellOf(x - radius), cellOf(x + radius), cellOf(y - radius), cellOf(y + radius)];
    for (let down = top; down <= bottom; down++) {
      const [first, end] = [this.starts[down * CELLS + left], this.starts[down * CELLS + right + 1]];
      for (let index = first; index < end; index++) {
        const at = this.order[index];
        const apart = (this.positions[2 * at] - x) ** 2 + (this.positions[2 * at + 1] - y) ** 2;
        if (apart <= least && counts(at)) [best, least] = [at, apart];
      }
    }
    return best;
  }
};
var cellOf = (value) => Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS)));
function onward(positions, from, [dx, dy], counts) {
  let [best, least] = [-1, Infinity];
  for (let at = 0; at < positions.length / 2; at++) {
    const [x, y] = [positions[2 * at] - positions[2 * from], positions[2 * at + 1] - positions[2 * from + 1]];
    const [ahead, aside] = [x * dx + y * dy, Math.abs(x * dy - y * dx)];
    if (ahead <= 0 || aside > ahead || !counts(at)) continue;
    const far = ahead + 2 * aside;
    if (far < least) [best, least] = [at, far];
  }
  return best;
}
function inside(positions, corners) {
  const isInside = new Uint8Array(positions.length / 2);
  for (let one = 0, other = corners.length - 1; one < corners.length; other = one++) {
    const [[x1, y1], [x2, y2]] = [corners[one], corners[other]];
    for (let at = 0; at < isInside.length; at++) {
      const y = positions[2 * at + 1];
      if (y1 > y !== y2 > y && positions[2 * at] < (x2 - x1) * (y - y1) / (y2 - y1) + x1) isInside[at] ^= 1;
    }
  }
  return isInside;
}
function simplified(line, far) {
  if (line.length < 3) return line;
  const [[x1, y1], [x2, y2]] = [line[0], line[line.length - 1]];
  const squared = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  let [worst, most] = [0, far];
  for (let at = 1; at < line.length - 1; at++) {
    const [x, y] = line[at];
    const along = squared ? Math.min(1, Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / squared)) : 0;
    const apart = Math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1));
    if (apart > most) [worst, most] = [at, apart];
  }
  if (!worst) return [line[0], line[line.length - 1]];
  return [...simplified(line.slice(0, worst + 1), far).slice(0, -1), ...simplified(line.slice(worst), far)];
}
function written(line, far) {
  let corners = simplified(line, far);
  for (let more = far; corners.length > MOST_CORNERS; more *= 1.5) corners = simplified(line, more);
  const step = (value) => Math.round(Math.min(FARTHEST, Math.max(-FARTHEST, value)) * UNIT);
  const steps = corners.map(([x, y]) => `${step(x)}.${step(y)}`);
  const differing = steps.filter((corner, at) => corner !== steps[(at + 1) % steps.length]);
  return differing.length < 3 ? "" : differing.join("_");
}
function cornersOf(text) {
  const matches = text.split("_").map((corner) => CORNER.exec(corner));
  if (matches.length < 3 || matches.some((match) => !match)) return [];
  return matches.map((match) => [Number(match?.[1]) / UNIT, Number(match?.[2]) / UNIT]);
}

// map/lasso.js
var BESIDE_PX = 1.5;
var STEP_PX = 2;
var Lasso = class {
  /**
   * @param {HTMLElement} stage
   * @param {Hooks} hooks
   */
  constructor(stage, hooks) {
    this.stage = stage;
    this.hooks = hooks;
    this.mode = /** @type {"move" | "lasso" | "box"} */
    "move";
    this.held = false;
    this.corners = [];
    this.line = [];
    this.root = element("div", "lasso");
    this.svg = vector("svg");
    this.chosen = vector("polygon", "chosen", this.svg);
    this.drawn = vector("polygon", "drawn", this.svg);
    this.root.append(this.svg);
  }
  /** @param {boolean} shift */
  hold(shift) {
    this.held = shift;
  }
  get draws() {
    return this.mode !== "move" || this.held;
  }
  /** @param {Place[]} corners */
  show(corners) {
    this.corners = corners;
    this.draw();
  }
  draw() {
    this.chosen.setAttribute("points", pointsOf(this.corners.map((corner) => this.hooks.pixels(corner))));
  }
  /**
   * @param {Place} from
   * @returns {import("../shared/zoom.js").Drag}
   */
  begin(from) {
    this.line = [from];
    const draw = () => this.drawn.setAttribute("points", pointsOf(this.line));
    const end = () => {
      this.line = [];
      this.held = false;
      draw();
    };
    return {
      to: (at) => {
        const [x, y] = this.line[this.line.length - 1];
        if (this.mode === "box") this.line = [from, [at[0], from[1]], at, [from[0], at[1]]];
        else if (Math.hypot(at[0] - x, at[1] - y) >= STEP_PX) this.line.push(at);
        draw();
      },
      drop: () => {
        const [origin, next] = [this.hooks.place([0, 0]), this.hooks.place([1, 0])];
        const text = written(this.line.map((at) => this.hooks.place(at)), BESIDE_PX * Math.abs(next[0] - origin[0]));
        end();
        if (text) this.hooks.chosen(text);
      },
      cancel: end
    };
  }
};
var pointsOf = (positions) => positions.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");

// shared/pictures.js
function pictureAddress(template, item, size) {
  return template.replace("{item}", String(item)).replace("{size}", String(size));
}

// map/thumbs.js
var WIDE_PX = 72;
var SIDE_PX = 56;
var MOST = 90;
var SIZE_PX = 128;
var STILL_MS = 140;
var CROWD = 2.5;
function chosen(positions, { scale, left, top }, { width, height }, counts) {
  const cell = WIDE_PX / 2 ** (Math.round(2 * Math.log2(scale)) / 2);
  const cells = /* @__PURE__ */ new Map();
  let inSight = 0;
  for (let at = 0; at < positions.length / 2; at++) {
    const [x, y] = [positions[2 * at], positions[2 * at + 1]];
    const [column, row] = [left + x * scale, top + y * scale];
    if (column < 0 || row < SIDE_PX || column > width || row > height || !counts(at)) continue;
    inSight++;
    const key = `${Math.floor(x / cell)} ${Math.floor(y / cell)}`;
    const apart = Math.hypot(x / cell % 1 - 0.5, y / cell % 1 - 0.5);
    if (apart < (cells.get(key)?.apart ?? 1)) cells.set(key, { at, apart });
  }
  const shown = [...cells.values()].map(({ at }) => at).slice(0, MOST);
  return inSight > CROWD * shown.length ? [] : shown;
}
var Thumbs = class {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.stage = stage;
    this.root = element("div", "thumbs");
    this.shown = /* @__PURE__ */ new Map();
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */
    void 0;
    this.on = true;
  }
  /**
   * @param {Positions} all
   * @param {View} view
   * @param {string} pictures address, with `{item}` and `{size}` in it
   * @param {(at: number) => boolean} counts
   */
  draw(all, view, pictures, counts) {
    this.place(all, view);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.choose(all, view, pictures, counts), STILL_MS);
  }
  /**
   * @param {Positions} all
   * @param {View} view
   * @param {string} pictures
   * @param {(at: number) => boolean} counts
   */
  choose(all, view, pictures, counts) {
    const { clientWidth: width, clientHeight: height } = this.stage;
    const wanted = new Set(this.on ? chosen(all.positions, view, { width, height }, counts) : []);
    for (const [at, image] of this.shown) {
      if (wanted.has(at)) continue;
      image.remove();
      this.shown.delete(at);
    }
    for (const at of wanted) {
      if (this.shown.has(at)) continue;
      const image = element("img");
      image.alt = "";
      image.decoding = "async";
      image.onload = () => image.classList.add("there");
      image.src = pictureAddress(pictures, all.rows[at], SIZE_PX);
      this.shown.set(at, image);
      this.root.append(image);
    }
    this.place(all, view);
  }
  /**
   * @param {Positions} all
   * @param {View} view
   */
  place({ positions }, { scale, left, top }) {
    for (const [at, image] of this.shown) image.style.translate = `${left + positions[2 * at] * scale}px ${top + positions[2 * at + 1] * scale}px`;
  }
  remove() {
    clearTimeout(this.timer);
  }
};

// map/tip.js
var ASIDE_PX = 14;
var TITLE_END = 12;
var SIZE_PX2 = 256;
var WAIT_MS = 90;
var Tip = class {
  constructor() {
    this.root = element("div", "tip");
    this.root.setAttribute("role", "status");
    this.root.hidden = true;
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */
    void 0;
    this.row = -1;
  }
  /**
   * @param {{ pictures: string, words: string }} data
   * @param {number} row
   * @param {string} colored what its color says
   */
  show(data, row, colored) {
    clearTimeout(this.timer);
    this.row = row;
    this.root.hidden = false;
    const image = element("img");
    image.alt = "";
    this.root.replaceChildren(image, element("span", "colored", colored));
    this.timer = setTimeout(async () => {
      image.src = pictureAddress(data.pictures, row, SIZE_PX2);
      const answer = await fetch(data.words.replace("{row}", String(row))).catch(() => null);
      if (!answer?.ok || this.row !== row) return;
      const { title, split } = await answer.json();
      this.root.append(middle(title, TITLE_END), element("span", "split", split));
    }, WAIT_MS);
  }
  hide() {
    clearTimeout(this.timer);
    this.row = -1;
    this.root.hidden = true;
  }
  /**
   * @param {number} x
   * @param {number} y
   * @param {HTMLElement} stage
   */
  place(x, y, stage) {
    const right = x > stage.clientWidth / 2;
    const below = y > stage.clientHeight / 2;
    this.root.style.translate = `${x + (right ? -ASIDE_PX : ASIDE_PX)}px ${y + (below ? -ASIDE_PX : ASIDE_PX)}px`;
    this.root.style.transform = `translate(${right ? -100 : 0}%, ${below ? -100 : 0}%)`;
  }
};

// map/tools.js
var Tools = class {
  /** @param {{ zoom: import("../shared/zoom.js").Zoom, mode: (mode: Mode) => void, clear: () => void, pictures: (on: boolean) => void }} hooks */
  constructor({ zoom, mode, clear, pictures }) {
    this.root = element("div", "tools");
    const modes = element("span", "group");
    const ways = [
      ["move", "✥", "Move", "A drag moves the map (Esc)"],
      ["lasso", "⌾", "Lasso", "A drag draws around images and selects them (L, or Shift)"],
      ["box", "▭", "Box", "A drag selects the images in a box (B)"]
    ];
    this.modes = ways.map(([name, sign, text, label]) => {
      const one = worded(sign, text, label, () => mode(name));
      one.setAttribute("aria-pressed", "false");
      return { name, one };
    });
    modes.append(...this.modes.map(({ one }) => one));
    const zooms = element("span", "group");
    zooms.append(
      button("control", "−", "Smaller (minus, or the wheel)", () => zoom.smaller()),
      button("control", "⤢", "The whole map (0)", () => zoom.fit()),
      button("control", "+", "Larger (plus, or the wheel)", () => zoom.larger())
    );
    const shown = worded("▣", "Pictures", "Show pictures where there is room for them", () => {
      const on = shown.getAttribute("aria-pressed") !== "true";
      shown.setAttribute("aria-pressed", `${on}`);
      pictures(on);
    });
    shown.setAttribute("aria-pressed", "true");
    this.clear = worded("✕", "Selection", "Clear the selection", clear);
    this.root.append(modes, zooms, shown, this.clear);
    this.draw("move", false);
  }
  /**
   * @param {Mode} mode
   * @param {boolean} selected whether there is a selection
   */
  draw(mode, selected) {
    for (const { name, one } of this.modes) one.setAttribute("aria-pressed", `${name === mode}`);
    this.clear.hidden = !selected;
  }
};
function worded(sign, word, label, onclick) {
  const one = button("control", sign, label, onclick);
  one.append(element("span", "word", ` ${word}`));
  return one;
}

// map/map.js
var MANY = 2e4;
var MOST_PIXELS = 4e6;
var NEAR_PX = 14;
var GROWS = 0.35;
var MOST_RADIUS = 11;
var USUAL_PX = 1e3;
var RADII = [[300, 5.5], [2e3, 3.8], [1e4, 2.6], [4e4, 1.8], [Infinity, 1.3]];
var maps = /* @__PURE__ */ new WeakMap();
function map({ data, parentElement, setTriggerValue }) {
  const shown = maps.get(parentElement) ?? new PictureMap(
    /** @type {HTMLElement} */
    parentElement.querySelector(".map")
  );
  maps.set(parentElement, shown);
  shown.send = setTriggerValue;
  shown.show(data);
  return () => {
    maps.get(parentElement)?.remove();
    maps.delete(parentElement);
  };
}
var PictureMap = class {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.send = () => {
    };
    this.data = /** @type {Shown | null} */
    null;
    this.all = /** @type {Positions | null} */
    null;
    this.grid = /** @type {Grid | null} */
    null;
    this.coloring = /** @type {Coloring | null} */
    null;
    this.within = /** @type {Uint8Array | null} */
    null;
    this.marks = /** @type {import("./raster.js").Marks | null} */
    null;
    this.later = eachFrame(() => this.draw());
    this.at = -1;
    this.view = { scale: 1, left: 0, top: 0 };
    this.canvas = element("canvas");
    this.stage = element("div", "stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-label", "Map of the images. Arrow keys go from image to image, Enter opens one, M shows those like it.");
    this.legend = element("div", "legend");
    this.status = element("p", "status");
    this.status.setAttribute("role", "status");
    this.lasso = new Lasso(this.stage, {
      place: (at) => this.placeOf(at),
      pixels: (place) => this.pixelsOf(place),
      chosen: (text) => this.choose(text)
    });
    this.tip = new Tip();
    this.mark = element("span", "cursor");
    this.thumbs = new Thumbs(this.stage);
    this.stage.append(this.canvas, this.thumbs.root, this.lasso.root, this.mark, this.tip.root);
    this.zoom = new Zoom(this.stage, {
      smallest: 0.5,
      largest: (whole) => 400 * whole,
      within: (place, room, size, enlarged) => enlarged ? Math.min(room * 0.75, Math.max(room * 0.25 - size, place)) : (room - size) / 2,
      drawn: (view) => this.moved(view),
      grab: (at) => this.lasso.draws ? this.lasso.begin(at) : null,
      hover: (at) => this.point(at),
      click: () => this.open()
    });
    this.tools = new Tools({ zoom: this.zoom, mode: (mode) => this.setMode(mode), clear: () => this.choose(""), pictures: (on) => this.picture(on) });
    root.replaceChildren(this.tools.root, this.stage, this.legend, this.status);
    this.stage.addEventListener("pointerdown", (event) => this.lasso.hold(event.shiftKey), { capture: true });
    this.stage.onkeydown = (event) => this.key(event);
    this.stage.onblur = () => this.point(null);
    this.themes = new MutationObserver(() => this.colored());
    this.themes.observe(document.documentElement, { attributes: true });
  }
  // --- what Python says ------------------------------------------------------------------------------------
  /** @param {Shown} data */
  async show(data) {
    const before = this.data;
    this.data = data;
    if (before?.lasso !== data.lasso) this.select(data.lasso);
    if (before?.positions === data.positions && before.colors === data.colors) return;
    this.root.classList.toggle("waits", true);
    const kept = before?.positions === data.positions && this.all ? { all: this.all, refusal: void 0 } : null;
    const [positions, colors] = await Promise.all([
      kept ?? fetched(data.positions).then(positionsOf),
      fetched(data.colors)
    ]);
    if (this.data !== data && (this.data.positions !== data.positions || this.data.colors !== data.colors)) return;
    this.root.classList.toggle("waits", false);
    const refusal = positions.refusal ?? colors.refusal;
    if (refusal || !positions.all || !colors.buffer) return write(this.status, `The map could not be loaded. ${refusal}`);
    const { all } = positions;
    if (this.all !== all) {
      this.all = all;
      this.grid = new Grid(all.positions);
      this.at = -1;
      this.zoom.set(all.size);
    }
    this.coloring = colorsOf(colors.buffer, all.rows.length);
    this.select(this.data.lasso);
  }
  /** @param {string} text */
  select(text) {
    const corners = cornersOf(text.slice(text.indexOf("~") + 1));
    this.lasso.show(corners);
    this.within = corners.length && this.all ? inside(this.all.positions, corners) : null;
    this.tools.draw(this.lasso.mode, corners.length > 0);
    this.colored();
  }
  // Makes the marks anew: what does not pass is faint and below.
  colored() {
    if (!this.all || !this.coloring) return;
    this.marks = this.coloring.marks(this.all.positions, this.within, this.root);
    legend(this.legend, this.coloring);
    this.later();
  }
  // --- what people do --------------------------------------------------------------------------------------
  /** @param {string} text */
  choose(text) {
    this.setMode("move");
    this.select(text);
    this.send("lasso", text);
  }
  /** @param {"move" | "lasso" | "box"} mode */
  setMode(mode) {
    this.lasso.mode = mode;
    this.stage.dataset.mode = mode;
    this.tools.draw(mode, this.lasso.corners.length > 0);
  }
  /** @param {Place | null} at */
  point(at) {
    if (!at) return this.reach(-1);
    if (!this.grid || this.lasso.draws) return;
    this.reach(this.grid.nearest(this.placeOf(at), NEAR_PX / this.view.scale, (one) => this.counts(one)));
  }
  /** @param {number} at */
  reach(at) {
    if (at === this.at) return;
    this.at = at;
    this.stage.classList.toggle("pointing", at >= 0);
    this.follow();
    if (at < 0 || !this.all || !this.data || !this.coloring) return this.tip.hide();
    this.tip.show(this.data, this.all.rows[at], this.coloring.wordsOf(at));
  }
  /** @param {number} at whether it passes the filters and is inside the lasso */
  counts(at) {
    return Boolean(this.coloring?.passes[at] && (!this.within || this.within[at]));
  }
  open() {
    if (this.at >= 0 && this.all) this.send("open", this.all.rows[this.at]);
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = {
      Enter: () => this.open(),
      m: () => this.at >= 0 && this.all && this.send("like", this.all.rows[this.at]),
      "+": () => this.zoom.larger(),
      "=": () => this.zoom.larger(),
      // the same key without shift
      "-": () => this.zoom.smaller(),
      0: () => this.zoom.fit(),
      l: () => this.setMode("lasso"),
      b: () => this.setMode("box"),
      Escape: () => (this.zoom.cancel(), this.setMode("move"), this.reach(-1))
    };
    if (event.key in DIRECTIONS) this.step(DIRECTIONS[event.key]);
    else if (event.key in keys) keys[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  /** @param {Place} way */
  step(way) {
    if (!this.all || !this.grid) return;
    const { positions } = this.all;
    if (this.at < 0) return this.reach(this.grid.nearest(this.placeOf(this.zoom.middle()), 10, (at) => this.counts(at)));
    const next = onward(positions, this.at, way, (at) => this.counts(at));
    if (next < 0) return;
    this.reach(next);
    this.zoom.reveal([positions[2 * next] * this.view.scale, positions[2 * next + 1] * this.view.scale]);
  }
  // --- what is drawn ---------------------------------------------------------------------------------------
  /** @param {import("../shared/zoom.js").View} view */
  moved(view) {
    this.view = view;
    this.follow();
    this.lasso.draw();
    this.later();
  }
  // Puts the ring and what is said of the picture that is pointed at to where it is now.
  follow() {
    this.mark.hidden = this.at < 0;
    if (this.at < 0 || !this.all) return;
    const [x, y] = this.pixelsOf([this.all.positions[2 * this.at], this.all.positions[2 * this.at + 1]]);
    this.mark.style.transform = `translate(${x}px, ${y}px)`;
    this.tip.place(x, y, this.stage);
  }
  /**
   * @param {Place} at in pixels of the stage
   * @returns {Place}
   */
  placeOf([x, y]) {
    return [(x - this.view.left) / this.view.scale, (y - this.view.top) / this.view.scale];
  }
  /**
   * @param {Place} place
   * @returns {Place}
   */
  pixelsOf([x, y]) {
    return [this.view.left + x * this.view.scale, this.view.top + y * this.view.scale];
  }
  /** @param {boolean} on whether pictures are shown where there is room */
  picture(on) {
    this.thumbs.on = on;
    this.later();
  }
  draw() {
    const { clientWidth, clientHeight } = this.stage;
    if (!this.marks || !clientWidth || !clientHeight) return;
    const n = this.marks.order.length;
    const most = Math.sqrt(MOST_PIXELS / (clientWidth * clientHeight));
    const fine = Math.min(n > MANY ? 1 : devicePixelRatio, most);
    const [width, height] = [Math.round(clientWidth * fine), Math.round(clientHeight * fine)];
    if (this.canvas.width !== width || this.canvas.height !== height || !this.sheet) {
      ;
      [this.canvas.width, this.canvas.height] = [width, height];
      this.image = new ImageData(width, height);
      this.sheet = { width, height, pixels: new Int32Array(this.image.data.buffer) };
    }
    const grown = Math.max(1, this.view.scale / this.zoom.fitting) ** GROWS;
    const narrow = Math.min(1, Math.sqrt(clientWidth / USUAL_PX));
    const radius = Math.min(MOST_RADIUS, grown * narrow * /** @type {[number, number]} */
    RADII.find(([count]) => n <= count)[1]);
    const { scale, left, top } = this.view;
    drawMarks(this.sheet, this.marks, { scale: scale * fine, left: left * fine, top: top * fine }, radius * fine);
    this.canvas.getContext("2d")?.putImageData(
      /** @type {ImageData} */
      this.image,
      0,
      0
    );
    if (this.all && this.data) this.thumbs.draw(this.all, this.view, this.data.pictures, (at) => this.counts(at));
    this.mark.style.setProperty("--radius", `${Math.round(radius + 4)}px`);
  }
  remove() {
    this.later.cancel();
    this.themes.disconnect();
    this.thumbs.remove();
    this.zoom.remove();
    this.data = null;
  }
};
export {
  map as default
};
