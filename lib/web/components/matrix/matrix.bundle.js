// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   c81b31a39ee066a3b0df0576b6b434a656075452b8896ac84abfd5b4004cc8e6  matrix/blocks.js
//   68a692bc315c24a454e2aaa1e13f4e3df6e98f80a941d1c5e5e24395ab2f15ba  matrix/geometry.js
//   ad15dc7829e8155f685bc5ff007a1a1c292402c2998489f086c32e8d1bc9fce1  matrix/head.js
//   b1c54688013b9ee6e64967f74b2404241704424d220fdf94b251f1c18f2ed7f6  matrix/matrix.js
//   6f5cd8cd86abce35b2002736bf1e36f0d17a567abf3d42719b0338794e8f8d6f  matrix/scroll.js
//   d8e11b9b8361497cbbf2a2d1f0d4b8e4e9a31a5980c0396b7f17c4d4973af11e  matrix/sheet.js
//   51a7950faa2eef8e7ffe9b079f101490c5b50ffa6bed970b01d507cd41776275  matrix/words.js
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
//   ab869608f899e8fe7c16f4af24e6d7e4f750dd76cfd427d0dc69fc0ecc23f01a  shared/drag.js
//   d66a0878669fc9d656950ef8914e73ff8b94757b91ebac6b68d2a0cda0c3f9d5  shared/pictures.js
//   2e1fcaf1a0a13184947480409cb91088704c806429b3712fdb1350371950a0fa  shared/words.js
// Of what follows: 6fbd1d3ae3ab4477c2221d97e12e2b6151c767e5cc4b0116ad25ffc5b70f7994
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

// matrix/blocks.js
var BLOCK = 128;
var MOST_BLOCKS = 80;
var AGAIN_BLOCKS_MS = 3e3;
var Blocks = class {
  /**
   * @param {string} url
   * @param {number} rows
   * @param {number} columns
   * @param {() => void} arrived
   */
  constructor(url, rows, columns, arrived) {
    this.url = url;
    this.rows = rows;
    this.columns = columns;
    this.arrived = arrived;
    this.refusal = "";
    this.kept = /* @__PURE__ */ new Map();
    this.asked = /* @__PURE__ */ new Map();
    this.wanted = /* @__PURE__ */ new Set();
  }
  /**
   * Fetch what rows and columns (first, last) need, and nothing that is not needed any more.
   * @param {[number, number]} rows
   * @param {[number, number]} columns
   */
  want([top, bottom], [left, right]) {
    this.wanted.clear();
    for (let down = Math.floor(top / BLOCK); down * BLOCK <= bottom; down++) {
      for (let across = Math.floor(left / BLOCK); across * BLOCK <= right; across++) this.wanted.add(`${down}:${across}`);
    }
    for (const [name, controller] of this.asked) if (!this.wanted.has(name)) controller.abort();
    for (const name of this.wanted) if (!this.kept.has(name) && !this.asked.has(name)) this.fetch(name);
  }
  /** @param {string} name */
  async fetch(name) {
    const [down, across] = name.split(":").map(Number);
    const controller = new AbortController();
    this.asked.set(name, controller);
    try {
      const place = `&first=${down * BLOCK}&rows=${BLOCK}&left=${across * BLOCK}&columns=${BLOCK}`;
      const answer = await fetch(this.url + place, { signal: controller.signal });
      if (!answer.ok) throw new Error(await answer.text());
      this.keep(name, await answer.arrayBuffer());
      this.refusal = "";
    } catch (error) {
      if (controller.signal.aborted) return;
      this.refusal = `The matrix could not be loaded. ${/** @type {Error} */
      error.message}`;
      setTimeout(() => this.asked.delete(name) && this.arrived(), AGAIN_BLOCKS_MS);
      return this.arrived();
    } finally {
      if (controller.signal.aborted || this.kept.has(name)) this.asked.delete(name);
    }
    this.arrived();
  }
  /**
   * @param {string} name
   * @param {ArrayBuffer} buffer the length of a head as JSON, the head, and the cells row by row
   */
  keep(name, buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const cells = new Int8Array(buffer, 4 + length);
    this.kept.set(name, { head, cells, width: head.rows.length ? cells.length / head.rows.length : 0 });
    for (const old of this.kept.keys()) {
      if (this.kept.size <= MOST_BLOCKS) break;
      if (!this.wanted.has(old)) this.kept.delete(old);
    }
  }
  // Whether everything on the screen is there, or cannot be.
  settled() {
    return this.refusal !== "" || [...this.wanted].every((name) => this.kept.has(name));
  }
  /**
   * 1, 0, -1 (nobody knows), or undefined: not here yet.
   * @param {number} row
   * @param {number} column
   */
  cell(row, column) {
    const block = this.kept.get(`${Math.floor(row / BLOCK)}:${Math.floor(column / BLOCK)}`);
    return block?.cells[row % BLOCK * block.width + column % BLOCK];
  }
  /**
   * What is known of an image: its row in the dataset, file, split, and how many labels it has; undefined: not yet.
   * @param {number} place
   */
  row(place) {
    const [down, at] = [Math.floor(place / BLOCK), place % BLOCK];
    for (let across = 0; across * BLOCK < Math.max(1, this.columns); across++) {
      const head = this.kept.get(`${down}:${across}`)?.head;
      if (!head) continue;
      const [row, file, split] = [head.rows[at], head.files[at], head.splits[at]];
      return { row, file, split, labels: head.labels[at], unknown: head.unknown[at] };
    }
  }
  stop() {
    for (const controller of this.asked.values()) controller.abort();
  }
};

