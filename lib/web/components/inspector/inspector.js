// One picture of a dataset, large, with targets that are edited in place: shown changed at once, corrected if refused.
// Text comes from data sets that nobody checked, so it is only ever set with textContent.

import { button, element, middle, rootOf } from "../shared/dom.js"
import { pictureAddress } from "../shared/pictures.js"
import { Stage } from "./stage.js"
import { CONTROLS, KEYS, named } from "./targets.js"

const LATER_MS = 400 // after the last key of a series it is sent
const AGAIN_MS = 15000 // what was not answered by then is sent again; Python does nothing twice
const TITLE_END = 12 // letters of a name that tell pictures apart
const inspectors = new WeakMap() // parentElement -> Inspector

export default function inspector({ data, parentElement, setTriggerValue }) {
  let opened = inspectors.get(parentElement)
  if (!opened) inspectors.set(parentElement, (opened = new Inspector(parentElement.querySelector(".inspector"))))
  opened.send = (value) => setTriggerValue("acts", value)
  opened.show(data)
  return () => {
    inspectors.get(parentElement)?.remove()
    inspectors.delete(parentElement)
  }
}

const isTyped = (target) => target.matches?.("input:not([type=checkbox])")

export class Inspector {
  constructor(root) {
    this.queue = [] // what was done and is not sent yet, in order
    this.pending = new Map() // column -> value: edits of this picture that are not sent yet
    this.flying = new Map() // the same: sent and not answered yet
    this.flight = null // what was sent and is not answered yet
    this.number = 0
    this.send = (_value) => {} // tells Python
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
    this.dialog.append(this.bar(), this.body)
    this.dialog.addEventListener("keydown", (event) => this.key(event))
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault()
      this.close()
    })
    root.replaceChildren(this.dialog)
  }

  bar() {
    const bar = element("div", "bar")
    this.place = element("span", "place")
    this.place.setAttribute("aria-live", "polite")
    this.head = element("span", "about")
    this.back = button("control", "‹", "Previous image (left arrow)", () => this.step(-1))
    this.next = button("control", "›", "Next image (right arrow)", () => this.step(1))
    this.undo = button("control wide", "↶", "", () => this.act({ kind: "undo" }))
    this.redo = button("control wide", "↷", "", () => this.act({ kind: "redo" }))
    this.undo.append(element("span", "word", " Undo"))
    this.redo.append(element("span", "word", " Redo"))
    this.leave = button("control wide", "", "", () => this.act({ kind: this.item.excluded ? "include" : "exclude" }))
    const zoom = element("span", "group zooms")
    zoom.append(
      button("control", "−", "Smaller (minus)", () => this.stage.zooming.smaller()),
      button("control", "⤢", "Whole image (0)", () => this.stage.zooming.fit()),
      button("control", "+", "Larger (plus)", () => this.stage.zooming.larger()),
    )
    const [steps, ways] = [element("span", "group"), element("span", "group")]
    steps.append(this.back, this.place, this.next)
    ways.append(this.undo, this.redo, this.leave)
    bar.append(steps, this.head, ways, zoom, button("control shut", "✕", "Close (Esc)", () => this.close()))
    return bar
  }

  // --- what Python says ------------------------------------------------------------------------------------

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
    for (const { kind, row, cells } of this.queue) {
      if (kind === "edit" && row === item.row) cells.forEach(({ column, now }) => this.flying.set(column, now))
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

  build(data) {
    const { item, targets } = data
    this.stage.show({ ...item, src: this.address(item.row) }, targets)
    this.targets = CONTROLS[targets.control](targets, this)
    this.panel.replaceChildren(this.targets.root, keysOf(targets.control, Boolean(this.targets.search)))
    this.panel.scrollTop = 0
  }

  begin({ item }) {
    if (item.column === null || item.column === undefined) this.dialog.focus({ preventScroll: true })
    else this.targets.focus(item.column)
    for (const row of [item.after, item.before]) if (row !== null) new Image().src = this.address(row)
  }

  draw() {
    const { item, data } = this
    this.place.textContent = item.place
    this.back.disabled = item.before === null
    this.next.disabled = item.after === null
    const size = element("span", "note", `${item.width} × ${item.height} px${item.excluded ? "" : ` · ${item.split}`}`)
    const parts = [middle(item.title, TITLE_END), size]
    if (item.excluded) parts.push(element("span", "badge", "excluded from training and metrics"))
    this.head.replaceChildren(...parts)
    this.dialog.setAttribute("aria-label", `Edit ${item.title}`)
    named(this.undo, data.undo ? `Undo (Ctrl+Z): ${data.undo}` : "Nothing to undo")
    named(this.redo, data.redo ? `Redo (Ctrl+Y): ${data.redo}` : "Nothing to redo")
    this.undo.disabled = !data.undo && !this.pending.size
    this.redo.disabled = !data.redo
    this.leave.textContent = item.excluded ? "Include" : "Exclude"
    const words = item.excluded ? "Include this image in training and metrics again" : "Exclude this image from training and metrics; it is kept"
    named(this.leave, words)
    this.stage.draw()
    this.targets.draw()
    // A button that was pressed and cannot be any more, or a point that was undone, has the focus and no keys.
    const active = /** @type {HTMLButtonElement | null} */ (rootOf(this.dialog).activeElement)
    if (!active || active.disabled || !active.checkVisibility()) this.dialog.focus({ preventScroll: true })
  }

  address(row) {
    return pictureAddress(this.data.pictures, row, 0)
  }

  // What is wrong with what was typed stands until the next act: the answer to an edit before it knows nothing of it.
  refuse(words) {
    this.say(words, true)
    this.refusing = true
  }

  say(words, refused = false) {
    this.refusing = false
    this.message.textContent = words || ""
    this.message.classList.toggle("refused", refused)
  }

  // --- what is done ------------------------------------------------------------------------------------------

  value(column) {
    if (this.pending.has(column)) return this.pending.get(column)
    return this.flying.has(column) ? this.flying.get(column) : this.truth[column]
  }

  // `cells` are [column, now]; with `later` they wait for more of a series of keys.
  set(cells, later = false) {
    const changed = cells.filter(([column, now]) => this.value(column) !== now)
    if (!changed.length) return
    // All of them: x goes with its y.
    for (const [column, now] of cells) this.pending.set(column, now)
    this.say("")
    this.stage.draw()
    this.targets.draw()
    this.undo.disabled = false
    clearTimeout(this.waiting)
    const waited = () => {
      this.waiting = null // or the answer to what is on its way would take it for still to come
      this.flush()
    }
    this.waiting = later ? setTimeout(waited, LATER_MS) : null
    if (!later) this.flush()
  }

  act(act) {
    this.collect()
    this.queue.push({ row: this.item.row, ...act })
    this.flush()
  }

  step(by) {
    if (this.closed || (by < 0 ? this.back : this.next).disabled) return
    this.act({ kind: "step", by })
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
    this.waiting = null
    if (!this.pending.size) return
    const was = (column) => (this.flying.has(column) ? this.flying.get(column) : this.truth[column])
    const cells = [...this.pending].map(([column, now]) => ({ column, was: was(column), now }))
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

  key(event) {
    event.stopPropagation() // the page has shortcuts of its own
    if (this.handled(event)) event.preventDefault()
  }

  handled(event) {
    const { key } = event
    const commands = event.ctrlKey || event.metaKey
    if (isTyped(event.target)) return this.typed(event)
    if (key === "Escape") {
      if (!this.stage.cancel()) this.close()
      return true
    }
    if (commands && key.toLowerCase() === "z") {
      const way = event.shiftKey ? this.redo : this.undo
      if (!way.disabled) way.click()
      return true
    }
    if (commands && key.toLowerCase() === "y") {
      if (!this.redo.disabled) this.redo.click()
      return true
    }
    if (commands || event.altKey) return false
    if (this.stage.key(event) || this.targets.key?.(event)) return true
    const keys = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      PageUp: () => this.step(-1),
      PageDown: () => this.step(1),
      "+": () => this.stage.zooming.larger(),
      "-": () => this.stage.zooming.smaller(),
      0: () => this.stage.zooming.fit(),
    }
    if (!(key in keys)) return false
    keys[key]()
    return true
  }

  typed(event) {
    if (event.key !== "Escape") return this.targets.typed?.(event) ?? false
    this.targets.revert(event.target)
    this.dialog.focus({ preventScroll: true })
    return true
  }

  remove() {
    clearTimeout(this.timer)
    clearTimeout(this.waiting)
    this.stage.remove()
    if (this.dialog.open) this.dialog.close()
  }
}

function keysOf(control, searched) {
  const keys = element("details", "keys")
  const list = element("dl")
  for (const [key, words] of [...KEYS[control], ...(searched ? KEYS.search : []), ...KEYS.all]) list.append(element("dt", "", key), element("dd", "", words))
  keys.append(element("summary", "", "Keys"), list)
  return keys
}
