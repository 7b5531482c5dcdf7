// Reads Plotly before the first chart is asked for, so that the tab with that chart does not wait for it.

import { plotly, whenIdle } from "../shared/plotly.js"

const SETTLED_MS = 800 // the page's words and pictures come first

let asked = false

/** @param {{ data: { plotly: string } }} component */
export default function readAhead({ data }) {
  if (asked) return
  asked = true
  // A chart that cannot load it says so itself.
  setTimeout(() => whenIdle(() => void plotly(data.plotly).catch(() => {}), SETTLED_MS), SETTLED_MS)
}
