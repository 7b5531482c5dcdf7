// The head of a column, its menu, and what stands above the matrix.

import { element } from "../shared/dom.js"
import { columnWords, cutInTheMiddle, largestShare, share, short, whole } from "./words.js"

/** @typedef {import("./words.js").Column} Column */
/** @typedef {import("./words.js").Shown} Shown */
/** @typedef {import("./geometry.js").Cursor} Cursor */

/** @type {[string, (noun: string) => string][]} */
const ACTS = [
  ["first", (noun) => `Images with this ${noun} first`],
  ["last", () => "Images without it first"],
  ["only", () => "Only images with it"],
  ["without", () => "Only images without it"],
  ["pictures", () => "Show its images"],
]

export class Head {
  constructor() {
    /** @type {import("./geometry.js").Placed} */
    this.root = element("div", "head")
    this.root.setAttribute("role", "columnheader")
    this.root.setAttribute("aria-haspopup", "menu")
    this.root.place = () => ({ row: -1, column: /** @type {number} */ (this.column) })
    this.name = element("span", "name")
    this.bar = element("span", "bar")
    this.fill = element("span", "fill")
    this.bar.append(this.fill)
    this.count = element("span", "count")
    this.root.append(this.name, this.bar, this.count)
    /** @type {number | null} */
    this.column = null
    /** @type {Shown | undefined} */
    this.data = undefined
    this.px = 0
  }

  /**
   * @param {number | null} column null where there is none
   * @param {Shown} data
   * @param {Cursor} cursor
   * @param {boolean} marked
   * @param {number} px width of a column
   */
  draw(column, data, cursor, marked, px) {
    this.root.hidden = column === null
    if (column !== null && (column !== this.column || data !== this.data || px !== this.px)) {
      const [label, name, present] = data.columns[column]
      this.root.style.left = `${column * px}px`
      this.root.setAttribute("aria-colindex", `${column + 3}`)
      this.root.dataset.label = `${label}`
      this.name.replaceChildren(...cutInTheMiddle(name))
      this.fill.style.setProperty("--share", `${(100 * share(data, data.columns[column])) / (largestShare(data) || 1)}%`)
      this.count.textContent = short(present)
      const sorted = data.by && data.by[0] === label ? (data.by[1] ? "descending" : "ascending") : null
      this.root.classList.toggle("sorted", sorted !== null)
      sorted ? this.root.setAttribute("aria-sort", sorted) : this.root.removeAttribute("aria-sort")
      this.root.title = [name, ...columnWords(data, data.columns[column])].join("\n")
      this.root.setAttribute("aria-label", [name, ...columnWords(data, data.columns[column])].join(", "))
    }
    this.data = data
    this.column = column
    this.px = px
    const here = marked && column !== null && column === cursor.column
    this.root.classList.toggle("here", here)
    this.root.classList.toggle("cursor", here && cursor.row < 0)
    here && cursor.row < 0 ? (this.root.id = "cursor") : this.root.removeAttribute("id")
  }
}

export class Menu {
  /** @param {{ onAct: (label: number, act: string) => void, onClose: () => void }} hooks */
  constructor({ onAct, onClose }) {
    this.onClose = onClose
    /** @type {number | undefined} */
    this.label = undefined
    this.root = element("div", "menu")
    this.root.hidden = true
    this.title = element("p", "menu-title")
    this.facts = element("p", "menu-facts")
    this.list = element("div", "acts")
    this.list.setAttribute("role", "menu")
    this.items = ACTS.map(([act, words]) => {
      const item = element("button", "act")
      item.type = "button"
      item.dataset.act = act
      item.setAttribute("role", "menuitem")
      item.onclick = () => {
        this.close()
        onAct(/** @type {number} */ (this.label), act)
      }
      this.list.append(item)
      return { item, words }
    })
    this.root.append(this.title, this.facts, this.list)
    this.root.onkeydown = (event) => this.key(event)
    this.root.addEventListener("focusout", (event) => {
      if (!this.root.contains(/** @type {Node | null} */ (event.relatedTarget))) this.hide()
    })
  }

  /**
   * @param {Shown} data
   * @param {Column} column
   * @param {HTMLElement | null} head
   * @param {HTMLElement} root
   */
  open(data, column, head, root) {
    if (!head) return
    this.label = column[0]
    this.title.textContent = column[1]
    this.facts.textContent = columnWords(data, column).join(". ") + "."
    this.list.setAttribute("aria-label", column[1])
    for (const { item, words } of this.items) item.textContent = words(data.noun)
    this.root.hidden = false
    const [box, around] = [head.getBoundingClientRect(), root.getBoundingClientRect()]
    const left = Math.max(0, Math.min(box.left - around.left, around.width - this.root.offsetWidth))
    this.root.style.left = `${left}px`
    this.root.style.top = `${box.bottom - around.top + 4}px`
    this.items[0].item.focus({ preventScroll: true })
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const here = this.items.findIndex(({ item }) => item.matches(":focus"))
    const step = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 })[event.key]
    if (step) this.items[(here + step + this.items.length) % this.items.length].item.focus()
    else if (event.key === "Escape") {
      this.close()
      this.onClose()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  hide() {
    this.root.hidden = true
  }

  close() {
    this.hide()
  }
}

export class Tools {
  /** @param {{ onRow: (row: number) => void, onLabel: (name: string) => boolean }} hooks */
  constructor({ onRow, onLabel }) {
    this.root = element("div", "tools")
    /** @type {string | undefined} */
    this.names = undefined
    this.row = element("input")
    Object.assign(this.row, { type: "number", min: "1", step: "1" })
    this.row.onchange = () => this.row.value && onRow(Number(this.row.value) - 1)
    this.of = element("span", "of")
    this.label = element("input", "label")
    this.label.type = "text"
    this.label.autocomplete = "off"
    this.label.onchange = () => {
      if (onLabel(this.label.value)) this.label.value = ""
    }
    this.list = element("datalist")
    this.list.id = "labels"
    this.label.setAttribute("list", "labels")
    this.csv = element("a", "csv", "Download as CSV")
    this.csv.setAttribute("download", "")
    const rows = element("label", "tool", "Row")
    rows.append(this.row, this.of)
    this.noun = element("span", "noun")
    const labels = element("label", "tool")
    labels.append(this.noun, this.label, this.list)
    this.root.append(rows, labels, this.csv)
  }

  /** @param {Shown} data */
  show(data) {
    this.row.max = `${data.rows}`
    this.of.textContent = `of ${whole(data.rows)}`
    this.noun.textContent = `Go to ${data.noun}`
    this.label.placeholder = "name"
    this.csv.href = data.csv
    this.csv.title = `All ${whole(data.rows)} images and ${whole(data.columns.length)} ${data.nouns} shown, in this order`
    const names = JSON.stringify(data.columns.map(([, name]) => name))
    if (names === this.names) return
    this.names = names
    this.list.replaceChildren(...data.columns.map(([, name]) => Object.assign(element("option"), { value: name })))
  }

  /** @param {number} row */
  place(row) {
    if (!this.row.matches(":focus")) this.row.value = `${row + 1}`
  }
}
