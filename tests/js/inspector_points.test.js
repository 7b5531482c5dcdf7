// The inspector moves the point that is meant, and puts it where the pointer is.

import assert from "node:assert/strict"
import { test } from "node:test"
import { clamped, hundredths, inPicture, inSight, nearest, onScreen, rounded, short } from "../../lib/web/components/inspector/geometry.js"

test("the nearest point within 14 pixels is meant, and none beyond", () => {
  const places = [[0, 0], [10, 0], null]
  assert.equal(nearest(places, [7, 0], null), 1)
  assert.equal(nearest(places, [24, 0], null), 1)
  assert.equal(nearest(places, [24.1, 0], null), null)
})

test("of points in one place the selected one is meant, so that it can be dragged off the others", () => {
  const places = [[5, 5], [5, 5], [5, 5]]
  assert.equal(nearest(places, [6, 5], 0), 0)
  assert.equal(nearest(places, [6, 5], 1), 1)
  assert.equal(nearest(places, [6, 5], null), 2) // the one drawn on top
})

test("a point that is missing is never meant", () => {
  assert.equal(nearest([null, null], [0, 0], 0), null)
})

test("a place on the screen and the same place of the picture are each other's way back", () => {
  const view = { scale: 2.5, left: -30, top: 12 }
  assert.deepEqual(onScreen([40, 8], view), [70, 32])
  assert.deepEqual(inPicture([70, 32], view), [40, 8])
})

test("a place of the picture is no finer than a hundredth of a pixel", () => {
  assert.deepEqual(inPicture([1, 2], { scale: 3, left: 0, top: 0 }), [0.33, 0.67])
  assert.deepEqual([hundredths(1.005), hundredths(-0.126)], [1, -0.13])
})

test("no point is put outside the picture", () => {
  const picture = { width: 64, height: 48 }
  assert.deepEqual(clamped([-3, 50], picture), [0, 48])
  assert.deepEqual(clamped([64, 48], picture), [64, 48])
})

test("a picture smaller than the stage stands in its middle, and a larger one covers most of it", () => {
  assert.equal(inSight(900, 400, 100), 150)
  assert.equal(inSight(900, 400, 1000), 40) // a tenth of the stage may be empty before it
  assert.equal(inSight(-5000, 400, 1000), -640) // and a tenth behind it
  assert.equal(inSight(-100, 400, 1000), -100)
})

test("numbers are written without zeros that say nothing, and long names keep their end", () => {
  assert.deepEqual([rounded(12), rounded(12.5), rounded(12.345)], ["12", "12.5", "12.35"])
  assert.equal(short("left eye"), "left eye")
  assert.ok(short(`${"a".repeat(60)} the end of it`).endsWith("the end of it"))
  assert.ok(short("a".repeat(60)).length <= 48)
})
