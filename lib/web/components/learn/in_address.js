// What is chosen in a panel, kept in the browser's address, so that a link opens the panel with it. Dragging makes no
// step of the browser's history, and asks no server.

const NAME = "choices"
const GROUPS = "[role=radiogroup], .strip"
const CELLS = { false: 0, true: 1, mixed: 2 }
/**
 * The controls of which there is something to keep, each with its number and how it is set.
 * @type {{ of: string, get: (node: any) => number, set: (node: any, value: number) => void }[]}
 */
const KINDS = [
  {
    of: GROUPS,
    get: (node) => [...node.children].findIndex((one) => one.ariaChecked === "true" || one.ariaCurrent === "true"),
    set: (node, at) => node.children[at]?.click(),
  },
  {
    of: "[role=slider][data-puts]",
    get: (node) => Number(Number(node.dataset.puts).toPrecision(5)),
    set: (node, value) => node.dispatchEvent(new CustomEvent("put", { detail: value })),
  },
  {
    of: "input[type=range]",
    get: (node) => Number(node.value),
    set: (node, value) => {
      node.value = `${value}`
      node.dispatchEvent(new Event("input"))
    },
  },
  {
    of: "input[type=checkbox]",
    get: (node) => Number(node.checked),
    set: (node, value) => Number(node.checked) === value || node.click(),
  },
  {
    of: "[role=checkbox]",
    get: (node) => CELLS[/** @type {keyof typeof CELLS} */ (node.getAttribute("aria-checked"))],
    set: (node, value) => value < 2 && node.getAttribute("aria-checked") !== `${value === 1}` && node.dispatchEvent(new MouseEvent("click")),
  },
  {
    of: ".cells .cell",
    get: (node) => CELLS[/** @type {keyof typeof CELLS} */ (node.getAttribute("aria-pressed"))],
    set: (node, value) => node.dispatchEvent(new KeyboardEvent("keydown", { key: "01?"[value] })),
  },
]
const ALL = KINDS.map(({ of }) => of).join()

/**
 * Numbers of controls by their place, as the address has them.
 * @param {Map<number, number>} values
 */
export function written(values) {
  return [...values].map(([at, value]) => `${at}.${value}`).join("_")
}

/**
 * What an address says, which anybody may have typed: only numbers of places.
 * @param {string} text
 * @returns {Map<number, number>}
 */
export function read(text) {
  const parts = text.split("_").map((part) => /^(\d{1,3})\.(-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/.exec(part))
  return new Map(parts.flatMap((part) => (part ? [[Number(part[1]), Number(part[2])]] : [])))
}

export class InAddress {
  /** @param {HTMLElement} place in which the figures are */
  constructor(place) {
    this.place = place
    this.waiting = 0
    /** @type {string | null} */
    this.known = null // what the address said when it was read or written last
    /** @type {number[] | null} */
    this.usual = null // what a figure begins with, once it is known
    for (const name of ["pointerdown", "keydown"]) { // somebody may be quicker than `open`
      place.addEventListener(name, (event) => event.isTrusted && (this.usual ??= this.numbers), true)
    }
    for (const name of ["pointerup", "keyup", "input", "change", "click"]) {
      place.addEventListener(name, (event) => event.isTrusted && this.keep())
    }
  }

  get controls() {
    return [...this.place.querySelectorAll(ALL)]
  }

  get numbers() {
    return this.controls.map((node) => kindOf(node).get(node))
  }

  /**
   * Opens a figure as the address says, once it is drawn.
   * @param {boolean} isNew whether it was not there before
   */
  open(isNew) {
    const said = params().get(NAME) ?? ""
    if (!isNew && said === this.known && (said || this.waiting)) return // what was chosen since then stays
    this.known = said
    this.remove()
    this.usual = null
    requestAnimationFrame(() => requestAnimationFrame(() => {
      if (this.usual) return
      this.usual = this.numbers
      for (const isGroup of [true, false]) { // what is shown first, then its numbers
        for (const [at, value] of read(said)) {
          const node = this.controls[at] // anew each time: one choice may bring the controls of another
          if (node?.matches(GROUPS) === isGroup && kindOf(node).get(node) !== value) kindOf(node).set(node, value)
        }
      }
    }))
  }

  // Keeps what is chosen, a moment after the last act.
  keep() {
    clearTimeout(this.waiting)
    this.waiting = window.setTimeout(() => this.write(), 300)
  }

  write() {
    this.waiting = 0
    const { numbers } = this
    const usual = this.usual ?? numbers
    const chosen = new Map(numbers.flatMap((value, at) => (value === usual[at] ? [] : [[at, value]])))
    const text = written(chosen)
    const address = new URL(window.location.href)
    if ((address.searchParams.get(NAME) ?? "") === text) return
    if (text) address.searchParams.set(NAME, text)
    else address.searchParams.delete(NAME)
    this.known = text
    // Not the page's own replaceState, which after an act adds a step.
    History.prototype.replaceState.call(window.history, window.history.state, "", address)
  }

  remove() {
    clearTimeout(this.waiting)
    this.waiting = 0
  }
}

function params() {
  return new URL(window.location.href).searchParams
}

/** @param {Element} node */
function kindOf(node) {
  return /** @type {typeof KINDS[0]} */ (KINDS.find(({ of }) => node.matches(of)))
}
