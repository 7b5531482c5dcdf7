// A column a label: its activation, which is dragged, with the gradient as an arrow, and sigmoid and softmax as bars.

import { vector } from "../shared/drawing.js"
import { slider } from "../shared/drag.js"
import { fixed, knownOf, sigmoid, softmax, sum } from "./formulas.js"
import { arrow, Surface } from "./surface.js"
import { UNKNOWN } from "./vectors.js"

const MOST = 6 // of an activation
const TOP = 44, ACTS = 200, BAR = 62, GAP = 34 // pixels
const LEFT = 74
const HEIGHT = TOP + ACTS + 2 * (GAP + BAR) + 8
const PUSH = 60 // pixels of the arrow of a gradient of 1 a cell

/**
 * @typedef {object} Shown
 * @property {number[]} acts
 * @property {number[]} targs
 * @property {number[]} gradient
 * @property {boolean} isOne whether exactly one is true
 */

export class LossBars {
  /**
   * @param {HTMLElement} parent
   * @param {{ onDrag: (at: number, act: number) => void, onTarget: (at: number) => void }} handlers
   */
  constructor(parent, handlers) {
    this.handlers = handlers
    /** @type {string[]} */
    this.names = []
    /** @type {Shown | null} */
    this.shown = null
    /** @type {{ handle: SVGGElement, target: SVGGElement, text: SVGTextElement, tell: () => void }[]} */
    this.columns = []
    this.surface = new Surface(parent, HEIGHT, "Activations, sigmoid and softmax", () => this.draw())
  }

  /** @param {string[]} names */
  name(names) {
    this.names = names
    this.surface.front.replaceChildren()
    this.columns = names.map((name, at) => this.column(name, at))
  }

  /**
   * @param {string} name
   * @param {number} at
   */
  column(name, at) {
    const front = this.surface.front
    const target = vector("g", { class: "target", tabindex: 0, role: "checkbox", "aria-label": `${name} is true` }, front)
    vector("rect", { x: -15, y: 16, width: 30, height: 26, rx: 5 }, target)
    const text = vector("text", { y: 34, "text-anchor": "middle" }, target)
    target.onclick = () => this.handlers.onTarget(at)
    target.onkeydown = (event) => {
      if (event.key !== " " && event.key !== "Enter") return
      event.preventDefault()
      this.handlers.onTarget(at)
    }
    const handle = vector("g", { class: "handle" }, front)
    vector("circle", { class: "reach", r: 20 }, handle)
    vector("circle", { class: "knob", r: 9 }, handle)
    const tell = slider(handle, {
      min: -MOST,
      max: MOST,
      step: 0.1,
      axis: "vertical",
      get: () => this.shown?.acts[at] ?? 0,
      set: (act) => this.handlers.onDrag(at, Math.round(act * 100) / 100),
      at: (event) => ((TOP + ACTS / 2 - this.surface.at(event)[1]) / (ACTS / 2)) * MOST,
      label: `Activation of ${name}`,
      words: (act) => fixed(act, 2),
    })
    return { handle, target, text, tell }
  }

  /** @param {Shown} shown */
  show(shown) {
    this.shown = shown
    this.draw()
  }

  /** @param {number} act */
  y(act) {
    return TOP + ACTS / 2 - (act / MOST) * (ACTS / 2)
  }

  draw() {
    const { width, back } = this.surface
    const shown = this.shown
    if (!width || !shown) return
    back.replaceChildren()
    const step = (width - LEFT) / this.names.length
    const x = (/** @type {number} */ at) => LEFT + step * (at + 0.5)
    for (const act of [-6, -3, 0, 3, 6]) {
      vector("line", { class: act ? "rule" : "rule zero", x1: LEFT, x2: width, y1: this.y(act), y2: this.y(act) }, back)
      vector("text", { class: "soft", x: LEFT - 8, y: this.y(act) + 4, "text-anchor": "end" }, back, fixed(act, 0))
    }
    vector("text", { x: 0, y: 33 }, back, "target")
    vector("text", { x: 0, y: TOP + 20 }, back, "act")
    const probs = { sigmoid: shown.acts.map(sigmoid), softmax: softmax(shown.acts) }
    this.bars("sigmoid", probs.sigmoid, TOP + ACTS + GAP, shown.isOne, x, step)
    this.bars("softmax", probs.softmax, TOP + ACTS + 2 * GAP + BAR, !shown.isOne, x, step)
    this.columns.forEach(({ handle, target, text, tell }, at) => this.place(at, x(at), { handle, target, text, tell }, shown, step))
  }

  /**
   * @param {number} at
   * @param {number} x
   * @param {{ handle: SVGGElement, target: SVGGElement, text: SVGTextElement, tell: () => void }} column
   * @param {Shown} shown
   * @param {number} step
   */
  place(at, x, { handle, target, text, tell }, shown, step) {
    const back = this.surface.back
    const y = this.y(shown.acts[at])
    const isTrue = shown.targs[at] === 1
    vector("text", { class: "name", x, y: 11, "text-anchor": "middle" }, back, shorten(this.names[at], step))
    vector("line", { class: "stem", x1: x, x2: x, y1: this.y(0), y2: y }, back)
    const cells = shown.isOne ? 1 : knownOf(shown.targs)
    arrow(back, [x + 17, y], [x + 17, y + shown.gradient[at] * cells * PUSH])
    handle.setAttribute("transform", `translate(${x} ${y})`)
    target.setAttribute("transform", `translate(${x} 0)`)
    target.setAttribute("aria-checked", shown.targs[at] === UNKNOWN ? "mixed" : `${isTrue}`)
    target.classList.toggle("on", isTrue)
    text.textContent = shown.targs[at] === UNKNOWN ? "?" : `${shown.targs[at]}`
    tell()
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
    const group = vector("g", { class: isAside ? "aside" : "" }, this.surface.back)
    vector("text", { x: 0, y: top + 14 }, group, name)
    vector("text", { class: "soft", x: 0, y: top + 32 }, group, `sum ${sum(values).toFixed(2)}`)
    vector("line", { class: "rule", x1: LEFT, x2: this.surface.width, y1: top + BAR, y2: top + BAR }, group)
    const wide = Math.min(46, step * 0.6)
    values.forEach((value, at) => {
      vector("rect", { class: "room", x: x(at) - wide / 2, y: top, width: wide, height: BAR }, group)
      vector("rect", { class: "bar", x: x(at) - wide / 2, y: top + BAR * (1 - value), width: wide, height: BAR * value }, group)
      vector("text", { x: x(at), y: top - 5, "text-anchor": "middle" }, group, value.toFixed(3))
    })
  }
}

/**
 * @param {string} name
 * @param {number} room in pixels
 */
export function shorten(name, room) {
  const most = Math.max(3, Math.floor(room / 7.5))
  return name.length > most ? `${name.slice(0, most - 1)}…` : name
}
