// Zoom and pan of a picture in a stage: wheel, two fingers, keys; dragged with one pointer. `view` says where
// the picture is: a place of it is at `left + x * scale` of the stage.

const STEP = 1.5 // of a key or button
const WHEEL = 0.0015 // per pixel that the wheel turns; PINCH of a touch pad, which sends it as a wheel with ctrl
const PINCH = 0.01
const MARGIN = 0.96
const NEARLY = 0.02 // so near the whole picture, as a logarithm, it is the whole picture
export const STILL_PX = 3 // less than this is a click and no drag

/** @typedef {[number, number]} Place */
/** @typedef {{ scale: number, left: number, top: number }} View how large the picture is shown, and where */
/** @typedef {{ to: (at: Place) => void, drop: () => void, cancel?: () => void }} Drag */
/**
 * @typedef {object} Hooks
 * @property {number} smallest times as large as the whole picture in the stage
 * @property {(whole: number) => number} largest scale, of that of the whole picture
 * @property {(place: number, room: number, size: number, enlarged: boolean) => number} [within] where a side that
 *   begins at `place` may begin
 * @property {(view: View, enlarged: boolean) => void} drawn is called where the view changed
 * @property {(at: Place) => Drag | null} [grab] what is dragged from there instead of the picture
 * @property {(at: Place | null) => void} [hover]
 * @property {() => void} [click] beside everything that can be grabbed
 */

/** @type {NonNullable<Hooks["within"]>} */
const edgeToMiddle = (place, room, size, enlarged) =>
  enlarged ? Math.min(room / 2, Math.max(room / 2 - size, place)) : (room - size) / 2

export class Zoom {
  /**
   * @param {HTMLElement} stage
   * @param {Hooks} hooks
   */
  constructor(stage, hooks) {
    this.stage = stage
    this.hooks = hooks
    /** @type {{ width: number, height: number } | null} */
    this.picture = null
    /** @type {View} */
    this.view = { scale: 1, left: 0, top: 0 }
    this.fitting = 1 // scale of the whole picture
    this.whole = true // as large as fits, also when the window changes
    /** @type {Map<number, Place>} */
    this.fingers = new Map()
    /** @type {Drag | null} */
    this.drag = null
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
    stage.addEventListener("pointerdown", (event) => this.down(event))
    stage.addEventListener("pointermove", (event) => this.move(event))
    stage.addEventListener("pointerup", (event) => this.up(event))
    stage.addEventListener("pointercancel", (event) => this.up(event, true))
    stage.addEventListener("pointerleave", () => hooks.hover?.(null))
    this.sizes = new ResizeObserver(() => this.place())
    this.sizes.observe(stage)
  }

  /** @param {{ width: number, height: number }} picture is shown whole */
  set(picture) {
    this.picture = picture
    this.fit()
  }

  fit() {
    this.whole = true
    const { clientWidth, clientHeight } = this.stage
    if (!this.picture || !clientWidth || !clientHeight) return
    this.fitting = MARGIN * Math.min(clientWidth / this.picture.width, clientHeight / this.picture.height)
    this.put({ scale: this.fitting, left: 0, top: 0 })
  }

  place() {
    if (this.whole) this.fit()
    else this.put(this.view)
  }

  larger() {
    this.enlarge(STEP)
  }

  smaller() {
    this.enlarge(1 / STEP)
  }

  /**
   * What is at `at` of the stage stays there, or goes to `to`.
   * @param {number} times
   * @param {Place} [at]
   * @param {Place} [to]
   */
  enlarge(times, at = this.middle(), to = at) {
    if (!this.picture) return
    const { scale, left, top } = this.view
    const wanted = Math.min(this.hooks.largest(this.fitting), Math.max(this.hooks.smallest * this.fitting, scale * times))
    this.whole = Math.abs(Math.log(wanted / this.fitting)) < NEARLY
    const next = this.whole ? this.fitting : wanted
    const grown = next / scale
    this.put({ scale: next, left: to[0] - (at[0] - left) * grown, top: to[1] - (at[1] - top) * grown })
  }

