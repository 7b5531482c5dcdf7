// The tools above the threshold lab's chart, and the numbers and flips below it.

import { element, write } from "../shared/dom.js"
import { countOf } from "../shared/words.js"
import { FORMULAS, digits } from "./numbers.js"

const NARROW = 640 // pixels, as in lab.css
const LISTED = ["precision", "recall", "f1", "predicted_per_image"] // below the chart, whatever is drawn in it
/** @typedef {import("./numbers.js").Counts} Counts */
/** @typedef {import("./numbers.js").Curve} Curve */
/** @typedef {import("./lab.js").Lab} Lab */
/** @typedef {import("./types.js").Fixed} Fixed */
/** @typedef {{ title: string, help: string, name: string, count?: boolean }} RowOfNumbers */
/** @typedef {{ row: RowOfNumbers, one: HTMLElement, cells: HTMLElement[], aside: HTMLElement }} DrawnRow */

export class Toolbar {
  /** @param {Lab} lab */
  constructor(lab) {
    /** @type {string | null | undefined} */
    this.thresh = undefined
    /** @type {boolean | undefined} */
    this.narrow = undefined
    /** @type {string | undefined} */
    this.head = undefined
    this.scope = element("select", "scope")
    this.curves = element("select", "curves")
    this.root = element("details", "tools")
    this.summary = element("summary")
    this.line = element("div")
    this.root.append(this.summary, this.line)
    this.field = element("input")
    Object.assign(this.field, { type: "number", min: 0, max: 1, step: 0.001 })
    this.typed = false
    this.field.oninput = () => (this.typed = true)
    this.field.onblur = () => (this.typed = false)
    this.field.onchange = () => {
      this.typed = false
      const value = Number(this.field.value)
      if (lab.counts && this.field.value !== "" && value >= 0 && value <= 1) {
        lab.drag(lab.label, Math.round(value * (lab.counts.steps - 1)))
        lab.drop()
        lab.follow()
      }
      this.field.value = this.thresh ?? "" // what is: a place in the grid, or what it was
    }
    this.exact = element("label", "exact", "Threshold ")
    this.exact.append(this.field)
    this.undo = element("button", "kind undo", "↶ Undo")
    this.undo.type = "button"
    this.undo.title = "Back to the thresholds before (Ctrl+Z on the line)"
    this.undo.onclick = () => lab.back()
  }

  /**
   * Where it is narrow the controls are one line that unfolds.
   * @param {number} width
   */
  fold(width) {
    const narrow = width <= NARROW
    if (narrow === this.narrow) return
    this.narrow = narrow
    this.root.open = !narrow
  }

  /**
   * Changes what is there: new elements would take the focus from whoever uses the keyboard, or types.
   * @param {Lab} lab
   */
  draw(lab) {
    if (this.head !== lab.head) this.build(lab)
    this.scope.value = `${lab.label ?? ""}`
    this.curves.value = lab.curve.name
    for (const [at, { of_one }] of lab.fixed.curves.entries()) this.curves.options[at].disabled = !of_one && lab.label !== null
    this.curves.title = lab.curve.help
    this.settle(lab)
  }

  /** @param {Lab} lab */
  build(lab) {
    const { names, noun, title, curves } = lab.fixed
    this.head = lab.head
    this.scope = element("select", "scope")
    this.scope.setAttribute("aria-label", `Which ${noun}`)
    this.scope.append(new Option(title, ""), ...names.map((name, c) => new Option(name, `${c}`)))
    this.scope.onchange = () => lab.choose({ label: this.scope.value === "" ? null : Number(this.scope.value) })
    this.curves = element("select", "curves")
    this.curves.setAttribute("aria-label", "What is drawn against the threshold")
    this.curves.append(...curves.map((curve) => Object.assign(new Option(curve.title, curve.name), { title: curve.help })))
    this.curves.onchange = () => lab.choose({ curve: curves.find(({ name }) => name === this.curves.value) })
    this.line.replaceChildren(this.scope, this.curves, this.exact, this.undo)
  }

  /** @param {Lab} lab */
  settle(lab) {
    this.undo.disabled = !lab.past.length
  }

  /**
   * Writes the threshold into its field, unless somebody types there; the focus alone is not typing.
   * @param {string | null} thresh null where labels have different ones
   * @param {Fixed} fixed
   * @param {number | null} label
   * @param {Curve} curve
   */
  write(thresh, { names, title }, label, curve) {
    this.thresh = thresh
    if (!this.typed) this.field.value = thresh ?? ""
    this.field.placeholder = thresh === null ? "mixed" : ""
    write(this.summary, `${label === null ? title : names[label]} · ${curve.title} · threshold ${thresh ?? "mixed"}`)
  }
}

