// Cells of a chart are reached and told by the keyboard as by the pointer.

import assert from "node:assert/strict"
import { test } from "node:test"
import { next, told } from "../../lib/web/components/chart/cells.js"

const figure = {
  layout: { xaxis: { ticktext: ["a", "b", "c"] }, yaxis: { ticktext: ["a", "b"] } },
  data: [{}, { customdata: [[], [["a &amp; b", "c", "1 of 9", "11 % of the row"]]] }],
}

test("arrows go from cell to cell and stay within the chart", () => {
  /** @type {[number, number] | null} */
  let cell = null
  const ways = ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowLeft"]
  const went = ways.map((key) => (cell = next(cell, key, figure)))
  assert.deepEqual(went, [[0, 0], [1, 0], [2, 0], [2, 0], [2, 1], [2, 1], [2, 0], [1, 0]])
  assert.equal(next([0, 0], "x", figure), null)
})

test("a cell is told in plain text, one without a number not at all", () => {
  assert.equal(told([0, 1], figure), "a & b → c: 1 of 9 images, 11 % of the row")
  assert.equal(told([2, 0], figure), "")
})
