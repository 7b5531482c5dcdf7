// Numbers are written as people write them.

import assert from "node:assert/strict"
import { test } from "node:test"
import { columnWords, largestShare, percent, short } from "../../lib/web/components/matrix/words.js"
import { countOf } from "../../lib/web/components/shared/words.js"
import { amount, wordsOf } from "../../lib/web/components/upload/words.js"

test("a count in a column's head stays as narrow as the column", () => {
  assert.deepEqual([0, 999, 1000, 1234, 12_345, 999_499, 999_500, 1_234_567].map(short), ["0", "999", "1k", "1.2k", "12k", "999k", "1M", "1.2M"])
})

test("one is one of it, none and a thousand are many", () => {
  assert.deepEqual([0, 1, 2, 1234].map((n) => countOf(n, "image")), ["0 images", "1 image", "2 images", "1,234 images"])
  assert.deepEqual([1, 2].map((n) => countOf(n, "prediction appears", "predictions appear")), ["1 prediction appears", "2 predictions appear"])
})

test("a share of no images is not defined, and no 0 %", () => {
  assert.deepEqual([percent(1, 3), percent(3, 3), percent(0, 0)], ["33.3 %", "100 %", "not defined"])
})

test("what is said of a label counts the images shown, and leaves out what nobody knows", () => {
  const column = [7, "cat", 3, 2, 30, 0]
  assert.deepEqual(columnWords({ rows: 8, all: 100 }, column), [
    "Images shown with it: 3 of 8 (50 % of those known, 2 unknown)",
    "in all not excluded: 30",
  ])
  assert.equal(largestShare({ rows: 8, all: 100, columns: [column, [8, "dog", 2, 0, 2, 0]], noun: "label", nouns: "labels" }), 0.5)
})

test("an amount of bytes is written with the unit that keeps it short", () => {
  assert.deepEqual([0, 1023, 1024, 1536, 2 ** 20, 123.4 * 2 ** 20, 2 ** 30].map(amount), ["0 bytes", "1023 bytes", "1 KiB", "1.50 KiB", "1 MiB", "123.4 MiB", "1 GiB"])
})

test("an upload says its speed and the time left once it was measured long enough", () => {
  const now = { phase: "sending", message: "", size: 4 * 2 ** 20, at: 2 ** 20, sent: 2 ** 20, speeds: [[0, 0], [400, 2 ** 20]] }
  assert.equal(wordsOf(now), "2 MiB of 4 MiB")
  assert.equal(wordsOf({ ...now, speeds: [[0, 0], [2000, 2 * 2 ** 20]] }), "2 MiB of 4 MiB, 1 MiB/s, 2 s left")
})

test("an upload that stands says why instead of a speed", () => {
  const now = { phase: "paused", message: "", size: 2048, at: 1024, sent: 0, speeds: [[0, 0], [2000, 1024]] }
  assert.equal(wordsOf(now), "1 KiB of 2 KiB, paused")
  assert.equal(wordsOf({ ...now, phase: "failed", message: "No." }), "No. (1 KiB of 2 KiB are here)")
  assert.equal(wordsOf({ ...now, phase: "done" }), "2 KiB, all of it has arrived")
})
