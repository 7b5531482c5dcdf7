// The learning-rate finder on a recorded run: a line is drawn through its batches, and where the curve is read.

import { element, write } from "../shared/dom.js"
import { ticks, vector } from "../shared/drawing.js"
import { eachFrame, slider } from "../shared/drag.js"
import { explodesAt, lowest, rateAt, seen, slide, smoothed, steepest, valley } from "./finder.js"
import { Player } from "./player.js"
import { rateWords } from "./rates.js"
import { segments } from "./segments.js"
import { Surface } from "./surface.js"

/** @typedef {{ title: string, words: string, count: number, losses: number[] }} Recording losses of the batches; `count` were wanted */
/** @typedef {{ recordings: Recording[] }} Content */
/** @typedef {import("./types.js").Figure} Figure */

const HEIGHT = 400
const PLOT = { left: 52, right: 14, top: 40, bottom: 52 }
const POWERS = [-7, -6, -5, -4, -3, -2, -1, 0, 1]
const SECONDS = 8

/** @implements {Figure} */
export class LearningRate {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.batch = 0
    this.method = "valley"
    /** @type {Recording[]} */
    this.recordings = []
    /** @type {number[]} */
    this.losses = []
    /** @type {number[]} */
    this.smooth = []
    /** @type {number[]} */
    this.rates = []
    this.suggested = 0 // 0 where there is none
    this.follow = eachFrame(() => this.place())
    this.top = element("div", "choices-line")
    this.player = new Player(SECONDS, () => this.batch / (this.losses.length - 1), (share) => {
      this.batch = Math.round(share * (this.losses.length - 1))
      this.follow()
    })
    this.words = element("p", "words")
    this.source = element("p", "soft source")
    const line = element("div", "line")
    line.append(this.player.button, this.words)
    const place = element("div")
    root.append(this.top, place, line, this.source)
    this.surface = new Surface(place, HEIGHT, "Loss against learning rate", () => this.draw())
    this.trail = vector("path", { class: "curve" }, this.surface.front)
    this.cursor = vector("g", { class: "handle cursor" }, this.surface.front)
    vector("rect", { class: "reach", x: -13, y: PLOT.top - 12, width: 26, height: HEIGHT - PLOT.top - PLOT.bottom + 14, rx: 6 }, this.cursor)
    vector("line", { class: "now", y1: PLOT.top - 4, y2: HEIGHT - PLOT.bottom }, this.cursor)
    this.knob = vector("circle", { class: "knob", r: 8, cy: PLOT.top }, this.cursor)
    this.tell = () => {}
  }

  /** @param {Content} content */
  show({ recordings }) {
    this.recordings = recordings
    const methods = segments("How the curve is read", [["valley", "valley"], ["slide", "slide"], ["minimum", "minimum / 10"], ["steep", "steep"]], this.method, (method) => {
      this.method = method
      this.draw()
    })
    const titles = recordings.map(({ title }, at) => /** @type {[string, string]} */ ([`${at}`, title]))
    this.top.replaceChildren(...(recordings.length > 1 ? [segments("Whose run", titles, "0", (at) => this.choose(Number(at)))] : []), methods)
    this.choose(0)
  }

  /** @param {number} at */
  choose(at) {
    const { count, losses, words } = this.recordings[at]
    this.player.pause()
    this.count = count
    this.losses = losses
    this.smooth = smoothed(losses)
    this.rates = losses.map((_, batch) => rateAt(batch, count))
    this.batch = losses.length - 1
    this.source.textContent = words
    this.draw()
  }

  draw() {
    const { width, back } = this.surface
    if (!width || !this.losses.length) return
    const [left, right, bottom] = [PLOT.left, width - PLOT.right, HEIGHT - PLOT.bottom]
    const most = Math.max(...this.smooth.slice(0, Math.max(10, this.smooth.length - 4))) * 1.15
    const low = Math.min(...this.losses) * 0.95
    const x = (/** @type {number} */ rate) => left + ((Math.log10(rate) - POWERS[0]) / (POWERS[POWERS.length - 1] - POWERS[0])) * (right - left)
    const y = (/** @type {number} */ loss) => bottom - (Math.min(1.05, (loss - low) / (most - low))) * (bottom - PLOT.top)
    this.x = x
    this.y = y
    back.replaceChildren()
    for (const power of POWERS) {
      const at = x(10 ** power)
      vector("line", { class: "rule", x1: at, x2: at, y1: PLOT.top, y2: bottom + 4 }, back)
      const text = vector("text", { class: "tick", x: at, y: bottom + 18, "text-anchor": "middle" }, back, power === 0 ? "1" : "10")
      if (power !== 0 && power !== 1) vector("tspan", { dy: -5, "font-size": 10 }, text, `${power}`.replace("-", "\u2212"))
    }
    const marks = ticks(low, most, 5)
    for (const loss of marks.values) {
      vector("line", { class: "rule", x1: left, x2: right, y1: y(loss), y2: y(loss) }, back)
      vector("text", { class: "tick", x: left - 6, y: y(loss) + 4, "text-anchor": "end" }, back, loss.toFixed(marks.places))
    }
    vector("text", { class: "axis", x: right, y: HEIGHT - 6, "text-anchor": "end" }, back, "learning rate, ten times as high at each line")
    vector("text", { class: "axis", x: 0, y: 14 }, back, "training loss: dots of the batches, line smoothed")
    for (const [at, loss] of this.losses.entries()) {
      if (loss <= most) vector("circle", { class: "dot", cx: x(this.rates[at]), cy: y(loss), r: 2.5 }, back)
    }
    this.reading(back, bottom)
    if (!this.listens) this.listen()
    this.cursor.setAttribute("aria-valuemax", `${this.losses.length - 1}`)
    this.place()
  }

  /**
   * Where the method reads the curve: what it looks at, and the rate that it suggests.
   * @param {Element} back
   * @param {number} bottom
   */
  reading(back, bottom) {
    if (!this.x || !this.y || !this.count) return
    const [rates, losses] = [seen(this.rates, this.count), seen(this.smooth, this.count)]
    this.suggested = 0
    if (losses.length < 20) return // too short to be read
    if (this.method === "valley") {
      const { from, to, at } = valley(losses)
      vector("rect", { class: "stretch", x: this.x(rates[from]), y: PLOT.top, width: Math.max(2, this.x(rates[to]) - this.x(rates[from])), height: bottom - PLOT.top }, back)
      this.suggested = rates[at]
    } else if (this.method === "slide") this.suggested = slide(rates, losses)
    else {
      const at = this.method === "minimum" ? lowest(losses) : steepest(rates, losses)
      this.suggested = this.method === "minimum" ? rates[at] / 10 : rates[at]
      vector("circle", { class: "point", cx: this.x(rates[at]), cy: this.y(losses[at]), r: 6 }, back)
    }
    const at = this.x(this.suggested)
    vector("line", { class: "suggested", x1: at, x2: at, y1: PLOT.top - 4, y2: bottom }, back)
    const anchor = at > this.surface.width - 140 ? "end" : at < 140 ? "start" : "middle"
    vector("text", { class: "suggestion", x: at, y: PLOT.top - 10, "text-anchor": anchor }, back, `${this.method} suggests ${rateWords(Number(this.suggested.toPrecision(3)))}`)
  }

  listen() {
    this.listens = true
    const last = () => this.losses.length - 1
    this.tell = slider(this.cursor, {
      min: 0,
      get max() {
        return last()
      },
      step: 1,
      get: () => this.batch,
      set: (batch) => {
        this.player.pause()
        this.batch = Math.round(batch)
        this.follow()
      },
      at: (event) => {
        const share = (this.surface.at(event)[0] - PLOT.left) / (this.surface.width - PLOT.left - PLOT.right)
        return share * (this.count ?? 100)
      },
      label: "Batch of the search",
      words: () => this.sentence(),
    })
  }

  place() {
    if (!this.x || !this.y || !this.losses.length) return
    const at = this.x(this.rates[this.batch])
    this.cursor.setAttribute("transform", `translate(${at.toFixed(1)} 0)`)
    this.knob.setAttribute("cy", `${this.y(this.smooth[this.batch])}`)
    const points = this.smooth.slice(0, this.batch + 1).map((loss, batch) => `${this.x?.(this.rates[batch]).toFixed(1)} ${this.y?.(loss).toFixed(1)}`)
    this.trail.setAttribute("d", `M${points.join("L")}`)
    write(this.words, this.sentence())
    this.tell()
  }

  sentence() {
    const [rate, end] = [this.rates[this.batch], explodesAt(this.smooth)]
    const here = `Batch ${this.batch + 1} of ${this.count}, trained at ${rateWords(Number(rate.toPrecision(3)))}: loss ${this.losses[this.batch].toPrecision(3)}, smoothed ${this.smooth[this.batch].toPrecision(3)}.`
    if (end !== null && this.batch >= end) return `${here} Four times the lowest: the finder stops and puts the first weights back.`
    const times = (10 / 1e-7) ** (1 / (this.count ?? 100))
    if (this.batch < (this.count ?? 100) / 10) return `${here} Each batch gets ${times.toPrecision(4)} times the rate of the one before. So low a rate changes nothing yet.`
    const suggested = this.suggested
    if (suggested && rate < suggested) return `${here} Still below what ${this.method} suggests.`
    const low = this.smooth.indexOf(Math.min(...this.smooth))
    if (this.batch > low) return `${here} Beyond the lowest loss: steps this long jump over what they look for.`
    return `${here} The loss falls: steps of this length learn.`
  }

  remove() {
    this.player.pause()
    this.follow.cancel()
    this.surface.remove()
  }
}
