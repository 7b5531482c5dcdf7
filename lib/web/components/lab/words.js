// The tools above the threshold lab's chart, and the numbers and flips below it.

import { element, rootOf, write } from "../shared/dom.js"
import { countOf } from "../shared/words.js"
import { FORMULAS, digits } from "./numbers.js"

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
    /** @type {string | undefined} */
    this.head = undefined
    this.scope = element("select", "scope")
    /** @type {Map<Curve, HTMLButtonElement>} */
    this.kinds = new Map()
    this.root = element("div", "bar")
    this.field = element("input")
    Object.assign(this.field, { type: "number", min: 0, max: 1, step: 0.001 })
    this.field.onchange = () => {
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
   * Changes what is there: new elements would take the focus from whoever uses the keyboard, or types.
   * @param {Lab} lab
   */
  draw(lab) {
    if (this.head !== lab.head) this.build(lab)
    this.scope.value = `${lab.label ?? ""}`
    this.kinds.forEach((one, curve) => {
      one.setAttribute("aria-pressed", `${curve === lab.curve}`)
      one.disabled = !curve.of_one && lab.label !== null
    })
    this.settle(lab)
  }

  /** @param {Lab} lab */
  build(lab) {
    const { names, noun, title, curves } = lab.fixed
    this.head = lab.head
    const scope = (this.scope = element("select", "scope"))
    scope.setAttribute("aria-label", `Which ${noun}`)
    scope.append(new Option(title, ""), ...names.map((name, c) => new Option(name, `${c}`)))
    scope.onchange = () => lab.choose({ label: scope.value === "" ? null : Number(scope.value) })
    this.kinds = new Map(curves.map((curve) => [curve, this.kind(lab, curve)]))
    const group = element("div", "kinds")
    group.setAttribute("role", "group")
    group.setAttribute("aria-label", "What is drawn against the threshold")
    group.append(...this.kinds.values())
    this.root.replaceChildren(scope, this.exact, this.undo, group)
  }

  /**
   * @param {Lab} lab
   * @param {Curve} curve
   */
  kind(lab, curve) {
    const one = element("button", "kind", curve.title)
    one.type = "button"
    one.title = curve.help
    one.onclick = () => lab.choose({ curve })
    return one
  }

  /** @param {Lab} lab */
  settle(lab) {
    this.undo.disabled = !lab.past.length
  }

  /**
   * Writes the threshold into its field, unless somebody types there.
   * @param {string | null} thresh null where labels have different ones
   */
  write(thresh) {
    this.thresh = thresh
    if (rootOf(this.field).activeElement !== this.field) this.field.value = thresh ?? ""
    this.field.placeholder = thresh === null ? "mixed" : ""
  }
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
    const listed = curves.filter(({ of_one }) => of_one || label === null)
    const counts = Object.entries(COUNTS).map(([name, row]) => ({ name, ...row, count: true }))
    /** @type {RowOfNumbers[]} */
    const rows = [...listed, ...counts]
    this.rows = rows.map((row) => {
      const one = element("div", "number")
      one.title = row.help
      one.append(element("dt", "", row.title))
      const cells = this.order.map((part, place) => {
        const cell = element("dd", place ? "also" : "value")
        cell.dataset.name = row.name
        cell.dataset.split = parts[part].split
        return cell
      })
      const aside = element("dd", "aside") // of the first, so it stands below that
      one.append(...(row.count ? [...cells, aside] : [cells[0], aside, ...cells.slice(1)]))
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
    for (const { row, cells, aside } of this.rows ?? []) {
      /** @type {(one: Counts) => number} */
      const of = (one) => (row.count ? one[/** @type {"tp" | "fp" | "fn"} */ (row.name)] : FORMULAS[row.name](one))
      /** @param {number} value */
      const text = (value) => (row.count ? value.toLocaleString("en") : digits(value))
      cells.forEach((cell, place) => {
        const part = this.order[place]
        const later = row.name === "subset_accuracy" && counts[part].right === undefined
        const number = later ? "after release" : text(of(counts[part]))
        write(cell, place ? `${number} on ${parts[part].title}` : number)
      })
      const change = of(counts[this.order[0]]) - of(before)
      const moved = Math.abs(change) > 1e-12 ? `${change > 0 ? "+" : "−"}${text(Math.abs(change))}` : "" // NaN: nothing to say
      write(aside, [moved, row.count ? "" : `${baseline} ${digits(of(base))}`].filter(Boolean).join(" · "))
    }
  }
}

// The first pictures whose predictions the last change made others.
export class Strip {
  constructor() {
    /** @type {string | undefined} */
    this.content = undefined
    this.root = element("div", "strip")
  }

  /** @param {import("./types.js").Flipped} flipped */
  show({ count, whose, flips }) {
    const content = JSON.stringify([count, whose, flips])
    if (content === this.content) return
    this.content = content
    this.root.hidden = !flips.length
    const list = element("ul")
    list.append(...flips.map(({ url, title, words }) => {
      const one = element("li")
      const image = element("img")
      Object.assign(image, { src: url, alt: `${title}: ${words}`, title: `${title}: ${words}`, draggable: false })
      one.append(image, element("span", "", words))
      return one
    }))
    const many = `${countOf(count, `${whose} image`)} changed`
    this.root.replaceChildren(element("span", "hint", count > flips.length ? `${many}, the first ${flips.length}; all of them below with the order Flips:` : `${many}:`), list)
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

const COUNTS = {
  tp: { title: "TP", help: "True positives: predicted, and true." },
  fp: { title: "FP", help: "False positives: predicted, not true." },
  fn: { title: "FN", help: "False negatives: true, not predicted." },
}
