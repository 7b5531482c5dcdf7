// The one-hot matrix in the browser: a million rows of which only those on the screen exist.
// Names come from data sets that nobody checked, so text is only ever set with textContent.

import { element, write } from "../shared/dom.js"
import { eachFrame } from "../shared/drag.js"
import { Blocks } from "./blocks.js"
import { ROW_PX } from "./geometry.js"
import { Menu, Tools } from "./head.js"
import { Scroll } from "./scroll.js"
import { Sheet } from "./sheet.js"
import { cellWords, restWords } from "./words.js"

/** @typedef {import("./geometry.js").Cursor} Cursor */
/** @typedef {import("./words.js").Shown} Shown */
/** @typedef {{ top: number, left: number, cursor: Cursor }} Position */
/** @typedef {(name: string, value: unknown) => void} Send tells Python */

/** @type {WeakMap<HTMLElement, Matrix>} */
const shown = new WeakMap() // by parentElement
/** @type {Map<string, Position>} */
const places = new Map() // by what is shown: where in it one was, for coming back from another tab
const MOST_PLACES = 50

/** @param {{ data: Shown, parentElement: HTMLElement, setTriggerValue: Send }} component */
export default function matrix({ data, parentElement, setTriggerValue }) {
  const matrix = shown.get(parentElement) ?? new Matrix(/** @type {HTMLElement} */ (parentElement.querySelector(".matrix")))
  shown.set(parentElement, matrix)
  matrix.send = setTriggerValue
  matrix.show(data)
  return () => {
    shown.get(parentElement)?.remove()
    shown.delete(parentElement)
  }
}

