// The lab's numbers are those that anybody can count by hand.

import assert from "node:assert/strict"
import { test } from "node:test"
import { digits, FORMULAS, largest, SplitCounts } from "../../lib/web/components/lab/numbers.js"

// Thresholds 0, 0.5 and 1, so four bins: below all, above 0, above 0 and 0.5, above all three. Six images:
//   cat  true at 0.7, 0.7, 0.2 (bins 2, 2, 1), false at 0.6, 0.1, 0 (bins 2, 1, 0)
//   dog  true at 0.9 (bin 2), false at 0.8, 0.4, 0.3, 0.3 (bins 2, 1, 1, 1), one image unknown
const HEAD = [2, 4, 6, 6, 2]
const POSITIVE = [0, 1, 2, 0, 0, 0, 1, 0]
const NEGATIVE = [1, 1, 1, 0, 0, 3, 1, 0]
const [BASE_TP, BASE_FP, RIGHT] = [[3, 0], [3, 0], [1, 4, 3]]
const counts = () => new SplitCounts(Uint32Array.from([...HEAD, ...POSITIVE, ...NEGATIVE, ...BASE_TP, ...BASE_FP, ...RIGHT]).buffer)

test("counts of one label at a threshold are those of the images above it", () => {
  assert.deepEqual(counts().of(0, 1), { tp: 2, fp: 1, fn: 1, tn: 2, n: 6 })
  assert.deepEqual(counts().of(1, 1), { tp: 1, fp: 1, fn: 0, tn: 3, n: 6 })
})

test("at threshold 0 a score of exactly 0 is not above it, and at 1 nothing is predicted", () => {
  assert.deepEqual(counts().of(0, 0), { tp: 3, fp: 2, fn: 0, tn: 1, n: 6 })
  assert.deepEqual(counts().of(0, 2), { tp: 0, fp: 0, fn: 3, tn: 3, n: 6 })
})

test("counts of all labels are the sums of each at its own threshold", () => {
  assert.deepEqual(counts().total([1, 0]), { tp: 3, fp: 5, fn: 1, tn: 2, n: 6, right: undefined, some: 6 })
})

test("images with every label right are known at one threshold for all, and as the server counted them else", () => {
  assert.equal(counts().total([1, 1]).right, 4)
  assert.equal(counts().total([1, 2]).right, undefined)
  assert.equal(counts().total([1, 2], 5).right, 5)
  assert.equal(counts().total([1, 1], 5).right, 4)
})

test("the baseline has its own counts of one label and of all", () => {
  assert.deepEqual(counts().baseline(0), { tp: 3, fp: 3, fn: 0, tn: 0, n: 6 })
  assert.deepEqual(counts().baseline(null), { tp: 3, fp: 3, fn: 1, tn: 4, n: 6, right: 2, some: 6 })
})

test("each formula is the fraction that its name stands for", () => {
  const sums = { tp: 6, fp: 2, fn: 3, tn: 9, n: 5, right: 3, some: 4 }
  const expected = {
    accuracy_multi: 15 / 20,
    hamming_loss: 5 / 20,
    precision: 6 / 8,
    recall: 6 / 9,
    f1: 12 / 17,
    predicted_per_image: 8 / 5,
    subset_accuracy: 3 / 4,
  }
  assert.deepEqual(Object.keys(FORMULAS).sort(), Object.keys(expected).sort())
  for (const [name, value] of Object.entries(expected)) assert.equal(FORMULAS[name](sums), value, name)
})

test("a share of nothing is not a number, and no zero", () => {
  const nothing = { tp: 0, fp: 0, fn: 0, tn: 0, n: 0 }
  for (const name of Object.keys(FORMULAS)) assert.ok(Number.isNaN(FORMULAS[name](nothing)), name)
  assert.ok(Number.isNaN(FORMULAS.precision({ ...nothing, fn: 3, n: 3 })), "nothing is predicted")
})

test("a curve has the formula's value at every threshold, of one label and of all", () => {
  assert.deepEqual([...counts().curve("precision", 0)], [3 / 5, 2 / 3, NaN])
  assert.deepEqual([...counts().curve("subset_accuracy", null)], [1 / 6, 4 / 6, 3 / 6])
})

test("a lower threshold makes predictions appear, a higher one makes them disappear, each with how many were true", () => {
  assert.deepEqual(counts().flips([1, 1], [0, 2], null), { come: 2, comeRight: 1, go: 2, goRight: 1 })
  assert.deepEqual(counts().flips([1, 1], [0, 2], 0), { come: 2, comeRight: 1, go: 0, goRight: 0 })
  assert.deepEqual(counts().flips([1, 1], [1, 1], null), { come: 0, comeRight: 0, go: 0, goRight: 0 })
})

test("the best value is in the middle of its plateau, the smallest where smaller is better, and none where none is defined", () => {
  assert.deepEqual(largest([0.1, 0.7, 0.7, 0.7, 0.2], true), { at: 2, value: 0.7 })
  assert.deepEqual(largest([NaN, 0.5, 0.3, 0.4], false), { at: 2, value: 0.3 })
  assert.deepEqual(largest([NaN, 0.4, NaN, 0.4], true), { at: 1, value: 0.4 })
  assert.equal(largest([NaN, NaN], true), null)
})

test("a number is written with three places, fewer where it is large, and in words where it is none", () => {
  assert.deepEqual([0.12345, 12.345, 123.45, 0.00012, 0, NaN].map(digits), ["0.123", "12.3", "123", "1.2e-4", "0.000", "not defined"])
})
