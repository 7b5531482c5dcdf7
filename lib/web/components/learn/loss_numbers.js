// Mean squared error: predictions that are dragged, each error as a square whose area is what it costs.

import { vector } from "../shared/drawing.js"
import { element } from "../shared/dom.js"
import { eachFrame, slider } from "../shared/drag.js"
import { fixed, mse, mseGradient } from "./formulas.js"
import { arrow, Surface } from "./surface.js"
import { Table } from "./table.js"

const TRUE = [3, 6, 4, 7]
const MOST = 10
const HEIGHT = 330, TOP = 14, BOTTOM = 22, LEFT = 30

export class Numbers {
  constructor() {
    this.root = element("div", "labels")
    this.preds = [4, 5, 4.5, 4]
    const figure = element("div", "bars")
    this.surface = new Surface(figure, HEIGHT, "Predicted and true numbers", () => this.draw())
    this.later = eachFrame(() => this.draw())
    this.handles = TRUE.map((_, at) => this.handle(at))
    this.formula = element("p", "formula")
    this.table = new Table("Mean squared error, step by step")
    const words = element(
      "p",
      "words",
      "The area of a square is what its error costs: twice the error, four times the cost. The arrow, minus the " +
        "gradient, grows with the error, so one bad label pulls harder than many good ones.",
    )
    const steps = element("div", "steps")
    steps.append(this.formula, this.table.root, words)
    this.root.append(figure, steps)
  }

  /** @param {number} at */
  handle(at) {
    const node = vector("g", { class: "handle" }, this.surface.front)
    vector("circle", { class: "reach", r: 20 }, node)
    vector("path", { class: "pred", d: "M-7 -7L7 7M7 -7L-7 7" }, node)
    const tell = slider(node, {
      min: 0,
      max: MOST,
      step: 0.1,
      axis: "vertical",
      get: () => this.preds[at],
      set: (value) => {
        this.preds[at] = Math.round(value * 100) / 100
        this.later()
      },
      at: (event) => ((HEIGHT - BOTTOM - this.surface.at(event)[1]) / (HEIGHT - TOP - BOTTOM)) * MOST,
      label: `Prediction of picture ${at + 1}`,
      words: (value) => `${value.toFixed(2)}, true ${TRUE[at]}`,
    })
    return { node, tell }
  }

  draw() {
    const { width, back } = this.surface
    if (!width) return
    back.replaceChildren()
    const unit = (HEIGHT - TOP - BOTTOM) / MOST
    const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - value * unit
    const step = (width - LEFT) / TRUE.length
    const gradient = mseGradient(this.preds, TRUE)
    for (const value of [0, 2, 4, 6, 8, 10]) {
      vector("line", { class: "rule", x1: LEFT, x2: width, y1: y(value), y2: y(value) }, back)
      vector("text", { class: "soft", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, back, `${value}`)
    }
    TRUE.forEach((value, at) => {
      const x = LEFT + step * (at + 0.35)
      const side = Math.abs(this.preds[at] - value) * unit
      vector("rect", { class: "square", x, y: Math.min(y(value), y(this.preds[at])), width: side, height: side }, back)
      vector("line", { class: "stem", x1: x, x2: x, y1: y(value), y2: y(this.preds[at]) }, back)
      vector("circle", { class: "true", cx: x, cy: y(value), r: 6 }, back)
      arrow(back, [x - 16, y(this.preds[at])], [x - 16, y(this.preds[at]) + gradient[at] * unit])
      vector("text", { class: "soft", x, y: HEIGHT - 4, "text-anchor": "middle" }, back, `picture ${at + 1}`)
      this.handles[at].node.setAttribute("transform", `translate(${x} ${y(this.preds[at])})`)
      this.handles[at].tell()
    })
    this.write(gradient)
  }

  /** @param {number[]} gradient */
  write(gradient) {
    const rows = TRUE.map((value, at) => {
      const error = this.preds[at] - value
      return [`${at + 1}`, fixed(this.preds[at], 2), fixed(value, 2), fixed(error, 2), fixed(error ** 2), fixed(gradient[at])]
    })
    const loss = mse(this.preds, TRUE)
    rows.push(["mean", "", "", "", fixed(loss), ""])
    this.table.show(["picture", "pred", "true", "error", "squared", "gradient"], rows, { total: true })
    this.formula.textContent = `MSELoss = mean of (pred − true)² = ${fixed(loss)}`
  }

  remove() {
    this.later.cancel()
    this.surface.remove()
  }
}
