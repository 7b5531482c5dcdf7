// One act, a click or a key, is one step of the browser's history: the first address that comes of it is added, those
// that come after it take its place. What comes of no act, as while a page opens or after Back, takes the place of
// what is there.

const INSTALLED = Symbol.for("manyhot-history")
const ACTS = ["pointerdown", "keydown", "drop", "paste"]

/**
 * @param {Pick<Window, "history" | "location" | "addEventListener">} target
 */
export function install(target) {
  const { history } = target
  if (INSTALLED in history) return
  const add = history.pushState.bind(history)
  const replace = history.replaceState.bind(history)
  let acted = false
  for (const act of ACTS) target.addEventListener(act, () => (acted = true), { capture: true })
  target.addEventListener("popstate", () => (acted = false), { capture: true })
  history.pushState = (...entry) => {
    ;(acted ? add : replace)(...entry)
    acted = false
  }
  // Streamlit's own widgets, as filters are, put their values in place of the address that was there.
  history.replaceState = (...entry) => {
    const { href } = target.location
    if (acted && new URL(entry[2] ?? href, href).href !== href) history.pushState(...entry)
    else replace(...entry)
  }
  Object.defineProperty(history, INSTALLED, { value: true })
}

export default function () {
  install(window)
}
