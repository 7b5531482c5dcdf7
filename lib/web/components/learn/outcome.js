// What an experiment gave: each option's number with its interval, whether the prediction was right, and why.

import { element } from "../shared/dom.js"
import { ticks, vector } from "../shared/drawing.js"
import { fixed } from "./formulas.js"
import { Surface } from "./surface.js"

/** @typedef {{ value: number, low: number | null, high: number | null }} Ends */
/**
 * lib/evaluation/experiments/questions.py
 * @typedef {{ options: Ends[], best: number, next: number, gain: Ends, verdict: string, differing: number, counted: string, metric: string, unit: string, larger_is_better: boolean, n_train: number, n_valid: number, sentence: string, facts: string[], seconds: number }} Answer
 */

const [ROW, MOST_ROWS] = [46, 3]
const PLOT = { left: 128, right: 70, top: 12, bottom: 44 }
const HEIGHT = PLOT.top + MOST_ROWS * ROW + PLOT.bottom

/**
 * How an answer is judged beside a prediction.
 * @param {Pick<Answer, "verdict" | "best" | "differing" | "counted">} answer
 * @param {number | null} prediction
 */
export function judged({ verdict, best, differing, counted }, prediction) {
  if (verdict === "same") return { sign: "=", words: "The same.", short: "the same:", look: "" }
  if (verdict === "too few" && !differing) return { sign: "=", words: `The same on all ${counted}.`, short: "the same:", look: "" }
  if (verdict === "too few") return { sign: "≈", words: `Open: they differ on ${differing} of ${counted}.`, short: "undecided:", look: "" }
  if (verdict !== "better") return { sign: "≈", words: "Open: chance may decide.", short: "undecided:", look: "" }
  if (best === prediction) return { sign: "✓", words: "As you predicted.", short: "predicted right:", look: "right" }
  return { sign: "✗", words: "Not as you predicted.", short: "predicted otherwise:", look: "wrong" }
}

/**
 * From where to where the options are drawn: no error is below 0, and no share above 1.
 * @param {Pick<Answer, "options" | "larger_is_better">} answer metrics of which more is better are shares
 * @returns {[number, number]}
 */
export function axisOf({ options, larger_is_better }) {
  const ends = options.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
  const [low, high] = [Math.min(...ends), Math.max(...ends)]
  const room = high > low ? (high - low) * 0.08 : 0.1 * (Math.abs(high) || 1)
  return [Math.max(0, low - room), larger_is_better ? Math.min(1, high + room) : high + room]
}

/**
 * As the sentence below writes it: 0.670, not 0.67.
 * @param {number} value
 */
export function threeDigits(value) {
  return Math.abs(value) < 1000 ? value.toPrecision(3) : value.toFixed(0)
}

export class Outcome {
  constructor() {
    this.root = element("div", "outcome")
    this.verdict = element("p", "verdict")
    this.sentence = element("p")
    this.facts = element("ul", "soft")
    const place = element("div")
    this.root.append(this.verdict, place, this.sentence, this.facts)
    /** @type {Answer | null} */
    this.answer = null
    /** @type {string[]} */
    this.options = []
    this.surface = new Surface(place, HEIGHT, "The options with their intervals", () => this.draw())
  }

  /**
   * @param {Answer | null} answer
   * @param {string[]} options
   * @param {number | null} prediction
   */
  show(answer, options, prediction) {
    this.root.hidden = !answer
    this.answer = answer
    this.options = options
    this.prediction = prediction
    if (!answer) return
    const { sign, words, look } = judged(answer, prediction)
    this.verdict.textContent = `${sign} ${words}`
    this.verdict.className = `verdict ${look}`
    this.sentence.textContent = answer.sentence
    const counted = `Learned from ${answer.n_train.toLocaleString("en")} pictures, judged on ${answer.n_valid.toLocaleString("en")} others, in ${answer.seconds.toFixed(0)} s.`
    this.facts.replaceChildren(...[...answer.facts, counted].map((fact) => element("li", "", fact)))
    this.draw()
  }

  draw() {
    const { width, back } = this.surface
    if (!this.answer || !width) return
    const { options, best, metric, unit } = this.answer
    const [least, most] = axisOf(this.answer)
    const left = width < 500 ? 96 : PLOT.left
    const x = (/** @type {number} */ value) => left + ((value - least) / (most - least)) * (width - left - PLOT.right)
    const bottom = PLOT.top + options.length * ROW
    back.replaceChildren()
    this.surface.svg.setAttribute("viewBox", `0 0 ${width} ${bottom + PLOT.bottom}`)
    const marks = ticks(least, most, width < 500 ? 3 : 6)
    for (const value of marks.values) {
      vector("line", { class: "rule", x1: x(value), x2: x(value), y1: PLOT.top, y2: bottom }, back)
      vector("text", { class: "tick", x: x(value), y: bottom + 16, "text-anchor": "middle" }, back, fixed(value, marks.places))
    }
    options.forEach(({ value, low, high }, at) => {
      const y = PLOT.top + (at + 0.5) * ROW
      const isBest = at === best
      vector("text", { class: isBest ? "option best" : "option", x: left - 12, y: y + (at === this.prediction ? -1 : 4), "text-anchor": "end" }, back, this.options[at])
      if (at === this.prediction) vector("text", { class: "soft yours", x: left - 12, y: y + 14, "text-anchor": "end" }, back, "you")
      if (low !== null && high !== null) vector("line", { class: "interval", x1: x(low), x2: x(high), y1: y, y2: y }, back)
      vector("circle", { class: isBest ? "value best" : "value", cx: x(value), cy: y, r: 7 }, back)
      vector("text", { class: "number", x: width - PLOT.right + 10, y: y + 4 }, back, threeDigits(value))
    })
    vector("text", { class: "axis", x: width - PLOT.right, y: bottom + 36, "text-anchor": "end" }, back, `${metric}${unit ? ` (${unit})` : ""}, lines are intervals of 95 %`)
  }

  remove() {
    this.surface.remove()
  }
}
