// What is dragged by mouse, finger or keyboard, and drawn once a frame.

/**
 * Returns a function that draws at the browser's next frame, once however often it is called before.
 * @param {() => void} draw
 */
export function eachFrame(draw) {
  let waiting = 0
  const later = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0
      draw()
    })
  }
  later.cancel = () => {
    cancelAnimationFrame(waiting)
    waiting = 0
  }
  return later
}

/**
 * @typedef {object} Value what a handle is dragged along
 * @property {number} min
 * @property {number} max
 * @property {number} step of an arrow key; Page Up and Down go ten of them, with Shift an arrow goes a tenth
 * @property {() => number} get
 * @property {(value: number) => void} set is only given what is between min and max
 * @property {(event: PointerEvent) => number} at the value where the pointer is
 * @property {string | (() => string)} label what it is called
 * @property {(value: number) => string} words how a value is said
 * @property {"horizontal" | "vertical"} [axis]
 * @property {() => number} [kept] what an address keeps, where that is not what is shown
 * @property {() => void} [onDrop]
 */

/**
 * Makes an element a slider. Vertical ones take the finger's way up and down, horizontal ones leave it to the page.
 * @param {SVGElement | HTMLElement} node
 * @param {Value} value
 * @returns {() => void} says anew what the value is, to be called when it has changed otherwise
 */
export function slider(node, value) {
  const axis = value.axis ?? "horizontal"
  const label = () => (typeof value.label === "string" ? value.label : value.label())
  node.setAttribute("role", "slider")
  node.setAttribute("tabindex", "0")
  node.setAttribute("aria-orientation", axis)
  node.setAttribute("aria-valuemin", `${value.min}`)
  node.setAttribute("aria-valuemax", `${value.max}`)
  node.style.touchAction = axis === "horizontal" ? "pan-y" : "none"
  if (node instanceof SVGElement) node.style.display = "block" // the one above means nothing of what is inline
  let dragging = false

  const tell = () => {
    node.setAttribute("aria-label", label())
    node.setAttribute("aria-valuenow", `${value.get()}`)
    node.setAttribute("aria-valuetext", value.words(value.get()))
    node.dataset.puts = `${(value.kept ?? value.get)()}` // which it may be told by "put"
  }
  /** @param {number} wanted */
  const set = (wanted) => {
    const within = Math.min(value.max, Math.max(value.min, wanted))
    if (Number.isFinite(within) && within !== value.get()) value.set(within)
    tell()
  }
  const end = () => {
    if (!dragging) return
    dragging = false
    node.classList.remove("dragging")
    value.onDrop?.()
  }
  /** @param {PointerEvent} event */
  const down = (event) => {
    if (event.button !== 0) return
    node.setPointerCapture(event.pointerId)
    dragging = true
    node.classList.add("dragging")
    set(value.at(event))
    event.preventDefault() // no text selection
    node.focus({ preventScroll: true })
  }
  /** @param {PointerEvent} event */
  const move = (event) => {
    if (dragging) set(value.at(event))
  }
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    const wanted = afterKey(event.key, event.shiftKey, value)
    if (wanted === null) return
    event.preventDefault()
    event.stopPropagation()
    set(wanted)
    value.onDrop?.()
  }
  /** @type {[string, (event: any) => void][]} */
  const heard = [["pointerdown", down], ["pointermove", move], ["pointerup", end], ["pointercancel", end], ["keydown", key]]
  for (const [name, handler] of heard) node.addEventListener(name, handler)
  node.addEventListener("put", (event) => set(/** @type {CustomEvent} */ (event).detail))
  tell()
  return tell
}

/**
 * The value after a key, rounded to the steps that keys make; null if the key means nothing.
 * @param {string} key
 * @param {boolean} finely
 * @param {Pick<Value, "min" | "max" | "step" | "get">} value
 */
export function afterKey(key, finely, { min, max, step, get }) {
  /** @type {Record<string, number>} */
  const ends = { Home: min, End: max }
  if (key in ends) return ends[key]
  /** @type {Record<string, number>} */
  const ways = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }
  if (!(key in ways)) return null
  const unit = finely ? step / 10 : step
  const places = Math.max(0, Math.ceil(-Math.log10(unit) - 1e-9))
  return Math.min(max, Math.max(min, Number((Math.round(get() / unit + ways[key]) * unit).toFixed(places))))
}
