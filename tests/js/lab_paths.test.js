// The lab's chart draws what its values say.

import assert from "node:assert/strict"
import { test } from "node:test"
import { bandPath, brokenAt, clearest, squeezing } from "../../lib/web/components/lab/paths.js"
import { path, ticks } from "../../lib/web/components/shared/drawing.js"

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

test("what is far worse than the baseline is squeezed, a tenth is shown as it is at least, and its end is a hundredth", () => {
  assert.equal(brokenAt(0.3, 0.715, 0.677, true), 0.61) // a tenth below the best is 0.615
  assert.equal(brokenAt(0.1, 0.93, 0.7, true), 0.58) // half of what is gained, below the baseline
  assert.equal(brokenAt(0.07, 0.95, 0.323, false), 0.45) // of an error what is above
  assert.equal(brokenAt(0, 1, 0, true), null) // nothing is below
  assert.equal(brokenAt(0.6, 0.9, 0.7, true), null) // the shape shows
  assert.equal(brokenAt(0, 3, NaN, true), null)
  assert.equal(brokenAt(0, 3, 1, null), null) // neither is better
})

test("a squeezed scale reaches both ends, never turns back, and nothing lies outside of it", () => {
  for (const [broken, upwards] of [[null, true], [0.6, true], [0.4, false]]) {
    const scale = squeezing({ low: 0.1, high: 0.9, broken, upwards }, 290, 40)
    assert.ok(Math.abs(scale(0.1) - 290) < 1e-9 && Math.abs(scale(0.9) - 40) < 1e-9)
    const pixels = Array.from({ length: 81 }, (_, at) => scale(0.1 + at / 100))
    assert.ok(pixels.every((one, at) => !at || one < pixels[at - 1]))
  }
  assert.equal(squeezing({ low: 0.1, high: 0.9, broken: 0.6, upwards: true }, 290, 40)(0.6), 240) // a fifth of the room
})
