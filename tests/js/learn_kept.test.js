// What of the Learn page's questions was answered is kept, and its ten cells are those of the pictures.

import assert from "node:assert/strict"
import { test } from "node:test"
import { begun, chosen, counted, steps } from "../../lib/web/components/learn/cells.js"
import { read, written } from "../../lib/web/components/learn/in_address.js"
import { axisOf, judged, threeDigits } from "../../lib/web/components/learn/outcome.js"
import { Progress } from "../../lib/web/components/learn/progress.js"
import { wordsOf } from "../../lib/web/components/learn/train_here.js"
import { decode, encode } from "../../lib/web/components/learn/vectors.js"
import { afterKey } from "../../lib/web/components/shared/drag.js"

const storage = (text = null) => ({ text, getItem() { return this.text }, setItem(_, text) { this.text = text } })

test("a panel is done once every answer is right, also after a reload, whatever else was kept under the name", () => {
  const kept = storage()
  const questions = [{ answer: 1 }, { answer: 0 }]
  new Progress(kept).keep("losses", [1, 2])
  assert.equal(new Progress(kept).isDone("losses", questions), false)
  new Progress(kept).keep("losses", [1, 0])
  assert.equal(new Progress(kept).isDone("losses", questions), true)
  for (const text of ["[", "null", "[1]", '"x"', '{"losses": 3}']) assert.equal(new Progress(storage(text)).isDone("losses", questions), false)
  const full = { getItem: () => null, setItem() { throw new Error("full") } }
  const progress = new Progress(full)
  progress.keep("losses", [1, 0])
  assert.equal(progress.isDone("losses", questions), true)
})

test("ten cells with three true ones are chosen, and none that nobody knows", () => {
  const targs = [[1, 1, 1, 1, 0], [0, -1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 1]]
  const rows = chosen(targs)
  assert.deepEqual(rows, [2, 3].map((row) => ({ row, columns: [0, 1, 2, 3, 4] })))
  const cells = rows.flatMap(({ row }) => targs[row])
  const probs = begun(cells)
  assert.equal(counted(probs, cells, 1).count, 7)
  for (const [thresh, value] of steps(probs, cells)) assert.equal(value, counted(probs, cells, thresh).count / 10)
})

test("labels are typed as a table has them; names with spaces have a semicolon between them", () => {
  assert.deepEqual(encode(" car  bus lorry", ["bus", "car"]), { vector: [1, 1], missing: ["lorry"] })
  assert.deepEqual(encode("", ["bus", "car"]).vector, [0, 0])
  const names = ["red car", "bus"]
  assert.deepEqual(encode(decode([1, 1], names), names), { vector: [1, 1], missing: [] })
})

test("typing a label leaves unknown what nobody named, and what was named by mistake is unknown again", () => {
  assert.deepEqual(encode("bus", ["bus", "car"], [0, -1]).vector, [1, -1])
  assert.deepEqual(encode("bus car", ["bus", "car"], [0, -1]).vector, [1, 1])
  assert.deepEqual(encode("", ["bus", "car"], [1, -1]).vector, [0, -1])
})

test("no share is drawn above 1 and no error below 0, and numbers are written as in the sentence", () => {
  assert.deepEqual([0.67, 1, 12.34, 1234.5].map(threeDigits), ["0.670", "1.00", "12.3", "1235"])
  const of = (...values) => values.map((value) => ({ value, low: null, high: null }))
  assert.deepEqual(axisOf({ options: of(1, 1), larger_is_better: true }), [0.9, 1])
  assert.deepEqual(axisOf({ options: of(0, 2), larger_is_better: false }), [0, 2.16])
})

test("an address has numbers of controls, and nothing else that somebody typed there", () => {
  const chosen = new Map([[0, 2], [12, -0.25], [3, 1e-7]])
  assert.deepEqual(read(written(chosen)), chosen)
  assert.deepEqual(read("1.x_2.1.2.3_-1.2_9999.1_<b>_3.Infinity_4.5"), new Map([[4, 5]]))
})

test("keys move a value by its steps, finely with Shift, and not beyond its ends", () => {
  const at = (value) => ({ min: 0, max: 1, step: 0.05, get: () => value })
  assert.equal(afterKey("ArrowUp", false, at(0.2)), 0.25)
  assert.equal(afterKey("ArrowLeft", true, at(0.2)), 0.195)
  assert.equal(afterKey("PageUp", false, at(0.8)), 1)
  assert.equal(afterKey("Home", false, at(0.8)), 0)
  assert.equal(afterKey("a", false, at(0.8)), null)
})

test("an experiment is said to be stopped only where it was, and the same is not called open", () => {
  const none = { state: "", words: "" }
  assert.equal(wordsOf(none, false, true, false), "Not run yet.")
  assert.equal(wordsOf(none, false, true, true), "Stopped.")
  assert.equal(wordsOf(none, false, false, false), "")
  assert.equal(wordsOf(none, true, true, true), "Starting")
  const words = (verdict, differing = 9) => judged({ verdict, best: 0, differing, counted: "150 pictures" }, 0).words
  assert.deepEqual([0, 1].map((differing) => words("too few", differing)), ["The same on all 150 pictures.", "Open: they differ on 1 of 150 pictures."])
  assert.deepEqual(["same", "chance", "better"].map(words), ["The same.", "Open: chance may decide.", "As you predicted."])
})
