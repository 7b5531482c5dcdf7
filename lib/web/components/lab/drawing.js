// What the threshold lab shows: its parts on the page, drawn from a choice and the counts that go with it.

import { element, write } from "../shared/dom.js"
import { SweepChart } from "./chart.js"
import { FORMULAS, digits, largest } from "./numbers.js"
import { Tiles } from "./tiles.js"
import { Pictures } from "./pictures.js"
import { flipWords, numberWords, Readout, Toolbar } from "./words.js"

/** @typedef {import("./lab.js").Lab} Lab */
/** @typedef {import("./numbers.js").Counts} Counts */
/** @typedef {import("./numbers.js").SplitCounts} SplitCounts */
/** @typedef {import("./types.js").Fixed} Fixed */

export class Drawing {
  /**
   * @param {HTMLElement} root
   * @param {Lab} lab is told what people do
   */
  constructor(root, lab) {
    this.drawn = /** @type {string | undefined} */ (undefined)
    this.best = /** @type {ReturnType<typeof largest>} */ (null)
    this.content = /** @type {Omit<import("./types.js").Content, "before"> | undefined} */ (undefined)
    this.bar = new Toolbar(lab)
    this.message = element("p", "message", "Counting …")
    this.plot = element("div", "large")
    this.flipped = element("p", "flips")
    this.pictures = new Pictures()
    this.readout = new Readout()
    const [tiles, left, first] = ["multiples", "left", "first"].map((name) => element("div", name))
    left.append(this.plot, this.flipped)
    first.append(left, this.pictures.root, this.readout.root)
    root.replaceChildren(this.bar.root, this.message, first, tiles)
    const told = { onDrop: () => lab.drop(), onCancel: () => lab.cancel() }
    this.chart = new SweepChart(this.plot, {
      ...told,
      onDrag: (index) => lab.drag(lab.label, index),
      onKey: (event) => lab.key(event),
    })
    this.tiles = new Tiles(tiles, {
      ...told,
      onDrag: (label, index) => lab.drag(label, index),
      onShow: (label) => lab.choose({ label: label === lab.label ? null : label }),
    })
    this.sizes = new ResizeObserver(() => {
      this.bar.fold(root.clientWidth)
      lab.draw()
    })
    this.sizes.observe(this.plot)
  }

  /** @param {string} message "" for none */
  say(message) {
    this.message.hidden = !message
    this.message.textContent = message
  }

  /**
   * Makes what stays until other counts come.
   * @param {Lab} lab
   */
  begin(lab) {
    const { names, noun } = lab.fixed
    this.bar.draw(lab)
    // The only label's own curve is the large one.
    if (names.length > 1) this.tiles.build({ names, noun, counts: lab.sweeps.parts[0], of: titleOf(lab.fixed, 0) })
  }

  /** @param {Lab} lab */
  draw(lab) {
    const width = this.plot.clientWidth
    if (!lab.counts || !width) return
    const { label, curve } = lab
    const key = JSON.stringify([lab.head, width, label, curve.name, lab.shown, lab.sweeps.band(label) ? 1 : 0])
    const content = key === this.drawn && this.content ? this.content : this.renew(lab, lab.counts)
    this.drawn = key
    this.chart.draw(width, { ...content, before: came(lab) })
    this.follow(lab)
  }

  /**
   * Makes anew what depends on curve, label and part.
   * @param {Lab} lab
   * @param {SplitCounts} counts of the first part
   */
  renew(lab, counts) {
    const { label, curve, fixed, sweeps } = lab
    const [values, ...others] = sweeps.parts.map((part) => part.curve(curve.name, label))
    this.best = curve.has_best ? largest(values, curve.larger_is_better) : null
    this.content = {
      curve, values, label, noun: fixed.noun, steps: counts.steps,
      title: fixed.parts[0].title, whose: label === null ? "Threshold" : `Threshold of ${fixed.names[label]}`,
      others: others.map((values, index) => ({ values, title: fixed.parts[index + 1].title })),
      band: sweeps.band(label)?.[curve.name],
      baseline: FORMULAS[curve.name](counts.baseline(label)),
      baselineTitle: fixed.baseline,
    }
    this.tiles.draw({ curve, indices: lab.indices, label })
    this.readout.build(fixed, label, lab.shown)
    this.bar.draw(lab)
    lab.band()
    return this.content
  }

  /**
   * Everything that changes while the pointer moves, and nothing else.
   * @param {Lab} lab
   */
  follow(lab) {
    const { label, indices, fixed } = lab
    const { parts } = lab.sweeps
    if (!parts.length || !this.readout.rows) return
    const from = lab.from ?? lab.before
    const counted = equal(indices, lab.rights.indices) // the server counted whole images at just these thresholds
    /** @type {(part: SplitCounts, which: number[], right?: number) => Counts} */
    const at = (part, which, right) => (label === null ? part.total(which, right) : part.of(label, which[label]))
    const counts = parts.map((part, number) => at(part, indices, counted ? lab.rights.of[number] : undefined))
    const shown = parts[lab.shown]
    this.readout.write(counts, at(shown, from), shown.baseline(label), fixed)
    this.place(lab, counts)
    this.tiles.place(indices, label)
    const titles = { best: titleOf(fixed, 0), flips: titleOf(fixed, lab.shown) }
    write(this.flipped, flipWords(shown.flips(from, indices, label), this.best, lab.curve, shown.steps, titles))
  }

  /**
   * Moves the chart's line, and writes the threshold into its field.
   * @param {Lab} lab
   * @param {Counts[]} counts of each part
   */
  place({ label, indices, curve, fixed, sweeps }, counts) {
    const mixed = label === null && indices.some((index) => index !== indices[0])
    const index = label === null ? indices[0] : indices[label]
    const values = counts.map((one) => numberWords(curve.name, one))
    const base = FORMULAS[curve.name](sweeps.parts[0].baseline(label))
    const thresh = (index / (sweeps.parts[0].steps - 1)).toFixed(3)
    const spoken = `${mixed ? "each label its own" : thresh}: ${curve.title} ${values[0]}, ${fixed.baseline} ${digits(base)}`
    this.chart.place(index, values, spoken, mixed)
    this.bar.write(mixed ? null : thresh, fixed, label, curve)
  }

  remove() {
    this.sizes.disconnect()
    this.tiles.remove()
    this.pictures.remove()
  }
}

/**
 * Where the line was before, null where that is no one place or where it still is.
 * @param {Lab} lab
 */
function came({ from, before, indices, label }) {
  const old = from ?? before
  if (label !== null) return old[label] === indices[label] ? null : old[label]
  return old.every((index) => index === old[0]) && old[0] !== indices[0] ? old[0] : null
}

/**
 * What the images of a part are called, "" where there is only one part.
 * @param {Fixed} fixed
 * @param {number} part
 */
const titleOf = ({ parts }, part) => (parts.length > 1 ? parts[part].title : "")

/** @type {(a: number[], b: number[]) => boolean} */
export const equal = (a, b) => a.every((value, index) => value === b[index])
