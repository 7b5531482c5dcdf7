// One picture of a dataset, large, with targets that are edited in place: shown changed at once, corrected if refused.
// Text comes from data sets that nobody checked, so it is only ever set with textContent.

import { element, rootOf } from "../shared/dom.js"
import { pictureAddress } from "../shared/pictures.js"
import { Bar } from "./bar.js"
import { keysOf, pressed } from "./keys.js"
import { Stage } from "./stage.js"
import { CONTROLS } from "./targets.js"

/** @typedef {import("./types.js").Act} Act */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {import("./types.js").Data} Data */
/** @typedef {import("./types.js").Value} Value */

const LATER_MS = 400 // after the last key of a series it is sent
const AGAIN_MS = 15000 // what was not answered by then is sent again; Python does nothing twice
/** @type {WeakMap<HTMLElement, Inspector>} */
const inspectors = new WeakMap() // by parentElement

/** @param {{ data: Data, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void }} component */
export default function inspector({ data, parentElement, setTriggerValue }) {
  const root = /** @type {HTMLElement} */ (parentElement.querySelector(".inspector"))
  const opened = inspectors.get(parentElement) ?? new Inspector(root)
  inspectors.set(parentElement, opened)
  opened.send = (value) => setTriggerValue("acts", value)
  opened.show(data)
  return () => {
    inspectors.get(parentElement)?.remove()
    inspectors.delete(parentElement)
  }
}

