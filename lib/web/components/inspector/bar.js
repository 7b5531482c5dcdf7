// The bar over the picture: which one it is, the way to its neighbors, undo and redo, exclude, zoom, close.

import { button, element, middle } from "../shared/dom.js"
import { named } from "./targets.js"

/** @typedef {import("./inspector.js").Inspector} Inspector */
/** @typedef {import("./types.js").Data} Data */

const TITLE_END = 12 // letters of a name that tell pictures apart

export class Bar {
  /** @param {Inspector} inspector is told what is clicked */
  constructor(inspector) {
    this.root = element("div", "bar")
    this.place = element("span", "place")
    this.place.setAttribute("aria-live", "polite")
    this.head = element("span", "about")
    this.back = button("control", "‹", "Previous image (left arrow)", () => inspector.step(-1))
    this.next = button("control", "›", "Next image (right arrow)", () => inspector.step(1))
    this.undo = button("control wide", "↶", "", () => inspector.act({ kind: "undo" }))
    this.redo = button("control wide", "↷", "", () => inspector.act({ kind: "redo" }))
    this.undo.append(element("span", "word", " Undo"))
    this.redo.append(element("span", "word", " Redo"))
    this.alike = button("control wide", "≈", "Images that are like this one (M)", () => inspector.alike())
    this.alike.append(element("span", "word", " More like this"))
    this.leave = button("control wide", "", "", () => inspector.act({ kind: inspector.item.excluded ? "include" : "exclude" }))
    const zoom = element("span", "group zooms")
    const { zooming } = inspector.stage
    zoom.append(
      button("control", "−", "Smaller (minus)", () => zooming.smaller()),
      button("control", "⤢", "Whole image (0)", () => zooming.fit()),
      button("control", "+", "Larger (plus)", () => zooming.larger()),
    )
    const [steps, ways] = [element("span", "group"), element("span", "group")]
    steps.append(this.back, this.place, this.next)
    ways.append(this.alike, this.undo, this.redo, this.leave)
    this.root.append(steps, this.head, ways, zoom, button("control shut", "✕", "Close (Esc)", () => inspector.close()))
  }

  /**
   * @param {Data} data
   * @param {boolean} edited whether there are edits that Python does not know of
   */
  draw({ item, undo, redo }, edited) {
    this.place.textContent = item.place
    this.back.disabled = item.before === null
    this.next.disabled = item.after === null
    const size = element("span", "note", `${item.width} × ${item.height} px${item.excluded ? "" : ` · ${item.split}`}`)
    const parts = [middle(item.title, TITLE_END), size]
    if (item.excluded) parts.push(element("span", "badge", "excluded from training and metrics"))
    this.head.replaceChildren(...parts)
    named(this.undo, undo ? `Undo (Ctrl+Z): ${undo}` : "Nothing to undo")
    named(this.redo, redo ? `Redo (Ctrl+Y): ${redo}` : "Nothing to redo")
    this.undo.disabled = !undo && !edited
    this.redo.disabled = !redo
    this.leave.textContent = item.excluded ? "Include" : "Exclude"
    const words = item.excluded ? "Include this image in training and metrics again" : "Exclude this image from training and metrics; it is kept"
    named(this.leave, words)
  }

  /** @param {"undo" | "redo"} way is clicked where it can be */
  click(way) {
    if (!this[way].disabled) this[way].click()
  }
}
