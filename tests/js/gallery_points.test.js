// The pointer gets the points that it is on, and they are described where they are.

import assert from "node:assert/strict"
import { test } from "node:test"
import { cross, diamond, pointedAt, pointWords, radius, ring } from "../../lib/web/components/gallery/geometry.js"

test("a mark is pointed at within its radius and 6 pixels more, and not beyond", () => {
  const seen = [[[100, 100]], []]
  assert.deepEqual(pointedAt(seen, [110, 100], 4), [0])
  assert.deepEqual(pointedAt(seen, [110.1, 100], 4), [])
})

test("either mark of a point counts, the true and the predicted one, as far as it is drawn", () => {
  const [labeled, predicted] = [[[0, 0], [50, 50]], [[90, 90], [52, 50]]]
  assert.deepEqual(pointedAt([labeled, predicted], [90, 91], 4), [0])
  assert.deepEqual(pointedAt([labeled, []], [90, 91], 4), [])
})

test("of points on each other all are meant, the nearest first, at most four; one farther off is not", () => {
  const close = [[10, 10], [11, 10], [10, 10.5], [10, 11], [10, 9.2]]
  assert.deepEqual(pointedAt([close, []], [10, 10], 4), [0, 2, 4, 1])
  assert.deepEqual(pointedAt([[[10, 10], [14, 10]], []], [10, 10], 4), [0])
})

test("a point that is missing is pointed at nowhere", () => {
  assert.deepEqual(pointedAt([[null, [5, 5]], [undefined, null]], [5, 5], 4), [1])
  assert.deepEqual(pointedAt([[], []], [5, 5], 4), [])
})

test("where there are many points their marks are smaller, and in a larger card larger", () => {
  const card = (count) => ({ true_points: Array(count).fill([0, 0]), pred_points: [] })
  assert.deepEqual(["s", "m", "l", "full"].map((size) => radius(card(24), size)), [3.5, 4, 5, 6])
  assert.deepEqual(["s", "m", "l", "full"].map((size) => radius(card(25), size)), [1.4, 1.6, 2.6, 3.5])
})

test("each mark is drawn around its place", () => {
  assert.equal(ring(2)([10, 20]), "M8.00 20.00a2 2 0 1 0 4 0a2 2 0 1 0 -4 0")
  assert.equal(cross(1)([10, 20]), "M9.00 19.00L11.00 21.00M9.00 21.00L11.00 19.00")
  assert.equal(diamond(1)([10, 20]), "M9.00 20.00L10.00 19.00L11.00 20.00L10.00 21.00Z")
})

test("an error is told in pixels of the picture, and a place outside of it is said to be outside", () => {
  const card = { width: 100, height: 200, true_points: [[0.5, 0.5]], pred_points: [[0.53, 0.52]] }
  assert.deepEqual(pointWords({ point_names: ["nose"] }, card, 0), ["nose: 5.00 px off", "true (50.0, 100.0), predicted (53.0, 104.0)"])
  const outside = { ...card, true_points: [], pred_points: [[1.1, 0.5]] }
  assert.deepEqual(pointWords({ point_names: ["nose"], revisions: true }, card, 0), ["nose: moved by 5.00 px", "before (53.0, 104.0), after (50.0, 100.0)"])
  assert.deepEqual(pointWords({ point_names: [] }, outside, 0), ["point 1", "predicted (110.0, 100.0), outside the image"])
})

test("a point that only one side has is told as labeled, predicted or missing", () => {
  const card = { width: 10, height: 10, true_points: [[0.5, 0.5], null, null], pred_points: [null, [0.5, 0.5], null] }
  const heads = [0, 1, 2].map((k) => pointWords({ point_names: ["a", "b", "c"] }, card, k)[0])
  assert.deepEqual(heads, ["a: labeled, not predicted", "b: predicted, not labeled", "c"])
})
