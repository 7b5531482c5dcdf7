// A Plotly chart in the browser, redrawn in place, so zoom and hidden lines stay while points come.

import { byKeyboard } from "./cells.js"
import { plotly } from "../shared/plotly.js"
import { readable, thinned } from "./ticks.js"

const AHEAD = "200px" // so far below the screen a chart is drawn already
// Nothing but these: Plotly's own choice has a button that sends the chart to its maker.
const BUTTONS = [["toImage"], ["zoom2d", "pan2d", "resetScale2d"]]
const CONFIG = { displaylogo: false, showSendToCloud: false, modeBarButtons: BUTTONS }
const BEHIND_MS = 200 // after which a chart that was clicked follows
/** @typedef {{ figure: string, height: number, alt: string, name: string, plotly: string, clicks: boolean | "cells" }} Data */
/** @typedef {HTMLElement & { on?: (name: string, listener: (event: { points: { x: unknown, y: unknown, id?: string }[] }) => void) => void }} Box of Plotly */
/** @typedef {Record<"text" | "raised" | "line" | "primary" | "font", string>} Look */
/** @type {WeakMap<HTMLElement, Chart>} */
const charts = new WeakMap() // by parentElement

/** @param {{ data: Data, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void }} component */
export default function chart({ data, parentElement, setTriggerValue }) {
  const shown = charts.get(parentElement) ?? new Chart(/** @type {Box} */ (parentElement.querySelector(".manyhot-chart")))
  charts.set(parentElement, shown)
  shown.onClick = data.clicks ? (x) => setTriggerValue("clicked", x) : null
  shown.show(data)
  return () => {
    charts.get(parentElement)?.remove()
    charts.delete(parentElement)
  }
}

class Chart {
  /** @param {Box} box */
  constructor(box) {
    this.box = box
    this.seen = this.held = this.gone = this.listens = false
    /** @type {((place: unknown) => void) | null} */
    this.onClick = null // called with a clicked mark's id, or its x where it has none, of a cell with x and y
    /** @type {number | null} */
    this.frame = null
    /** @type {{ figure: string, look: string, width: number } | null} */
    this.drawn = null
    /** @type {import("./cells.js").Figure | null} */
    this.figure = null
    /** @type {any} */
    this.Plotly = null
    /** @type {Data | null} */
    this.data = null
    this.later = () => (this.frame ??= requestAnimationFrame(() => this.draw())) // a hidden tab has no frames
    this.drop = () => {
      this.held = false
      this.later()
    }
    this.sizes = new ResizeObserver(this.later)
    this.views = new IntersectionObserver(
      (entries) => {
        this.seen = /** @type {IntersectionObserverEntry} */ (entries.at(-1)).isIntersecting
        this.later()
      },
      { rootMargin: AHEAD },
    )
    this.sizes.observe(box)
    this.views.observe(box)
    // While somebody drags, nothing moves below the pointer.
    box.addEventListener("pointerdown", () => (this.held = true))
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, this.drop)
  }

  /** @param {Data} data */
  show(data) {
    this.data = data
    this.box.style.height = `${data.height}px`
    this.box.setAttribute("role", "figure")
    this.box.setAttribute("aria-label", data.alt)
    plotly(data.plotly).then(
      (/** @type {any} */ library) => {
        this.Plotly = library
        // What a click on it changes elsewhere comes first: drawing would hold it up.
        if (data.clicks && this.drawn) setTimeout(this.later, BEHIND_MS)
        else this.later()
      },
      (/** @type {Error} */ error) => this.say(error.message),
    )
  }

  draw() {
    this.frame = null
    const { box, data, Plotly } = this
    const width = box.clientWidth
    if (this.gone || !Plotly || !data || !this.seen || this.held || !width) return
    const look = colors(box)
    if (this.drawn?.figure === data.figure && this.drawn.look === look && this.drawn.width === width) return
    this.drawn = { figure: data.figure, look, width }
    const figure = (this.figure = JSON.parse(data.figure))
    const layout = dressed({ uirevision: "kept", ...thinned(figure.layout, width), width, height: data.height }, JSON.parse(look))
    if (this.refusing) box.replaceChildren()
    this.refusing = false
    // Where the last argument changes, Plotly begins anew and forgets the zoom: a name that stays.
    Plotly.react(box, readable(figure.data, figure.layout, width), layout, { ...CONFIG, toImageButtonOptions: { filename: data.name, scale: 2 } })
    if (data.clicks && !this.listens) box.on?.("plotly_click", ({ points: [{ x, y, id }] }) => this.onClick?.(this.data?.clicks === "cells" ? [x, y] : Number(id ?? x)))
    this.listens ||= Boolean(data.clicks)
    if (data.clicks !== "cells") return
    byKeyboard(box, () => ({
      figure: this.figure,
      hover: ([xval, yval]) => this.Plotly.Fx.hover(box, { xval, yval }),
      choose: (cell) => this.onClick?.(cell),
    }))
  }

  /** @param {string} text */
  say(text) {
    if (this.gone || this.Plotly) return
    const message = document.createElement("p")
    message.className = "refusal"
    message.textContent = text
    this.box.replaceChildren(message)
    this.refusing = true
  }

  remove() {
    this.gone = true
    this.sizes.disconnect()
    this.views.disconnect()
    for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, this.drop)
    this.Plotly?.purge(this.box)
  }
}

/** @param {HTMLElement} box */
function colors(box) {
  const style = getComputedStyle(box)
  /** @param {string} name */
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim()
  const raised = of("secondary-background-color")
  return JSON.stringify({ text: of("text-color"), raised, line: of("border-color"), primary: of("primary-color"), font: of("font") })
}

/**
 * What the figure says itself has the last word.
 * @param {Record<string, any>} layout of Plotly
 * @param {Look} look
 */
function dressed(layout, look) {
  const axis = { gridcolor: look.line, linecolor: look.line, zerolinecolor: look.line }
  for (const name of Object.keys(layout)) if (/^[xy]axis\d*$/.test(name)) layout[name] = { ...axis, ...layout[name] }
  return {
    ...layout,
    font: { family: look.font, color: look.text, size: 12, ...layout.font },
    hoverlabel: { bgcolor: look.raised, bordercolor: look.line, font: { color: look.text }, ...layout.hoverlabel },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: look.line, activecolor: look.primary, ...layout.modebar },
  }
}
