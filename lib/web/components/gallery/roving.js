// Things of one kind that are one stop of the Tab key: the arrow keys go from one to the next, as they stand on the page.

/** @typedef {{ left: number, top: number, width: number }} Box of something, in pixels */

/**
 * Let what matches `selector` in `root`, now or later, be one stop.
 * @param {HTMLElement} root
 * @param {string} selector
 */
export function oneStop(root, selector) {
  const all = () => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)])
  /** @param {HTMLElement | undefined} stop */
  const set = (stop) =>
    all().forEach((one, index) => {
      one.tabIndex = one === stop || (!stop && !index) ? 0 : -1
      one.dataset.roving = "" // an arrow reaches it where Tab does not
    })
  root.addEventListener("focusin", (event) => {
    const one = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest(selector))
    if (one) set(one)
  })
  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const things = all()
    const here = things.findIndex((one) => one === event.target)
    const there = here < 0 ? here : step(event.key, here, things.map((one) => one.getBoundingClientRect()))
    if (there < 0 || there === here) return // at the end the key is anybody's
    event.preventDefault()
    things[there].focus()
  })
  new MutationObserver(() => set(all().find((one) => one.matches(":focus")))).observe(root, { childList: true })
  set(undefined)
}

/**
 * Where a key leads from `here`, -1 for a key that leads nowhere.
 * @param {string} key
 * @param {number} here
 * @param {Box[]} boxes in their order
 */
export function step(key, here, boxes) {
  const last = boxes.length - 1
  /** @type {Record<string, number>} */
  const ends = { Home: 0, End: last, ArrowLeft: Math.max(0, here - 1), ArrowRight: Math.min(last, here + 1) }
  if (key in ends) return ends[key]
  const way = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1 })[key]
  if (!way) return -1
  const middle = (/** @type {Box} */ { left, width }) => left + width / 2
  const beyond = boxes.map((box, index) => ({ index, rows: (box.top - boxes[here].top) * way, aside: Math.abs(middle(box) - middle(boxes[here])) }))
  const ahead = beyond.filter(({ rows }) => rows > 1).sort((a, b) => a.rows - b.rows)
  const row = ahead.filter(({ rows }) => rows < ahead[0].rows + 2).sort((a, b) => a.aside - b.aside)
  return row.length ? row[0].index : here
}
