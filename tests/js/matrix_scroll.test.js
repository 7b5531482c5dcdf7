// The matrix shows the rows and columns that a place of the scroll bar stands for.

import assert from "node:assert/strict"
import { test } from "node:test"
import { barScale, CELL_PX, fullHeight, HEAD_PX, MOST_PX, onScreen, pageOf, reached, ROW_PX, within } from "../../lib/web/components/matrix/geometry.js"

// Room for exactly 10 rows and 8 columns.
const SCREEN = { top: 0, left: 0, width: 200 + 8 * CELL_PX, height: HEAD_PX + 10 * ROW_PX, names: 200, rows: 1000, columns: 50 }
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
  assert.equal(barScale(rows, SCREEN.height), 1)
  assert.ok(barScale(rows + 1, SCREEN.height) > 1)
})

test("the bar's end is the last of a million rows", () => {
  const scale = barScale(1_000_000, SCREEN.height)
  assert.ok(Math.abs((MOST_PX - SCREEN.height) * scale - (fullHeight(1_000_000) - SCREEN.height)) < 1e-6)
})

test("a page key keeps one row of the page before in sight", () => {
  assert.equal(pageOf(SCREEN.height), 9)
})