/**
 * A number in words; of whole images the server counts it where labels have thresholds of their own.
 * @param {string} name of its formula
 * @param {Counts} counts
 */
export function numberWords(name, counts) {
  if (name === "subset_accuracy" && counts.right === undefined) return "after release"
  return digits(FORMULAS[name](counts))
}

// Every number at the threshold, what changed against before, and the baseline's.
export class Readout {
  constructor() {
    this.root = element("dl", "numbers")
    /** @type {DrawnRow[] | undefined} */
    this.rows = undefined
    /** @type {number[]} */
    this.order = [] // places of the parts
  }

  /**
   * @param {Fixed} fixed
   * @param {number | null} label
   * @param {number} shown which part comes first
   */
  build({ parts, curves }, label, shown) {
    this.order = [shown, ...parts.keys()].filter((part, at, all) => all.indexOf(part) === at)
    const counts = Object.entries(COUNTS).map(([name, row]) => ({ name, ...row, count: true }))
    /** @type {RowOfNumbers[]} */
    const rows = [...counts, ...curves.filter(({ name }) => LISTED.includes(name))]
    this.rows = rows.map((row) => {
      const one = element("div", "number")
      one.append(element("dt", "", row.title))
      const cells = this.order.map((part, place) => {
        const cell = element("dd", place ? "also" : "value")
        cell.dataset.name = row.name
        cell.dataset.split = parts[part].split
        return cell
      })
      const aside = element("dd", "aside") // of the first, so it stands below that
      one.append(cells[0], aside, ...cells.slice(1))
      return { row, one, cells, aside }
    })
    this.root.replaceChildren(...this.rows.map(({ one }) => one))
  }

  /**
   * @param {Counts[]} counts of each split
   * @param {Counts} before of the one that comes first, before the change
   * @param {Counts} base of its baseline
   * @param {Fixed} fixed
   */
  write(counts, before, base, { parts, baseline }) {
    for (const { row, one, cells, aside } of this.rows ?? []) {
      /** @type {(one: Counts) => number} */
      const of = (counted) => (row.count ? counted[/** @type {"tp" | "fp" | "fn"} */ (row.name)] : FORMULAS[row.name](counted))
      /** @param {number} value */
      const text = (value) => (row.count ? value.toLocaleString("en") : digits(value))
      cells.forEach((cell, place) => {
        const part = this.order[place]
        const number = text(of(counts[part]))
        write(cell, place ? `${number} on ${parts[part].title}` : number)
      })
      const change = of(counts[this.order[0]]) - of(before)
      write(aside, Math.abs(change) > 1e-12 ? `${change > 0 ? "+" : "−"}${text(Math.abs(change))}` : "") // NaN: nothing to say
      const meaning = `${row.help} Baseline (${baseline}): ${text(of(base))}.`
      if (one.title !== meaning) one.title = meaning
    }
  }
}

/**
 * @param {{ come: number, comeRight: number, go: number, goRight: number }} changes
 * @param {{ at: number, value: number } | null} best
 * @param {Curve} curve
 * @param {number} steps
 * @param {{ best: string, flips: string }} titles of the parts that both are of, "" where there is only one
 */
export function flipWords({ come, comeRight, go, goRight }, best, curve, steps, titles) {
  const where = titles.best ? `on ${titles.best}` : "here"
  const highest = best ? `Best ${curve.title} ${where}: ${digits(best.value)} at ${(best.at / (steps - 1)).toFixed(3)}, chosen and read on the same images. ` : ""
  if (!come && !go) return `${highest}Drag the line: what is predicted changes at once.`
  /** @type {(count: number, verb: string) => string} */
  const many = (count, verb) => countOf(count, `prediction ${verb}s`, `predictions ${verb}`)
  const words = []
  if (come) words.push(`${many(come, "appear")} (${comeRight.toLocaleString("en")} right)`)
  if (go) words.push(`${many(go, "disappear")} (${goRight.toLocaleString("en")} of them right)`)
  return `${highest}Against before${titles.flips && `, on ${titles.flips}`}: ${words.join(", ")}.`
}

/** @type {Record<string, { title: string, help: string }>} */
const COUNTS = {
  tp: { title: "TP", help: "True positives: predicted, and true." },
  fp: { title: "FP", help: "False positives: predicted, not true." },
  fn: { title: "FN", help: "False negatives: true, not predicted." },
}
