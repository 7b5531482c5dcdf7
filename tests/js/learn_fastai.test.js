// What the Learn page's figures compute is what fastai computes: tests/unit/training/test_learn_numbers.py writes it.

import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { test } from "node:test"
import { reach } from "../../lib/web/components/learn/choices.js"
import { actOf, cropped, inRange, mirrored, slopeOf, toPixels, toUnit } from "../../lib/web/components/learn/coordinates.js"
import { explodesAt, lowest, rateAt, seen, slide, smoothed, steepest, valley } from "../../lib/web/components/learn/finder.js"
import { lit, matrixOf, normalized, pointInCopy, toFloats, turned } from "../../lib/web/components/learn/pixels.js"
import { fits, moment, stepsOf } from "../../lib/web/components/learn/schedule.js"

const fastai = JSON.parse(await readFile(new URL("learn_fastai.json", import.meta.url), "utf8"))

const near = (actual, expected, what, within = 1e-6) => {
  assert.equal([...actual].length, expected.length, what)
  for (const [at, value] of [...actual].entries()) assert.ok(Math.abs(value - expected[at]) <= within, `${what} ${at}: ${value} is not ${expected[at]}`)
}

test("rates, momentum and what learns are those of fastai's fine_tune, batch by batch", () => {
  const { epochs, freeze_epochs: freezeEpochs, base_lr: baseLr, lr_mult: lrMult, groups, batches } = fastai.choices
  const all = fits({ epochs, freezeEpochs, baseLr, lrMult, groups })
  assert.equal(stepsOf(all, batches), fastai.fine_tuning.length)
  for (const [step, theirs] of fastai.fine_tuning.entries()) {
    const ours = moment(all, batches, step)
    near(ours.rates, theirs.rates, `rates of step ${step}`, 1e-8)
    near([ours.mom], [theirs.mom], `momentum of step ${step}`)
    assert.deepEqual(ours.fit.learns, theirs.linear_learns)
    assert.ok(theirs.norm_learns.every(Boolean), "batch norm learns where it is frozen, too")
  }
  assert.deepEqual([moment(all, batches, 23).epoch, moment(all, batches, 23).batch], [0, 3])
})

test("without frozen epochs there is one fit, and one group has the last rate", () => {
  const all = fits({ epochs: 2, freezeEpochs: 0, baseLr: 0.01, lrMult: 100, groups: 1 })
  assert.deepEqual(all.map(({ name, rates }) => [name, rates]), [["unfrozen", [0.005]]])
})

test("the finder's rates, its smoothed losses and what it suggests are fastai's", () => {
  for (const { losses, rates, smooth, suggestions, defaults } of [fastai.finder, fastai.recorded]) {
    assert.deepEqual([rateAt(0, 100), rateAt(100, 100)], [defaults.first, defaults.last])
    near(losses.map((_, batch) => rateAt(batch, 100)), rates, "rates", 1e-9)
    near(smoothed(losses), smooth, "smoothed losses")
    const [r, l] = [seen(rates, 100), seen(smooth, 100)]
    const ours = [r[valley(l).at], r[lowest(l)] / 10, r[steepest(r, l)], slide(r, l)]
    near(ours, [suggestions.valley, suggestions.minimum, suggestions.steep, suggestions.slide], "suggestions", 1e-12)
  }
})

test("valley is fastai's where the loss falls from the start, too, and its stretch can be drawn", () => {
  const falling = Array.from({ length: 30 }, (_, at) => 30 - at)
  assert.deepEqual(valley(falling), { from: 0, to: 29, at: 14 }) // fastai: -1 + int(10) + int(5)
  assert.deepEqual(valley([2, 1, 3, 3]), { from: 0, to: 1, at: 3 }) // fastai: lrs[-1]
})

test("a slider reaches the epochs of a run", () => {
  assert.deepEqual([reach(23, 1, 12), reach(0, 1, 12), reach(3, 1, 12)], [[1, 23], [0, 12], [1, 12]])
})

test("the finder stops at four times the lowest loss", () => {
  assert.equal(explodesAt([1, 0.5, 1.9, 2.1, 9]), 3)
  assert.equal(explodesAt([1, 0.5, 2]), null)
})

test("points are scaled, and numbers squeezed, as fastai does it", () => {
  const { size, pixels, unit, cropped: cut, flipped, acts, in_range: values, slopes } = fastai.points
  near(pixels.flatMap((one) => toUnit(one, size)), unit.flat(), "unit", 1e-7)
  near(unit.flatMap((one) => toPixels(one, size)), pixels.flat(), "pixels", 1e-5)
  near(pixels.flatMap((one) => cropped(one, size)), cut.flat(), "cropped")
  near(mirrored(unit, null).flat(), flipped.flat(), "flipped")
  near(acts.map((act) => inRange(act, -1, 1)), values, "in range")
  near(acts.map((act) => slopeOf(act, -0.5, 3)), slopes, "slopes")
  near(values.map((value) => actOf(value, -1, 1)), acts, "activations", 1e-5)
})

test("pairs change places in a mirror, and a point of no pair keeps its own", () => {
  assert.deepEqual(mirrored([[0.5, 0.1], [-0.4, 0.2], [0, 0.3]], [1, 0, 2]), [[0.4, 0.2], [-0.5, 0.1], [0, 0.3]])
})

test("each step of the conveyor is fastai's", () => {
  const { width, height, drawn, rgba, matrix, turned: turn, lit: light, normalized: last, point, point_in_copy: moved } = fastai.pixels
  near(matrixOf(drawn).flat(), matrix.flat(), "matrix")
  const planes = turned(toFloats(rgba, width, height), matrixOf(drawn))
  near(planes.values, turn, "turned", 2e-6)
  near(lit(planes, drawn).values, light, "lit", 3e-6)
  near(normalized(lit(planes, drawn)).values, last, "normalized", 2e-5)
  near(pointInCopy(matrixOf(drawn), point), moved, "point")
})
