// A focus that is not lost: what had it may vanish with the click on it, or be drawn anew. Then it goes to what stands in
// its place, for whoever uses the keyboard.

import { outermost, stopsIn } from "./picture.js"

const LATEST_MS = 15_000 // after which nobody waits for it any more
const AGAIN_MS = 100
const MOST = 20
const ASLEEP = ":disabled, [hidden], [hidden] *" // it loses the focus with the next frame, not at once
const OBSERVED = { subtree: true, childList: true, attributeFilter: ["disabled", "hidden", "data-test-script-state"] }
/** @typedef {{ key: string, at: number }} Place a container's key, and the place among what takes the focus in it */
/** @typedef {{ places: Place[], path: string }} Trace where the focus was, the innermost container first */

/**
 * Bring the focus back where it was lost, until the function returned is called.
 * @param {() => Record<string, string>} preferred by a container's key, that of the element in it which is to have it
 */
export function keep(preferred) {
  /** @type {Trace[]} */
  let traces = []
  /** @type {HTMLElement | null} */
  let last = null
  let isKeyboard = false
  let timer = 0
  /** @param {FocusEvent} event */
  const focused = (event) => {
    last = /** @type {HTMLElement} */ (event.composedPath()[0])
    const root = last.getRootNode()
    if (root !== document) changes.observe(root, OBSERVED) // what changes within a component is not seen from outside
    const trace = traceOf(last)
    if (trace.places.length) traces = [trace, ...traces].slice(0, MOST)
  }
  const look = () => {
    if (timer || !last) return
    const isAsleep = last.matches(ASLEEP)
    if (document.activeElement !== document.body && !isAsleep) return
    const isLeft = last.isConnected && !isAsleep
    // Left, not lost, or vanished after a click with the mouse: a key pressed later is not about it.
    if (isLeft || !isKeyboard) last = null
    if (!last) return
    const until = performance.now() + LATEST_MS
    const again = () => {
      timer = 0
      if (document.activeElement !== document.body || !isKeyboard || performance.now() > until) return
      if (isRunning() || !bringBack(traces, preferred())) timer = setTimeout(again, AGAIN_MS)
    }
    timer = setTimeout(again, AGAIN_MS)
  }
  const changes = new MutationObserver(look)
  const pressed = () => (isKeyboard = true)
  const pointed = () => (isKeyboard = false)
  const options = { capture: true }
  document.addEventListener("focusin", focused)
  document.addEventListener("keydown", pressed, options)
  document.addEventListener("pointerdown", pointed, options)
  changes.observe(document.body, OBSERVED)
  return () => {
    clearTimeout(timer)
    changes.disconnect()
    document.removeEventListener("focusin", focused)
    document.removeEventListener("keydown", pressed, options)
    document.removeEventListener("pointerdown", pointed, options)
  }
}

function isRunning() {
  return /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=stApp]"))?.dataset.testScriptState === "running"
}

/** @param {HTMLElement} one */
function traceOf(one) {
  /** @type {Place[]} */
  const places = []
  for (let box = outermost(one).closest("[class*=st-key-]"); box; box = box.parentElement?.closest("[class*=st-key-]") ?? null) {
    const key = [...box.classList].find((name) => name.startsWith("st-key-"))
    if (key) places.push({ key: key.slice("st-key-".length), at: stopsIn(box).indexOf(one) })
  }
  return { places, path: location.pathname }
}

/**
 * Focus what stands in the place of what was focused last, or before.
 * @param {Trace[]} traces the latest first
 * @param {Record<string, string>} preferred
 */
function bringBack(traces, preferred) {
  for (const { places, path } of traces) {
    if (path !== location.pathname) return true // another page begins at its top
    for (const { key, at } of places) {
      const stops = stopsOf(preferred[key]) ?? stopsOf(key)
      const stop = stops?.[Math.max(0, Math.min(at, stops.length - 1))]
      if (!stop) continue
      stop.focus()
      return true
    }
  }
  return false
}

/** @param {string | undefined} key */
function stopsOf(key) {
  const box = key && document.querySelector(`.st-key-${CSS.escape(key)}`)
  const stops = box ? stopsIn(box) : []
  return stops.length ? stops : null
}
