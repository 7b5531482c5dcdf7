// The keyboard's way through a page: a link past the controls to the page's picture, and a focus that is not lost.

import { keep } from "./keeping.js"
import { contentOf, focusContent } from "./picture.js"

/** @typedef {{ preferred: Record<string, string> }} Data by a container's key, the element in it that takes the focus */

/** @type {WeakMap<Element, { data: Data }>} */
const mounted = new WeakMap()

/** @param {{ parentElement: Element, data: Data }} component */
export default function focus({ parentElement, data }) {
  const now = mounted.get(parentElement) ?? { data }
  now.data = data
  if (mounted.has(parentElement)) return
  mounted.set(parentElement, now)
  const link = skipLink()
  document.body.prepend(link) // outside what Streamlit draws, before all of it
  const main = document.getElementById("stMain")
  if (main) main.tabIndex = -1 // no stop of its own: all that is in it scrolls it
  const stop = keep(() => now.data.preferred)
  return () => {
    stop()
    link.remove()
    mounted.delete(parentElement)
  }
}

function skipLink() {
  const link = document.createElement("a")
  link.className = "skip-to-picture"
  link.href = "#picture"
  link.textContent = "Skip to the picture"
  link.onclick = (event) => {
    event.preventDefault()
    const content = contentOf(document.querySelector("[data-testid=stMainBlockContainer]"))
    if (content) focusContent(content)
    else document.getElementById("stMain")?.focus() // nothing to be seen yet
  }
  return link
}
