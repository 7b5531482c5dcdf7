// Which picture a page opens on, and what of it takes the focus.

const SMALLEST_PX = 48 // of a picture in which there is something to be seen
const TAKES = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]"

/**
 * All elements below `root`, those of components too, in the order of the page.
 * @param {ParentNode} root
 * @returns {Element[]}
 */
function all(root) {
  return [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])])
}

/**
 * What a key leads to below `root`, Tab or an arrow, in the order of the page.
 * @param {ParentNode} root
 */
export function stopsIn(root) {
  const takes = /** @type {HTMLElement[]} */ (all(root).filter((one) => one.matches(TAKES)))
  return takes.filter((one) => (one.tabIndex >= 0 || "roving" in one.dataset) && one.checkVisibility({ visibilityProperty: true }))
}

/**
 * The element outside of any component that `one` is in, or is.
 * @param {Element} one
 * @returns {Element}
 */
export function outermost(one) {
  const root = one.getRootNode()
  return root instanceof ShadowRoot ? outermost(root.host) : one
}

/**
 * The topmost picture, or matrix, of a page's body.
 * @param {Element | null} body
 */
export function contentOf(body) {
  const pictures = body ? all(body).filter((one) => one.matches("img, canvas, svg, [role=grid]") && isShown(one)) : []
  return pictures.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0]
}

/** @param {Element} one */
function isShown(one) {
  const { right, bottom, width, height } = one.getBoundingClientRect()
  const isThere = width >= SMALLEST_PX && height >= SMALLEST_PX && right > 0 && bottom + scrolled() > 0
  return isThere && one.checkVisibility({ opacityProperty: true })
}

function scrolled() {
  return document.getElementById("stMain")?.scrollTop ?? 0
}

/**
 * Focus the picture, or what opens it; a chart that takes no keys itself is focused as a whole, its controls come next.
 * @param {Element} picture
 */
export function focusContent(picture) {
  const whole = /** @type {HTMLElement} */ (outermost(picture).closest("[data-testid=stElementContainer]") ?? picture)
  const opener = /** @type {HTMLElement | null} */ (picture.closest(TAKES))
  const isOfPicture = opener && opener !== whole && whole.contains(outermost(opener))
  if (!isOfPicture) whole.tabIndex = -1
  ;(isOfPicture ? opener : whole).focus()
}
