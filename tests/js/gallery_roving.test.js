// The arrow keys go through pictures as they stand on the page.

import assert from "node:assert/strict"
import { test } from "node:test"

import { step } from "../../lib/web/components/gallery/roving.js"

const box = (left, top) => ({ left, top, width: 90 })
// three a row, five of them: the last row ends early
const BOXES = [box(0, 0), box(100, 0), box(200, 0), box(0, 80), box(100, 80)]

test("arrows go to the neighbor, at the ends nowhere", () => {
  assert.deepEqual(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"].map((key) => step(key, 1, BOXES)), [2, 0, 4, 1])
  assert.deepEqual(["ArrowRight", "ArrowDown"].map((key) => step(key, 4, BOXES)), [4, 4])
  assert.equal(step("ArrowDown", 2, BOXES), 4, "the nearest of a row that ends early")
  assert.equal(step("ArrowUp", 3, BOXES), 0)
})

test("Home and End go to the first and the last, other keys nowhere", () => {
  assert.deepEqual(["Home", "End", "x"].map((key) => step(key, 2, BOXES)), [0, 4, -1])
})
