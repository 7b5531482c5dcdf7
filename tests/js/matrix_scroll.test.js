// The matrix shows the rows and columns that a place of the scroll bar stands for.

import assert from "node:assert/strict"
import { test } from "node:test"
import { barScale, CELL_PX, fullHeight, layoutOf, MOST_PX, onScreen, pageOf, reached, ROW_PX, within } from "../../lib/web/components/matrix/geometry.js"

const HEAD_PX = 100
// Room for exactly 10 rows and 8 columns.
const SCREEN = { top: 0, left: 0, width: 200 + 8 * CELL_PX, height: HEAD_PX + 10 * ROW_PX, names: 200, rows: 1000, columns: 50, cell: CELL_PX, head: HEAD_PX }
const extent = (changed) => ({ ...SCREEN, ...changed })

test("the first and last row and column are those that the screen touches, cut ones included", () => {
  assert.deepEqual(onScreen(SCREEN), [[0, 10], [0, 8]])
  assert.deepEqual(onScreen(extent({ top: 5 * ROW_PX + 1, left: 2 * CELL_PX + 1 })), [[5, 16], [2, 11]])
})

test("at the end of the matrix no row or column after the last one is asked for", () => {
  const { top, left } = within(Infinity, Infinity, SCREEN)
  assert.deepEqual([top, left], [990 * ROW_PX, 42 * CELL_PX])
  assert.deepEqual(onScreen(extent({ top, left })), [[990, 999], [42, 49]])
})

test("a matrix smaller than the screen, or empty, is scrolled nowhere and has no row below 0", () => {
  const small = extent({ rows: 3, columns: 2 })
  assert.deepEqual(within(500, 500, small), { top: 0, left: 0 })
  assert.deepEqual(onScreen(small), [[0, 2], [0, 1]])
  assert.deepEqual(onScreen(extent({ rows: 0, columns: 0 })), [[0, 0], [0, 0]])
})

test("a cell that is on the screen moves nothing, and another one by as little as it takes", () => {
  const here = extent({ top: 20 * ROW_PX, left: 10 * CELL_PX })
  assert.deepEqual(reached(20, 10, here), { top: 20 * ROW_PX, left: 10 * CELL_PX })
  assert.deepEqual(reached(29, 17, here), { top: 20 * ROW_PX, left: 10 * CELL_PX })
  assert.deepEqual(reached(19, 9, here), { top: 19 * ROW_PX, left: 9 * CELL_PX })
  assert.deepEqual(reached(30, 18, here), { top: 21 * ROW_PX, left: 11 * CELL_PX })
})

test("the head and the file name are always on the screen: reaching them scrolls nothing", () => {
  assert.deepEqual(reached(-1, -1, extent({ top: 77, left: 33 })), { top: 77, left: 33 })
})

test("up to the height of an element the bar is as long as the matrix, above it a pixel stands for more", () => {
  const rows = Math.floor((MOST_PX - HEAD_PX) / ROW_PX)
  assert.equal(barScale(rows, SCREEN.height, HEAD_PX), 1)
  assert.ok(barScale(rows + 1, SCREEN.height, HEAD_PX) > 1)
})

test("the bar's end is the last of a million rows", () => {
  const scale = barScale(1_000_000, SCREEN.height, HEAD_PX)
  assert.ok(Math.abs((MOST_PX - SCREEN.height) * scale - (fullHeight(1_000_000, HEAD_PX) - SCREEN.height)) < 1e-6)
})

test("a page key keeps one row of the page before in sight", () => {
  assert.equal(pageOf(SCREEN.height, HEAD_PX), 9)
})

test("names lie over wide cells where there is room for them, and stand over narrow ones where there is none", () => {
  assert.deepEqual(layoutOf([30, 64.2], 1000), { cell: 200, head: 58, flat: true })
  assert.deepEqual(layoutOf(Array(10).fill(80), 1000), { cell: 100, head: 58, flat: true })
  assert.deepEqual(layoutOf(Array(10).fill(85), 1000), { cell: 44, head: 143, flat: false })
  assert.deepEqual(layoutOf([...Array(9).fill(80), 400], 1000), { cell: 100, head: 58, flat: true }, "one long name narrows no other")
  assert.deepEqual(layoutOf([...Array(79).fill(20), 50.5], 1000), { cell: 30, head: 109, flat: false })
})

test("the head is never higher than names may be, however long they are, nor lower than its parts", () => {
  assert.equal(layoutOf(Array(80).fill(900), 1000).head, 158)
  assert.equal(layoutOf(Array(80).fill(4), 1000).head, 90)
  assert.deepEqual(layoutOf([900], 1000), { cell: 200, head: 58, flat: true })
  assert.equal(layoutOf([], 1000).flat, true)
})
