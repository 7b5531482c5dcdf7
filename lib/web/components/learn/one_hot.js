// Labels as a vector: click or type labels, see the cells; a row without any, and a cell that nobody knows.

import { element, write } from "../shared/dom.js"
import { thumbnails } from "./thumbnails.js"
import { decode, delimiterWords, encode, printed, UNKNOWN, vectorWords } from "./vectors.js"

/** @typedef {import("./types.js").Examples} Examples */
/** @typedef {import("./types.js").Figure} Figure */

/** @implements {Figure} */
export class OneHot {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    /** @type {Examples | null} */
    this.examples = null
    this.at = 0 // of the picture
    /** @type {number[][]} */
    this.vectors = [] // one a picture, as they are now
    /** @type {HTMLButtonElement[]} */
    this.buttons = []
    this.missing = /** @type {string[]} */ ([])
    this.before = /** @type {number[]} */ ([]) // the vector as it was when typing began
    this.picture = element("img", "large")
    this.typed = element("input")
    this.typed.type = "text"
    this.typed.autocomplete = "off"
    this.typed.spellcheck = false
    this.typed.oninput = () => this.type()
    this.label = element("label", "typed")
    this.caption = element("span", "", "Labels")
    this.label.append(this.caption, this.typed)
    this.cells = element("div", "cells")
    this.tensor = element("code", "tensor")
    this.words = element("p", "words")
    this.words.setAttribute("aria-live", "polite")
    const acts = element("div", "acts")
    acts.append(
      this.act("As in the data", () => this.change([...(this.examples?.targs[this.at] ?? [])])),
      this.act("No label", () => this.change(this.vector.map(() => 0))),
    )
    this.strip = element("div", "strip")
    const side = element("div", "side")
    side.append(this.label, this.cells, this.tensor, this.words, acts)
    const stage = element("div", "stage")
    stage.append(this.picture, side)
    this.source = element("p", "source")
    root.append(stage, this.strip, this.source)
  }

  /**
   * @param {string} words
   * @param {() => void} onclick
   */
  act(words, onclick) {
    const one = element("button", "act", words)
    one.type = "button"
    one.onclick = onclick
    return one
  }

  get vector() {
    return this.vectors[this.at] ?? []
  }

  /** @param {Examples} examples */
  show(examples) {
    this.examples = examples
    this.at = 0
    this.vectors = examples.targs.map((row) => [...row])
    this.caption.textContent = `Labels, with ${delimiterWords(examples.names)} between them`
    this.typed.placeholder = "no label"
    this.buttons = examples.names.map((name, at) => this.cell(name, at))
    this.cells.replaceChildren(...this.buttons)
    const [drawn, all] = [examples.frequent.length, examples.names.length]
    const of = drawn < all ? ` The rows show the ${drawn} most frequent of ${all} labels, and how many others are 1 or unknown.` : ""
    this.source.textContent = `Pictures and labels of ${examples.source}. ${examples.per_image.toFixed(2)} labels a picture.${of}`
    this.choose(0)
  }

  /**
   * @param {string} name
   * @param {number} at
   */
  cell(name, at) {
    const one = element("button", "cell")
    one.type = "button"
    one.append(element("span", "name", name), element("span", "value"))
    const set = (/** @type {number} */ value) => {
      const vector = [...this.vector]
      vector[at] = value
      this.change(vector)
    }
    one.onclick = () => set(this.vector[at] === 0 ? 1 : this.vector[at] === 1 ? UNKNOWN : 0)
    one.onkeydown = (event) => {
      const to = { "0": 0, "1": 1, "?": UNKNOWN }[event.key]
      if (to !== undefined) set(to)
      const next = { ArrowRight: this.cells.children[at + 1], ArrowLeft: this.cells.children[at - 1] }[event.key]
      if (next instanceof HTMLElement) next.focus()
      if (to === undefined && !next) return
      event.preventDefault()
    }
    return one
  }

  /** @param {number} at */
  choose(at) {
    const { pictures, titles } = /** @type {Examples} */ (this.examples)
    this.at = at
    this.picture.src = pictures[at]
    this.picture.alt = titles[at]
    this.change(this.vector)
  }

  type() {
    const { names } = /** @type {Examples} */ (this.examples)
    const { vector, missing } = encode(this.typed.value, names, this.before)
    this.change(vector, missing)
  }

  /**
   * @param {number[]} vector
   * @param {string[] | null} [missing] words that were typed and are in no vocabulary, null if nothing was typed
   */
  change(vector, missing = null) {
    const { names } = /** @type {Examples} */ (this.examples)
    this.vectors[this.at] = vector
    if (missing === null) {
      this.typed.value = decode(vector, names)
      this.before = vector
    }
    this.missing = missing ?? []
    this.draw()
  }

  draw() {
    const { frequent, pictures, titles } = /** @type {Examples} */ (this.examples)
    this.buttons.forEach((one, at) => {
      const value = this.vector[at]
      one.className = `cell ${value === 1 ? "on" : value === UNKNOWN ? "unknown" : "off"}`
      one.setAttribute("aria-pressed", value === UNKNOWN ? "mixed" : `${value === 1}`)
      write(/** @type {Element} */ (one.lastElementChild), value === UNKNOWN ? "?" : `${value}`)
    })
    this.tensor.textContent = printed(this.vector)
    this.words.textContent = vectorWords(this.vector, this.missing)
    this.words.classList.toggle("warns", this.missing.length > 0)
    thumbnails(this.strip, { pictures, titles, columns: frequent, vectors: this.vectors, at: this.at, choose: (at) => this.choose(at) })
  }
}
