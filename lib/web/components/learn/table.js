// A table of numbers that is written again and again, only where something has changed.

import { element, write } from "../shared/dom.js"

export class Table {
  /** @param {string} caption what it holds, for those who do not see it */
  constructor(caption) {
    this.root = element("table", "numbers")
    this.root.createCaption().textContent = caption
    this.head = this.root.createTHead()
    this.body = this.root.createTBody()
    this.shape = ""
  }

  /**
   * @param {string[]} columns
   * @param {string[][]} rows a row's name first; the last row is the sum of the others where `total` is set
   * @param {{ total?: boolean, marked?: number }} [options] `marked` is the row that matters
   */
  show(columns, rows, { total = false, marked = -1 } = {}) {
    const shape = `${columns.length} ${rows.length}`
    if (shape !== this.shape) {
      this.shape = shape
      this.head.replaceChildren(lineOf(columns.length, true))
      this.body.replaceChildren(...rows.map(() => lineOf(columns.length, false)))
    }
    const fill = (/** @type {Element} */ line, /** @type {string[]} */ words) => words.forEach((text, at) => write(line.children[at], text))
    fill(this.head.children[0], columns)
    rows.forEach((row, at) => {
      const line = this.body.children[at]
      fill(line, row)
      line.className = total && at === rows.length - 1 ? "total" : at === marked ? "marked" : ""
    })
  }
}

/**
 * @param {number} cells
 * @param {boolean} isHead
 */
function lineOf(cells, isHead) {
  const line = element("tr")
  for (let at = 0; at < cells; at++) {
    const one = element(isHead || !at ? "th" : "td")
    if (isHead || !at) one.setAttribute("scope", isHead ? "col" : "row")
    line.append(one)
  }
  return line
}
