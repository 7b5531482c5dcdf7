// accuracy_multi on ten cells by hand, a second sigmoid, predicting nothing, and the same of one's own or a recorded run.

import { element, write } from "../shared/dom.js"
import { eachFrame } from "../shared/drag.js"
import { begun, chosen, compared, counted, nearestOf, nearlyPerfect, steps, twiceWords } from "./cells.js"
import { accuracyMulti, apart, fixed } from "./formulas.js"
import { segments } from "./segments.js"
import { ThresholdLine } from "./threshold_line.js"

/** @typedef {import("./types.js").Figure} Figure */
/** @typedef {import("./types.js").ThresholdContent} ThresholdContent */

const RUN = "run"

/** @implements {Figure} */
export class Threshold {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    /** @type {ThresholdContent | null} */
    this.content = null
    this.kind = "cells"
    this.thresh = 0.5
    this.twice = false
    /** @type {string[]} */
    this.titles = []
    /** @type {number[]} */
    this.probs = []
    /** @type {number[]} */
    this.targs = []
    /** @type {HTMLElement[]} */
    this.cells = []
    this.kinds = element("div")
    const [stage, figure, side] = ["stage", "bars", "steps"].map((name) => element("div", name))
    this.figure = figure
    this.later = eachFrame(() => this.draw())
    this.line = new ThresholdLine(figure, {
      onThresh: (thresh) => this.change(() => (this.thresh = thresh)),
      onProb: (at, prob) => this.change(() => (this.probs[at] = prob)),
    })
    this.code = element("code", "call")
    this.result = element("p", "result")
    this.table = element("div", "pictures")
    this.words = element("p", "words")
    this.sigmoid = element("input")
    this.sigmoid.type = "checkbox"
    this.sigmoid.onchange = () => this.change(() => (this.twice = this.sigmoid.checked))
    this.label = element("label", "twice")
    this.label.append(this.sigmoid, element("span", "", "sigmoid once more (on what get_preds gives)"))
    this.presets = element("div", "acts")
    this.presets.append(
      this.preset("thresh = 0.2", () => (this.thresh = 0.2)),
      this.preset("thresh = 0.5", () => (this.thresh = 0.5)),
      this.preset("Predict nothing", () => (this.thresh = 1)),
    )
    this.perfect = this.preset("Nearly perfect", () => (this.probs = nearlyPerfect(this.targs)))
    this.start = this.preset("As at first", () => (this.probs = begun(this.targs)))
    this.presets.append(this.perfect, this.start)
    side.append(this.code, this.result, this.table, this.label, this.words, this.presets)
    stage.append(figure, side)
    root.append(this.kinds, stage)
  }

  /**
   * @param {string} title
   * @param {() => void} change
   */
  preset(title, change) {
    const one = element("button", "act", title)
    one.type = "button"
    one.onclick = () => this.change(change)
    return one
  }

  /** @param {() => void} change */
  change(change) {
    change()
    this.later()
  }

  /** @param {ThresholdContent} content */
  show(content) {
    this.content = content
    const { examples, run } = content
    const rows = chosen(examples.targs)
    const cells = rows.flatMap(({ row, columns }, at) => columns.map((column) => ({ row, column, number: at + 1 })))
    this.titles = cells.map(({ column, number }) => `${examples.names[column]} in picture ${number}`)
    this.targs = cells.map(({ row, column }) => examples.targs[row][column])
    this.probs = begun(this.targs)
    this.build(rows)
    if (!run) this.kind = "cells"
    else if (!cells.length) this.kind = RUN
    const options = /** @type {[string, string][]} */ ([["cells", `${cells.length} cells`], ...(run ? [[RUN, run.own ? "Your run" : "A recorded run"]] : [])])
    this.kinds.replaceChildren(...(run ? [segments("What is counted", options, this.kind, (kind) => this.change(() => (this.kind = kind)))] : []))
    this.draw()
  }

  /**
   * The pictures, each with its cells.
   * @param {ReturnType<typeof chosen>} rows
   */
  build(rows) {
    const { examples } = /** @type {ThresholdContent} */ (this.content)
    this.cells = []
    const lines = rows.map(({ row, columns }) => {
      const line = element("div", "picture")
      const image = element("img")
      image.src = examples.pictures[row]
      image.alt = examples.titles[row]
      line.append(image)
      for (const column of columns) {
        const cell = element("span", "cell")
        cell.append(element("span", "name", examples.names[column]), element("span", "value"))
        this.cells.push(cell)
        line.append(cell)
      }
      return line
    })
    this.table.replaceChildren(...lines)
  }

  draw() {
    const { content } = this
    if (!content) return
    const run = this.kind === RUN ? content.run : null
    const isEmpty = !run && !this.targs.length
    this.table.hidden = this.label.hidden = this.perfect.hidden = this.start.hidden = Boolean(run) || isEmpty
    this.figure.hidden = this.code.hidden = this.words.hidden = this.presets.hidden = isEmpty
    if (run) this.drawRun(run)
    else if (isEmpty) this.result.textContent = "No label of these pictures is known, so there is no cell to count: say in Data what is on them."
    else this.drawCells(content)
  }

  /** @param {ThresholdContent} content */
  drawCells({ examples, noun }) {
    const probs = compared(this.probs, this.twice)
    const { right, count } = counted(probs, this.targs, this.thresh)
    const total = this.targs.length
    const value = count / total
    const nothing = accuracyMulti(this.targs.map(() => 0), this.targs, this.thresh)
    this.line.show({
      titles: this.titles, probs, once: this.probs, targs: this.targs, fixed: this.twice, thresh: this.thresh,
      curve: steps(probs, this.targs), marks: [], nothing, value,
    })
    this.call(this.thresh, !this.twice)
    this.result.textContent = `${count} of ${total} cells are right: ${fixed(value, 2)}`
    this.cells.forEach((cell, at) => {
      const words = `${apart(probs[at], this.thresh, this.twice ? 3 : 2)} ${right[at] ? "\u2713" : "\u2717"}`
      cell.className = `cell ${this.targs[at] === 1 ? "on" : ""} ${right[at] ? "" : "misses"}`
      write(/** @type {Element} */ (cell.lastElementChild), words)
    })
    const present = this.targs.filter((targ) => targ === 1).length
    const own = examples.nothing === null ? "" : ` In ${examples.own ? "your dataset" : examples.source}, with ` +
      `${fixed(examples.per_image, 2)} of ${examples.names.length} ${noun} a picture, it scores ${fixed(examples.nothing, 3)}.`
    this.words.textContent = this.twice
      ? twiceWords(present / total)
      : `${total - present} of ${total} cells are not true, so predicting nothing scores ${fixed(nothing, 2)}.${own} The dashed line is what to beat.`
  }

  /** @param {NonNullable<ThresholdContent["run"]>} run */
  drawRun({ title, threshs, accuracy, book, nothing, split }) {
    const at = nearestOf(this.thresh, threshs.length)
    const [thresh, value] = [threshs[at], accuracy[at]] // the number that is shown is that of the threshold that is printed
    const marks = book.threshs.map((thresh, at) => /** @type {[number, number]} */ ([thresh, book.accuracy[at]]))
    this.line.show({
      titles: [], probs: [], once: [], targs: [], fixed: true, thresh,
      curve: threshs.map((thresh, at) => [thresh, accuracy[at]]), marks, nothing, value,
    })
    this.call(thresh, true)
    this.result.textContent = `accuracy_multi ${fixed(value, 3)} on ${split}`
    const best = marks.reduce((best, mark) => (mark[1] > best[1] ? mark : best))
    this.words.textContent =
      `${title}. The circles are the book's 29 thresholds; the best of them is ${fixed(best[0], 2)} with ${fixed(best[1], 3)}, ` +
      `predicting nothing scores ${fixed(nothing, 3)}. A best one that is chosen on these pictures looks better on them than on new ones.`
  }

  /**
   * @param {number} thresh
   * @param {boolean} once whether sigmoid is not applied again
   */
  call(thresh, once) {
    this.code.textContent = `partial(accuracy_multi, thresh=${Number(thresh.toFixed(3))}${once ? ", sigmoid=False" : ""})(preds, targs)`
  }

  remove() {
    this.later.cancel()
    this.line.surface.remove()
  }
}
