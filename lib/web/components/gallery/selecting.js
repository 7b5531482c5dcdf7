// Which pictures of a gallery are selected: by a click on a check mark, a range with Shift, or Space.

import { button } from "../shared/dom.js"

/** @typedef {import("./geometry.js").GalleryData} GalleryData */
/** @typedef {{ items: number[], number: number }} Selected what Python knows: rows, and the number of what it heard last */
/** @typedef {{ items: number[], shown: number[], number: number }} Picked what the browser says: the rows selected of those shown */

/**
 * The selection after a click.
 * @param {Set<number>} selected
 * @param {number[]} shown rows in the order of the gallery
 * @param {number} index what was clicked
 * @param {number | null} anchor what was clicked before it, where this is the end of a range
 * @returns {Set<number>}
 */
export function after(selected, shown, index, anchor) {
  const next = new Set(selected)
  const on = anchor === null ? !selected.has(shown[index]) : selected.has(shown[anchor])
  const [first, last] = anchor === null ? [index, index] : [Math.min(anchor, index), Math.max(anchor, index)]
  for (const item of shown.slice(first, last + 1)) on ? next.add(item) : next.delete(item)
  return next
}

export class Selection {
  /**
   * @param {GalleryData} data
   * @param {(picked: Picked) => void} send
   */
  constructor(data, send) {
    this.shown = data.cards.map(({ item }) => item)
    this.send = send
    /** @type {Set<number>} */
    this.selected = new Set()
    /** @type {number | null} */
    this.anchor = null
    this.number = 0
    /** @type {{ one: HTMLElement, check: HTMLElement }[]} */
    this.cards = []
  }

  /**
   * A card gets its check mark, and its picture the keys and clicks that select.
   * @param {HTMLElement} one
   * @param {HTMLElement} opener
   * @param {string} title
   */
  add(one, opener, title) {
    const index = this.cards.length
    const check = button("check", "✓", `Select ${title} (Space; Shift for a range)`, () => {})
    check.setAttribute("role", "checkbox")
    check.tabIndex = -1 // its picture has the key
    check.onclick = ({ shiftKey }) => this.toggle(index, shiftKey)
    opener.setAttribute("aria-keyshortcuts", "Space")
    opener.addEventListener("click", (event) => {
      if (!event.shiftKey && !event.ctrlKey && !event.metaKey) return
      event.stopImmediatePropagation() // it is not opened
      this.toggle(index, event.shiftKey)
    }, { capture: true })
    opener.addEventListener("keydown", (event) => {
      if (event.key !== " ") return
      event.preventDefault()
      if (!event.repeat) this.toggle(index, event.shiftKey)
    })
    opener.addEventListener("keyup", (event) => event.key === " " && event.preventDefault()) // a button is clicked by it
    one.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault()) // it would select text
    one.append(check)
    this.cards.push({ one, check })
  }

  /**
   * @param {number} index
   * @param {boolean} range
   */
  toggle(index, range) {
    this.selected = after(this.selected, this.shown, index, range ? this.anchor : null)
    this.anchor = index
    this.number += 1
    this.draw()
    this.send({ items: this.shown.filter((item) => this.selected.has(item)), shown: this.shown, number: this.number })
  }

  /**
   * What Python knows counts unless it has not heard yet what was clicked last.
   * @param {Selected} known
   */
  update({ items, number }) {
    if (number < this.number) return
    this.number = number
    this.selected = new Set(items)
    this.draw()
  }

  draw() {
    this.cards.forEach(({ one, check }, index) => {
      const on = this.selected.has(this.shown[index])
      one.classList.toggle("selected", on)
      check.setAttribute("aria-checked", `${on}`)
    })
  }
}
