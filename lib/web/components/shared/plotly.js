// Plotly for browsers, read once a page, whoever asks for it first.

const RETRY_MS = 10_000 // after Plotly could not be loaded
const AFTER_MS = 500 // at most so much is done before Plotly is read, which stops everything else for a while

/** @typedef {Window & { Plotly?: any, plotlyForCharts?: Promise<any> | null }} PlotlyPage Every component has a copy of this file: they meet at the window. */

/**
 * Plotly, as soon as the browser has nothing better to do.
 * @param {string} address
 * @returns {Promise<any>}
 */
export function plotly(address) {
  /** @type {PlotlyPage} */
  const page = window
  page.plotlyForCharts ??= new Promise((resolve, reject) => {
    if (page.Plotly) return resolve(page.Plotly)
    const fetched = document.createElement("link") // at once; it is run when the words and pictures are there
    fetched.rel = "preload"
    fetched.as = "script"
    fetched.href = address
    const script = document.createElement("script")
    script.src = address
    script.onload = () => (page.Plotly ? resolve(page.Plotly) : reject())
    script.onerror = reject
    document.head.append(fetched)
    whenIdle(() => document.head.append(script), AFTER_MS)
  }).catch(() => {
    setTimeout(() => (page.plotlyForCharts = null), RETRY_MS)
    throw new Error(`The chart cannot be drawn because ${address} could not be loaded: reload the page.`)
  })
  return page.plotlyForCharts
}

/**
 * @param {() => void} act
 * @param {number} timeout Milliseconds
 */
export function whenIdle(act, timeout) {
  if ("requestIdleCallback" in window) window.requestIdleCallback(act, { timeout })
  else setTimeout(act, timeout)
}
