// The large chart of the threshold lab: the curve, and a line that follows the pointer.

import { digits } from "./numbers.js"
import { path, ticks, vector } from "../shared/drawing.js"
import { bandPath, brokenAt, clearest, squeezing } from "./paths.js"

/** @typedef {import("./numbers.js").Curve} Curve */
/** @typedef {import("./numbers.js").Values} Values */
/** @typedef {import("./types.js").Band} Band */
/** @typedef {import("./types.js").Content} Content */
/** @typedef {import("./types.js").Other} Other */
/** @typedef {import("./types.js").Scale} Scale */

const LETTER = 7.4 // pixels of one of the reading's, at most
const SMALL_LETTER = 6.2 // the same of a note's
const CHART = { height: 330, left: 52, right: 14, top: 40, bottom: 40 }
/** @type {Record<string, number>} */
export const KEY_STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -50, PageUp: 50 } // thousandths

// `lab` answers what is chosen; `onDrag(index)`, `onDrop()`, `onCancel()` are told what the pointer does.
export class SweepChart {
  /**
   * @param {HTMLElement} root
   * @param {{ onDrag: (index: number) => void, onDrop: () => void, onCancel: () => void, onKey: (event: KeyboardEvent) => void }} handlers
   */
  constructor(root, { onDrag, onDrop, onCancel, onKey }) {
    this.width = this.steps = 0 // until it is drawn
    this.title = this.whose = this.prefix = ""
    this.dragging = false
    /** @type {Scale} */
    this.x = this.y = () => 0
    /** @type {Values} */
    this.values = []
    /** @type {Other[]} */
    this.others = []
    /** @type {Band | undefined} */
    this.band = undefined
    this.svg = vector("svg", { class: "chart", height: CHART.height }, root)
    this.fixed = vector("g", {}, this.svg)
    this.line = vector("g", { class: "line" }, this.svg)
    vector("rect", { class: "grip", x: -12, y: CHART.top, width: 24, height: CHART.height - CHART.top - CHART.bottom }, this.line)
    vector("line", { class: "thresh", y1: CHART.top, y2: CHART.height - CHART.bottom }, this.line)
    this.knob = vector("circle", { class: "knob", r: 8 }, this.line)
    this.reading = vector("text", { class: "reading", y: CHART.top - 9 }, this.line)
    this.handlers = { onDrag, onDrop, onCancel }
    this.svg.addEventListener("pointerdown", (event) => this.down(event))
    this.svg.addEventListener("pointermove", (event) => this.move(event))
    this.svg.addEventListener("pointerup", () => this.up())
    this.svg.addEventListener("pointercancel", () => this.cancel())
    this.svg.addEventListener("keydown", (event) => {
      this.svg.classList.remove("pointed") // the ring is for those who use the keyboard
      onKey(event)
    })
    const role = { role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": 1, "aria-orientation": "horizontal" }
    for (const [name, value] of Object.entries(role)) this.svg.setAttribute(name, `${value}`)
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0 || !this.width) return
    this.svg.setPointerCapture(event.pointerId)
    this.dragging = true
    this.svg.classList.add("dragging", "pointed")
    this.move(event)
    event.preventDefault() // no text selection
    this.svg.focus({ preventScroll: true })
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.dragging) return
    const at = (event.clientX - this.svg.getBoundingClientRect().left - CHART.left) / this.inner
    this.handlers.onDrag(Math.round(Math.min(1, Math.max(0, at)) * (this.steps - 1)))
  }

  up() {
    if (!this.dragging) return
    this.end()
    this.handlers.onDrop()
  }

  cancel() {
    if (!this.dragging) return
    this.end()
    this.handlers.onCancel()
  }

  end() {
    this.dragging = false
    this.svg.classList.remove("dragging")
  }

  get inner() {
    return this.width - CHART.left - CHART.right
  }

  /**
   * Draws what does not move: axes, curves, band, baseline, the threshold before.
   * @param {number} width
   * @param {Content} content
   */
  draw(width, { curve, title, whose, values, others, band, baseline, baselineTitle, before, noun, label, steps }) {
    this.width = width
    this.steps = steps
    this.title = title
    this.prefix = others.length ? `${title} ` : "" // which curve the number at the line is of
    this.whose = whose
    this.svg.setAttribute("width", `${width}`)
    this.svg.setAttribute("viewBox", `0 0 ${width} ${CHART.height}`)
    const seen = [...values, ...others.flatMap((other) => [...other.values]), baseline].filter(Number.isFinite)
    let [low, high] = [Math.min(...seen, 1), Math.max(...seen, 0)]
    if (!seen.length) [low, high] = [0, 1]
    const isShare = curve.unit.startsWith("share")
    const room = (high - low || 0.1) * 0.06
    low = isShare || low >= 0 ? Math.max(0, low - room) : low - room
    high = isShare ? Math.min(1.001, high + room) : high + room
    /** @type {Scale} */
    this.x = (thresh) => CHART.left + thresh * this.inner
    const bottom = CHART.height - CHART.bottom
    const broken = brokenAt(low, high, baseline, curve.larger_is_better)
    /** @type {Scale} */
    this.y = squeezing({ low, high, broken, upwards: curve.larger_is_better !== false }, bottom, CHART.top)
    this.values = values
    this.band = band
    this.fixed.replaceChildren()
    this.others = others
    this.axes(low, high, curve, label, noun, broken)
    /** @type {Scale} the band ends where the plot does */
    const within = (value) => Math.min(bottom, Math.max(CHART.top, this.y(value)))
    if (band) vector("path", { class: "band", d: bandPath(band, this.x, within) }, this.fixed)
    if (Number.isFinite(baseline)) {
      const y = this.y(baseline)
      vector("line", { class: "baseline", x1: CHART.left, x2: width - CHART.right, y1: y, y2: y }, this.fixed)
      const under = y < CHART.top + 18 ? 14 : -5
      const words = `${baselineTitle} ${digits(baseline)}${others.length ? ` (${title})` : ""}`
      const share = clearest([values, ...others.map((other) => other.values)], baseline, (words.length * SMALL_LETTER) / this.inner)
      vector("text", { class: "remark", x: this.x(share), y: y + under }, this.fixed, words)
    }
    for (const other of others) {
      vector("path", { class: "curve other", d: path(other.values, this.x, this.y) }, this.fixed)
    }
    vector("path", { class: "curve", d: path(values, this.x, this.y) }, this.fixed)
    if (others.length) this.name(values, others)
    if (before !== null) {
      const x = this.x(before / (steps - 1))
      vector("line", { class: "before", x1: x, x2: x, y1: CHART.top, y2: bottom }, this.fixed)
      vector("text", { class: "remark", x: x + 4, y: bottom - 6 }, this.fixed, "before")
    }
    if (!seen.length) vector("text", { class: "remark", x: width / 2, y: CHART.height / 2, "text-anchor": "middle" }, this.fixed, "Not defined at any threshold.")
  }

  /**
   * @param {number} low
   * @param {number} high
   * @param {Curve} curve
   * @param {number | null} label
   * @param {string} noun
   * @param {number | null} broken beyond which the scale is squeezed
   */
  axes(low, high, curve, label, noun, broken) {
    const [bottom, right] = [CHART.height - CHART.bottom, this.width - CHART.right]
    const below = curve.larger_is_better !== false
    const down = broken === null ? ticks(low, high, 5) : below ? ticks(broken, high, 4) : ticks(low, broken, 4)
    if (broken !== null) this.squeezed(low, high, broken, below)
    for (const at of down.values) {
      const y = this.y(at)
      vector("line", { class: "rule", x1: CHART.left, x2: right, y1: y, y2: y }, this.fixed)
      vector("text", { class: "tick", x: CHART.left - 6, y: y + 4, "text-anchor": "end" }, this.fixed, at.toFixed(down.places))
    }
    for (const at of ticks(0, 1, this.inner < 420 ? 5 : 10).values) {
      const x = this.x(at)
      vector("line", { class: "rule", x1: x, x2: x, y1: bottom, y2: bottom + 4 }, this.fixed)
      vector("text", { class: "tick", x, y: bottom + 17, "text-anchor": "middle" }, this.fixed, at.toFixed(1))
    }
    vector("text", { class: "axis", x: right, y: CHART.height - 4, "text-anchor": "end" }, this.fixed, "threshold (probability)")
    const of = label === null ? "" : `, one ${noun}`
    vector("text", { class: "axis", x: 2, y: 12 }, this.fixed, `${curve.title} (${curve.unit}${of})`)
  }

  /**
   * Shows where the scale is squeezed: where the curve is far worse than the baseline.
   * @param {number} low
   * @param {number} high
   * @param {number} broken
   * @param {boolean} below
   */
  squeezed(low, high, broken, below) {
    const [from, to] = [this.y(broken), this.y(below ? low : high)].sort((a, b) => a - b)
    const width = this.width - CHART.left - CHART.right
    vector("rect", { class: "squeezed", x: CHART.left, y: from, width, height: to - from }, this.fixed)
    const end = below ? low : high
    vector("text", { class: "tick", x: CHART.left - 6, y: (below ? to : from + 8), "text-anchor": "end" }, this.fixed, end.toFixed(2))
    const words = `axis squeezed ${below ? "below" : "above"} ${broken.toFixed(2)}`
    vector("text", { class: "remark", x: this.width - CHART.right - 4, y: below ? to - 6 : from + 14, "text-anchor": "end" }, this.fixed, words)
  }

  /**
   * Writes what each curve is, where they are furthest apart.
   * @param {Values} values
   * @param {Other[]} others
   */
  name(values, others) {
    for (const { values: other, title } of others) {
      let [at, apart] = [0, -1]
      for (let t = Math.round(this.steps * 0.04); t < this.steps * 0.9; t++) {
        const gap = Math.abs(values[t] - other[t])
        if (gap > apart) [at, apart] = [t, gap]
      }
      if (apart < 0) continue
      const above = other[at] > values[at]
      /** @type {[string, number, boolean][]} */
      const names = [[title, other[at], above], [this.title, values[at], !above]]
      for (const [text, value, up] of names) {
        vector("text", { class: "remark", x: this.x(at / (this.steps - 1)), y: this.y(value) + (up ? -10 : 18), "text-anchor": "middle" }, this.fixed, text)
      }
    }
  }

  /**
   * How sure the number at the line is: the band at the nearest of its thresholds.
   * @param {number} index
   */
  sure(index) {
    if (!this.band) return ""
    const at = Math.round((index / (this.steps - 1)) * (this.band.thresh.length - 1))
    const [low, high] = [this.band.low[at], this.band.high[at]]
    return low === null || high === null ? "" : ` (${digits(low)} to ${digits(high)})`
  }

  /**
   * Moves the line.
   * @param {number} index
   * @param {string[]} values of each part there, in words
   * @param {string} spoken
   * @param {boolean} mixed whether labels have different thresholds, so that no single one is true
   */
  place(index, values, spoken, mixed) {
    if (!this.width) return
    const x = this.x(index / (this.steps - 1))
    this.line.setAttribute("transform", `translate(${x.toFixed(1)} 0)`)
    this.line.classList.toggle("mixed", mixed)
    const on = mixed ? NaN : this.values[index]
    this.knob.setAttribute("cy", `${Number.isFinite(on) ? this.y(on) : (CHART.top + CHART.height - CHART.bottom) / 2}`)
    const thresh = (index / (this.steps - 1)).toFixed(3)
    const where = mixed ? ", each its own threshold" : ` at ${thresh}`
    const also = this.others.map(({ title }, at) => ` · ${title} ${values[at + 1]}`).join("")
    const [short, sure] = [`${this.prefix}${values[0]}`, mixed ? "" : this.sure(index)]
    /** @param {string} text */
    const length = (text) => text.length * LETTER // measuring it would cost a layout a frame
    const all = [`${short}${sure}${where}${also}`, `${short}${where}${also}`, `${short}${where}`]
    const reading = all.find((text) => length(text) < this.width) ?? short
    this.reading.textContent = reading
    this.reading.setAttribute("x", `${Math.max(-x, Math.min(-8, this.width - x - length(reading)))}`)
    this.svg.setAttribute("aria-label", this.whose)
    this.svg.setAttribute("aria-valuenow", thresh)
    this.svg.setAttribute("aria-valuetext", spoken)
  }
}
