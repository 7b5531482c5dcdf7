// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   d69d265f17d40d75e5e0a350273192caaece0c3e69042eddd1011fc3b8527250  inspector/bar.js
//   9108d4903327c95dc30b139d8af6c68b1aac872a25d2a8da902f11f5abecac7e  inspector/geometry.js
//   e1c907b777172071cf7719e1a6c9f8d2cf35bd93b69d354c25045358e86eeccd  inspector/inspector.js
//   e419b6afa2a6e22d39d1dec07322aa900c0ee4fd3b7496ebd5914f67dfe8f0cd  inspector/keys.js
//   121eca7e57fad02ddf899e9b2a1e9461079b9e1f4b052b694a8f9871d17b795f  inspector/listed.js
//   224513de5835d50a7e6cd2d376fc1639c09070c1f96f18771ef23d8ec3dc7958  inspector/lists.js
//   410528aee7a3fcacc0d3ce5108d57b7dd9e298cd9f227213f606e536e90634bf  inspector/points.js
//   c6edae04b8abf88a60dfc1488da0981a1bacb6d3f284c5c091e9bf8175c3a4ad  inspector/stage.js
//   7eb41a12dfc564fd7d42b8122f5522c0cae5daa06fefc3c225cf741f53bf7f97  inspector/targets.js
//   9c018d6dafdd38bc27d4a5e6866df36b170d86a7d6cc97a166420ecf0d84e7f8  shared/arrows.js
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
//   d66a0878669fc9d656950ef8914e73ff8b94757b91ebac6b68d2a0cda0c3f9d5  shared/pictures.js
//   59e9a6c1305b4577872ff2e80d7c7dc131dfeca99008202810eba59e37c9967d  shared/zoom.js
// Of what follows: cb443395c60d42fefa0943f2468c4710b360b4c6f98b6083dca9ec43ead6afa5
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

// shared/pictures.js
function pictureAddress(template, item, size) {
  return template.replace("{item}", String(item)).replace("{size}", String(size));
}
async function whyNone(address, ask = fetch) {
  const answer = await ask(address).catch(() => null);
  const says = answer && !answer.ok && answer.headers.get("content-type")?.startsWith("text/plain");
  return says && await answer.text().catch(() => "") || "This image cannot be opened.";
}

// inspector/geometry.js
var REACH_PX = 14;
var hundredths = (value) => Math.round(value * 100) / 100;
var rounded = (value) => String(Math.round(value * 100) / 100);
var short = (name) => name.length > 48 ? `${name.slice(0, 30)} … ${name.slice(-14)}` : name;
function nearest(places, at, selected) {
  let best = null;
  let distance = REACH_PX;
  places.forEach((place, index) => {
    if (!place) return;
    const away = Math.hypot(place[0] - at[0], place[1] - at[1]) - (index === selected ? 2 : 0);
    if (away <= distance) [best, distance] = [index, away];
  });
  return best;
}
function onScreen([x, y], { scale, left, top }) {
  return [left + x * scale, top + y * scale];
}
function inPicture([x, y], { scale, left, top }) {
  return [hundredths((x - left) / scale), hundredths((y - top) / scale)];
}
function clamped([x, y], { width, height }) {
  const held = (value, most) => Math.min(most, Math.max(0, value));
  return [held(x, width), held(y, height)];
}
function inSight(place, room, size) {
  return size <= room ? (room - size) / 2 : Math.min(0.1 * room, Math.max(0.9 * room - size, place));
}

