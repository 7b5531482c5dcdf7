// The names below a chart where there is no room for all of them.

const NAME_PX = 15 // of a slanting name, so that the next one does not touch it
const BESIDE_PX = 90 // of the figure, for the other axis

/**
 * The layout with every n-th of the slanting names of its x axis, as many as there is room for; hovering tells the rest.
 * @param {Record<string, any>} layout of Plotly
 * @param {number} width of the figure in pixels
 */
export function thinned(layout, width) {
  const axis = layout.xaxis
  const count = axis?.ticktext?.length ?? 0
  const step = Math.ceil((count * NAME_PX) / Math.max(width - BESIDE_PX, NAME_PX))
  if (!axis?.tickangle || step <= 1 || !Array.isArray(axis.tickvals)) return layout
  /** @param {unknown[]} all */
  const some = (all) => all.filter((_, index) => index % step === 0)
  return { ...layout, xaxis: { ...axis, tickvals: some(axis.tickvals), ticktext: some(axis.ticktext) } }
}
