// The article's loss beside the right one: what being sure costs, and what a model learns from each.

import { element } from "../shared/dom.js"
import { eachFrame, slider } from "../shared/drag.js"
import { vector } from "../shared/drawing.js"
import { bceCells, fixed, mean, sigmoid, softplus, swappedCells } from "./formulas.js"
import { Surface } from "./surface.js"
import { Table } from "./table.js"
import { Training } from "./training.js"

/** @typedef {import("./types.js").Figure} Figure */
/** @typedef {import("./types.js").SlipContent} SlipContent */

const MOST = 8 // of an activation
const HIGHEST = 8.6 // of a cost
const HEIGHT = 300, LEFT = 34, RIGHT = 12, TOP = 26, BOTTOM = 44
const CODE = { printed: "1-inputs, inputs", right: "inputs, 1-inputs" }

/** @implements {Figure} */
export class Slip {
  /** @param {import("./types.js").Host} host */
  constructor({ root, act }) {
    this.act = MOST
    /** @type {string[]} */
    this.names = []
    /** @type {number[]} */
    this.targs = []
    const [stage, figure, side] = ["stage", "bars", "steps"].map((name) => element("div", name))
    this.surface = new Surface(figure, HEIGHT, "What a cell costs by each loss", () => this.draw())
    this.later = eachFrame(() => this.draw())
    this.handle = vector("g", { class: "handle" }, this.surface.front)
    vector("line", { class: "thresh", y1: TOP, y2: HEIGHT - BOTTOM }, this.handle)
    vector("rect", { class: "reach", x: -20, y: TOP, width: 40, height: HEIGHT - TOP - BOTTOM }, this.handle)
    this.tell = slider(this.handle, {
      min: -MOST,
      max: MOST,
      step: 0.5,
      get: () => this.act,
      set: (value) => {
        this.act = Math.round(value * 20) / 20
        this.later()
      },
      at: (event) => ((this.surface.at(event)[0] - LEFT) / (this.surface.width - LEFT - RIGHT)) * 2 * MOST - MOST,
      label: "Activation in the direction of the truth",
      words: (value) => `${fixed(value, 1)}: as printed ${fixed(softplus(value))}, right ${fixed(softplus(-value))}`,
    })
    this.table = new Table("What each cell costs")
    this.costs = { printed: element("strong"), right: element("strong") }
    side.append(this.code("printed", "as printed"), this.code("right", "right"), this.table.root)
    stage.append(figure, side)
    const why = element(
      "p",
      "words",
      "An easy slip: one thinks of a distance, and a 1 is missed by 1 − inputs. But −log makes a cost of a probability, so it " +
        "wants the one that the truth was given: inputs where the target is 1. And nothing warns. The loss falls as nicely, " +
        "for a model that learns the opposite. The chapter's own training is not affected: fastai trains with " +
        "BCEWithLogitsLoss, and the printed function stands in the text only.",
    )
    this.training = new Training(act)
    // Whoever is here may train soon: what takes longest, the start of the process, goes on meanwhile.
    for (const event of ["pointerenter", "focusin"]) root.addEventListener(event, () => act({ do: "soon" }), { once: true })
    root.append(stage, why, this.training.root)
  }

  /**
   * @param {"printed" | "right"} which
   * @param {string} title
   */
  code(which, title) {
    const root = element("div", `loss ${which}`)
    const line = element("code")
    line.append("-torch.where(targets==1, ", element("mark", "", CODE[which]), ").log().mean()")
    root.append(element("span", "title", title), this.costs[which], line)
    return root
  }

  /** @param {SlipContent} content */
  show({ names, targs, training }) {
    this.names = names
    this.targs = targs
    this.training.show(training)
    this.draw()
  }

  draw() {
    const { width, back } = this.surface
    if (!width || !this.names.length) return
    back.replaceChildren()
    const x = (/** @type {number} */ act) => LEFT + ((act + MOST) / (2 * MOST)) * (width - LEFT - RIGHT)
    const y = (/** @type {number} */ cost) => HEIGHT - BOTTOM - (cost / HIGHEST) * (HEIGHT - TOP - BOTTOM)
    for (const cost of [0, 2, 4, 6, 8]) {
      vector("line", { class: "rule", x1: LEFT, x2: width - RIGHT, y1: y(cost), y2: y(cost) }, back)
      vector("text", { class: "soft", x: LEFT - 8, y: y(cost) + 4, "text-anchor": "end" }, back, `${cost}`)
    }
    for (const act of [-8, -4, 0, 4, 8]) {
      vector("text", { class: "soft", x: x(act), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, back, fixed(act, 0))
    }
    vector("text", { x: 0, y: 12 }, back, "cost of a cell")
    vector("text", { x: LEFT, y: HEIGHT - 6 }, back, "\u2190 sure and wrong")
    vector("text", { x: width - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, back, "sure and right \u2192")
    vector("text", { x: x(0), y: HEIGHT - 6, "text-anchor": "middle" }, back, "act")
    const curve = (/** @type {(act: number) => number} */ cost) => {
      const places = Array.from({ length: 65 }, (_, at) => (at / 64) * 2 * MOST - MOST)
      return `M${places.map((act) => `${x(act).toFixed(1)} ${y(cost(act)).toFixed(1)}`).join("L")}`
    }
    const costs = { printed: softplus, right: (/** @type {number} */ act) => softplus(-act) }
    for (const [name, cost] of Object.entries(costs)) {
      vector("path", { class: `curve ${name}`, d: curve(cost) }, back)
      const at = name === "printed" ? 5.2 : -5.2
      const anchor = at > 0 ? "end" : "start"
      vector("text", { class: `curve-name ${name}`, x: x(at) + (at > 0 ? -10 : 10), y: y(cost(at)) - 6, "text-anchor": anchor }, back, name === "printed" ? "as printed" : "right")
      vector("circle", { class: `dot ${name}`, cx: x(this.act), cy: y(cost(this.act)), r: 7 }, back)
    }
    this.handle.setAttribute("transform", `translate(${x(this.act).toFixed(1)} 0)`)
    this.tell()
    this.write()
  }

  write() {
    const acts = this.targs.map((targ) => (targ === 1 ? this.act : -this.act))
    const [printed, right] = [swappedCells(acts, this.targs), bceCells(acts, this.targs)]
    const rows = this.names.map((name, at) => [
      name, `${this.targs[at]}`, fixed(acts[at], 1), fixed(sigmoid(acts[at])), fixed(printed[at]), fixed(right[at]),
    ])
    rows.push(["mean", "", "", "", fixed(mean(printed)), fixed(mean(right))])
    this.table.show(["label", "target", "act", "inputs", "as printed", "right"], rows, { total: true })
    this.costs.printed.textContent = fixed(mean(printed))
    this.costs.right.textContent = fixed(mean(right))
  }

  remove() {
    this.later.cancel()
    this.surface.remove()
    this.training.remove()
  }
}
