// The rows and columns on the screen: as many rows and columns of elements as fit, used again and again.

import { element, write } from "../shared/dom.js"
import { pictureAddress } from "../shared/pictures.js"
import { ROW_PX } from "./geometry.js"
import { Head } from "./head.js"
import { cutInTheMiddle, largestShare, lower, percent, sumWords } from "./words.js"

/** @typedef {import("./words.js").Column} Column */
/** @typedef {import("./words.js").Shown} Shown */
/** @typedef {import("./blocks.js").Blocks} Blocks */
/** @typedef {import("./geometry.js").Cursor} Cursor */
/** @typedef {import("./geometry.js").Placed} Placed */
/** @typedef {import("./scroll.js").Scroll} Scroll */
/** @typedef {number | "none" | null | undefined} Value of a cell; "none" beside the matrix, none yet where it has not come */
/** @typedef {{ root: Placed, column: number | null, value: Value, marked: boolean, px: number }} Cell */
/** @typedef {NonNullable<ReturnType<Blocks["row"]>>} Image */

const THUMBNAIL_PX = 128
const SETTLED_MS = 90 // after which the pictures of the rows on the screen are loaded
/** @type {Record<string, [string, string]>} */
const KINDS = { 1: ["1", "one"], 0: ["0", "zero"], "-1": ["?", "unknown"] }

export class Sheet {
  /** @param {HTMLElement} view */
  constructor(view) {
    this.corner = element("div", "corner")
    this.cornerWords = element("span", "corner-words")
    this.cornerSum = element("span", "corner-sum")
    this.cornerScale = element("span", "corner-scale")
    const text = element("div", "corner-text")
    text.append(this.cornerScale, this.cornerWords)
    this.corner.append(text, this.cornerSum)
    this.heads = element("div", "heads")
    this.heads.setAttribute("role", "row")
    this.heads.setAttribute("aria-rowindex", "1")
    this.strip = element("div", "strip")
    this.strip.setAttribute("role", "presentation")
    this.heads.append(this.strip)
    this.body = element("div", "body")
    this.body.setAttribute("role", "presentation")
    view.replaceChildren(this.corner, this.heads, this.body)
    /** @type {Row[]} */
    this.rows = []
    /** @type {Head[]} */
    this.columns = []
    /** @type {number | undefined} */
    this.timer = undefined
  }

  /** @param {Shown} data */
  show(data) {
    this.data = data
    this.drawn = {} // nothing of what is drawn holds any more
    this.cornerWords.textContent = data.order ? `Images · ${lower(data.order)}` : "Images"
    this.cornerScale.textContent = `A full bar: ${percent(largestShare(data), 1)} of the images shown`
    this.cornerSum.textContent = data.nouns
    this.cornerSum.title = `How many ${data.nouns} an image has`
  }

  /**
   * Make as many elements as there is room for.
   * @param {number} nRows
   * @param {number} nColumns
   */
  pool(nRows, nColumns) {
    while (this.columns.length < nColumns) {
      const head = new Head()
      this.columns.push(head)
      this.strip.append(head.root)
      this.rows.forEach((row) => row.widen(this.columns.length))
      this.drawn = {}
    }
    while (this.rows.length < nRows) {
      const row = new Row()
      row.widen(this.columns.length)
      this.rows.push(row)
      this.body.append(row.root)
      this.drawn = {}
    }
  }

  /**
   * @param {Blocks} blocks
   * @param {Scroll} scroll
   * @param {Cursor} cursor
   * @param {boolean} marked
   */
  draw(blocks, scroll, cursor, marked) {
    const data = /** @type {Shown} */ (this.data)
    const [[first, last], [start, end]] = scroll.window(scroll.top, scroll.left, data.rows, data.columns.length)
    this.pool(last - first + 1, end - start + 1)
    this.corner.style.width = this.heads.style.left = `${scroll.names}px`
    this.strip.style.transform = `translateX(${-scroll.left}px)`
    const nColumns = this.columns.length
    for (let i = 0; i < nColumns; i++) {
      const column = start + ((i - (start % nColumns) + nColumns) % nColumns) // each keeps its element while it is seen
      this.columns[i].draw(column <= end ? column : null, data, cursor, marked, scroll.cell)
    }
    const nRows = this.rows.length
    let active = null
    for (let i = 0; i < nRows; i++) {
      const row = first + ((i - (first % nRows) + nRows) % nRows)
      active = this.rows[i].draw(row <= last ? row : null, { start, end, blocks, scroll, cursor, marked, data }) ?? active
    }
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.rows.forEach((row) => row.load(data)), SETTLED_MS)
    return active ?? (marked && cursor.row < 0 ? this.headAt(cursor.column) : null)
  }

  /** @param {number} column */
  headAt(column) {
    return this.columns.find((head) => head.column === column)?.root ?? null
  }

  /**
   * The place of what was clicked; null outside.
   * @param {EventTarget[]} path
   */
  placeOf(path) {
    for (const one of /** @type {Placed[]} */ (path)) {
      if (one.place) return { ...one.place(), element: one }
    }
    return null
  }

  remove() {
    clearTimeout(this.timer)
  }
}

