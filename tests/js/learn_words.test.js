// Sentences and cells of the Learn page's figures where labels are many, unknown, one, or oddly named.

import assert from "node:assert/strict"
import { test } from "node:test"
import { chosen, compared, nearestOf, twiceWords } from "../../lib/web/components/learn/cells.js"
import { apart, isAbove, oneClassWords } from "../../lib/web/components/learn/formulas.js"
import { decode, encode, vectorWords } from "../../lib/web/components/learn/vectors.js"
import { WIDTHS, widened } from "../../lib/web/components/learn/y_range.js"

test("words in no vocabulary stop fastai with the message of MultiCategorize", () => {
  const { vector, missing } = encode("car boat kite", ["bus", "car"])
  assert.deepEqual(vector, [0, 1])
  assert.ok(vectorWords(vector, missing).includes("“Labels 'boat', 'kite' were not included in the training dataset”"))
})

test("a vector is counted over the whole vocabulary", () => {
  const vector = Array.from({ length: 30 }, (_, at) => (at === 29 ? 1 : 0))
  assert.match(vectorWords(vector, []), /^1 of 30 cells is 1\. A class index/)
  assert.match(vectorWords([1, ...vector.slice(1)], []), /^2 of 30 cells are 1\. No class index/)
})

test("what a figure writes of a vector can be typed, whatever is in the names", () => {
  for (const names of [["bus", "car"], ["red bus", "car"], ["red; bus", "car"], ["a; b", "c|d", "e, f"]]) {
    const vector = names.map(() => 1)
    assert.deepEqual(encode(decode(vector, names), names), { vector, missing: [] })
  }
})

test("cells to count are known ones, ten where there are as many, and none where nothing is known", () => {
  const cellsOf = (/** @type {number[][]} */ targs) => chosen(targs).flatMap(({ row, columns }) => columns.map((at) => targs[row][at]))
  assert.deepEqual(cellsOf([[-1, -1], [-1, -1]]), [])
  assert.deepEqual(cellsOf([[1, -1, -1], [-1, 0, -1]]), [1, 0])
  const many = Array.from({ length: 8 }, (_, row) => Array.from({ length: 20 }, (_, at) => (at === row ? -1 : at % 3 ? 0 : 1)))
  assert.equal(cellsOf(many).length, 10)
  assert.ok(cellsOf(many).every((cell) => cell >= 0))
  assert.deepEqual(chosen([[1, 1, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0]]).map(({ row }) => row), [0, 2])
})

test("a run's number is that of a threshold of its grid, which is printed", () => {
  assert.deepEqual([0, 0.442, 0.4426, 1].map((thresh) => nearestOf(thresh, 201)), [0, 88, 89, 200])
})

test("a second sigmoid lifts above 0.5 what is above 0, and the sentence leaves 0 itself out", () => {
  assert.deepEqual(compared([0, 0.01, 1], true).map((prob) => isAbove(prob, 0.5)), [false, true, true])
  assert.match(twiceWords(0.3), /every cell whose probability is not as good as 0.* score 0\.30 here/)
})

test("a number that is not the threshold does not look like it", () => {
  assert.deepEqual([apart(0.50499, 0.5, 2), apart(0.7271, 0.727, 3), apart(0.5, 0.5, 2), apart(0.3, 0.5, 2)], ["0.505", "0.7271", "0.50", "0.30"])
})

test("a range is as much wider at each end as its choice says", () => {
  for (const [part, words] of WIDTHS) {
    const [low, high] = widened({ low: -1, high: 1 }, Number(part))
    const said = Number(/^\+(\d+) % each end$/.exec(words)?.[1] ?? 0)
    for (const end of [-1 - low, high - 1]) assert.ok(Math.abs(end - (2 * said) / 100) < 1e-12, words)
  }
})

test("softmax of a single class has a sentence of its own", () => {
  assert.match(oneClassWords([1]), /a single class gets all of it/)
  assert.match(oneClassWords([0.2, 0.7, 0.1]), /here 0\.70 and 0\.20;/)
})
