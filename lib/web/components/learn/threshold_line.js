// Probabilities on a line with the threshold across it, and below it accuracy_multi at every threshold.

import { vector } from "../shared/drawing.js"
import { slider } from "../shared/drag.js"
import { apart, fixed, isAbove } from "./formulas.js"
import { Surface } from "./surface.js"

const LEFT = 40, RIGHT = 14
const TRUE_Y = 42, FALSE_Y = 84, LINE_END = 112
const CURVE_TOP = 150, CURVE_BOTTOM = 300, HEIGHT = 340

/**
 * @typedef {object} Drawn
 * @property {string[]} titles of the cells; none where a run is shown
 * @property {number[]} probs what is compared with the threshold
 * @property {number[]} once the same after a single sigmoid
 * @property {number[]} targs
 * @property {boolean} fixed whether probabilities cannot be dragged
 * @property {number} thresh
 * @property {[number, number][]} curve threshold and accuracy_multi from there on
 * @property {[number, number][]} marks the book's thresholds
 * @property {number} nothing accuracy_multi of predicting nothing
 * @property {number} value accuracy_multi at the threshold
 */

export class ThresholdLine {
  /**
   * @param {HTMLElement} parent
   * @param {{ onThresh: (thresh: number) => void, onProb: (at: number, prob: number) => void }} handlers
   */
  constructor(parent, handlers) {
    this.handlers = handlers
    /** @type {Drawn | null} */
    this.drawn = null
    /** @type {{ node: SVGGElement, tell: () => void }[]} */
    this.dots = []
    this.surface = new Surface(parent, HEIGHT, "Probabilities, the threshold and accuracy_multi", () => this.draw())
    this.line = vector("g", { class: "handle line" }, this.surface.front)
    vector("line", { class: "thresh" }, this.line)
    this.reach = vector("rect", { class: "reach", x: -16, width: 32 }, this.line)
    this.reading = vector("text", { class: "reading", y: 12, "text-anchor": "middle" }, this.line)
    this.knob = vector("circle", { class: "knob", r: 8 }, this.line)
    this.tell = slider(this.line, {
      min: 0,
      max: 1,
      step: 0.05,
      get: () => this.drawn?.thresh ?? 0.5,
      set: (thresh) => handlers.onThresh(Math.round(thresh * 1000) / 1000),
      at: (event) => this.share(event),
      label: "Threshold",
      words: (thresh) => `${fixed(thresh, 3)}: accuracy_multi ${fixed(this.drawn?.value ?? 0, 3)}`,
    })
  }

  /** @param {PointerEvent} event */
  share(event) {
    return (this.surface.at(event)[0] - LEFT) / (this.surface.width - LEFT - RIGHT)
  }

  /** @param {Drawn} drawn */
  show(drawn) {
    this.drawn = drawn
    if (drawn.titles.length !== this.dots.length) {
      for (const { node } of this.dots) node.remove()
      this.dots = drawn.titles.map((_, at) => this.dot(at))
    }
    this.draw()
  }

  /** @param {number} at */
  dot(at) {
    const node = vector("g", { class: "handle probe" }, this.surface.front)
    vector("circle", { class: "reach", r: 16 }, node)
    vector("path", { class: "cell" }, node)
    const tell = slider(node, {
      min: 0,
      max: 1,
      step: 0.05,
      get: () => this.drawn?.probs[at] ?? 0,
      kept: () => this.drawn?.once[at] ?? 0,
      set: (prob) => {
        if (!this.drawn?.fixed) this.handlers.onProb(at, Math.round(prob * 100) / 100)
      },
      at: (event) => this.share(event),
      label: () => `Probability of ${this.drawn?.titles[at] ?? ""}`,
      words: (prob) => `${apart(prob, this.drawn?.thresh ?? 0, this.drawn?.fixed ? 3 : 2)}, ${this.drawn?.targs[at] === 1 ? "true" : "not true"}`,
    })
    return { node, tell }
  }