  /** @param {MouseEvent} event enlarges, and shows the whole picture where it is as large as it gets */
  twice(event) {
    if (this.view.scale > 0.9 * this.hooks.largest(this.fitting)) this.fit()
    else this.enlarge(STEP * STEP, this.at(event))
  }

  /** @param {Place} place from the picture's corner, in pixels of the screen, is moved into sight */
  reveal([x, y]) {
    const { scale, left, top } = this.view
    const { clientWidth, clientHeight } = this.stage
    if (left + x > 0 && left + x < clientWidth && top + y > 0 && top + y < clientHeight) return
    this.put({ scale, left: clientWidth / 2 - x, top: clientHeight / 2 - y })
  }

  /** @param {View} view */
  put({ scale, left, top }) {
    const { clientWidth, clientHeight } = this.stage
    if (!this.picture || !clientWidth) return // not on the screen
    const within = this.hooks.within ?? edgeToMiddle
    const enlarged = scale > this.fitting
    this.view = {
      scale,
      left: within(left, clientWidth, this.picture.width * scale, enlarged),
      top: within(top, clientHeight, this.picture.height * scale, enlarged),
    }
    this.hooks.drawn(this.view, enlarged)
  }

  /** @returns {Place} */
  middle() {
    return [this.stage.clientWidth / 2, this.stage.clientHeight / 2]
  }

  /**
   * @param {MouseEvent} event
   * @returns {Place}
   */
  at({ clientX, clientY }) {
    const { left, top } = this.stage.getBoundingClientRect()
    return [clientX - left, clientY - top]
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault()
    const turned = event.deltaY * [1, 16, this.stage.clientHeight][event.deltaMode]
    this.enlarge(Math.exp(-Math.max(-300, Math.min(300, turned)) * (event.ctrlKey ? PINCH : WHEEL)), this.at(event))
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return
    const place = this.at(event)
    this.fingers.set(event.pointerId, place)
    this.stage.setPointerCapture(event.pointerId)
    if (this.fingers.size > 1) return void this.cancel() // two fingers enlarge
    this.drag = this.hooks.grab?.(place) ?? this.pan(place)
  }

  /**
   * @param {Place} from
   * @returns {Drag}
   */
  pan(from) {
    const { left, top, scale } = this.view
    let moved = false
    return {
      to: ([x, y]) => {
        moved ||= Math.hypot(x - from[0], y - from[1]) >= STILL_PX
        if (!moved) return
        this.stage.classList.add("panned")
        this.put({ scale, left: left + x - from[0], top: top + y - from[1] })
      },
      drop: () => void (moved || this.hooks.click?.()),
    }
  }

  /** @param {PointerEvent} event */
  move(event) {
    const place = this.at(event)
    if (!this.fingers.has(event.pointerId)) return this.hooks.hover?.(place)
    const before = this.spread()
    this.fingers.set(event.pointerId, place)
    const now = this.spread()
    if (before && now) this.enlarge(before.distance > 1 ? now.distance / before.distance : 1, before.middle, now.middle)
    this.drag?.to(place)
  }

  /** @returns {{ distance: number, middle: Place } | null} of two fingers */
  spread() {
    if (this.fingers.size !== 2) return null
    const [[x0, y0], [x1, y1]] = [...this.fingers.values()]
    return { distance: Math.hypot(x1 - x0, y1 - y0), middle: [(x0 + x1) / 2, (y0 + y1) / 2] }
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} [cancelled]
   */
  up(event, cancelled = false) {
    if (!this.fingers.delete(event.pointerId)) return
    const drag = this.drag
    this.drag = null
    this.stage.classList.remove("panned")
    if (cancelled) drag?.cancel?.()
    else drag?.drop()
    const [left] = this.fingers.values()
    if (left) this.drag = { ...this.pan(left), drop: () => {} } // the finger that is left moves the picture
  }

  // Ends a drag; says whether there was one.
  cancel() {
    const drag = this.drag
    this.drag = null
    drag?.cancel?.()
    return drag !== null
  }

  remove() {
    this.sizes.disconnect()
  }
}
