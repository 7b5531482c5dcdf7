// Scroll position in the matrix. One that is taller than an element can be gets a shorter bar: the wheel and the keys
// still move by rows, and the bar by its share.

import { element } from "../shared/dom.js"
import { CELL_PX, MOST_PX, ROW_PX, barScale, fullHeight, layoutOf, onScreen, pageOf, reached, within } from "./geometry.js"

const NARROW_PX = 230 // where the split finds no room beside the file name
const WHEEL_LINE_PX = 40
const SPARE_PX = 200 // that file names get more at most where the columns leave room
const BAR_PX = 16 // of a scroll bar
const BELOW_PX = 66 // of the window that is left for what stands below the matrix
const HEIGHT_PX = [420, 1000]

export class Scroll {
  /** @param {() => void} moved called when another part is on the screen */
  constructor(moved) {
    this.moved = moved
    this.bar = 0
    this.top = this.left = this.width = this.height = this.names = this.rows = this.columns = 0
    this.cell = CELL_PX
    this.head = 0
    this.flat = false
    /** @type {number[]} */
    this.widths = []
    this.root = element("div", "scroller")
    this.root.tabIndex = 0
    this.root.setAttribute("role", "grid")
    this.root.setAttribute("aria-readonly", "true")
    this.sizer = element("div", "sizer")
    this.view = element("div", "view")
    for (const one of [this.sizer, this.view]) one.setAttribute("role", "presentation")
    this.sizer.append(this.view)
    this.root.append(this.sizer)
    this.root.onscroll = () => this.scrolled()
    this.root.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
  }

  /**
   * @param {number} rows
   * @param {number[]} widths of the names of the columns
   */
  resize(rows, widths) {
    this.rows = rows
    this.widths = widths
    this.columns = widths.length
    this.root.setAttribute("aria-rowcount", `${rows + 1}`)
    this.root.setAttribute("aria-colcount", `${this.columns + 2}`)
    this.fit()
  }

  fit() {
    const around = this.root.parentElement?.clientWidth ?? 0
    this.names = Math.round(Math.max(150, Math.min(330, around * 0.34))) // width of file name and count
    Object.assign(this, layoutOf(this.widths, around - this.names - BAR_PX))
    this.names += Math.max(0, Math.min(SPARE_PX, around - BAR_PX - this.names - this.columns * this.cell))
    this.root.classList.toggle("narrow", this.names < NARROW_PX)
    this.root.classList.toggle("flat", this.flat)
    for (const [name, px] of Object.entries({ names: this.names, cell: this.cell, head: this.head, row: ROW_PX })) {
      this.root.style.setProperty(`--${name}`, `${px}px`)
    }
    const wide = this.names + this.columns * this.cell
    this.sizer.style.width = `${wide}px`
    this.sizer.style.height = `${Math.min(this.full(), MOST_PX)}px`
    this.root.style.maxWidth = `${wide + BAR_PX}px`
    this.root.style.height = `${Math.min(this.full() + BAR_PX, this.tallest())}px`
    this.width = this.root.clientWidth
    this.height = this.root.clientHeight
    this.view.style.width = `${this.width}px`
    this.view.style.height = `${this.height}px`
    this.go(this.top, this.left)
  }

  // So high that nothing but the page's head has to be scrolled away, where the window is high enough.
  tallest() {
    const root = this.root.getRootNode()
    const page = root instanceof ShadowRoot ? root.host.closest('[data-testid="stMain"]') : null
    const top = this.root.getBoundingClientRect().top + (page?.scrollTop ?? window.scrollY)
    return Math.max(HEIGHT_PX[0], Math.min(HEIGHT_PX[1], window.innerHeight - top - BELOW_PX))
  }

  full() {
    return fullHeight(this.rows, this.head)
  }

  // How many pixels of the matrix one pixel of the bar is.
  scale() {
    return barScale(this.rows, this.height, this.head)
  }

  /**
   * @param {number} top
   * @param {number} left
   */
  go(top, left) {
    Object.assign(this, within(top, left, this))
    this.root.scrollTop = this.top / this.scale()
    this.root.scrollLeft = this.left
    this.bar = this.root.scrollTop // as the browser rounded it
    if (this.scale() === 1) this.top = this.bar
    this.left = this.root.scrollLeft
    this.moved()
  }

  scrolled() {
    if (Math.abs(this.root.scrollTop - this.bar) >= 1) {
      this.bar = this.root.scrollTop
      this.top = Math.min(this.bar * this.scale(), Math.max(0, this.full() - this.height))
    }
    this.left = this.root.scrollLeft
    this.moved()
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    if (this.scale() === 1 || event.ctrlKey || event.shiftKey || !event.deltaY) return
    const px = event.deltaY * [1, WHEEL_LINE_PX, this.height][event.deltaMode]
    const wanted = Math.max(0, Math.min(this.top + px, this.full() - this.height))
    if (wanted === this.top) return // at the end the page goes on
    event.preventDefault()
    this.go(wanted, this.left + event.deltaX)
  }

  /**
   * Bring a place onto the screen, by as little as it takes.
   * @param {number} row
   * @param {number} column
   */
  reach(row, column) {
    const { top, left } = reached(row, column, this)
    if (top !== this.top || left !== this.left) this.go(top, left)
  }

  firstRow() {
    return Math.floor(this.top / ROW_PX)
  }

  page() {
    return pageOf(this.height, this.head)
  }

  /**
   * First and last row and column that are on the screen.
   * @param {number} top
   * @param {number} left
   * @param {number} rows
   * @param {number} columns
   */
  window(top, left, rows, columns) {
    const { width, height, names, cell, head } = this
    return onScreen({ top, left, width, height, names, rows, columns, cell, head })
  }
}