// inspector/listed.js
var SEARCHED = 20;
var Listed = class {
  /**
   * @param {Targets} targets
   * @param {Inspector} inspector
   */
  constructor(targets, inspector2) {
    this.targets = targets;
    this.inspector = inspector2;
    this.names = targets.names;
    this.root = element("div", `targets ${targets.control}`);
    this.list = element("ul", "rows");
    this.nothing = element("p", "note", "No name has that in it.");
    this.nothing.hidden = true;
    this.search = /** @type {HTMLInputElement | undefined} */
    void 0;
    this.order = this.ordered();
    this.rows = new Map(this.order.map((index) => [index, this.row(index)]));
    this.list.append(...this.order.map((index) => this.at(index).one));
    this.root.append(...this.above(), ...this.searched() ? [this.finder()] : [], this.list, this.nothing);
    this.number();
  }
  /**
   * @param {number} _index
   * @returns {Row}
   */
  row(_index) {
    throw new Error("Each list makes its own rows.");
  }
  /**
   * A row that is one button.
   * @param {number} index
   * @param {"checkbox" | "radio"} role
   * @returns {ChoiceRow}
   */
  toggle(index, role) {
    const [one, main] = [element("li", "row"), element("button", "toggle")];
    main.type = "button";
    main.setAttribute("role", role);
    const [sign, name, digit] = [element("span", "sign"), element("span", "name", this.names[index]), element("span", "digit")];
    main.append(sign, name, digit);
    main.title = this.names[index];
    main.onclick = () => this.chosen(index);
    one.append(main);
    return { one, main, sign, digit };
  }
  /**
   * @param {number} _index
   * @returns {boolean}
   */
  first(_index) {
    return false;
  }
  /** @param {number} _index */
  chosen(_index) {
    throw new Error("Each list says what it does with the one chosen.");
  }
  /** @param {number} index */
  at(index) {
    return (
      /** @type {Row} */
      this.rows.get(index)
    );
  }
  /** @returns {HTMLElement[]} */
  above() {
    return [];
  }
  searched() {
    return this.names.length > SEARCHED;
  }
  ordered() {
    const all = this.names.map((_, index) => index);
    if (!this.searched()) return all;
    return [...all.filter((index) => this.first(index)), ...all.filter((index) => !this.first(index))];
  }
  finder() {
    const search = this.search = element("input", "search");
    search.type = "search";
    search.placeholder = `Search ${this.names.length} names`;
    search.setAttribute("aria-label", "Search names");
    search.oninput = () => this.filter();
    return search;
  }
  filter() {
    const wanted = this.search?.value.trim().toLowerCase() ?? "";
    for (const [index, { one }] of this.rows) one.hidden = Boolean(wanted) && !this.names[index].toLowerCase().includes(wanted);
    this.nothing.hidden = this.shown().length > 0;
    this.number();
  }
  shown() {
    return this.order.filter((index) => !this.at(index).one.hidden);
  }
  // The first nine can be chosen by a digit.
  number() {
    this.rows.forEach(({ digit }) => digit && (digit.textContent = ""));
    this.shown().slice(0, 9).forEach((index, at) => {
      const { digit } = this.at(index);
      if (digit) digit.textContent = `${at + 1}`;
    });
  }
  /** @param {number} column */
  focus(column) {
    const row = this.rows.get(this.indexOf(column));
    if (!row) return this.inspector.dialog.focus();
    const { one, main } = row;
    one.classList.add("asked");
    one.scrollIntoView({ block: "center" });
    main.focus({ preventScroll: true });
  }
  /** @param {number} column */
  indexOf(column) {
    return column;
  }
  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key meant something
   */
  key(event) {
    const { key } = event;
    if (/^[1-9]$/.test(key)) return this.digit(this.shown()[Number(key) - 1]);
    if (key === "ArrowDown" || key === "ArrowUp") return this.along(key === "ArrowDown" ? 1 : -1);
    if (this.search && (key === "/" || /^\p{L}$/u.test(key))) {
      this.search.focus();
      if (key === "/") return true;
      this.search.value = key;
      this.filter();
      return true;
    }
    return false;
  }
  /** @param {number} by */
  along(by) {
    const [shown, now] = [this.shown(), this.focused()];
    const next = now === null ? by > 0 ? 0 : shown.length - 1 : Math.min(shown.length - 1, Math.max(0, shown.indexOf(now) + by));
    this.rows.get(shown[next])?.main.focus();
    return true;
  }
  focused() {
    const active = rootOf(this.root).activeElement;
    return this.order.find((index) => this.at(index).one.contains(active)) ?? null;
  }
  /**
   * @param {number | undefined} index
   * @returns {boolean}
   */
  digit(index) {
    if (index !== void 0) this.chosen(index);
    return index !== void 0;
  }
  /** @param {KeyboardEvent} event */
  typed({ key, target }) {
    if (!this.search || target !== this.search) return false;
    if (key === "ArrowDown") return this.along(1);
    if (key !== "Enter" || !this.shown().length) return false;
    const wanted = this.search.value.trim().toLowerCase();
    const exact = this.shown().find((index) => this.names[index].toLowerCase() === wanted);
    this.chosen(exact ?? this.shown()[0]);
    this.search.select();
    return true;
  }
  /** @param {EventTarget | null} input */
  revert(input) {
    if (!this.search || input !== this.search) return;
    this.search.value = "";
    this.filter();
  }
};

// inspector/lists.js
var STATES = { 1: ["✓", "present", "true"], 0: ["", "absent", "false"], "-1": ["?", "unknown", "mixed"] };
var Toggles = class extends Listed {
  /** @param {number} index */
  first(index) {
    return this.inspector.value(index) === 1;
  }
  /** @param {number} index */
  row(index) {
    const row = this.toggle(index, "checkbox");
    const unknown = button("unknown", "?", `Nobody knows whether ${short(this.names[index])} is there`, () => this.doubt(index));
    row.one.append(unknown);
    return { ...row, unknown };
  }
  /** @param {number} index */
  chosen(index) {
    this.inspector.set([[index, this.inspector.value(index) === 1 ? 0 : 1]]);
  }
  /** @param {number} index */
  doubt(index) {
    this.inspector.set([[index, this.inspector.value(index) === -1 ? 0 : -1]]);
  }
  above() {
    this.rest = button("control wide", "The others absent", "Every label that nobody knows is absent ( . )", () => this.settle());
    return [this.rest];
  }
  unknowns() {
    return this.order.filter((index) => this.inspector.value(index) === -1);
  }
  // What is left unknown after the present labels were chosen is absent.
  settle() {
    const unknowns = this.unknowns();
    if (unknowns.length) this.inspector.set(unknowns.map((index) => [index, 0]));
    return true;
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === ".") return this.settle();
    const now = this.focused();
    if (event.key !== "?" || now === null) return super.key(event);
    this.doubt(now);
    return true;
  }
  draw() {
    if (this.rest) this.rest.hidden = !this.unknowns().length;
    for (const [index, { one, main, sign, unknown }] of this.rows) {
      const value = String(this.inspector.value(index));
      if (main.dataset.value === value) continue;
      main.dataset.value = value;
      const [shape, words, checked] = STATES[value];
      sign.textContent = shape;
      main.setAttribute("aria-checked", checked);
      main.setAttribute("aria-label", `${this.names[index]}: ${words}`);
      main.title = `${this.names[index]}: ${words}`;
      unknown.setAttribute("aria-pressed", `${value === "-1"}`);
      one.className = `${one.className.replace(/ ?(is-\w+)/g, "")} is-${words}`;
    }
  }
};
var Choice = class extends Listed {
  /** @param {number} index */
  first(index) {
    return this.inspector.value(0) === index;
  }
  /** @param {number} index */
  row(index) {
    return this.toggle(index, "radio");
  }
  searched() {
    return this.names.length > 9;
  }
  /** @param {number} index */
  chosen(index) {
    this.inspector.set([[0, index]]);
  }
  draw() {
    this.list.setAttribute("role", "radiogroup");
    for (const [index, { one, main, sign }] of this.rows) {
      const chosen = this.inspector.value(0) === index;
      one.classList.toggle("is-present", chosen);
      sign.textContent = chosen ? "●" : "";
      main.setAttribute("aria-checked", `${chosen}`);
    }
  }
};