  draw() {
    const { width, back } = this.surface
    const drawn = this.drawn
    if (!width || !drawn) return
    back.replaceChildren()
    const x = (/** @type {number} */ share) => LEFT + share * (width - LEFT - RIGHT)
    const hasCells = drawn.titles.length > 0
    const [top, bottom] = hasCells ? [CURVE_TOP, CURVE_BOTTOM] : [44, CURVE_BOTTOM]
    const low = Math.max(0, Math.min(...drawn.curve.map(([, value]) => value), drawn.nothing) - 0.05)
    const from = hasCells ? 0 : Math.floor(low * 10) / 10
    const y = (/** @type {number} */ value) => bottom - ((value - from) / (1 - from)) * (bottom - top)
    if (hasCells) this.cells(drawn, x)
    for (const value of [0, 0.25, 0.5, 0.75, 1].map((share) => from + share * (1 - from))) {
      vector("line", { class: "rule", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }, back)
      vector("text", { class: "soft", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, back, `${Number(value.toFixed(3))}`)
    }
    for (const thresh of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
      vector("text", { class: "soft", x: x(thresh), y: bottom + 17, "text-anchor": "middle" }, back, `${thresh}`)
    }
    vector("text", { x: width - RIGHT, y: bottom + 35, "text-anchor": "end" }, back, "threshold")
    vector("text", { x: 0, y: top - 10 }, back, "accuracy_multi")
    vector("line", { class: "baseline", x1: LEFT, x2: width - RIGHT, y1: y(drawn.nothing), y2: y(drawn.nothing) }, back)
    // Below the right end of a run's curve, which is above the baseline there.
    const [at, anchor, down] = hasCells ? [LEFT + 4, "start", -5] : [width - RIGHT, "end", 15]
    vector("text", { class: "curve-name soft", x: at, y: y(drawn.nothing) + down, "text-anchor": anchor }, back, `nothing ${fixed(drawn.nothing, 3)}`)
    vector("path", { class: "curve", d: hasCells ? stepsPath(drawn.curve, x, y) : linePath(drawn.curve, x, y) }, back)
    for (const [thresh, value] of drawn.marks) vector("circle", { class: "mark", cx: x(thresh), cy: y(value), r: 3.5 }, back)
    this.place(drawn, x(drawn.thresh), y(drawn.value), bottom)
  }

  /**
   * @param {Drawn} drawn
   * @param {(share: number) => number} x
   */
  cells(drawn, x) {
    const back = this.surface.back
    for (const [name, y] of /** @type {[string, number][]} */ ([["true", TRUE_Y], ["not", FALSE_Y]])) {
      vector("line", { class: "rule", x1: LEFT, x2: x(1), y1: y, y2: y }, back)
      vector("text", { x: 0, y: y + 4 }, back, name)
    }
    vector("text", { class: "soft", x: x(1), y: LINE_END + 2, "text-anchor": "end" }, back, "probability")
    this.dots.forEach(({ node, tell }, at) => {
      const [prob, isTrue] = [drawn.probs[at], drawn.targs[at] === 1]
      const right = isAbove(prob, drawn.thresh) === isTrue
      node.setAttribute("transform", `translate(${x(prob).toFixed(1)} ${isTrue ? TRUE_Y : FALSE_Y})`)
      node.setAttribute("class", `handle probe ${isTrue ? "is-true" : "is-false"} ${right ? "" : "misses"}`)
      node.children[1].setAttribute("d", isTrue ? "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0" : "M0 -8L8 0L0 8L-8 0Z")
      tell()
    })
  }

  /**
   * @param {Drawn} drawn
   * @param {number} x
   * @param {number} y of the curve there
   * @param {number} bottom
   */
  place(drawn, x, y, bottom) {
    this.line.setAttribute("transform", `translate(${x.toFixed(1)} 0)`)
    const line = /** @type {SVGElement} */ (this.line.firstElementChild)
    line.setAttribute("y1", "18")
    line.setAttribute("y2", `${bottom}`)
    this.reach.setAttribute("y", "18")
    this.reach.setAttribute("height", `${bottom - 18}`)
    this.knob.setAttribute("cy", y.toFixed(1))
    this.reading.textContent = `thresh ${fixed(drawn.thresh, 3)}`
    const half = 48
    this.reading.setAttribute("x", `${Math.max(half - x, Math.min(0, this.surface.width - half - x)).toFixed(1)}`)
    this.tell()
  }
}

/**
 * @param {[number, number][]} steps
 * @param {(share: number) => number} x
 * @param {(value: number) => number} y
 */
function stepsPath(steps, x, y) {
  const parts = steps.map(([thresh, value], at) => `${at ? `H${x(thresh).toFixed(1)}V` : `M${x(thresh).toFixed(1)} `}${y(value).toFixed(1)}`)
  return `${parts.join("")}H${x(1).toFixed(1)}`
}

/**
 * @param {[number, number][]} places
 * @param {(share: number) => number} x
 * @param {(value: number) => number} y
 */
function linePath(places, x, y) {
  return `M${places.map(([thresh, value]) => `${x(thresh).toFixed(1)} ${y(value).toFixed(1)}`).join("L")}`
}