class Matrix {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.cursor = { row: 0, column: 0 } // places, not rows of the dataset; row -1 is the head, column -1 the file name
    this.moved = false // whether the cursor was used
    /** @type {Send} */
    this.send = () => {}
    /** @type {Shown | null} */
    this.data = null
    /** @type {Blocks | null} of what is shown */
    this.blocks = null
    /** @type {Blocks | null} of what is shown next */
    this.coming = null
    this.later = eachFrame(() => this.draw())
    /** @type {string | undefined} */
    this.content = undefined
    this.tools = new Tools({ onRow: (row) => this.jump(row), onLabel: (name) => this.find(name) })
    this.status = element("p", "status")
    this.status.setAttribute("role", "status")
    this.scroll = new Scroll(() => this.later())
    this.sheet = new Sheet(this.scroll.view)
    const back = () => this.scroll.root.focus({ preventScroll: true })
    this.menu = new Menu({ onAct: (label, act) => (back(), this.send("head", { label, act })), onClose: back })
    root.replaceChildren(this.scroll.root, this.tools.root, this.status, this.menu.root)
    const grid = this.scroll.root
    grid.onkeydown = (event) => this.key(event)
    grid.onclick = (event) => this.click(event)
    grid.onfocus = () => this.draw()
    grid.onblur = () => this.draw()
    grid.onpointerover = (event) => this.hint(event)
    this.sizes = new ResizeObserver(() => this.fit())
    this.sizes.observe(root)
  }

  // --- what Python says ------------------------------------------------------------------------------------

  /** @param {Shown} data */
  show(data) {
    const content = JSON.stringify(data)
    if (content === this.content) return
    this.content = content
    this.coming?.stop()
    /** @type {Blocks} */
    const blocks = new Blocks(data.url, data.rows, data.columns.length, () => this.arrived(blocks, data))
    if (!this.data) return this.adopt(data, blocks)
    // What is there stays until what comes is: no empty cells in between.
    this.coming = blocks
    this.root.classList.add("waits")
    const { top, left } = this.after(data)
    blocks.want(...this.scroll.window(top, left, data.rows, data.columns.length))
  }

  /**
   * @param {Blocks} blocks
   * @param {Shown} data
   */
  arrived(blocks, data) {
    if (blocks === this.blocks) return this.later()
    if (blocks === this.coming && blocks.settled()) this.adopt(data, blocks)
  }

  /**
   * @param {Shown} data
   * @param {Blocks} blocks
   */
  adopt(data, blocks) {
    const kept = this.data ? this.after(data) : (places.get(placeOf(data)) ?? { top: 0, left: 0, cursor: this.cursor })
    this.blocks?.stop()
    this.cursor = {
      row: Math.min(kept.cursor.row, data.rows - 1),
      column: Math.min(kept.cursor.column, data.columns.length - 1),
    }
    this.data = data
    this.blocks = blocks
    this.coming = null
    this.root.classList.remove("waits")
    this.tools.show(data)
    this.menu.close()
    this.sheet.show(data)
    this.scroll.resize(data.rows, widthsOf(data, this.root))
    this.scroll.go(kept.top, kept.left)
    this.fit()
  }

  /**
   * Where one is when `data` is shown: an edit moves nothing, another order of images begins at its top.
   * @param {Shown} data
   * @returns {Position}
   */
  after(data) {
    const now = /** @type {Shown} */ (this.data)
    const { top, left } = this.scroll
    const { row, column } = this.cursor
    const [sameRows, sameColumns] = [asksOf(data) === asksOf(now), sortOf(data) === sortOf(now)]
    return {
      top: sameRows ? top : 0,
      left: sameColumns ? left : 0,
      cursor: { row: sameRows ? row : Math.min(row, 0), column: sameColumns ? column : Math.min(column, 0) },
    }
  }

  // --- what people do --------------------------------------------------------------------------------------

  /**
   * @param {number} row
   * @param {number} column
   */
  reach(row, column) {
    if (!this.data) return
    const { rows, columns } = this.data
    this.cursor = {
      row: Math.max(-1, Math.min(rows - 1, row)),
      column: Math.max(-1, Math.min(columns.length - 1, column)),
    }
    this.moved = true
    this.scroll.reach(this.cursor.row, this.cursor.column)
    this.draw()
  }

  /** @param {number} row */
  jump(row) {
    if (this.data) this.scroll.go(row * ROW_PX, this.scroll.left)
    this.reach(Math.max(0, row), this.cursor.column)
  }

  /** @param {string} name */
  find(name) {
    const place = /** @type {Shown} */ (this.data).columns.findIndex((column) => column[1] === name)
    if (place >= 0) this.reach(this.cursor.row, place)
    return place >= 0
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.target !== this.scroll.root || event.altKey) return
    const { row, column } = this.cursor
    const page = Math.max(1, this.scroll.page())
    const all = event.ctrlKey || event.metaKey
    /** @type {Record<string, [number, number]>} */
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      PageUp: [Math.max(0, row - page), column], PageDown: [row + page, column],
      Home: [all ? 0 : row, all ? column : 0], End: [all ? Infinity : row, all ? column : Infinity],
    }
    if (event.key.startsWith("Page")) {
      const { top, left } = this.scroll
      this.scroll.go(top + (event.key === "PageDown" ? page : -page) * ROW_PX, left)
    }
    if (event.key in moves) this.reach(...moves[event.key])
    else if (event.key === "Enter" || event.key === " ") this.open(row, column)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** @param {MouseEvent} event */
  click(event) {
    const place = this.sheet.placeOf(event.composedPath())
    if (!place) return
    this.reach(place.row, place.column)
    this.open(place.row, place.column)
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  open(row, column) {
    const [data, blocks] = [/** @type {Shown} */ (this.data), /** @type {Blocks} */ (this.blocks)]
    if (row < 0) {
      if (column >= 0) this.menu.open(data, data.columns[column], this.sheet.headAt(column), this.root)
      return
    }
    const image = blocks.row(row)
    if (image) this.send("cell", { row: image.row, label: column < 0 ? -1 : data.columns[column][0] })
  }

  /** @param {PointerEvent} event */
  hint(event) {
    const place = this.sheet.placeOf(event.composedPath())
    if (!place || place.row < 0) return
    place.element.title = cellWords(/** @type {Shown} */ (this.data), /** @type {Blocks} */ (this.blocks), place.row, place.column)
  }

  // --- what is drawn ---------------------------------------------------------------------------------------

  fit() {
    this.scroll.fit()
    this.draw()
  }

  draw() {
    if (!this.data || !this.blocks || !this.scroll.width) return
    const { top, left } = this.scroll
    this.blocks.want(...this.scroll.window(top, left, this.data.rows, this.data.columns.length))
    const focused = this.scroll.root.matches(":focus")
    const active = this.sheet.draw(this.blocks, this.scroll, this.cursor, focused || this.moved)
    this.scroll.root.setAttribute("aria-activedescendant", active ? "cursor" : "")
    const { row, column } = this.cursor
    const words = focused || this.moved ? cellWords(this.data, this.blocks, row, column) : restWords(this.data)
    write(this.status, this.blocks.refusal || words)
    this.tools.place(this.scroll.firstRow())
    places.delete(placeOf(this.data)) // the newest is the last
    places.set(placeOf(this.data), { top, left, cursor: { ...this.cursor } })
    if (places.size > MOST_PLACES) places.delete(/** @type {string} */ (places.keys().next().value))
  }

  remove() {
    this.later.cancel()
    this.sizes.disconnect()
    this.blocks?.stop()
    this.coming?.stop()
    this.sheet.remove()
  }
}

/**
 * Widths of the names of the columns in pixels.
 * @param {Shown} data
 * @param {HTMLElement} root
 */
function widthsOf(data, root) {
  const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"))
  const { fontSize, fontFamily } = getComputedStyle(root)
  pen.font = `600 ${fontSize} ${fontFamily}`
  return data.columns.map(([, name]) => pen.measureText(name).width)
}

/**
 * What is asked for without the state of the dataset: equal after an edit.
 * @param {Shown} data
 */
function asked(data) {
  const parameters = new URLSearchParams(data.url.split("?")[1])
  parameters.delete("v")
  return parameters
}
/** @param {Shown} data */
const placeOf = (data) => `${data.dataset}?${asked(data)}`
/** @param {Shown} data */
const sortOf = (data) => asked(data).get("sort")
/** @param {Shown} data */
function asksOf(data) {
  const parameters = asked(data)
  parameters.delete("sort")
  return `${data.dataset}?${parameters}`
}