// inspector/targets.js
var KEYS = {
  toggles: [["Space", "present or absent"], ["?", "unknown"], [".", "the unknown ones are absent"], ["1 … 9", "the first nine as listed"]],
  choice: [["1 … 9", "the first nine as listed"]],
  points: [["Tab", "next point"], ["arrows", "move it by 1 px, with Shift 10"], ["Delete", "the point is missing"], ["Esc", "no point selected"], ["Page ↑ ↓", "previous and next image"]],
  numbers: [["Enter", "take the number"]],
  search: [["letters", "search; Enter takes the first"]],
  all: [["← →", "previous and next image"], ["+ − 0", "larger, smaller, whole image"], ["M", "images like this one"], ["Ctrl+Z, Y", "undo, redo"]]
};
var CONTROLS = {
  toggles: (targets, inspector2) => new Toggles(targets, inspector2),
  choice: (targets, inspector2) => new Choice(targets, inspector2),
  points: (targets, inspector2) => new PointList(targets, inspector2),
  numbers: (targets, inspector2) => new Numbers(targets, inspector2)
};
var PointList = class extends Listed {
  /**
   * @param {Targets} targets
   * @param {Inspector} inspector
   */
  constructor(targets, inspector2) {
    super(targets, inspector2);
    this.drawn = this.scrolled = /** @type {number | null} */
    null;
  }
  above() {
    const { pairs = [] } = this.targets;
    this.mirror = new Map(pairs.flatMap(([one2, other]) => [[one2, other], [other, one2]]));
    const one = element("div", "selected");
    this.title = element("p", "name");
    const fields = ["x", "y"].map((axis, at) => {
      const field = element("label", "field");
      const input = numberField(() => this.typedPlace(at, input), `${axis} in pixels`);
      field.append(axis, input, "px");
      return { field, input };
    });
    this.inputs = fields.map(({ input }) => input);
    const row = element("div", "fields");
    row.append(...fields.map(({ field }) => field));
    this.gone = button("control wide", "", "", () => this.turn());
    this.swap = button("control wide", "", "", () => this.swapped());
    const ways = element("div", "ways");
    ways.append(this.gone, this.swap);
    one.append(this.title, row, ways);
    if (!pairs.length) return [one];
    const words = `Swap left and right of all ${pairs.length} pairs`;
    const text = pairs.length > 1 ? `Swap all ${pairs.length} pairs` : "Swap left and right";
    return [one, button("control wide", text, words, () => this.points.swap(pairs))];
  }
  get points() {
    return this.inspector.stage.marks;
  }
  /** @param {number} column */
  indexOf(column) {
    return column >> 1;
  }
  /** @param {number} column */
  focus(column) {
    super.focus(column);
    const index = this.indexOf(column);
    if (this.points.point(index)) this.points.marks[index].focus({ preventScroll: true });
  }
  /** @param {number} index */
  row(index) {
    const one = element("li", "row");
    const main = element("button", "toggle");
    main.type = "button";
    const place = element("span", "where");
    main.append(element("span", "name", this.names[index]), place);
    main.title = this.names[index];
    main.onclick = () => this.chosen(index);
    return { one: (one.append(main), one), main, place };
  }
  /** @param {number} index */
  chosen(index) {
    if (this.points.point(index)) this.points.select(index);
    else this.points.place(index);
  }
  digit() {
    return false;
  }
  along() {
    return false;
  }
  turn() {
    const index = this.points.selected;
    if (index === null) return;
    if (this.points.point(index)) this.points.put(index, null);
    else this.points.place(index);
  }
  swapped() {
    const index = this.points.selected;
    const other = index === null ? void 0 : this.mirror?.get(index);
    if (index !== null && other !== void 0) this.points.swap([[index, other]]);
  }
  /**
   * @param {number} axis 0 for x, 1 for y
   * @param {HTMLInputElement} input
   */
  typedPlace(axis, input) {
    const index = this.points.selected;
    const before = index === null ? null : this.points.point(index);
    if (index === null || !before) return;
    const place = [...before];
    const { item } = this.inspector;
    const most = [item.width, item.height][axis];
    const value = parsed(input);
    if (!(value >= 0 && value <= most)) {
      this.draw(true);
      return this.inspector.refuse(`${"xy"[axis]} is a number from 0 to ${most} px here: type one of these.`);
    }
    place[axis] = value;
    this.points.put(index, place);
  }
  /** @param {EventTarget | null} input */
  revert(input) {
    super.revert(input);
    this.draw(true);
  }
  draw(all = false) {
    const index = this.points.selected;
    const place = index === null ? null : this.points.point(index);
    const { title, gone, swap, mirror, inputs } = this;
    if (!title || !gone || !swap || !mirror || !inputs) throw new Error("Points are drawn once their fields are there.");
    title.textContent = index === null ? "Click a point, or press Tab." : this.names[index];
    title.title = title.textContent;
    const active = rootOf(this.root).activeElement;
    inputs.forEach((input, axis) => {
      input.disabled = !place;
      if (all || input !== active || this.drawn !== index) input.value = place ? rounded(place[axis]) : "";
    });
    this.drawn = index;
    gone.disabled = index === null;
    const missing = index !== null && !place;
    gone.textContent = missing ? "Place" : "Missing";
    named(gone, missing ? "Show where this point is" : "This point is missing (Delete)");
    const other = index === null ? void 0 : mirror.get(index);
    swap.hidden = other === void 0;
    if (index !== null && other !== void 0) {
      swap.textContent = `Swap with ${short(this.names[other])}`;
      named(swap, `Swap the places of ${this.names[index]} and ${this.names[other]}`);
    }
    for (const [at, { one, place: words }] of this.rows) {
      const there = this.points.point(at);
      const text = there ? `${rounded(there[0])}, ${rounded(there[1])}` : "missing: place";
      if (words.textContent !== text) words.textContent = text;
      one.classList.toggle("is-missing", !there);
      one.classList.toggle("is-chosen", at === index);
    }
    if (index !== this.scrolled && index !== null) {
      const { one } = this.at(index);
      const [{ top, bottom }, held] = [one.getBoundingClientRect(), this.list.getBoundingClientRect()];
      if (top < held.top || bottom > held.bottom) this.list.scrollTop += top - held.top - held.height / 3;
    }
    this.scrolled = index;
  }
};
var Numbers = class {
  /**
   * @param {Targets} targets
   * @param {Inspector} inspector
   */
  constructor({ names, units = [] }, inspector2) {
    this.inspector = inspector2;
    this.root = element("div", "targets numbers");
    this.inputs = names.map((name, column) => {
      const field = element("label", "number");
      const input = numberField(() => this.taken(column), units[column] ? `${name} in ${units[column]}` : name);
      const held = element("span", "held");
      held.append(input, element("span", "unit", units[column]));
      field.append(element("span", "name", name), held);
      this.root.append(field);
      return input;
    });
  }
  /** @param {number} column */
  taken(column) {
    const value = parsed(this.inputs[column]);
    if (Number.isFinite(value)) return this.inspector.set([[column, value]]);
    this.draw(true);
    this.inspector.refuse("That is no number: type one like 12.5.");
  }
  /** @param {number} column */
  focus(column) {
    this.inputs[column]?.scrollIntoView({ block: "center" });
    this.inputs[column]?.closest(".number")?.classList.add("asked");
    this.inputs[column]?.select();
  }
  revert() {
    this.draw(true);
  }
  draw(all = false) {
    const active = rootOf(this.root).activeElement;
    this.inputs.forEach((input, column) => {
      const value = this.inspector.value(column);
      if (all || input !== active || input.dataset.value !== String(value)) input.value = value === null ? "" : `${value}`;
      input.dataset.value = `${value}`;
    });
  }
};
function numberField(taken, label) {
  const input = element("input", "typed");
  input.type = "text";
  input.inputMode = "decimal";
  input.autocomplete = "off";
  input.setAttribute("aria-label", label);
  input.onchange = taken;
  return input;
}
function parsed(input) {
  const text = input.value.trim().replace("−", "-");
  return text ? Number(text) : NaN;
}
function named(control, words) {
  control.title = words;
  control.setAttribute("aria-label", words);
}