export class Inspector {
  /** @param {HTMLElement} root */
  constructor(root) {
    /** @type {Act[]} */
    this.queue = [] // what was done and is not sent yet, in order
    /** @type {Map<number, Value>} */
    this.pending = new Map() // by column: edits of this picture that are not sent yet
    /** @type {Map<number, Value>} */
    this.flying = new Map() // the same: sent and not answered yet
    this.flight = /** @type {import("./types.js").Flight | null} */ (null) // what was sent and is not answered yet
    this.number = 0
    /** @type {(value: unknown) => void} */
    this.send = () => {} // tells Python
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined) // until it is sent again
    this.waiting = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined) // for more of a series of keys
    this.closed = this.refusing = false
    this.opening = /** @type {number | undefined} */ (undefined)
    // `show` sets what is `unset` before it is needed.
    this.data = /** @type {Data} */ (unset)
    this.item = /** @type {Data["item"]} */ (unset)
    this.names = /** @type {string[]} */ (unset)
    this.truth = /** @type {Value[]} */ (unset)
    this.targets = /** @type {import("./types.js").Control} */ (unset)
    this.dialog = element("dialog", "box")
    this.dialog.tabIndex = -1
    this.message = element("p", "message")
    this.message.setAttribute("role", "status")
    this.stage = new Stage({
      value: (column) => this.value(column),
      moved: (cells, later) => this.set(cells, later),
      selected: () => this.targets?.draw(),
      flush: () => this.flush(),
      rest: () => this.dialog.focus({ preventScroll: true }),
    })
    this.panel = element("section", "panel")
    this.panel.setAttribute("aria-label", "Targets")
    this.body = element("div", "body")
    this.body.append(this.stage.root, this.panel)
    this.stage.root.append(this.message)
    this.bar = new Bar(this)
    this.dialog.append(this.bar.root, this.body)
    this.dialog.addEventListener("keydown", (event) => this.key(event))
    // What had the focus may be gone before the next key: the dialog is modal, so keys of nobody are its own.
    this.unfocused = (/** @type {KeyboardEvent} */ event) => {
      if (this.dialog.open && event.target === document.body) this.key(event)
    }
    document.addEventListener("keydown", this.unfocused, true)
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault()
      this.close()
    })
    root.replaceChildren(this.dialog)
  }

  // --- what Python says ------------------------------------------------------------------------------------

  /** @param {Data} data */
  show(data) {
    if (this.flight && data.heard < this.flight.number) return // drawn for another reason: the answer comes
    clearTimeout(this.timer)
    this.flight = null
    this.flying.clear()
    this.number = Math.max(this.number, data.heard)
    if (data.opening !== this.opening) this.closed = false
    this.opening = data.opening
    if (this.closed) return this.flush() // the page without it is on its way
    const { item, targets } = data
    for (const act of this.queue) {
      if (act.kind === "edit" && act.row === item.row) act.cells.forEach(({ column, now }) => this.flying.set(column, now))
    }
    const other = item.row !== this.item?.row || targets.names.length !== this.names?.length
    if (other && this.item) this.pending.clear()
    this.item = item
    this.names = targets.names
    this.truth = targets.values
    this.data = data
    if (other) this.build(data)
    if (!this.dialog.open) this.dialog.showModal()
    this.draw()
    if (other) this.begin(data)
    if (data.refused || data.message || other || !this.refusing) this.say(data.refused || data.message, Boolean(data.refused))
    if (this.queue.length || (this.pending.size && !this.waiting)) this.flush()
  }

  /** @param {Data} data */
  build(data) {
    const { item, targets } = data
    this.stage.show({ ...item, src: this.address(item.row) }, targets)
    this.targets = CONTROLS[targets.control](targets, this)
    this.panel.replaceChildren(this.targets.root, keysOf(targets.control, Boolean(this.targets.search)))
    this.panel.scrollTop = 0
  }

  /** @param {Data} data */
  begin({ item }) {
    if (item.column === null || item.column === undefined) this.dialog.focus({ preventScroll: true })
    else this.targets.focus(item.column)
    for (const row of [item.after, item.before]) if (row !== null) new Image().src = this.address(row)
  }

  draw() {
    this.bar.draw(this.data, this.pending.size > 0)
    this.dialog.setAttribute("aria-label", `Edit ${this.item.title}`)
    this.stage.draw()
    this.targets.draw()
    // A button that was pressed and cannot be any more, or a point that was undone, has the focus and no keys.
    const active = /** @type {HTMLButtonElement | null} */ (rootOf(this.dialog).activeElement)
    if (!active || active.disabled || !active.checkVisibility()) this.dialog.focus({ preventScroll: true })
  }

  /** @param {number} row */
  address(row) {
    return pictureAddress(this.data.pictures, row, 0)
  }

  /**
   * What is wrong with what was typed stands until the next act: the answer to an edit before it knows nothing of it.
   * @param {string} words
   */
  refuse(words) {
    this.say(words, true)
    this.refusing = true
  }

  /** @param {string} words */
  say(words, refused = false) {
    this.refusing = false
    this.message.textContent = words || ""
    this.message.classList.toggle("refused", refused)
  }

  // --- what is done ------------------------------------------------------------------------------------------

  /**
   * @param {number} column
   * @returns {Value} as it is shown
   */
  value(column) {
    const pending = this.pending.get(column)
    return pending === undefined ? this.last(column) : pending
  }

  /**
   * @param {number} column
   * @returns {Value} as it was last known, also on its way
   */
  last(column) {
    const flying = this.flying.get(column)
    return flying === undefined ? this.truth[column] : flying
  }

  /**
   * @param {Cell[]} cells
   * @param {boolean} [later] whether they wait for more of a series of keys
   */
  set(cells, later = false) {
    const changed = cells.filter(([column, now]) => this.value(column) !== now)
    if (!changed.length) return
    // All of them: x goes with its y.
    for (const [column, now] of cells) this.pending.set(column, now)
    this.say("")
    this.stage.draw()
    this.targets.draw()
    this.bar.undo.disabled = false
    clearTimeout(this.waiting)
    const waited = () => {
      this.waiting = undefined // or the answer to what is on its way would take it for still to come
      this.flush()
    }
    this.waiting = later ? setTimeout(waited, LATER_MS) : undefined
    if (!later) this.flush()
  }

  /** @param {{ kind: "undo" | "redo" | "include" | "exclude" | "like" | "close" } | { kind: "step", by: number }} act */
  act(act) {
    this.collect()
    this.queue.push({ row: this.item.row, ...act })
    this.flush()
  }

  /** @param {number} by */
  step(by) {
    if (this.closed || (by < 0 ? this.bar.back : this.bar.next).disabled) return
    this.act({ kind: "step", by })
  }

  // Shows what is like this picture, in its place.
  alike() {
    this.act({ kind: "like" })
    this.close()
  }

  // Closed at once; what is still to be sent is sent, and Python's answer is on the page.
  close() {
    if (this.closed) return
    this.closed = true
    this.stage.cancel()
    this.act({ kind: "close" })
    this.dialog.close()
  }

  // The edits of this picture become one act. What an edit changes is what was last known, also on its way.
  collect() {
    clearTimeout(this.waiting)
    this.waiting = undefined
    if (!this.pending.size) return
    const cells = [...this.pending].map(([column, now]) => ({ column, was: this.last(column), now }))
    this.pending.forEach((now, column) => this.flying.set(column, now))
    this.pending.clear()
    if (cells.some(({ was, now }) => was !== now)) this.queue.push({ kind: "edit", row: this.item.row, cells })
  }

  flush() {
    if (this.flight) return // what came since goes when it is answered
    this.collect()
    if (!this.queue.length) return
    this.flight = { number: ++this.number, acts: this.queue }
    this.queue = []
    this.post()
  }

  post() {
    this.send(this.flight)
    this.timer = setTimeout(() => {
      if (!this.flight) return
      this.say("The server has not answered yet: this edit is not saved. It is sent again.", true)
      this.post()
    }, AGAIN_MS)
  }

  // --- keys --------------------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation() // the page has shortcuts of its own
    if (pressed(this, event)) event.preventDefault()
  }

  remove() {
    document.removeEventListener("keydown", this.unfocused, true)
    clearTimeout(this.timer)
    clearTimeout(this.waiting)
    this.stage.remove()
    if (this.dialog.open) this.dialog.close()
  }
}

/** @type {any} */
const unset = undefined // a field that has no value yet
