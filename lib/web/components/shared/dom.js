// Elements, as every component makes them. Names come from data sets that nobody checked: text is only ever set with
// textContent.

const SVG = "http://www.w3.org/2000/svg"

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, className, text) {
  const node = document.createElement(tag)
  if (className) node.className = className
  if (text !== undefined) node.textContent = text
  return node
}

/**
 * A button whose sign or word says less than `label`.
 * @param {string} className
 * @param {string | undefined} text
 * @param {string} label
 * @param {() => void} onclick
 */
export function button(className, text, label, onclick) {
  const control = element("button", className, text)
  control.type = "button"
  control.title = label
  control.setAttribute("aria-label", label)
  control.onclick = onclick
  return control
}

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {string} [className]
 * @param {Element} [parent]
 * @returns {SVGElementTagNameMap[T]}
 */
export function vector(tag, className, parent) {
  const node = document.createElementNS(SVG, tag)
  if (className) node.setAttribute("class", className)
  parent?.append(node)
  return node
}

/**
 * A name whose middle is left out where there is no room: its last `tail` letters tell pictures apart, number and type.
 * @param {string} text
 * @param {number} tail
 */
export function middle(text, tail) {
  const name = element("span", "title")
  const cut = Math.max(0, text.length - tail)
  name.append(element("span", "head", text.slice(0, cut)), element("span", "tail", text.slice(cut)))
  name.title = text
  return name
}

/**
 * Writes only what is new: an element that is written is laid out again.
 * @param {Element} where
 * @param {string} text
 */
export function write(where, text) {
  if (where.textContent !== text) where.textContent = text
}

/**
 * The component's own root, which knows which of its elements has the focus; not yet on the page it has none.
 * @param {Node} node
 * @returns {ShadowRoot | Document}
 */
export function rootOf(node) {
  return /** @type {ShadowRoot | Document} */ (node.getRootNode())
}