// inspector/bar.js
var TITLE_END = 12;
var Bar = class {
  /** @param {Inspector} inspector is told what is clicked */
  constructor(inspector2) {
    this.root = element("div", "bar");
    this.place = element("span", "place");
    this.place.setAttribute("aria-live", "polite");
    this.head = element("span", "about");
    this.back = button("control", "‹", "Previous image (left arrow)", () => inspector2.step(-1));
    this.next = button("control", "›", "Next image (right arrow)", () => inspector2.step(1));
    this.undo = button("control wide", "↶", "", () => inspector2.act({ kind: "undo" }));
    this.redo = button("control wide", "↷", "", () => inspector2.act({ kind: "redo" }));
    this.undo.append(element("span", "word", " Undo"));
    this.redo.append(element("span", "word", " Redo"));
    this.alike = button("control wide", "≈", "Images that are like this one (M)", () => inspector2.alike());
    this.alike.append(element("span", "word", " More like this"));
    this.leave = button("control wide", "", "", () => inspector2.act({ kind: inspector2.item.excluded ? "include" : "exclude" }));
    const zoom = element("span", "group zooms");
    const { zooming } = inspector2.stage;
    zoom.append(
      button("control", "−", "Smaller (minus)", () => zooming.smaller()),
      button("control", "⤢", "Whole image (0)", () => zooming.fit()),
      button("control", "+", "Larger (plus)", () => zooming.larger())
    );
    const [steps, ways] = [element("span", "group"), element("span", "group")];
    steps.append(this.back, this.place, this.next);
    ways.append(this.alike, this.undo, this.redo, this.leave);
    this.root.append(steps, this.head, ways, zoom, button("control shut", "✕", "Close (Esc)", () => inspector2.close()));
  }
  /**
   * @param {Data} data
   * @param {boolean} edited whether there are edits that Python does not know of
   */
  draw({ item, undo, redo }, edited) {
    this.place.textContent = item.place;
    this.back.disabled = item.before === null;
    this.next.disabled = item.after === null;
    const size = element("span", "note", `${item.width} × ${item.height} px${item.excluded ? "" : ` · ${item.split}`}`);
    const parts = [middle(item.title, TITLE_END), size];
    if (item.excluded) parts.push(element("span", "badge", "excluded from training and metrics"));
    this.head.replaceChildren(...parts);
    named(this.undo, undo ? `Undo (Ctrl+Z): ${undo}` : "Nothing to undo");
    named(this.redo, redo ? `Redo (Ctrl+Y): ${redo}` : "Nothing to redo");
    this.undo.disabled = !undo && !edited;
    this.redo.disabled = !redo;
    this.leave.textContent = item.excluded ? "Include" : "Exclude";
    const words = item.excluded ? "Include this image in training and metrics again" : "Exclude this image from training and metrics; it is kept";
    named(this.leave, words);
  }
  /** @param {"undo" | "redo"} way is clicked where it can be */
  click(way) {
    if (!this[way].disabled) this[way].click();
  }
};

