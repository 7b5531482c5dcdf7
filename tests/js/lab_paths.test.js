// The lab's chart draws what its values say.

import assert from "node:assert/strict"
import { test } from "node:test"
import { bandPath, clearest, path, ticks } from "../../lib/web/components/lab/paths.js"

const x = (thresh) => 100 * thresh
const y = (value) => 10 * value

test("a curve begins anew after a value that is not defined, so that no line crosses the gap", () => {
  assert.equal(path([0, 1, NaN, 0, 1], x, y), "M0.0 0.0L25.0 10.0M75.0 0.0L100.0 10.0")
})

test("a band is closed around each run of thresholds where it is defined, and a single one has no area", () => {
  const band = { thresh: [0, 0.25, 0.5, 0.75, 1], low: [0, 0, null, 0, null], high: [1, 1, null, 1, 1] }
  assert.equal(bandPath(band, x, y), "M0.0 10.0L25.0 10.0L25.0 0.0L0.0 0.0Z")
})

test("ticks are round numbers within the axis, written with as many places as their step has", () => {
  const written = (low, high) => {
    const { values, places } = ticks(low, high, 5)
    return values.map((at) => at.toFixed(places))
  }
  assert.deepEqual(written(0, 1), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
  assert.deepEqual(written(0, 40), ["0", "10", "20", "30", "40"])
  assert.deepEqual(written(0.913, 0.958), ["0.92", "0.93", "0.94", "0.95"])
})

test("a baseline's words stand where no curve is near", () => {
  const rising = Array.from({ length: 101 }, (_, t) => t / 100)
  assert.equal(clearest([rising], 0, 0.2), 0.8) // far from 0 at the right
  assert.equal(clearest([rising], 1, 0.2), 0) // and from 1 at the left
  const valley = rising.map((share) => Math.abs(share - 0.5)) // 0 in the middle, where the second curve is at 1
  const at = clearest([valley, rising.map(() => NaN)], 0.5, 0.2)
  assert.ok(Math.abs(at + 0.1 - 0.5) < 0.03, `${at}`)
})