// matrix/geometry.js
var ROW_PX = 28;
var CELL_PX = 30;
var UPRIGHT_PX = 44;
var WIDE_PX = 200;
var LYING_PX = 120;
var FITTING = 0.75;
var FLAT_HEAD_PX = 58;
var BESIDE_NAME_PX = 54;
var NAME_PX = [36, 104];
var PADDING_PX = 16;
function layoutOf(names, across) {
  const room = Math.floor(across / Math.max(1, names.length));
  const widest = Math.ceil(names.reduce((most, width) => Math.max(most, width), 0));
  const fitting = names.filter((width) => room >= Math.ceil(width) + PADDING_PX).length;
  const flat = room >= LYING_PX || room >= UPRIGHT_PX && fitting >= FITTING * names.length;
  if (flat) return { cell: Math.min(WIDE_PX, room), head: FLAT_HEAD_PX, flat };
  const name = Math.max(NAME_PX[0], Math.min(NAME_PX[1], widest + 4));
  return { cell: Math.max(CELL_PX, Math.min(UPRIGHT_PX, room)), head: name + BESIDE_NAME_PX, flat };
}
var MOST_PX = 8e6;
function fullHeight(rows, head) {
  return head + rows * ROW_PX;
}
function barScale(rows, height, head) {
  const full = fullHeight(rows, head);
  const room = Math.min(full, MOST_PX) - height;
  return room > 0 && full > MOST_PX ? (full - height) / room : 1;
}
function within(top, left, { width, height, names, rows, columns, cell, head }) {
  return {
    top: Math.max(0, Math.min(top, fullHeight(rows, head) - height)),
    left: Math.max(0, Math.min(left, names + columns * cell - width))
  };
}
function reached(row, column, { top, left, width, height, names, cell, head }) {
  const room = height - head;
  const across = width - names;
  if (row >= 0) top = Math.min(Math.max(top, (row + 1) * ROW_PX - room), row * ROW_PX);
  if (column >= 0) left = Math.min(Math.max(left, (column + 1) * cell - across), column * cell);
  return { top, left };
}
function onScreen({ top, left, width, height, names, rows, columns, cell, head }) {
  const first = Math.min(Math.max(0, rows - 1), Math.floor(top / ROW_PX));
  const start = Math.min(Math.max(0, columns - 1), Math.floor(left / cell));
  const last = Math.min(rows - 1, Math.ceil((top + height - head) / ROW_PX));
  const end = Math.min(columns - 1, Math.ceil((left + width - names) / cell));
  return [[first, Math.max(first, last)], [start, Math.max(start, end)]];
}
function pageOf(height, head) {
  return Math.floor((height - head) / ROW_PX) - 1;
}