// inspector/keys.js
var isTyped = (target) => Boolean(
  /** @type {Element | null} */
  target?.matches?.("input:not([type=checkbox])")
);
function pressed(inspector2, event) {
  const { key } = event;
  const commands = event.ctrlKey || event.metaKey;
  if (isTyped(event.target)) return typed(inspector2, event);
  if (key === "Escape") {
    if (!inspector2.stage.cancel()) inspector2.close();
    return true;
  }
  if (commands && key.toLowerCase() === "z") {
    inspector2.bar.click(event.shiftKey ? "redo" : "undo");
    return true;
  }
  if (commands && key.toLowerCase() === "y") {
    inspector2.bar.click("redo");
    return true;
  }
  if (commands || event.altKey) return false;
  if (inspector2.stage.key(event) || inspector2.targets.key?.(event)) return true;
  const keys = {
    ArrowLeft: () => inspector2.step(-1),
    ArrowRight: () => inspector2.step(1),
    PageUp: () => inspector2.step(-1),
    PageDown: () => inspector2.step(1),
    "+": () => inspector2.stage.zooming.larger(),
    "-": () => inspector2.stage.zooming.smaller(),
    0: () => inspector2.stage.zooming.fit(),
    m: () => inspector2.alike()
  };
  if (!(key in keys)) return false;
  keys[key]();
  return true;
}
function typed(inspector2, event) {
  if (event.key !== "Escape") return inspector2.targets.typed?.(event) ?? false;
  inspector2.targets.revert(event.target);
  inspector2.dialog.focus({ preventScroll: true });
  return true;
}
function keysOf(control, searched) {
  const keys = element("details", "keys");
  const list = element("dl");
  for (const [key, words] of [...KEYS[control], ...searched ? KEYS.search : [], ...KEYS.all]) list.append(element("dt", "", key), element("dd", "", words));
  keys.append(element("summary", "", "Keys"), list);
  return keys;
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

// shared/arrows.js
var DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// inspector/points.js
var MANY = 24;
var Points = class {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.svg = vector("svg", "marks");
    this.hint = element("p", "hint");
    this.hint.hidden = true;
    this.names = [];
    this.marks = [];
    this.lines = [];
    this.paths = [];
    this.tips = [];
    this.selected = /** @type {number | null} */
    null;
    this.placing = /** @type {number | null} */
    null;
    this.hovered = /** @type {number | null} */
    null;
    this.held = /** @type {import("./types.js").Held | null} */
    null;
  }
  /** @param {import("./types.js").Targets} targets */
  show({ control, names, lines = [] }) {
    const shown = control === "points";
    const same = shown && names.length === this.names.length;
    this.names = shown ? names : [];
    this.lines = lines;
    this.hovered = this.held = null;
    this.place(null);
    if (!same) this.selected = null;
    this.svg.replaceChildren();
    this.svg.classList.toggle("fine", names.length > MANY);
    const joined = vector("g", "lines", this.svg);
    this.paths = ["halo", "ink"].map((name) => vector("path", name, joined));
    this.marks = this.names.map((_, index) => this.mark(index));
    this.tips = ["tip", "tip chosen"].map((name) => vector("text", name, this.svg));
  }
  /** @param {number} index */
  mark(index) {
    const mark = vector("g", "point", this.svg);
    mark.setAttribute("tabindex", "0");
    mark.setAttribute("role", "button");
    for (const part of ["halo", "ink"]) vector("circle", part, mark);
    mark.onfocus = () => this.select(index);
    return mark;
  }
  /**
   * @param {number} index
   * @returns {Place | null} null where it is missing
   */
  point(index) {
    if (this.held?.index === index) return this.held.place;
    const [x, y] = [this.stage.hooks.value(2 * index), this.stage.hooks.value(2 * index + 1)];
    return x === null || y === null || x === void 0 ? null : [x, y];
  }
  draw() {
    if (!this.names.length || !this.stage.item) return;
    const places = this.names.map((_, index) => this.point(index));
    const shown = places.map((place) => place && this.stage.onScreen(place).map((value) => value.toFixed(2)));
    this.marks.forEach((mark, index) => {
      const [place, at] = [places[index], shown[index]];
      mark.style.display = at ? "" : "none";
      if (!place || !at) return;
      mark.setAttribute("transform", `translate(${at.join(" ")})`);
      mark.classList.toggle("chosen", index === this.selected);
      const radius = index === this.selected ? 7 : this.names.length > MANY ? 3 : 5;
      for (const circle of mark.children) circle.setAttribute("r", `${radius}`);
      const [x, y] = place.map(rounded);
      mark.setAttribute("aria-label", `${this.names[index]}: x ${x}, y ${y} px`);
      mark.setAttribute("aria-pressed", `${index === this.selected}`);
    });
    const ends = this.lines.map((line) => line.map((index) => shown[index]));
    const path = ends.map(([one, other]) => one && other ? `M${one.join(" ")}L${other.join(" ")}` : "").join("");
    this.paths.forEach((one) => one.setAttribute("d", path));
    this.tip(this.tips[0], this.hovered === this.selected ? null : this.hovered);
    this.tip(this.tips[1], this.selected);
  }
  /**
   * @param {SVGTextElement} text
   * @param {number | null} index
   */
  tip(text, index) {
    const place = index === null ? null : this.point(index);
    text.textContent = place && index !== null ? short(this.names[index]) : "";
    if (!place) return;
    const [x, y] = this.stage.onScreen(place);
    const right = x < this.stage.root.clientWidth / 2;
    text.setAttribute("text-anchor", right ? "start" : "end");
    text.setAttribute("x", `${x + (right ? 12 : -12)}`);
    text.setAttribute("y", `${Math.max(14, y - 6)}`);
  }
  /** @param {Place} at */
  nearest(at) {
    const places = this.names.map((_, index) => this.point(index));
    return nearest(places.map((place) => place && this.stage.onScreen(place)), at, this.selected);
  }
  /** @param {Place | null} place */
  hover(place) {
    const under = place && this.placing === null ? this.nearest(place) : null;
    this.stage.root.classList.toggle("over", under !== null);
    if (under === this.hovered) return;
    this.hovered = under;
    this.draw();
  }
  /** @param {number | null} index */
  select(index) {
    if (index === this.selected) return;
    this.stage.hooks.flush();
    this.selected = index;
    this.draw();
    this.stage.hooks.selected();
  }
  /**
   * A point at `from` to be dragged, or a missing one to be placed there; null where neither is.
   * @param {Place} from
   * @returns {import("../shared/zoom.js").Drag | null}
   */
  grab(from) {
    if (this.placing !== null) return this.placed(this.placing, from);
    const index = this.nearest(from);
    if (index === null) return null;
    this.select(index);
    this.marks[index].focus({ preventScroll: true });
    const start = this.point(index);
    if (!start) return null;
    return {
      to: ([x, y]) => {
        if (!this.held && Math.hypot(x - from[0], y - from[1]) < STILL_PX) return;
        const { scale } = this.stage.view;
        const by = [(x - from[0]) / scale, (y - from[1]) / scale].map(hundredths);
        const place = this.stage.clamped([start[0] + by[0], start[1] + by[1]]);
        this.held = { index, place };
        this.draw();
        this.stage.hooks.selected();
      },
      drop: () => {
        const place = this.held?.place;
        this.held = null;
        if (place) this.put(index, place);
      },
      cancel: () => {
        this.held = null;
        this.draw();
        this.stage.hooks.selected();
      }
    };
  }
  /**
   * @param {number} index
   * @param {Place} from
   */
  placed(index, from) {
    return {
      to: () => {
      },
      drop: () => {
        this.place(null);
        this.put(index, this.stage.inPicture(from));
        this.select(index);
        this.marks[index].focus({ preventScroll: true });
      }
    };
  }
  /**
   * @param {number} index
   * @param {Place | null} place
   */
  put(index, place, later = false) {
    const [x, y] = place ?? [null, null];
    this.stage.hooks.moved([[2 * index, x], [2 * index + 1, y]], later);
  }
  /**
   * The next click places point `index`; null: no more.
   * @param {number | null} index
   */
  place(index) {
    this.placing = index;
    this.stage.root.classList.toggle("placing", index !== null);
    this.hint.hidden = index === null;
    if (index === null) return;
    this.hint.textContent = `Click where ${short(this.names[index])} is (Enter: in the middle, Esc: not at all).`;
    this.stage.hooks.rest();
  }
  /**
   * The two exchange their places.
   * @param {Pair[]} pairs
   */
  swap(pairs) {
    const cells = pairs.flatMap(([one, other]) => {
      const [first, second] = [this.point(one) ?? [null, null], this.point(other) ?? [null, null]];
      const both = [[2 * one, second[0]], [2 * one + 1, second[1]], [2 * other, first[0]], [2 * other + 1, first[1]]];
      return both;
    });
    this.stage.hooks.moved(cells, false);
  }
  cancel() {
    if (this.placing !== null) return this.place(null), true;
    if (this.selected === null) return false;
    this.select(null);
    this.stage.hooks.rest();
    return true;
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.placing !== null && event.key === "Enter") {
      const { clientWidth, clientHeight } = this.stage.root;
      this.placed(this.placing, [clientWidth / 2, clientHeight / 2]).drop();
      return true;
    }
    const index = this.selected;
    const place = index === null ? null : this.point(index);
    if (index === null || !place) return false;
    if (event.key === "Delete" || event.key === "Backspace") {
      this.put(index, null);
      this.stage.hooks.rest();
      return true;
    }
    if (!(event.key in DIRECTIONS)) return false;
    const [x, y] = DIRECTIONS[event.key];
    const far = event.shiftKey ? 10 : 1;
    const next = this.stage.clamped([place[0] + far * x, place[1] + far * y]);
    this.put(index, [x ? next[0] : place[0], y ? next[1] : place[1]], true);
    return true;
  }
};

