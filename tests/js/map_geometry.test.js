// On the map the nearest picture is pointed at, a lasso from the address is the one that was drawn, and points fall in it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { Grid, cornersOf, inside, onward, simplified, written } from "../../lib/web/components/map/geometry.js"
import { drawMarks, packed } from "../../lib/web/components/map/raster.js"
import { chosen } from "../../lib/web/components/map/thumbs.js"

const positions = Float32Array.from({ length: 4000 }, (_, at) => (Math.sin(at * 12.9898) * 43758.5453) % 1).map(Math.abs)

test("the nearest is the nearest of all that count", () => {
  const grid = new Grid(positions)
  for (let turn = 0; turn < 200; turn++) {
    const [x, y, radius] = [(turn * 0.137) % 1.2 - 0.1, (turn * 0.071) % 1.2 - 0.1, 0.002 + (turn % 9) * 0.02]
    const counts = (at) => at % 3 !== turn % 3
    let [best, least] = [-1, radius ** 2]
    for (let at = 0; at < 2000; at++) {
      const apart = (positions[2 * at] - x) ** 2 + (positions[2 * at + 1] - y) ** 2
      if (counts(at) && apart <= least) [best, least] = [at, apart]
    }
    assert.equal(grid.nearest([x, y], radius, counts), best)
  }
})

test("an arrow key leads to the nearest in its direction", () => {
  const row = Float32Array.from([0.5, 0.5, 0.7, 0.52, 0.6, 0.9, 0.4, 0.5])
  assert.equal(onward(row, 0, [1, 0], () => true), 1)
  assert.equal(onward(row, 0, [-1, 0], () => true), 3)
  assert.equal(onward(row, 0, [0, 1], () => true), 2)
  assert.equal(onward(row, 0, [0, -1], () => true), -1)
  assert.equal(onward(row, 0, [1, 0], (at) => at !== 1), -1)
})

test("a lasso is written with few corners and read again, what is none is none", () => {
  const circle = Array.from({ length: 900 }, (_, at) => [0.5 + 0.3 * Math.cos(at / 143.2), 0.5 + 0.3 * Math.sin(at / 143.2)])
  const text = written(circle, 0.001)
  const corners = cornersOf(text)
  assert.ok(corners.length > 20 && corners.length <= 64)
  const [drawn, kept] = [inside(positions, circle), inside(positions, corners)]
  const differing = drawn.filter((one, at) => one !== kept[at]).length
  assert.ok(differing <= 8, `${differing} of ${drawn.length}`)
  assert.equal(drawn[0], Number(Math.hypot(positions[0] - 0.5, positions[1] - 0.5) < 0.3))
  assert.equal(written([[0.1, 0.1], [0.1, 0.1]], 0.001), "")
  for (const odd of ["", "1.2_3.4", "1.2_3.4_x.1", "1.2_3.4_5", "1.2_3.4_12345678.1"]) assert.deepEqual(cornersOf(odd), [])
  assert.deepEqual(simplified([[0, 0], [1, 0.01], [2, 0]], 0.1), [[0, 0], [2, 0]])
})

test("marks are drawn where they are, the last on top, and a part of one at the edge", () => {
  const sheet = { width: 40, height: 30, pixels: new Int32Array(1200).fill(7) }
  const [red, blue] = [packed([255, 0, 0]), packed([0, 0, 255])]
  const marks = { positions: Float32Array.from([0.5, 0.5, 0.5, 0.5, 0, 0, 2, 2]), order: Uint32Array.from([0, 1, 2, 3]), colors: Int32Array.from([red, blue, red, red]), shapes: new Uint8Array([1, 0, 0, 0]) }
  assert.equal(drawMarks(sheet, marks, { scale: 20, left: 10, top: 5 }, 3), 3)
  assert.equal(sheet.pixels[15 * 40 + 20], blue)
  assert.equal(sheet.pixels[5 * 40 + 10], red)
  assert.equal(sheet.pixels[0], 0)
  drawMarks(sheet, marks, { scale: 20, left: 0, top: 0 }, 3)
  assert.equal(sheet.pixels[0], red)
})

test("pictures stand where there is room, the same ones when the map is moved, and none in a crowd", () => {
  const view = { scale: 6000, left: -1900, top: -2200 }
  const stage = { width: 800, height: 500 }
  const shown = chosen(positions, view, stage, (at) => at % 2 === 0)
  assert.ok(shown.length > 5 && shown.every((at) => at % 2 === 0))
  const moved = chosen(positions, { ...view, left: -1885 }, stage, (at) => at % 2 === 0)
  assert.ok(shown.filter((at) => moved.includes(at)).length > 0.7 * shown.length)
  assert.deepEqual(chosen(positions, { scale: 600, left: 0, top: 100 }, stage, () => true), [])
})
