// The names at a chart, and the numbers in its cells, where there is no room for all of them.

const NAME_PX = 15 // of a slanting name, so that the next one does not touch it
const BESIDE_PX = 90 // of the figure, for the other axis
const LETTER_PX = 6.2 // of a name
const CELL_PX = 16 // so wide is a cell in which a number stands

/**
 * The layout with every n-th of the slanting names of its x axis, as many as there is room for; hovering tells the rest.
 * @param {Record<string, any>} layout of Plotly
 * @param {number} width of the figure in pixels
 */
export function thinned(layout, width) {
  const axis = layout.xaxis
  const count = axis?.ticktext?.length ?? 0
  const step = Math.ceil((count * NAME_PX) / Math.max(width - Math.max(BESIDE_PX, beside(layout)), NAME_PX))
  if (!axis?.tickangle || step <= 1 || !Array.isArray(axis.tickvals)) return layout
  /** @param {unknown[]} all */
  const some = (all) => all.filter((_, index) => index % step === 0)
  return { ...layout, xaxis: { ...axis, tickvals: some(axis.tickvals), ticktext: some(axis.ticktext) } }
}

/**
 * The traces, without the numbers in cells that are too narrow for them: hovering tells each.
 * @param {any[]} traces of Plotly
 * @param {Record<string, any>} layout
 * @param {number} width of the figure in pixels
 */
export function readable(traces, layout, width) {
  if (!traces.some((trace) => trace.type === "heatmap")) return traces
  const cell = (width - beside(layout)) / (layout.xaxis?.ticktext?.length ?? 1)
  return cell < CELL_PX ? traces.filter((trace) => trace.mode !== "text") : traces
}

/**
 * Pixels beside the cells: the names of the y axis, its title, and the room at the right.
 * @param {Record<string, any>} layout
 */
function beside(layout) {
  const names = /** @type {string[]} */ (layout.yaxis?.ticktext ?? [])
  return LETTER_PX * Math.max(0, ...names.map((name) => name.length)) + (names.length ? 30 : 0) + (layout.margin?.r ?? 0)
}
