// `y_range`: an activation that is dragged along a sigmoid between two ends, and the activation that a target needs.

import { element } from "../shared/dom.js"
import { ticks, vector } from "../shared/drawing.js"
import { eachFrame, slider } from "../shared/drag.js"
import { actOf, inRange, slopeOf } from "./coordinates.js"
import { fixed } from "./formulas.js"
import { segments } from "./segments.js"
import { Surface } from "./surface.js"

/** @typedef {import("./types.js").Figure} Figure */
/** @typedef {{ title: string, low: number, high: number, from: number, to: number, words: string }} Range `from` and `to` are what the ends of the range stand for, as where a point is in pixels */
/** @typedef {{ ranges: Range[] }} Content */

const HEIGHT = 400
const PLOT = { left: 52, right: 60, top: 26, bottom: 46 }
const ACT = 8
/** @type {[string, string][]} by how much the range is wider than the targets' at either end, as a part of it */
export const WIDTHS = [["0", "as the targets"], ["0.05", "+5 % each end"], ["0.25", "+25 % each end"]]

/** @implements {Figure} */
export class YRange {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.act = 1
    this.share = 0.9 // of the range at which the target is
    /** @type {Range} */
    this.range = { title: "", low: -1, high: 1, from: -1, to: 1, words: "" }
    this.wide = 0 // by how much the range is wider than the targets' on either side, as a part of it
    this.follow = eachFrame(() => this.place())
    this.top = element("div", "choices-line")
    this.words = element("p", "words")
    const place = element("div")
    root.append(this.top, place, this.words)
    this.surface = new Surface(place, HEIGHT, "The prediction for each activation", () => this.draw())
    const { front } = this.surface
    this.drop = vector("path", { class: "drop" }, front)
    this.tangent = vector("path", { class: "tangent" }, front)
    this.target = vector("g", { class: "handle target-line" }, front)
    this.targetLine = vector("path", { class: "true" }, this.target)
    vector("rect", { class: "reach", x: -14, y: -13, width: 28, height: 26, rx: 6 }, this.target)
    vector("circle", { class: "knob", r: 8 }, this.target)
    this.needs = vector("path", { class: "needs" }, front)
    this.handle = vector("g", { class: "handle act" }, front)
    vector("circle", { class: "reach", r: 17 }, this.handle)
    vector("circle", { class: "knob", r: 9 }, this.handle)
    this.tells = [() => {}, () => {}]
  }

  /** @param {Content} content */
  show({ ranges }) {
    const titles = ranges.map(({ title }, at) => /** @type {[string, string]} */ ([`${at}`, title]))
    const wider = segments("How wide the range is", WIDTHS, "0", (wide) => {
      this.wide = Number(wide)
      this.draw()
    })
    const which = ranges.length > 1 ? [segments("What is predicted", titles, "0", (at) => this.choose(ranges[Number(at)]))] : []
    this.top.replaceChildren(...which, wider)
    this.choose(ranges[0])
  }

  /** @param {Range} range */
  choose(range) {
    this.range = range
    this.draw()
  }

  // The ends that the sigmoid is scaled to.
  get ends() {
    return widened(this.range, this.wide)
  }

  get goal() {
    return this.range.low + (this.range.high - this.range.low) * this.share
  }

  draw() {
    const { width, back } = this.surface
    if (!width || !this.range.title) return
    const [low, high] = this.ends
    const [left, right, bottom] = [PLOT.left, width - PLOT.right, HEIGHT - PLOT.bottom]
    const room = (this.range.high - this.range.low) * 0.3
    const [least, most] = [this.range.low - room, this.range.high + room]
    const x = (/** @type {number} */ act) => left + ((act + ACT) / (2 * ACT)) * (right - left)
    const y = (/** @type {number} */ value) => bottom - ((value - least) / (most - least)) * (bottom - PLOT.top)
    this.x = x
    this.y = y
    back.replaceChildren()
    for (let act = -ACT; act <= ACT; act += width < 500 ? 4 : 2) {
      vector("line", { class: "rule", x1: x(act), x2: x(act), y1: PLOT.top, y2: bottom }, back)
      vector("text", { class: "tick", x: x(act), y: bottom + 17, "text-anchor": "middle" }, back, fixed(act, 0))
    }
    const marks = ticks(least, most, 6)
    for (const value of marks.values) {
      vector("line", { class: "rule", x1: left, x2: right, y1: y(value), y2: y(value) }, back)
      vector("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, back, fixed(value, marks.places))
    }
    for (const end of [low, high]) vector("line", { class: "end", x1: left, x2: right, y1: y(end), y2: y(end) }, back)
    vector("rect", { class: "reached", x: left, y: y(high), width: right - left, height: y(low) - y(high) }, back)
    const acts = Array.from({ length: 161 }, (_, at) => -ACT + at * 0.1)
    vector("path", { class: "curve", d: `M${acts.map((act) => `${x(act).toFixed(1)} ${y(inRange(act, low, high)).toFixed(1)}`).join("L")}` }, back)
    vector("text", { class: "axis", x: right, y: HEIGHT - 6, "text-anchor": "end" }, back, "activation")
    vector("text", { class: "axis", x: 0, y: 14 }, back, `prediction, ${this.range.title}`)
    if (!this.listens) this.listen()
    this.place()
  }

  listen() {
    this.listens = true
    const from = (/** @type {PointerEvent} */ event) => this.surface.at(event)
    const act = slider(this.handle, {
      min: -ACT,
      max: ACT,
      step: 0.1,
      get: () => this.act,
      set: (value) => {
        this.act = value
        this.follow()
      },
      at: (event) => ((from(event)[0] - PLOT.left) / (this.surface.width - PLOT.left - PLOT.right)) * 2 * ACT - ACT,
      label: "Activation",
      words: (value) => `${fixed(value, 2)}, prediction ${fixed(inRange(value, this.ends[0], this.ends[1]), 3)}`,
    })
    const target = slider(this.target, {
      min: 0,
      max: 1,
      step: 0.01,
      get: () => this.share,
      set: (value) => {
        this.share = value
        this.follow()
      },
      at: (event) => {
        const [top, bottom] = [this.y?.(this.range.high) ?? 0, this.y?.(this.range.low) ?? 1]
        return 1 - (from(event)[1] - top) / (bottom - top)
      },
      label: "Target",
      words: () => fixed(this.goal, 3),
      axis: "vertical",
    })
    this.tells = [act, target]
  }

  place() {
    if (!this.x || !this.y) return
    const { width } = this.surface
    const [low, high] = this.ends
    const [value, slope, need] = [inRange(this.act, low, high), slopeOf(this.act, low, high), actOf(this.goal, low, high)]
    const [x, y, bottom] = [this.x(this.act), this.y(value), HEIGHT - PLOT.bottom]
    this.handle.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`)
    this.drop.setAttribute("d", `M${x} ${bottom}V${y}H${PLOT.left}`)
    const reach = 1.2
    const at = (/** @type {number} */ by) => `${this.x?.(this.act + by).toFixed(1)} ${this.y?.(value + slope * by).toFixed(1)}`
    this.tangent.setAttribute("d", `M${at(-reach)}L${at(reach)}`)
    const goal = this.y(this.goal)
    this.target.setAttribute("transform", `translate(${width - PLOT.right + 14} ${goal.toFixed(1)})`)
    this.targetLine.setAttribute("d", `M${PLOT.left - width + PLOT.right - 14} 0H-10`)
    this.needs.setAttribute("d", Math.abs(need) <= ACT ? `M${this.x(need)} ${goal}V${bottom}` : "")
    this.words.textContent = this.sentence(value, slope, need)
    for (const tell of this.tells) tell()
  }

  /**
   * @param {number} value
   * @param {number} slope
   * @param {number} need
   */
  sentence(value, slope, need) {
    const [low, high] = this.ends
    const { from, to, words, low: first, high: last } = this.range
    const place = from + ((value - first) / (last - first)) * (to - from)
    const needs = Number.isFinite(need)
      ? `The target ${fixed(this.goal, 3)} needs an activation of ${fixed(need, 2)}.`
      : `The target ${fixed(this.goal, 3)} is at the end of the range, which no activation reaches: choose the range a little wider.`
    return (
      `sigmoid(${fixed(this.act, 2)}) · (${short(high)} − ${enclosed(low)}) + ${enclosed(low)} = ${fixed(value, 4)}` +
      `${words ? `, ${words.replace("{}", fixed(place, 1))}` : ""}. One more in the activation moves it by about ${fixed(slope, 3)} here` +
      `${slope < 0.05 * (high - low) ? ": near the ends hardly at all, and the gradient is as small" : ""}. ${needs}`
    )
  }

  remove() {
    this.follow.cancel()
    this.surface.remove()
  }
}

/**
 * @param {Pick<Range, "low" | "high">} range
 * @param {number} part of the range by which it gets wider at each end
 */
export function widened({ low, high }, part) {
  const more = (high - low) * part
  return [low - more, high + more]
}

/** @param {number} value */
function short(value) {
  return fixed(Number(value.toFixed(2)), Number.isInteger(value) ? 0 : 2)
}

/** @param {number} value */
function enclosed(value) {
  return value < 0 ? `(${short(value)})` : short(value)
}
