// The cells of a chart by keyboard: arrows move from one to the next, which is told, and Enter chooses it.

import { DIRECTIONS } from "../shared/arrows.js"

/** @typedef {{ data: { customdata?: string[][][], type?: string, z?: unknown }[], layout: Record<string, any> }} Figure of Plotly */

/**
 * The next cell in a direction, within the chart; the first one where there was none.
 * @param {[number, number] | null} cell its column and row
 * @param {string} key
 * @param {Figure} figure
 * @returns {[number, number] | null} null where the key means no direction
 */
export function next(cell, key, { layout }) {
  const step = DIRECTIONS[key]
  if (!step) return null
  const ends = [layout.xaxis, layout.yaxis].map((axis) => (axis?.ticktext?.length ?? 1) - 1)
  /** @param {0 | 1} along */
  const moved = (along) => (cell ? Math.min(Math.max(cell[along] + step[along], 0), /** @type {number} */ (ends[along])) : 0)
  return [moved(0), moved(1)]
}

/**
 * What a cell says, as its hover does.
 * @param {[number, number]} cell
 * @param {Figure} figure
 */
export function told([column, row], { data }) {
  const [from, to, count, share] = data.find((trace) => trace.customdata)?.customdata?.[row]?.[column] ?? []
  return from === undefined ? "" : plain(`${from} → ${to}: ${count} images, ${share}`)
}

/** @param {string} text of Plotly, which reads tags and entities */
function plain(text) {
  return text.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")
}

/**
 * Lets the keyboard choose cells of the chart in `box`.
 * @param {HTMLElement} box
 * @param {() => { figure: Figure | null, hover: (cell: [number, number]) => void, choose: (cell: [number, number]) => void }} chart as it is now
 */
export function byKeyboard(box, chart) {
  if (box.tabIndex === 0) return
  box.tabIndex = 0
  const spoken = document.createElement("span")
  spoken.className = "manyhot-spoken"
  spoken.setAttribute("aria-live", "polite")
  box.after(spoken)
  /** @type {[number, number] | null} */
  let cell = null
  box.addEventListener("keydown", (event) => {
    const { figure, hover, choose } = chart()
    if (!figure || event.ctrlKey || event.altKey || event.metaKey) return
    const chosen = event.key === "Enter" || event.key === " "
    const to = next(cell, event.key, figure)
    if (!to && !(chosen && cell)) return
    event.preventDefault()
    event.stopPropagation() // arrows mean something else to the page
    if (!to) return choose(/** @type {[number, number]} */ (cell))
    cell = to
    hover(to)
    spoken.textContent = told(to, figure)
  })
}
