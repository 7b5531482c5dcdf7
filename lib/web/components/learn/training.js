// A model trained with each of the two losses, live: the share of right cells, epoch by epoch.

import { path, vector } from "../shared/drawing.js"
import { element } from "../shared/dom.js"
import { fixed } from "./formulas.js"
import { Surface } from "./surface.js"

/** @typedef {import("./types.js").SlipTraining} SlipTraining */

const HEIGHT = 240, LEFT = 34, TOP = 26, BOTTOM = 30
const NAMES = ["as printed", "right"]
const CLASSES = ["printed", "right"]

export class Training {
  /** @param {(value: unknown) => void} act */
  constructor(act) {
    this.root = element("div", "training")
    /** @type {SlipTraining | null} */
    this.shown = null
    this.button = element("button", "primary")
    this.button.type = "button"
    this.button.onclick = () => act({ do: this.isActive ? "stop" : "train" })
    this.words = element("p", "words")
    this.words.setAttribute("aria-live", "polite")
    this.bar = element("progress")
    this.bar.setAttribute("aria-label", "Training")
    const line = element("div", "acts")
    line.append(this.button, this.bar, this.words)
    this.figure = element("div", "bars")
    this.surface = new Surface(this.figure, HEIGHT, "accuracy_multi after each epoch, with each loss", () => this.draw())
    this.result = element("p", "result")
    this.root.append(line, this.figure, this.result)
  }

  get isActive() {
    return this.shown?.state === "waiting" || this.shown?.state === "working"
  }

  /** @param {SlipTraining} training */
  show(training) {
    this.shown = training
    const { state, message, done, total, accuracy } = training
    this.button.textContent = this.isActive ? "Stop" : state === "none" ? "Train with each loss" : "Train again"
    this.button.className = state === "none" || state === "failed" ? "primary" : ""
    this.bar.hidden = !this.isActive
    if (total) Object.assign(this.bar, { max: total, value: done })
    else this.bar.removeAttribute("value")
    const count = total && this.isActive ? `: ${done} of ${total}` : ""
    const what = `${training.source}, a linear layer on what a pretrained network sees: some seconds.`
    this.words.textContent = state === "none" ? what : state === "done" ? "" : `${message}${count}`
    this.words.classList.toggle("wrong", state === "failed")
    this.figure.hidden = !accuracy.length
    this.result.textContent = state === "done" ? resultOf(training) : ""
    this.draw()
  }

  draw() {
    const { width, back } = this.surface
    const shown = this.shown
    if (!width || !shown?.accuracy.length) return
    back.replaceChildren()
    const epochs = shown.accuracy[0].length - 1
    const right = width - 112
    const x = (/** @type {number} */ share) => LEFT + share * (right - LEFT)
    const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM)
    for (const value of [0, 0.25, 0.5, 0.75, 1]) {
      vector("line", { class: "rule", x1: LEFT, x2: right, y1: y(value), y2: y(value) }, back)
      vector("text", { class: "soft", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, back, `${value}`)
    }
    for (const epoch of [0, epochs / 2, epochs]) {
      vector("text", { class: "soft", x: x(epoch / epochs), y: HEIGHT - 10, "text-anchor": "middle" }, back, `${epoch}`)
    }
    vector("text", { x: right + 20, y: HEIGHT - 10 }, back, "epochs")
    vector("text", { x: 0, y: 12 }, back, "accuracy_multi, of other pictures")
    const nothing = shown.nothing ?? 0
    vector("line", { class: "baseline", x1: LEFT, x2: right, y1: y(nothing), y2: y(nothing) }, back)
    const labels = [{ at: nothing, text: `nothing ${fixed(nothing, 3)}`, kind: "soft" }]
    shown.accuracy.forEach((values, number) => {
      const known = values.map((value) => value ?? NaN)
      vector("path", { class: `curve ${CLASSES[number]}`, d: path(known, x, y) }, back)
      const at = known.filter((value) => !Number.isNaN(value)).length - 1 // those that are not known yet come last
      if (at < 0) return
      const last = known[at]
      vector("circle", { class: `dot ${CLASSES[number]}`, cx: x(at / epochs), cy: y(last), r: 5 }, back)
      labels.push({ at: last, text: `${NAMES[number]} ${fixed(last, 3)}`, kind: CLASSES[number] })
    })
    labels.sort((one, other) => one.at - other.at)
    let below = Infinity
    for (const { at, text, kind } of labels) {
      below = Math.min(y(at) + 4, below - 15)
      vector("text", { class: `curve-name ${kind}`, x: right + 8, y: below }, back, text)
    }
  }

  remove() {
    this.surface.remove()
  }
}

/** @param {SlipTraining} training */
function resultOf({ accuracy, loss, nothing, n_train, n_valid }) {
  const last = accuracy.map((values) => values[values.length - 1] ?? NaN)
  const apart = Math.max(...loss[0].map((value, at) => Math.abs((value ?? NaN) - (loss[1][at] ?? NaN))))
  const losses = apart < 5e-4 ? "The two training losses fell alike, digit for digit" : "Both training losses fell"
  const from = loss[0][0] ?? NaN, to = loss[0][loss[0].length - 1] ?? NaN
  return (
    `${losses} (${fixed(from, 3)} to ${fixed(to, 3)}). Of the cells of ${n_valid} other pictures ${fixed(100 * last[1], 0)} % are ` +
    `right with the right loss, ${fixed(100 * last[0], 0)} % with the one as printed; predicting nothing gets ` +
    `${fixed(100 * (nothing ?? NaN), 0)} %. Trained on ${n_train} pictures.`
  )
}
