// Lines of equal evidence lie where the blended map has that value, as pictures are enlarged.

import assert from "node:assert/strict"
import { test } from "node:test"
import { LEVELS, lineOf, valueAt } from "../../lib/web/components/gallery/heat.js"

const HILL = [[0, 0.1, 0, 0], [0.2, 1, 0.4, 0], [0, 0.5, 0.9, 0.1]]

test("a map is blended between the middles of its cells and does not change beyond them", () => {
  assert.equal(valueAt([[0, 1]], 0.25, 0.5), 0)
  assert.equal(valueAt([[0, 1]], 0.5, 0.1), 0.5)
  assert.equal(valueAt([[0, 1]], 0.99, 0.9), 1)
  assert.equal(valueAt([[0.3]], 0.2, 0.9), 0.3)
  assert.equal(valueAt(HILL, 3 / 8, 0.5), 1)
})

test("the line of a slope stands in its middle, from edge to edge", () => {
  const pieces = lineOf([[0, 1]], 0.5)
  assert.ok(pieces.flat().every(([x]) => Math.abs(x - 0.5) < 1e-9))
  const heights = pieces.flat().map(([, y]) => y)
  assert.deepEqual([Math.min(...heights), Math.max(...heights)], [0, 1])
})

test("every piece of a line has its value, and none is where all is the same", () => {
  for (const level of LEVELS) {
    const pieces = lineOf(HILL, level)
    assert.ok(pieces.length > 8)
    for (const [x, y] of pieces.flat()) assert.ok(Math.abs(valueAt(HILL, x, y) - level) < 0.03, `${x} ${y}`)
  }
  assert.deepEqual(lineOf([[1, 1], [1, 1]], 0.5), [])
})
