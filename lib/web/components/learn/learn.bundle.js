// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   16b86323c5131c9d671606b18d9f38a46bc65de741636dfb32a7b8a4515bb870  learn/chooser.js
//   f33d3900e6b1886c2317218a0b3ad0d3a1bcca7caa227b003b50d946c9b9025e  learn/learn.js
//   4c419f7908ced59b88987b743f7a9101c816bed249fd9d0acd2564e3682b5ef4  learn/one_hot.js
//   9400499223dcea4f49b6861697a4d1ce676374a0c143a9b38a4fc059b6012c51  learn/panels.js
//   798e96dc53357f80d9e34ec46b34ef69845b42ec383c1999ecc583695fbff2c3  learn/progress.js
//   4e6757188b3fb24b806a8fab0f4d79ba7fe0927bff020f9569c5b79e0f817b9c  learn/quiz.js
//   9ab1a12c66a9d1c06ae8b3048e4125984943f4cfa8bb8e4d0d2248ebdb0e8bf6  learn/thumbnails.js
//   ce901bc16ba3cccca7c6b9a4285e3584a3d928e956ede0416cb8b9abd2ccdcbf  learn/vectors.js
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
// Of what follows: 71d2b074630d0527d2451ea3d80e7f4a98385585e5d3bc5d76e6265b893dfcf6
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

// learn/vectors.js
var UNKNOWN = -1;
function delimiterOf(names) {
  return names.some((name) => name.includes(" ")) ? ";" : " ";
}
function encode(text, names) {
  const words2 = text.split(delimiterOf(names)).map((word) => word.trim()).filter((word) => word);
  return { vector: names.map((name) => words2.includes(name) ? 1 : 0), missing: words2.filter((word) => !names.includes(word)) };
}
function decode(vector, names) {
  const between = delimiterOf(names);
  return names.filter((_, at) => vector[at] === 1).join(between === ";" ? "; " : between);
}
function printed(vector) {
  return `tensor([${vector.map((cell) => cell === UNKNOWN ? "nan" : `${cell}.`).join(", ")}])`;
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
  vectors.forEach((vector, number) => {
    const one = root.children[number];
    if (number === at) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
    vector.forEach((value, column) => {
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
      const vector = [...this.vector];
      vector[at] = value;
      this.change(vector);
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
    const { vector, missing } = encode(this.typed.value, names);
    this.change(vector, missing);
  }
  /**
   * @param {number[]} vector
   * @param {string[] | null} [missing] words that were typed and are in no vocabulary, null if nothing was typed
   */
  change(vector, missing = null) {
    const { names } = (
      /** @type {Examples} */
      this.examples
    );
    this.vectors[this.at] = vector;
    if (missing === null) this.typed.value = decode(vector, names);
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
function words(vector, missing) {
  if (missing.length) {
    return `“${missing[0]}” is not in the vocabulary, so it has no cell: fastai stops with “Label '${missing[0]}' was not included in the training dataset”.`;
  }
  const unknown = vector.filter((cell) => cell === UNKNOWN).length;
  if (unknown) return `${unknown} unknown: not 0. Such a cell is NaN in training, costs nothing and counts in no metric.`;
  const on = vector.filter((cell) => cell === 1).length;
  if (!on) return "All zeros. That is a target like any other: “none of these”.";
  const rest = on === 1 ? "A class index could say this too." : "No class index can say this: a vector can.";
  return `${on} of ${vector.length} cells are 1. ${rest}`;
}

// learn/panels.js
var PANELS = { "one-hot": OneHot };

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
    const chosen = questions.map((_, at) => answers[at] ?? null);
    this.root.replaceChildren(
      ...questions.map(
        (question, at) => asked(question, chosen[at], (choice) => {
          chosen[at] = choice;
          onAnswer([...chosen]);
        })
      )
    );
  }
};
function asked({ text, choices, answer, why }, chosen, onChoose) {
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
  mark(chosen);
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
