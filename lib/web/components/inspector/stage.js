// The picture: as large as fits, enlarged by wheel, pinch and keys, moved by dragging; its points are in
// points.js. All places are pixels of the original; `view` says where they are on the screen.

import { element } from "../shared/dom.js"
import { STILL_PX, clamped, inPicture, inSight, onScreen } from "./geometry.js"
import { Points } from "./points.js"

const MOST = 40 // so many pixels of the screen for one of the picture
const SHARP = 3 // from so many on a pixel is shown as a square

export class Stage {
  constructor(hooks) {
    this.hooks = hooks
    this.root = element("div", "stage")
    this.image = element("img")
    this.image.draggable = false
    this.broken = element("p", "broken", "This picture cannot be opened.")
    this.image.onerror = () => (this.broken.hidden = false)
    this.image.onload = () => (this.broken.hidden = true)
    this.marks = new Points(this)
    this.root.append(this.image, this.broken, this.marks.svg, this.marks.hint)
    this.view = { scale: 1, left: 0, top: 0 }
    this.fingers = new Map() // pointer -> its place
    this.whole = true // as large as fits, also when the window changes
    this.root.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
    this.root.addEventListener("pointerdown", (event) => this.down(event))
    this.root.addEventListener("pointermove", (event) => this.move(event))
    this.root.addEventListener("pointerup", (event) => this.up(event))
    this.root.addEventListener("pointercancel", (event) => this.up(event, true))
    this.root.addEventListener("pointerleave", () => this.marks.hover(null))
    this.sizes = new ResizeObserver(() => (this.whole ? this.fit() : this.put(this.view)))
    this.sizes.observe(this.root)
  }

  show(item, targets) {
    const same = item.width === this.item?.width && item.height === this.item?.height
    this.item = item
    this.broken.hidden = true
    this.image.src = item.src
    this.image.alt = item.title
    this.marks.show(targets)
    if (!same || this.whole) this.fit()
  }

  draw() {
    this.marks.draw()
  }

  // --- view --------------------------------------------------------------------------------------------------

  fit() {
    if (!this.item) return
    const { clientWidth, clientHeight } = this.root
    const room = Math.min(clientWidth / this.item.width, clientHeight / this.item.height) * 0.96
    this.whole = true
    this.smallest = Math.max(room, 1e-6)
    this.put({ scale: this.smallest, left: 0, top: 0 })
  }

  zoom(times, at = [this.root.clientWidth / 2, this.root.clientHeight / 2]) {
    const { scale, left, top } = this.view
    const next = Math.min(Math.max(MOST, this.smallest), Math.max(this.smallest, scale * times))
    this.whole = next <= this.smallest * 1.001
    const grown = next / scale
    this.put({ scale: next, left: at[0] - (at[0] - left) * grown, top: at[1] - (at[1] - top) * grown })
  }

  // The picture stays in sight: in the middle where it is smaller than the stage, over all of it where it is larger.
  put({ scale, left, top }) {
    const { width, height } = this.item ?? { width: 1, height: 1 }
    this.view = {
      scale,
      left: inSight(left, this.root.clientWidth, width * scale),
      top: inSight(top, this.root.clientHeight, height * scale),
    }
    Object.assign(this.image.style, {
      width: `${width * scale}px`,
      height: `${height * scale}px`,
      transform: `translate(${this.view.left}px, ${this.view.top}px)`,
    })
    this.image.classList.toggle("pixels", scale >= SHARP)
    this.marks.draw()
  }

  onScreen(place) {
    return onScreen(place, this.view)
  }

  inPicture(place) {
    return this.clamped(inPicture(place, this.view))
  }

  clamped(place) {
    return clamped(place, this.item)
  }

  // --- pointer -----------------------------------------------------------------------------------------------

  /** @returns {[number, number]} */
  at(event) {
    const { left, top } = this.root.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }

  wheel(event) {
    event.preventDefault()
    const pixels = event.deltaY * (event.deltaMode ? 30 : 1)
    this.zoom(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0016)), this.at(event))
  }

  down(event) {
    if (event.button !== 0) return
    const place = this.at(event)
    this.fingers.set(event.pointerId, place)
    this.root.setPointerCapture(event.pointerId)
    if (this.fingers.size > 1) return void (this.drag = this.drag?.cancel?.() ?? null) // two fingers enlarge
    this.drag = this.marks.grab(place) ?? this.pan(place)
  }

  pan(from) {
    const { left, top, scale } = this.view
    let moved = false
    return {
      to: ([x, y]) => {
        moved ||= Math.hypot(x - from[0], y - from[1]) >= STILL_PX
        if (!moved) return
        this.root.classList.add("panned")
        this.put({ scale, left: left + x - from[0], top: top + y - from[1] })
      },
      drop: () => !moved && this.marks.select(null),
    }
  }

  move(event) {
    const place = this.at(event)
    if (!this.fingers.has(event.pointerId)) return this.marks.hover(place)
    if (this.fingers.size === 2) this.pinch(event.pointerId, place)
    this.fingers.set(event.pointerId, place)
    this.drag?.to(place)
  }

  pinch(moving, [x, y]) {
    const [other] = [...this.fingers].filter(([pointer]) => pointer !== moving).map(([, place]) => place)
    const [fromX, fromY] = this.fingers.get(moving)
    const before = Math.hypot(fromX - other[0], fromY - other[1])
    if (before > 1) this.zoom(Math.hypot(x - other[0], y - other[1]) / before, [(x + other[0]) / 2, (y + other[1]) / 2])
  }

  up(event, canceled = false) {
    if (!this.fingers.delete(event.pointerId)) return
    const drag = this.drag
    this.drag = null
    this.root.classList.remove("panned")
    if (canceled) drag?.cancel?.()
    else drag?.drop()
  }

  // What Esc ends first: a drag, a placing, a selection. Says whether there was one.
  cancel() {
    if (this.drag) {
      this.drag.cancel?.()
      this.drag = null
      return true
    }
    return this.marks.cancel()
  }

  key(event) {
    return this.marks.key(event)
  }

  remove() {
    this.sizes.disconnect()
  }
}