// inspector/stage.js
var MOST = 40;
var SHARP = 3;
var Stage = class {
  /** @param {import("./types.js").Hooks} hooks */
  constructor(hooks) {
    this.item = /** @type {(Item & { src: string }) | null} */
    null;
    this.hooks = hooks;
    this.root = element("div", "stage");
    this.image = element("img");
    this.image.draggable = false;
    this.broken = element("p", "broken");
    this.image.onerror = () => this.sayWhy();
    this.image.onload = () => this.broken.hidden = true;
    this.marks = new Points(this);
    this.root.append(this.image, this.broken, this.marks.svg, this.marks.hint);
    this.zooming = new Zoom(this.root, {
      smallest: 1,
      largest: (whole) => Math.max(MOST, whole),
      within: inSight,
      drawn: (view) => this.put(view),
      grab: (place) => this.marks.grab(place),
      hover: (place) => this.marks.hover(place),
      click: () => this.marks.select(null)
    });
  }
  /**
   * @param {Item & { src: string }} item
   * @param {Targets} targets
   */
  show(item, targets) {
    const same = item.width === this.item?.width && item.height === this.item?.height;
    this.item = item;
    this.broken.hidden = true;
    this.image.src = item.src;
    this.image.alt = item.title;
    this.marks.show(targets);
    if (!same || this.zooming.whole) this.zooming.set(item);
  }
  // The answer may come when another picture is shown.
  async sayWhy() {
    const src = this.item?.src ?? "";
    const why = await whyNone(src);
    if (src !== this.item?.src) return;
    this.broken.textContent = why;
    this.broken.hidden = false;
  }
  draw() {
    this.marks.draw();
  }
  // The picture stays in sight: in the middle where it is smaller than the stage, over all of it where it is larger.
  /** @param {import("./geometry.js").View} view */
  put({ scale, left, top }) {
    if (!this.item) return;
    Object.assign(this.image.style, {
      width: `${this.item.width * scale}px`,
      height: `${this.item.height * scale}px`,
      transform: `translate(${left}px, ${top}px)`
    });
    this.image.classList.toggle("pixels", scale >= SHARP);
    this.marks.draw();
  }
  get view() {
    return this.zooming.view;
  }
  /** @param {Place} place */
  onScreen(place) {
    return onScreen(place, this.view);
  }
  /** @param {Place} place */
  inPicture(place) {
    return this.clamped(inPicture(place, this.view));
  }
  /** @param {Place} place */
  clamped(place) {
    return clamped(place, this.item ?? { width: 0, height: 0 });
  }
  // What Esc ends first: a drag, a placing, a selection. Says whether there was one.
  cancel() {
    return this.zooming.cancel() || this.marks.cancel();
  }
  /** @param {KeyboardEvent} event */
  key(event) {
    return this.marks.key(event);
  }
  remove() {
    this.zooming.remove();
  }
};

