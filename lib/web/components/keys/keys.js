// Keyboard shortcuts that click buttons, such as Ctrl+Z for Undo or Enter for Accept, except where the key has a meaning
// of its own: while somebody types, on a button that Enter presses, in a row of tabs that arrows walk through. A button
// that was clicked with the mouse is not one that Enter presses: who clicks Undo and then presses Enter means the shortcut.

/**
 * The buttons' keys, by combination such as Ctrl+Z or by a key alone, such as Enter.
 * @typedef {{keys: Record<string, string>}} Shortcuts
 */

/** @type {WeakMap<Element, Shortcuts>} */
const listening = new WeakMap()

/** @param {{parentElement: Element, data: Shortcuts}} component */
export default function ({ parentElement, data }) {
  const shared = listening.get(parentElement) ?? { keys: {} }
  shared.keys = data.keys
  if (listening.has(parentElement)) return
  listening.set(parentElement, shared)
  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    const key = named(event)
    if (!(key in shared.keys) || event.defaultPrevented || event.repeat || isBusy(event)) return
    /** @type {HTMLButtonElement | null} */
    const button = document.querySelector(`.st-key-${CSS.escape(shared.keys[key])} button`)
    if (!button || button.disabled) return
    event.preventDefault()
    button.click()
  }
  /** @param {MouseEvent} event */
  const clicked = (event) => {
    const isPointer = event.detail > 0 // a key that presses a button, and a script, click it 0 times
    const button = /** @type {HTMLElement} */ (event.target).closest("button:not([role], [aria-haspopup])")
    if (isPointer && "Enter" in shared.keys && button instanceof HTMLElement) button.blur()
  }
  document.addEventListener("keydown", pressed)
  document.addEventListener("click", clicked)
  return () => {
    document.removeEventListener("keydown", pressed)
    document.removeEventListener("click", clicked)
    listening.delete(parentElement)
  }
}

/** @param {KeyboardEvent} event */
function named(event) {
  if (event.altKey) return ""
  if (!(event.ctrlKey || event.metaKey)) return event.shiftKey ? "" : event.key
  return `Ctrl+${event.shiftKey ? "Shift+" : ""}${event.key.toUpperCase()}`
}

/**
 * Whether the key belongs to somebody else: a text field, a chart or picture that takes keys, an open dialog.
 * @param {KeyboardEvent} event
 */
function isBusy(event) {
  if (document.querySelector('[role="dialog"], dialog[open], [data-testid="stPopoverBody"]')) return true
  const takes = ['input, textarea, select, svg, canvas, [contenteditable="true"], [role="application"], [role="grid"]']
  if (event.key === "Enter") takes.push('button, a, summary, [role="button"], [role="tab"], [role="radio"]')
  if (event.key.startsWith("Arrow")) takes.push('[role="tab"], [role="radio"], [role="slider"]')
  return event.composedPath().some((one) => one instanceof Element && one.matches(takes.join(", "))) // also inside a component's shadow root
}
