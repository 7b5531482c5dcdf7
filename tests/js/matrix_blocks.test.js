// The matrix fetches the blocks that are on the screen, and reads them right.

import assert from "node:assert/strict"
import { afterEach, beforeEach, test } from "node:test"
import { Blocks } from "../../lib/web/components/matrix/blocks.js"

// A block as the server packs it: length of the head, the head as JSON, the cells row by row.
function packed(head, cells) {
  const words = new TextEncoder().encode(JSON.stringify(head))
  const made = new Uint8Array(4 + words.length + cells.length)
  new DataView(made.buffer).setUint32(0, words.length, true)
  made.set(words, 4)
  made.set(Int8Array.from(cells), 4 + words.length)
  return made.buffer
}
const head = (first, count) => ({
  rows: Array.from({ length: count }, (_, i) => 1000 + first + i),
  files: Array.from({ length: count }, (_, i) => `${first + i}.png`),
  splits: Array.from({ length: count }, () => "train"),
  labels: Array.from({ length: count }, () => 1),
  unknown: Array.from({ length: count }, () => 0),
})

let asked = []
const fetched = globalThis.fetch
beforeEach(() => {
  asked = []
  globalThis.fetch = (url, { signal }) => new Promise((resolve, reject) => {
    asked.push({ url, signal, answer: (buffer) => resolve(new Response(buffer)) })
    signal.addEventListener("abort", () => reject(signal.reason))
  })
})
afterEach(() => {
  globalThis.fetch = fetched
})
const placesOf = (calls) => calls.map(({ url }) => url.replace("/matrix?v=1", ""))

test("a screen that reaches over an edge asks for every block that it touches", () => {
  new Blocks("/matrix?v=1", 1000, 300, () => {}).want([120, 135], [100, 129])
  assert.deepEqual(placesOf(asked), [
    "&first=0&rows=128&left=0&columns=128",
    "&first=0&rows=128&left=128&columns=128",
    "&first=128&rows=128&left=0&columns=128",
    "&first=128&rows=128&left=128&columns=128",
  ])
})

test("what is on its way is not asked for twice, and what left the screen is stopped", () => {
  const blocks = new Blocks("/matrix?v=1", 1000, 10, () => {})
  blocks.want([0, 20], [0, 9])
  blocks.want([10, 30], [0, 9])
  assert.equal(asked.length, 1)
  blocks.want([500, 520], [0, 9])
  assert.equal(asked.length, 3) // rows 384 to 639
  assert.deepEqual(asked.map(({ signal }) => signal.aborted), [true, false, false])
})

test("a cell is read from its block and row, also in the last block, which is narrower", () => {
  const blocks = new Blocks("/matrix", 200, 130, () => {})
  blocks.keep("1:1", packed(head(128, 72), Array.from({ length: 72 * 2 }, (_, i) => [1, 0, -1][i % 3])))
  assert.deepEqual([blocks.cell(128, 128), blocks.cell(128, 129), blocks.cell(129, 128), blocks.cell(199, 129)], [1, 0, -1, -1])
  assert.equal(blocks.cell(0, 0), undefined)
})

test("what is known of an image is found in whichever block of its row has come", () => {
  const blocks = new Blocks("/matrix", 200, 130, () => {})
  assert.equal(blocks.row(130), undefined)
  blocks.keep("1:1", packed(head(128, 72), Array(72 * 2).fill(0)))
  assert.deepEqual(blocks.row(130), { row: 1130, file: "130.png", split: "train", labels: 1, unknown: 0 })
})

test("no more than 80 blocks are kept, and of what is on the screen none is thrown away", () => {
  const blocks = new Blocks("/matrix?v=1", 1e6, 1, () => {})
  blocks.want([0, 0], [0, 0])
  for (let down = 0; down < 100; down++) blocks.keep(`${down}:0`, packed(head(128 * down, 1), [1]))
  assert.equal(blocks.kept.size, 80)
  assert.equal(blocks.cell(0, 0), 1)
  assert.equal(blocks.cell(128, 0), undefined)
  assert.equal(blocks.cell(128 * 99, 0), 1)
})

test("the page is told when a block has come, and the screen is settled then", async () => {
  let told = () => {}
  const arrival = new Promise((resolve) => (told = resolve))
  const blocks = new Blocks("/matrix?v=1", 1, 1, () => told())
  blocks.want([0, 0], [0, 0])
  assert.equal(blocks.settled(), false)
  asked[0].answer(packed(head(0, 1), [1]))
  await arrival
  assert.equal(blocks.settled(), true)
  assert.equal(blocks.cell(0, 0), 1)
})
