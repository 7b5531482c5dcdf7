// The picture: as large as fits, enlarged by wheel, pinch and keys, moved by dragging; its points are in
// points.js. All places are pixels of the original; `view` says where they are on the screen.

import { element } from "../shared/dom.js"
import { whyNone } from "../shared/pictures.js"
import { Zoom } from "../shared/zoom.js"
import { clamped, inPicture, inSight, onScreen } from "./geometry.js"
import { Points } from "./points.js"

/** @typedef {import("./geometry.js").Place} Place */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Targets} Targets */

const MOST = 40 // so many pixels of the screen for one of the picture
const SHARP = 3 // from so many on a pixel is shown as a square

export class Stage {
  /** @param {import("./types.js").Hooks} hooks */
  constructor(hooks) {
    this.item = /** @type {(Item & { src: string }) | null} */ (null) // what is shown
    this.hooks = hooks
    this.root = element("div", "stage")
    this.image = element("img")
    this.image.draggable = false
    this.broken = element("p", "broken")
    this.image.onerror = () => this.sayWhy()
    this.image.onload = () => (this.broken.hidden = true)
    this.marks = new Points(this)
    this.root.append(this.image, this.broken, this.marks.svg, this.marks.hint)
    this.zooming = new Zoom(this.root, {
      smallest: 1,
      largest: (whole) => Math.max(MOST, whole),
      within: inSight,
      drawn: (view) => this.put(view),
      grab: (place) => this.marks.grab(place),
      hover: (place) => this.marks.hover(place),
      click: () => this.marks.select(null),
    })
  }

  /**
   * @param {Item & { src: string }} item
   * @param {Targets} targets
   */
  show(item, targets) {
    const same = item.width === this.item?.width && item.height === this.item?.height
    this.item = item
    this.broken.hidden = true
    this.image.src = item.src
    this.image.alt = item.title
    this.marks.show(targets)
    if (!same || this.zooming.whole) this.zooming.set(item)
  }

  // The answer may come when another picture is shown.
  async sayWhy() {
    const src = this.item?.src ?? ""
    const why = await whyNone(src)
    if (src !== this.item?.src) return
    this.broken.textContent = why
    this.broken.hidden = false
  }

  draw() {
    this.marks.draw()
  }

  // The picture stays in sight: in the middle where it is smaller than the stage, over all of it where it is larger.
  /** @param {import("./geometry.js").View} view */
  put({ scale, left, top }) {
    if (!this.item) return
    Object.assign(this.image.style, {
      width: `${this.item.width * scale}px`,
      height: `${this.item.height * scale}px`,
      transform: `translate(${left}px, ${top}px)`,
    })
    this.image.classList.toggle("pixels", scale >= SHARP)
    this.marks.draw()
  }

  get view() {
    return this.zooming.view
  }

  /** @param {Place} place */
  onScreen(place) {
    return onScreen(place, this.view)
  }

  /** @param {Place} place */
  inPicture(place) {
    return this.clamped(inPicture(place, this.view))
  }

  /** @param {Place} place */
  clamped(place) {
    return clamped(place, this.item ?? { width: 0, height: 0 })
  }

  // What Esc ends first: a drag, a placing, a selection. Says whether there was one.
  cancel() {
    return this.zooming.cancel() || this.marks.cancel()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    return this.marks.key(event)
  }

  remove() {
    this.zooming.remove()
  }
}
