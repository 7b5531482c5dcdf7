// What keys do in the inspector, and the list that says so.

import { element } from "../shared/dom.js"
import { KEYS } from "./targets.js"

/** @typedef {import("./inspector.js").Inspector} Inspector */

/** @param {EventTarget | null} target */
const isTyped = (target) => Boolean(/** @type {Element | null} */ (target)?.matches?.("input:not([type=checkbox])"))

/**
 * What a key does that is pressed in the dialog.
 * @param {Inspector} inspector
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it means something
 */
export function pressed(inspector, event) {
  const { key } = event
  const commands = event.ctrlKey || event.metaKey
  if (isTyped(event.target)) return typed(inspector, event)
  if (key === "Escape") {
    if (!inspector.stage.cancel()) inspector.close()
    return true
  }
  if (commands && key.toLowerCase() === "z") {
    inspector.bar.click(event.shiftKey ? "redo" : "undo")
    return true
  }
  if (commands && key.toLowerCase() === "y") {
    inspector.bar.click("redo")
    return true
  }
  if (commands || event.altKey) return false
  if (inspector.stage.key(event) || inspector.targets.key?.(event)) return true
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowLeft: () => inspector.step(-1),
    ArrowRight: () => inspector.step(1),
    PageUp: () => inspector.step(-1),
    PageDown: () => inspector.step(1),
    "+": () => inspector.stage.zooming.larger(),
    "-": () => inspector.stage.zooming.smaller(),
    0: () => inspector.stage.zooming.fit(),
    m: () => inspector.alike(),
  }
  if (!(key in keys)) return false
  keys[key]()
  return true
}

/**
 * The same in a field.
 * @param {Inspector} inspector
 * @param {KeyboardEvent} event
 */
function typed(inspector, event) {
  if (event.key !== "Escape") return inspector.targets.typed?.(event) ?? false
  inspector.targets.revert(event.target)
  inspector.dialog.focus({ preventScroll: true })
  return true
}

/**
 * @param {import("./types.js").Targets["control"]} control
 * @param {boolean} searched
 */
export function keysOf(control, searched) {
  const keys = element("details", "keys")
  const list = element("dl")
  for (const [key, words] of [...KEYS[control], ...(searched ? KEYS.search : []), ...KEYS.all]) list.append(element("dt", "", key), element("dd", "", words))
  keys.append(element("summary", "", "Keys"), list)
  return keys
}