class Row {
  constructor() {
    this.root = element("div", "row")
    this.root.setAttribute("role", "row")
    /** @type {import("./geometry.js").Placed} */
    this.who = element("div", "who")
    this.who.setAttribute("role", "rowheader")
    this.who.setAttribute("aria-colindex", "1")
    this.who.place = () => ({ row: /** @type {number} */ (this.row), column: -1 })
    this.image = element("img")
    this.image.alt = ""
    this.image.decoding = "async"
    this.image.draggable = false
    this.file = element("span", "file")
    this.split = element("span", "split")
    this.who.append(this.image, this.file, this.split)
    /** @type {import("./geometry.js").Placed} */
    this.sum = element("div", "sum")
    this.sum.setAttribute("role", "gridcell")
    this.sum.setAttribute("aria-colindex", "2")
    this.sum.place = () => ({ row: /** @type {number} */ (this.row), column: -1 })
    this.line = element("div", "line")
    this.line.setAttribute("role", "presentation")
    this.belt = element("div", "belt")
    this.belt.setAttribute("role", "presentation")
    this.line.append(this.belt)
    this.root.append(this.who, this.sum, this.line)
    /** @type {Cell[]} */
    this.cells = []
    /** @type {number | null} */
    this.row = null
    /** @type {number | undefined} */
    this.item = undefined
    /** @type {string | undefined} */
    this.pictures = undefined
  }

  /** @param {number} count */
  widen(count) {
    while (this.cells.length < count) {
      /** @type {import("./geometry.js").Placed} */
      const cell = element("span", "cell")
      cell.setAttribute("role", "gridcell")
      /** @type {Cell} */
      const entry = { root: cell, column: null, value: null, marked: false, px: 0 }
      cell.place = () => ({ row: /** @type {number} */ (this.row), column: /** @type {number} */ (entry.column) })
      this.cells.push(entry)
      this.belt.append(cell)
    }
  }

  /**
   * @param {number | null} row
   * @param {{ start: number, end: number, blocks: Blocks, scroll: Scroll, cursor: Cursor, marked: boolean, data: Shown }} what
   */
  draw(row, { start, end, blocks, scroll, cursor, marked, data }) {
    this.root.hidden = row === null
    if (row === null) {
      this.row = null
      return null
    }
    this.root.style.transform = `translateY(${row * ROW_PX - scroll.top}px)`
    this.who.style.width = `${scroll.names - 46}px`
    this.line.style.left = `${scroll.names}px`
    this.belt.style.transform = `translateX(${-scroll.left}px)`
    const image = blocks.row(row)
    const item = image?.row
    if (row !== this.row || item !== this.item || data.pictures !== this.pictures) this.name(row, image, data)
    write(this.sum, image ? `${image.labels}` : "")
    this.sum.title = image ? sumWords(image, data) : ""
    this.root.classList.toggle("here", marked && row === cursor.row)
    let active = null
    const count = this.cells.length
    for (let i = 0; i < count; i++) {
      const column = start + ((i - (start % count) + count) % count)
      const cell = this.cells[i]
      const value = column <= end ? blocks.cell(row, column) : "none"
      if (cell.column !== column || cell.value !== value || cell.px !== scroll.cell) this.fill(cell, column, value, scroll.cell)
      const here = marked && row === cursor.row && column === cursor.column
      if (here !== cell.marked) mark(cell, here)
      if (here) active = cell.root
    }
    const named = marked && row === cursor.row && cursor.column < 0
    this.who.classList.toggle("cursor", named)
    named ? (this.who.id = "cursor") : this.who.removeAttribute("id")
    return named ? this.who : active
  }

  /**
   * @param {Cell} cell
   * @param {number} column
   * @param {Value} value
   * @param {number} px its width
   */
  fill(cell, column, value, px) {
    if (cell.column !== column || cell.px !== px) {
      cell.root.style.left = `${column * px}px`
      cell.root.setAttribute("aria-colindex", `${column + 3}`)
    }
    const [text, kind] = KINDS[`${value}`] ?? ["", value === "none" ? "none" : "wait"]
    cell.root.textContent = text
    cell.root.className = `cell ${kind}${cell.marked ? " cursor" : ""}`
    cell.root.removeAttribute("title")
    Object.assign(cell, { column, value, px })
  }

  /**
   * @param {number} row
   * @param {Image | undefined} image
   * @param {Shown} data
   */
  name(row, image, data) {
    const item = image?.row
    this.row = row
    this.item = item
    this.pictures = data.pictures
    this.root.setAttribute("aria-rowindex", `${row + 2}`)
    this.root.dataset.item = `${item ?? ""}`
    this.image.removeAttribute("src")
    this.file.replaceChildren(...(image ? cutInTheMiddle(image.file) : []))
    this.who.title = image?.file ?? ""
    write(this.split, image?.split ?? "")
    this.split.classList.toggle("excluded", image?.split === "excluded")
  }

  /** @param {Shown} data */
  load(data) {
    if (this.row === null || this.item === undefined || this.image.hasAttribute("src")) return
    this.image.src = pictureAddress(data.pictures, this.item, THUMBNAIL_PX)
  }
}

/**
 * @param {Cell} cell
 * @param {boolean} here
 */
function mark(cell, here) {
  cell.marked = here
  cell.root.classList.toggle("cursor", here)
  here ? (cell.root.id = "cursor") : cell.root.removeAttribute("id")
}