// inspector/inspector.js
var LATER_MS = 400;
var AGAIN_MS = 15e3;
var inspectors = /* @__PURE__ */ new WeakMap();
function inspector({ data, parentElement, setTriggerValue }) {
  const root = (
    /** @type {HTMLElement} */
    parentElement.querySelector(".inspector")
  );
  const opened = inspectors.get(parentElement) ?? new Inspector(root);
  inspectors.set(parentElement, opened);
  opened.send = (value) => setTriggerValue("acts", value);
  opened.show(data);
  return () => {
    inspectors.get(parentElement)?.remove();
    inspectors.delete(parentElement);
  };
}
var Inspector = class {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.queue = [];
    this.pending = /* @__PURE__ */ new Map();
    this.flying = /* @__PURE__ */ new Map();
    this.flight = /** @type {import("./types.js").Flight | null} */
    null;
    this.number = 0;
    this.send = () => {
    };
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */
    void 0;
    this.waiting = /** @type {ReturnType<typeof setTimeout> | undefined} */
    void 0;
    this.closed = this.refusing = false;
    this.opening = /** @type {number | undefined} */
    void 0;
    this.data = /** @type {Data} */
    unset;
    this.item = /** @type {Data["item"]} */
    unset;
    this.names = /** @type {string[]} */
    unset;
    this.truth = /** @type {Value[]} */
    unset;
    this.targets = /** @type {import("./types.js").Control} */
    unset;
    this.dialog = element("dialog", "box");
    this.dialog.tabIndex = -1;
    this.message = element("p", "message");
    this.message.setAttribute("role", "status");
    this.stage = new Stage({
      value: (column) => this.value(column),
      moved: (cells, later) => this.set(cells, later),
      selected: () => this.targets?.draw(),
      flush: () => this.flush(),
      rest: () => this.dialog.focus({ preventScroll: true })
    });
    this.panel = element("section", "panel");
    this.panel.setAttribute("aria-label", "Targets");
    this.body = element("div", "body");
    this.body.append(this.stage.root, this.panel);
    this.stage.root.append(this.message);
    this.bar = new Bar(this);
    this.dialog.append(this.bar.root, this.body);
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.unfocused = (event) => {
      if (this.dialog.open && event.target === document.body) this.key(event);
    };
    document.addEventListener("keydown", this.unfocused, true);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    root.replaceChildren(this.dialog);
  }
  // --- what Python says ------------------------------------------------------------------------------------
  /** @param {Data} data */
  show(data) {
    if (this.flight && data.heard < this.flight.number) return;
    clearTimeout(this.timer);
    this.flight = null;
    this.flying.clear();
    this.number = Math.max(this.number, data.heard);
    if (data.opening !== this.opening) this.closed = false;
    this.opening = data.opening;
    if (this.closed) return this.flush();
    const { item, targets } = data;
    for (const act of this.queue) {
      if (act.kind === "edit" && act.row === item.row) act.cells.forEach(({ column, now }) => this.flying.set(column, now));
    }
    const other = item.row !== this.item?.row || targets.names.length !== this.names?.length;
    if (other && this.item) this.pending.clear();
    this.item = item;
    this.names = targets.names;
    this.truth = targets.values;
    this.data = data;
    if (other) this.build(data);
    if (!this.dialog.open) this.dialog.showModal();
    this.draw();
    if (other) this.begin(data);
    if (data.refused || data.message || other || !this.refusing) this.say(data.refused || data.message, Boolean(data.refused));
    if (this.queue.length || this.pending.size && !this.waiting) this.flush();
  }
  /** @param {Data} data */
  build(data) {
    const { item, targets } = data;
    this.stage.show({ ...item, src: this.address(item.row) }, targets);
    this.targets = CONTROLS[targets.control](targets, this);
    this.panel.replaceChildren(this.targets.root, keysOf(targets.control, Boolean(this.targets.search)));
    this.panel.scrollTop = 0;
  }
  /** @param {Data} data */
  begin({ item }) {
    if (item.column === null || item.column === void 0) this.dialog.focus({ preventScroll: true });
    else this.targets.focus(item.column);
    for (const row of [item.after, item.before]) if (row !== null) new Image().src = this.address(row);
  }
  draw() {
    this.bar.draw(this.data, this.pending.size > 0);
    this.dialog.setAttribute("aria-label", `Edit ${this.item.title}`);
    this.stage.draw();
    this.targets.draw();
    const active = (
      /** @type {HTMLButtonElement | null} */
      rootOf(this.dialog).activeElement
    );
    if (!active || active.disabled || !active.checkVisibility()) this.dialog.focus({ preventScroll: true });
  }
  /** @param {number} row */
  address(row) {
    return pictureAddress(this.data.pictures, row, 0);
  }
  /**
   * What is wrong with what was typed stands until the next act: the answer to an edit before it knows nothing of it.
   * @param {string} words
   */
  refuse(words) {
    this.say(words, true);
    this.refusing = true;
  }
  /** @param {string} words */
  say(words, refused = false) {
    this.refusing = false;
    this.message.textContent = words || "";
    this.message.classList.toggle("refused", refused);
  }
  // --- what is done ------------------------------------------------------------------------------------------
  /**
   * @param {number} column
   * @returns {Value} as it is shown
   */
  value(column) {
    const pending = this.pending.get(column);
    return pending === void 0 ? this.last(column) : pending;
  }
  /**
   * @param {number} column
   * @returns {Value} as it was last known, also on its way
   */
  last(column) {
    const flying = this.flying.get(column);
    return flying === void 0 ? this.truth[column] : flying;
  }
  /**
   * @param {Cell[]} cells
   * @param {boolean} [later] whether they wait for more of a series of keys
   */
  set(cells, later = false) {
    const changed = cells.filter(([column, now]) => this.value(column) !== now);
    if (!changed.length) return;
    for (const [column, now] of cells) this.pending.set(column, now);
    this.say("");
    this.stage.draw();
    this.targets.draw();
    this.bar.undo.disabled = false;
    clearTimeout(this.waiting);
    const waited = () => {
      this.waiting = void 0;
      this.flush();
    };
    this.waiting = later ? setTimeout(waited, LATER_MS) : void 0;
    if (!later) this.flush();
  }
  /** @param {{ kind: "undo" | "redo" | "include" | "exclude" | "like" | "close" } | { kind: "step", by: number }} act */
  act(act) {
    this.collect();
    this.queue.push({ row: this.item.row, ...act });
    this.flush();
  }
  /** @param {number} by */
  step(by) {
    if (this.closed || (by < 0 ? this.bar.back : this.bar.next).disabled) return;
    this.act({ kind: "step", by });
  }
  // Shows what is like this picture, in its place.
  alike() {
    this.act({ kind: "like" });
    this.close();
  }
  // Closed at once; what is still to be sent is sent, and Python's answer is on the page.
  close() {
    if (this.closed) return;
    this.closed = true;
    this.stage.cancel();
    this.act({ kind: "close" });
    this.dialog.close();
  }
  // The edits of this picture become one act. What an edit changes is what was last known, also on its way.
  collect() {
    clearTimeout(this.waiting);
    this.waiting = void 0;
    if (!this.pending.size) return;
    const cells = [...this.pending].map(([column, now]) => ({ column, was: this.last(column), now }));
    this.pending.forEach((now, column) => this.flying.set(column, now));
    this.pending.clear();
    if (cells.some(({ was, now }) => was !== now)) this.queue.push({ kind: "edit", row: this.item.row, cells });
  }
  flush() {
    if (this.flight) return;
    this.collect();
    if (!this.queue.length) return;
    this.flight = { number: ++this.number, acts: this.queue };
    this.queue = [];
    this.post();
  }
  post() {
    this.send(this.flight);
    this.timer = setTimeout(() => {
      if (!this.flight) return;
      this.say("The server has not answered yet: this edit is not saved. It is sent again.", true);
      this.post();
    }, AGAIN_MS);
  }
  // --- keys --------------------------------------------------------------------------------------------------
  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation();
    if (pressed(this, event)) event.preventDefault();
  }
  remove() {
    document.removeEventListener("keydown", this.unfocused, true);
    clearTimeout(this.timer);
    clearTimeout(this.waiting);
    this.stage.remove();
    if (this.dialog.open) this.dialog.close();
  }
};
var unset = void 0;
export {
  Inspector,
  inspector as default
};
