// Names below a chart do not lie on each other where it is narrow, and stay with what they name.

import assert from "node:assert/strict"
import { test } from "node:test"

import { readable, thinned } from "../../lib/web/components/chart/ticks.js"

const axis = (count, tickangle) => ({
  xaxis: { tickangle, tickvals: [...Array(count).keys()], ticktext: [...Array(count).keys()].map((k) => `point ${k}`) },
})

test("sixty-eight names have 15 px each at every width, each at its own place, the first one too", () => {
  for (const width of [300, 388, 700, 1360]) {
    const { tickvals, ticktext } = thinned(axis(68, -60), width).xaxis
    assert.ok(tickvals.length * 15 <= width - 90 + 15)
    assert.equal(tickvals[0], 0)
    assert.deepEqual(ticktext, tickvals.map((k) => `point ${k}`))
  }
  assert.equal(thinned(axis(68, -60), 1360).xaxis.tickvals.length, 68)
})

test("few names, names that do not slant and numbers stay as they are", () => {
  for (const layout of [axis(10, -60), axis(68, 0), { xaxis: { tickangle: -60 } }, {}]) assert.equal(thinned(layout, 388), layout)
})

test("numbers that would lie on each other are left out of cells, and slanting names follow the cells", () => {
  const names = [...Array(20).keys()].map((k) => `a name of class ${k} · 100`)
  const layout = { ...axis(20, -60), yaxis: { ticktext: names }, margin: { r: 56 } }
  const traces = [{ type: "heatmap" }, { mode: "text" }]
  assert.deepEqual(readable(traces, layout, 388), [{ type: "heatmap" }])
  assert.equal(readable(traces, layout, 700), traces)
  assert.equal(readable([{ mode: "text" }], layout, 388).length, 1)
  assert.ok(thinned(layout, 388).xaxis.tickvals.length * 15 <= 388 - 56 - 23 * 6)
})