// shared/words.js
function countOf(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

// matrix/words.js
var VALUES = { 1: "present", 0: "absent", "-1": "unknown" };
var SEGMENTER = new Intl.Segmenter();
var TAIL_LETTERS = 7;
var whole = (number) => number.toLocaleString("en");
var lower = (text) => text.charAt(0).toLowerCase() + text.slice(1);
function short(number) {
  if (number < 1e3) return `${number}`;
  const [value, unit] = number < 999500 ? [number / 1e3, "k"] : [number / 1e6, "M"];
  return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)}${unit}`;
}
function percent(part, all) {
  return all > 0 ? `${Number((100 * part / all).toPrecision(3))} %` : "not defined";
}
function cutInTheMiddle(text) {
  const letters = [...SEGMENTER.segment(text)].map(({ segment }) => segment);
  const cut = Math.max(0, letters.length - TAIL_LETTERS);
  return [element("span", "start", letters.slice(0, cut).join("")), element("span", "end", letters.slice(cut).join(""))];
}
function columnWords(data, [, , present, unknown, allPresent, allUnknown]) {
  const words = (count, rows, missing) => `${whole(count)} of ${whole(rows)} (${percent(count, rows - missing)}${missing ? ` of those known, ${whole(missing)} unknown` : ""})`;
  const sentences = [`Images shown with it: ${words(present, data.rows, unknown)}`];
  if (data.rows !== data.all) sentences.push(`in all not excluded: ${whole(allPresent)}${allUnknown ? `, ${whole(allUnknown)} unknown` : ""}`);
  return sentences;
}
function sumWords({ labels, unknown }, data) {
  return `${countOf(labels, data.noun, data.nouns)}${unknown ? `, ${unknown} unknown` : ""}`;
}
function cellWords(data, blocks, row, column) {
  const place = `row ${whole(row + 1)} of ${whole(data.rows)}`;
  const name = column >= 0 ? data.columns[column][1] : null;
  if (row < 0) return name === null ? "" : [name, ...columnWords(data, data.columns[column])].join(" · ");
  const image = blocks.row(row);
  if (!image) return `loading, ${place}`;
  const who = `${image.file} (${image.split})`;
  if (name === null) return `${who} · ${sumWords(image, data)} · ${place}`;
  return `${name}: ${VALUES[`${blocks.cell(row, column)}`] ?? "loading"} · ${who} · ${place}`;
}
function restWords(data) {
  return `Click a cell to open its image, a ${data.noun} to sort or filter by it. Keys: arrows, Page up and down, Home, End, Enter.`;
}
function share(data, [, , present, unknown]) {
  return data.rows > unknown ? present / (data.rows - unknown) : 0;
}
function largestShare(data) {
  data.largest ??= Math.max(...data.columns.map((column) => share(data, column)));
  return data.largest;
}

// matrix/head.js
var ACTS = [
  ["first", (noun) => `Images with this ${noun} first`],
  ["last", () => "Images without it first"],
  ["only", () => "Only images with it"],
  ["without", () => "Only images without it"],
  ["pictures", () => "Show its images"]
];
var Head = class {
  constructor() {
    this.root = element("div", "head");
    this.root.setAttribute("role", "columnheader");
    this.root.setAttribute("aria-haspopup", "menu");
    this.root.place = () => ({ row: -1, column: (
      /** @type {number} */
      this.column
    ) });
    this.name = element("span", "name");
    this.bar = element("span", "bar");
    this.fill = element("span", "fill");
    this.bar.append(this.fill);
    this.count = element("span", "count");
    this.root.append(this.name, this.bar, this.count);
    this.column = null;
    this.data = void 0;
    this.px = 0;
  }
  /**
   * @param {number | null} column null where there is none
   * @param {Shown} data
   * @param {Cursor} cursor
   * @param {boolean} marked
   * @param {number} px width of a column
   */
  draw(column, data, cursor, marked, px) {
    this.root.hidden = column === null;
    if (column !== null && (column !== this.column || data !== this.data || px !== this.px)) {
      const [label, name, present] = data.columns[column];
      this.root.style.left = `${column * px}px`;
      this.root.setAttribute("aria-colindex", `${column + 3}`);
      this.root.dataset.label = `${label}`;
      this.name.replaceChildren(...cutInTheMiddle(name));
      this.fill.style.setProperty("--share", `${100 * share(data, data.columns[column]) / (largestShare(data) || 1)}%`);
      this.count.textContent = short(present);
      const sorted = data.by && data.by[0] === label ? data.by[1] ? "descending" : "ascending" : null;
      this.root.classList.toggle("sorted", sorted !== null);
      sorted ? this.root.setAttribute("aria-sort", sorted) : this.root.removeAttribute("aria-sort");
      this.root.title = [name, ...columnWords(data, data.columns[column])].join("\n");
      this.root.setAttribute("aria-label", [name, ...columnWords(data, data.columns[column])].join(", "));
    }
    this.data = data;
    this.column = column;
    this.px = px;
    const here = marked && column !== null && column === cursor.column;
    this.root.classList.toggle("here", here);
    this.root.classList.toggle("cursor", here && cursor.row < 0);
    here && cursor.row < 0 ? this.root.id = "cursor" : this.root.removeAttribute("id");
  }
};
var Menu = class {
  /** @param {{ onAct: (label: number, act: string) => void, onClose: () => void }} hooks */
  constructor({ onAct, onClose }) {
    this.onClose = onClose;
    this.label = void 0;
    this.root = element("div", "menu");
    this.root.hidden = true;
    this.title = element("p", "menu-title");
    this.facts = element("p", "menu-facts");
    this.list = element("div", "acts");
    this.list.setAttribute("role", "menu");
    this.items = ACTS.map(([act, words]) => {
      const item = element("button", "act");
      item.type = "button";
      item.dataset.act = act;
      item.setAttribute("role", "menuitem");
      item.onclick = () => {
        this.close();
        onAct(
          /** @type {number} */
          this.label,
          act
        );
      };
      this.list.append(item);
      return { item, words };
    });
    this.root.append(this.title, this.facts, this.list);
    this.root.onkeydown = (event) => this.key(event);
    this.root.addEventListener("focusout", (event) => {
      if (!this.root.contains(
        /** @type {Node | null} */
        event.relatedTarget
      )) this.hide();
    });
  }
  /**
   * @param {Shown} data
   * @param {Column} column
   * @param {HTMLElement | null} head
   * @param {HTMLElement} root
   */
  open(data, column, head, root) {
    if (!head) return;
    this.label = column[0];
    this.title.textContent = column[1];
    this.facts.textContent = columnWords(data, column).join(". ") + ".";
    this.list.setAttribute("aria-label", column[1]);
    for (const { item, words } of this.items) item.textContent = words(data.noun);
    this.root.hidden = false;
    const [box, around] = [head.getBoundingClientRect(), root.getBoundingClientRect()];
    const left = Math.max(0, Math.min(box.left - around.left, around.width - this.root.offsetWidth));
    this.root.style.left = `${left}px`;
    this.root.style.top = `${box.bottom - around.top + 4}px`;
    this.items[0].item.focus({ preventScroll: true });
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    const here = this.items.findIndex(({ item }) => item.matches(":focus"));
    const step = (
      /** @type {Record<string, number>} */
      { ArrowDown: 1, ArrowUp: -1 }[event.key]
    );
    if (step) this.items[(here + step + this.items.length) % this.items.length].item.focus();
    else if (event.key === "Escape") {
      this.close();
      this.onClose();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
  hide() {
    this.root.hidden = true;
  }
  close() {
    this.hide();
  }
};
var Tools = class {
  /** @param {{ onRow: (row: number) => void, onLabel: (name: string) => boolean }} hooks */
  constructor({ onRow, onLabel }) {
    this.root = element("div", "tools");
    this.names = void 0;
    this.row = element("input");
    Object.assign(this.row, { type: "number", min: "1", step: "1" });
    this.row.onchange = () => this.row.value && onRow(Number(this.row.value) - 1);
    this.of = element("span", "of");
    this.label = element("input", "label");
    this.label.type = "text";
    this.label.autocomplete = "off";
    this.label.onchange = () => {
      if (onLabel(this.label.value)) this.label.value = "";
    };
    this.list = element("datalist");
    this.list.id = "labels";
    this.label.setAttribute("list", "labels");
    this.csv = element("a", "csv", "Download as CSV");
    this.csv.setAttribute("download", "");
    const rows = element("label", "tool", "Row");
    rows.append(this.row, this.of);
    this.noun = element("span", "noun");
    const labels = element("label", "tool");
    labels.append(this.noun, this.label, this.list);
    this.root.append(rows, labels, this.csv);
  }
  /** @param {Shown} data */
  show(data) {
    this.row.max = `${data.rows}`;
    this.of.textContent = `of ${whole(data.rows)}`;
    this.noun.textContent = `Go to ${data.noun}`;
    this.label.placeholder = "name";
    this.csv.href = data.csv;
    this.csv.title = `All ${whole(data.rows)} images and ${whole(data.columns.length)} ${data.nouns} shown, in this order`;
    const names = JSON.stringify(data.columns.map(([, name]) => name));
    if (names === this.names) return;
    this.names = names;
    this.list.replaceChildren(...data.columns.map(([, name]) => Object.assign(element("option"), { value: name })));
  }
  /** @param {number} row */
  place(row) {
    if (!this.row.matches(":focus")) this.row.value = `${row + 1}`;
  }
};

// matrix/scroll.js
var NARROW_PX = 230;
var WHEEL_LINE_PX = 40;
var SPARE_PX = 200;
var BAR_PX = 16;
var BELOW_PX = 66;
var HEIGHT_PX = [420, 1e3];
var Scroll = class {
  /** @param {() => void} moved called when another part is on the screen */
  constructor(moved) {
    this.moved = moved;
    this.bar = 0;
    this.top = this.left = this.width = this.height = this.names = this.rows = this.columns = 0;
    this.cell = CELL_PX;
    this.head = 0;
    this.flat = false;
    this.widths = [];
    this.root = element("div", "scroller");
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "grid");
    this.root.setAttribute("aria-readonly", "true");
    this.sizer = element("div", "sizer");
    this.view = element("div", "view");
    for (const one of [this.sizer, this.view]) one.setAttribute("role", "presentation");
    this.sizer.append(this.view);
    this.root.append(this.sizer);
    this.root.onscroll = () => this.scrolled();
    this.root.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }
  /**
   * @param {number} rows
   * @param {number[]} widths of the names of the columns
   */
  resize(rows, widths) {
    this.rows = rows;
    this.widths = widths;
    this.columns = widths.length;
    this.root.setAttribute("aria-rowcount", `${rows + 1}`);
    this.root.setAttribute("aria-colcount", `${this.columns + 2}`);
    this.fit();
  }
  fit() {
    const around = this.root.parentElement?.clientWidth ?? 0;
    this.names = Math.round(Math.max(150, Math.min(330, around * 0.34)));
    Object.assign(this, layoutOf(this.widths, around - this.names - BAR_PX));
    this.names += Math.max(0, Math.min(SPARE_PX, around - BAR_PX - this.names - this.columns * this.cell));
    this.root.classList.toggle("narrow", this.names < NARROW_PX);
    this.root.classList.toggle("flat", this.flat);
    for (const [name, px] of Object.entries({ names: this.names, cell: this.cell, head: this.head, row: ROW_PX })) {
      this.root.style.setProperty(`--${name}`, `${px}px`);
    }
    const wide = this.names + this.columns * this.cell;
    this.sizer.style.width = `${wide}px`;
    this.sizer.style.height = `${Math.min(this.full(), MOST_PX)}px`;
    this.root.style.maxWidth = `${wide + BAR_PX}px`;
    this.root.style.height = `${Math.min(this.full() + BAR_PX, this.tallest())}px`;
    this.width = this.root.clientWidth;
    this.height = this.root.clientHeight;
    this.view.style.width = `${this.width}px`;
    this.view.style.height = `${this.height}px`;
    this.go(this.top, this.left);
  }
  // So high that nothing but the page's head has to be scrolled away, where the window is high enough.
  tallest() {
    const root = this.root.getRootNode();
    const page = root instanceof ShadowRoot ? root.host.closest('[data-testid="stMain"]') : null;
    const top = this.root.getBoundingClientRect().top + (page?.scrollTop ?? window.scrollY);
    return Math.max(HEIGHT_PX[0], Math.min(HEIGHT_PX[1], window.innerHeight - top - BELOW_PX));
  }
  full() {
    return fullHeight(this.rows, this.head);
  }
  // How many pixels of the matrix one pixel of the bar is.
  scale() {
    return barScale(this.rows, this.height, this.head);
  }
  /**
   * @param {number} top
   * @param {number} left
   */
  go(top, left) {
    Object.assign(this, within(top, left, this));
    this.root.scrollTop = this.top / this.scale();
    this.root.scrollLeft = this.left;
    this.bar = this.root.scrollTop;
    if (this.scale() === 1) this.top = this.bar;
    this.left = this.root.scrollLeft;
    this.moved();
  }
  scrolled() {
    if (Math.abs(this.root.scrollTop - this.bar) >= 1) {
      this.bar = this.root.scrollTop;
      this.top = Math.min(this.bar * this.scale(), Math.max(0, this.full() - this.height));
    }
    this.left = this.root.scrollLeft;
    this.moved();
  }
  /** @param {WheelEvent} event */
  wheel(event) {
    if (this.scale() === 1 || event.ctrlKey || event.shiftKey || !event.deltaY) return;
    const px = event.deltaY * [1, WHEEL_LINE_PX, this.height][event.deltaMode];
    const wanted = Math.max(0, Math.min(this.top + px, this.full() - this.height));
    if (wanted === this.top) return;
    event.preventDefault();
    this.go(wanted, this.left + event.deltaX);
  }
  /**
   * Bring a place onto the screen, by as little as it takes.
   * @param {number} row
   * @param {number} column
   */
  reach(row, column) {
    const { top, left } = reached(row, column, this);
    if (top !== this.top || left !== this.left) this.go(top, left);
  }
  firstRow() {
    return Math.floor(this.top / ROW_PX);
  }
  page() {
    return pageOf(this.height, this.head);
  }
  /**
   * First and last row and column that are on the screen.
   * @param {number} top
   * @param {number} left
   * @param {number} rows
   * @param {number} columns
   */
  window(top, left, rows, columns) {
    const { width, height, names, cell, head } = this;
    return onScreen({ top, left, width, height, names, rows, columns, cell, head });
  }
};

// shared/pictures.js
function pictureAddress(template, item, size) {
  return template.replace("{item}", String(item)).replace("{size}", String(size));
}

// matrix/sheet.js
var THUMBNAIL_PX = 128;
var SETTLED_MS = 90;
var KINDS = { 1: ["1", "one"], 0: ["0", "zero"], "-1": ["?", "unknown"] };
var Sheet = class {
  /** @param {HTMLElement} view */
  constructor(view) {
    this.corner = element("div", "corner");
    this.cornerWords = element("span", "corner-words");
    this.cornerSum = element("span", "corner-sum");
    this.cornerScale = element("span", "corner-scale");
    const text = element("div", "corner-text");
    text.append(this.cornerScale, this.cornerWords);
    this.corner.append(text, this.cornerSum);
    this.heads = element("div", "heads");
    this.heads.setAttribute("role", "row");
    this.heads.setAttribute("aria-rowindex", "1");
    this.strip = element("div", "strip");
    this.strip.setAttribute("role", "presentation");
    this.heads.append(this.strip);
    this.body = element("div", "body");
    this.body.setAttribute("role", "presentation");
    view.replaceChildren(this.corner, this.heads, this.body);
    this.rows = [];
    this.columns = [];
    this.timer = void 0;
  }
  /** @param {Shown} data */
  show(data) {
    this.data = data;
    this.drawn = {};
    this.cornerWords.textContent = data.order ? `Images · ${lower(data.order)}` : "Images";
    this.cornerScale.textContent = `A full bar: ${percent(largestShare(data), 1)} of the images shown`;
    this.cornerSum.textContent = data.nouns;
    this.cornerSum.title = `How many ${data.nouns} an image has`;
  }
  /**
   * Make as many elements as there is room for.
   * @param {number} nRows
   * @param {number} nColumns
   */
  pool(nRows, nColumns) {
    while (this.columns.length < nColumns) {
      const head = new Head();
      this.columns.push(head);
      this.strip.append(head.root);
      this.rows.forEach((row) => row.widen(this.columns.length));
      this.drawn = {};
    }
    while (this.rows.length < nRows) {
      const row = new Row();
      row.widen(this.columns.length);
      this.rows.push(row);
      this.body.append(row.root);
      this.drawn = {};
    }
  }
  /**
   * @param {Blocks} blocks
   * @param {Scroll} scroll
   * @param {Cursor} cursor
   * @param {boolean} marked
   */
  draw(blocks, scroll, cursor, marked) {
    const data = (
      /** @type {Shown} */
      this.data
    );
    const [[first, last], [start, end]] = scroll.window(scroll.top, scroll.left, data.rows, data.columns.length);
    this.pool(last - first + 1, end - start + 1);
    this.corner.style.width = this.heads.style.left = `${scroll.names}px`;
    this.strip.style.transform = `translateX(${-scroll.left}px)`;
    const nColumns = this.columns.length;
    for (let i = 0; i < nColumns; i++) {
      const column = start + (i - start % nColumns + nColumns) % nColumns;
      this.columns[i].draw(column <= end ? column : null, data, cursor, marked, scroll.cell);
    }
    const nRows = this.rows.length;
    let active = null;
    for (let i = 0; i < nRows; i++) {
      const row = first + (i - first % nRows + nRows) % nRows;
      active = this.rows[i].draw(row <= last ? row : null, { start, end, blocks, scroll, cursor, marked, data }) ?? active;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.rows.forEach((row) => row.load(data)), SETTLED_MS);
    return active ?? (marked && cursor.row < 0 ? this.headAt(cursor.column) : null);
  }
  /** @param {number} column */
  headAt(column) {
    return this.columns.find((head) => head.column === column)?.root ?? null;
  }
  /**
   * The place of what was clicked; null outside.
   * @param {EventTarget[]} path
   */
  placeOf(path) {
    for (
      const one of
      /** @type {Placed[]} */
      path
    ) {
      if (one.place) return { ...one.place(), element: one };
    }
    return null;
  }
  remove() {
    clearTimeout(this.timer);
  }
};
var Row = class {
  constructor() {
    this.root = element("div", "row");
    this.root.setAttribute("role", "row");
    this.who = element("div", "who");
    this.who.setAttribute("role", "rowheader");
    this.who.setAttribute("aria-colindex", "1");
    this.who.place = () => ({ row: (
      /** @type {number} */
      this.row
    ), column: -1 });
    this.image = element("img");
    this.image.alt = "";
    this.image.decoding = "async";
    this.image.draggable = false;
    this.file = element("span", "file");
    this.split = element("span", "split");
    this.who.append(this.image, this.file, this.split);
    this.sum = element("div", "sum");
    this.sum.setAttribute("role", "gridcell");
    this.sum.setAttribute("aria-colindex", "2");
    this.sum.place = () => ({ row: (
      /** @type {number} */
      this.row
    ), column: -1 });
    this.line = element("div", "line");
    this.line.setAttribute("role", "presentation");
    this.belt = element("div", "belt");
    this.belt.setAttribute("role", "presentation");
    this.line.append(this.belt);
    this.root.append(this.who, this.sum, this.line);
    this.cells = [];
    this.row = null;
    this.item = void 0;
    this.pictures = void 0;
  }
  /** @param {number} count */
  widen(count) {
    while (this.cells.length < count) {
      const cell = element("span", "cell");
      cell.setAttribute("role", "gridcell");
      const entry = { root: cell, column: null, value: null, marked: false, px: 0 };
      cell.place = () => ({ row: (
        /** @type {number} */
        this.row
      ), column: (
        /** @type {number} */
        entry.column
      ) });
      this.cells.push(entry);
      this.belt.append(cell);
    }
  }
  /**
   * @param {number | null} row
   * @param {{ start: number, end: number, blocks: Blocks, scroll: Scroll, cursor: Cursor, marked: boolean, data: Shown }} what
   */
  draw(row, { start, end, blocks, scroll, cursor, marked, data }) {
    this.root.hidden = row === null;
    if (row === null) {
      this.row = null;
      return null;
    }
    this.root.style.transform = `translateY(${row * ROW_PX - scroll.top}px)`;
    this.who.style.width = `${scroll.names - 46}px`;
    this.line.style.left = `${scroll.names}px`;
    this.belt.style.transform = `translateX(${-scroll.left}px)`;
    const image = blocks.row(row);
    const item = image?.row;
    if (row !== this.row || item !== this.item || data.pictures !== this.pictures) this.name(row, image, data);
    write(this.sum, image ? `${image.labels}` : "");
    this.sum.title = image ? sumWords(image, data) : "";
    this.root.classList.toggle("here", marked && row === cursor.row);
    let active = null;
    const count = this.cells.length;
    for (let i = 0; i < count; i++) {
      const column = start + (i - start % count + count) % count;
      const cell = this.cells[i];
      const value = column <= end ? blocks.cell(row, column) : "none";
      if (cell.column !== column || cell.value !== value || cell.px !== scroll.cell) this.fill(cell, column, value, scroll.cell);
      const here = marked && row === cursor.row && column === cursor.column;
      if (here !== cell.marked) mark(cell, here);
      if (here) active = cell.root;
    }
    const named = marked && row === cursor.row && cursor.column < 0;
    this.who.classList.toggle("cursor", named);
    named ? this.who.id = "cursor" : this.who.removeAttribute("id");
    return named ? this.who : active;
  }
  /**
   * @param {Cell} cell
   * @param {number} column
   * @param {Value} value
   * @param {number} px its width
   */
  fill(cell, column, value, px) {
    if (cell.column !== column || cell.px !== px) {
      cell.root.style.left = `${column * px}px`;
      cell.root.setAttribute("aria-colindex", `${column + 3}`);
    }
    const [text, kind] = KINDS[`${value}`] ?? ["", value === "none" ? "none" : "wait"];
    cell.root.textContent = text;
    cell.root.className = `cell ${kind}${cell.marked ? " cursor" : ""}`;
    cell.root.removeAttribute("title");
    Object.assign(cell, { column, value, px });
  }
  /**
   * @param {number} row
   * @param {Image | undefined} image
   * @param {Shown} data
   */
  name(row, image, data) {
    const item = image?.row;
    this.row = row;
    this.item = item;
    this.pictures = data.pictures;
    this.root.setAttribute("aria-rowindex", `${row + 2}`);
    this.root.dataset.item = `${item ?? ""}`;
    this.image.removeAttribute("src");
    this.file.replaceChildren(...image ? cutInTheMiddle(image.file) : []);
    this.who.title = image?.file ?? "";
    write(this.split, image?.split ?? "");
    this.split.classList.toggle("excluded", image?.split === "excluded");
  }
  /** @param {Shown} data */
  load(data) {
    if (this.row === null || this.item === void 0 || this.image.hasAttribute("src")) return;
    this.image.src = pictureAddress(data.pictures, this.item, THUMBNAIL_PX);
  }
};
function mark(cell, here) {
  cell.marked = here;
  cell.root.classList.toggle("cursor", here);
  here ? cell.root.id = "cursor" : cell.root.removeAttribute("id");
}

// matrix/matrix.js
var shown = /* @__PURE__ */ new WeakMap();
var places = /* @__PURE__ */ new Map();
var MOST_PLACES = 50;
function matrix({ data, parentElement, setTriggerValue }) {
  const matrix2 = shown.get(parentElement) ?? new Matrix(
    /** @type {HTMLElement} */
    parentElement.querySelector(".matrix")
  );
  shown.set(parentElement, matrix2);
  matrix2.send = setTriggerValue;
  matrix2.show(data);
  return () => {
    shown.get(parentElement)?.remove();
    shown.delete(parentElement);
  };
}
var Matrix = class {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.cursor = { row: 0, column: 0 };
    this.moved = false;
    this.send = () => {
    };
    this.data = null;
    this.blocks = null;
    this.coming = null;
    this.later = eachFrame(() => this.draw());
    this.content = void 0;
    this.tools = new Tools({ onRow: (row) => this.jump(row), onLabel: (name) => this.find(name) });
    this.status = element("p", "status");
    this.status.setAttribute("role", "status");
    this.scroll = new Scroll(() => this.later());
    this.sheet = new Sheet(this.scroll.view);
    const back = () => this.scroll.root.focus({ preventScroll: true });
    this.menu = new Menu({ onAct: (label, act) => (back(), this.send("head", { label, act })), onClose: back });
    root.replaceChildren(this.scroll.root, this.tools.root, this.status, this.menu.root);
    const grid = this.scroll.root;
    grid.onkeydown = (event) => this.key(event);
    grid.onclick = (event) => this.click(event);
    grid.onfocus = () => this.draw();
    grid.onblur = () => this.draw();
    grid.onpointerover = (event) => this.hint(event);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(root);
  }
  // --- what Python says ------------------------------------------------------------------------------------
  /** @param {Shown} data */
  show(data) {
    const content = JSON.stringify(data);
    if (content === this.content) return;
    this.content = content;
    this.coming?.stop();
    const blocks = new Blocks(data.url, data.rows, data.columns.length, () => this.arrived(blocks, data));
    if (!this.data) return this.adopt(data, blocks);
    this.coming = blocks;
    this.root.classList.add("waits");
    const { top, left } = this.after(data);
    blocks.want(...this.scroll.window(top, left, data.rows, data.columns.length));
  }
  /**
   * @param {Blocks} blocks
   * @param {Shown} data
   */
  arrived(blocks, data) {
    if (blocks === this.blocks) return this.later();
    if (blocks === this.coming && blocks.settled()) this.adopt(data, blocks);
  }
  /**
   * @param {Shown} data
   * @param {Blocks} blocks
   */
  adopt(data, blocks) {
    const kept = this.data ? this.after(data) : places.get(placeOf(data)) ?? { top: 0, left: 0, cursor: this.cursor };
    this.blocks?.stop();
    this.cursor = {
      row: Math.min(kept.cursor.row, data.rows - 1),
      column: Math.min(kept.cursor.column, data.columns.length - 1)
    };
    this.data = data;
    this.blocks = blocks;
    this.coming = null;
    this.root.classList.remove("waits");
    this.tools.show(data);
    this.menu.close();
    this.sheet.show(data);
    this.scroll.resize(data.rows, widthsOf(data, this.root));
    this.scroll.go(kept.top, kept.left);
    this.fit();
  }
  /**
   * Where one is when `data` is shown: an edit moves nothing, another order of images begins at its top.
   * @param {Shown} data
   * @returns {Position}
   */
  after(data) {
    const now = (
      /** @type {Shown} */
      this.data
    );
    const { top, left } = this.scroll;
    const { row, column } = this.cursor;
    const [sameRows, sameColumns] = [asksOf(data) === asksOf(now), sortOf(data) === sortOf(now)];
    return {
      top: sameRows ? top : 0,
      left: sameColumns ? left : 0,
      cursor: { row: sameRows ? row : Math.min(row, 0), column: sameColumns ? column : Math.min(column, 0) }
    };
  }
  // --- what people do --------------------------------------------------------------------------------------
  /**
   * @param {number} row
   * @param {number} column
   */
  reach(row, column) {
    if (!this.data) return;
    const { rows, columns } = this.data;
    this.cursor = {
      row: Math.max(-1, Math.min(rows - 1, row)),
      column: Math.max(-1, Math.min(columns.length - 1, column))
    };
    this.moved = true;
    this.scroll.reach(this.cursor.row, this.cursor.column);
    this.draw();
  }
  /** @param {number} row */
  jump(row) {
    if (this.data) this.scroll.go(row * ROW_PX, this.scroll.left);
    this.reach(Math.max(0, row), this.cursor.column);
  }
  /** @param {string} name */
  find(name) {
    const place = (
      /** @type {Shown} */
      this.data.columns.findIndex((column) => column[1] === name)
    );
    if (place >= 0) this.reach(this.cursor.row, place);
    return place >= 0;
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.target !== this.scroll.root || event.altKey) return;
    const { row, column } = this.cursor;
    const page = Math.max(1, this.scroll.page());
    const all = event.ctrlKey || event.metaKey;
    const moves = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      PageUp: [Math.max(0, row - page), column],
      PageDown: [row + page, column],
      Home: [all ? 0 : row, all ? column : 0],
      End: [all ? Infinity : row, all ? column : Infinity]
    };
    if (event.key.startsWith("Page")) {
      const { top, left } = this.scroll;
      this.scroll.go(top + (event.key === "PageDown" ? page : -page) * ROW_PX, left);
    }
    if (event.key in moves) this.reach(...moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.open(row, column);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  /** @param {MouseEvent} event */
  click(event) {
    const place = this.sheet.placeOf(event.composedPath());
    if (!place) return;
    this.reach(place.row, place.column);
    this.open(place.row, place.column);
  }
  /**
   * @param {number} row
   * @param {number} column
   */
  open(row, column) {
    const [data, blocks] = [
      /** @type {Shown} */
      this.data,
      /** @type {Blocks} */
      this.blocks
    ];
    if (row < 0) {
      if (column >= 0) this.menu.open(data, data.columns[column], this.sheet.headAt(column), this.root);
      return;
    }
    const image = blocks.row(row);
    if (image) this.send("cell", { row: image.row, label: column < 0 ? -1 : data.columns[column][0] });
  }
  /** @param {PointerEvent} event */
  hint(event) {
    const place = this.sheet.placeOf(event.composedPath());
    if (!place || place.row < 0) return;
    place.element.title = cellWords(
      /** @type {Shown} */
      this.data,
      /** @type {Blocks} */
      this.blocks,
      place.row,
      place.column
    );
  }
  // --- what is drawn ---------------------------------------------------------------------------------------
  fit() {
    this.scroll.fit();
    this.draw();
  }
  draw() {
    if (!this.data || !this.blocks || !this.scroll.width) return;
    const { top, left } = this.scroll;
    this.blocks.want(...this.scroll.window(top, left, this.data.rows, this.data.columns.length));
    const focused = this.scroll.root.matches(":focus");
    const active = this.sheet.draw(this.blocks, this.scroll, this.cursor, focused || this.moved);
    this.scroll.root.setAttribute("aria-activedescendant", active ? "cursor" : "");
    const { row, column } = this.cursor;
    const words = focused || this.moved ? cellWords(this.data, this.blocks, row, column) : restWords(this.data);
    write(this.status, this.blocks.refusal || words);
    this.tools.place(this.scroll.firstRow());
    places.delete(placeOf(this.data));
    places.set(placeOf(this.data), { top, left, cursor: { ...this.cursor } });
    if (places.size > MOST_PLACES) places.delete(
      /** @type {string} */
      places.keys().next().value
    );
  }
  remove() {
    this.later.cancel();
    this.sizes.disconnect();
    this.blocks?.stop();
    this.coming?.stop();
    this.sheet.remove();
  }
};
function widthsOf(data, root) {
  const pen = (
    /** @type {CanvasRenderingContext2D} */
    document.createElement("canvas").getContext("2d")
  );
  const { fontSize, fontFamily } = getComputedStyle(root);
  pen.font = `600 ${fontSize} ${fontFamily}`;
  return data.columns.map(([, name]) => pen.measureText(name).width);
}
function asked(data) {
  const parameters = new URLSearchParams(data.url.split("?")[1]);
  parameters.delete("v");
  return parameters;
}
var placeOf = (data) => `${data.dataset}?${asked(data)}`;
var sortOf = (data) => asked(data).get("sort");
function asksOf(data) {
  const parameters = asked(data);
  parameters.delete("sort");
  return `${data.dataset}?${parameters}`;
}
export {
  matrix as default
};
