// Every edit in the inspector is sent, also one that is made while another one is on its way.

import assert from "node:assert/strict"
import { test } from "node:test"
import { Inspector } from "../../lib/web/components/inspector/inspector.js"

const ITEM = { row: 3 }
const TARGETS = { names: ["nose"], values: [12, 20] }

// An open inspector without its elements, and what it sent.
function opened() {
  const sent = []
  const drawn = { draw() {} }
  const one = Object.assign(Object.create(Inspector.prototype), {
    queue: [], pending: new Map(), flying: new Map(), flight: null, number: 0, opening: 1, closed: false, waiting: null,
    item: ITEM, names: TARGETS.names, truth: TARGETS.values, stage: drawn, targets: drawn, bar: { undo: {} }, dialog: { open: true },
    draw() {}, message: { textContent: "", classList: { toggle() {} } }, send: (flight) => sent.push(flight),
  })
  const answer = (values) => one.show({ heard: one.number, opening: 1, item: ITEM, targets: { ...TARGETS, values }, refused: "", message: "" })
  return { one, sent, answer }
}

test("a key whose wait ends while an edit is on its way is sent when that one is answered", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] })
  const { one, sent, answer } = opened()
  one.set([[0, 22]])
  assert.deepEqual(sent.map(({ acts }) => acts[0].cells), [[{ column: 0, was: 12, now: 22 }]])
  one.set([[1, 30]], true)
  context.mock.timers.tick(500)
  assert.equal(sent.length, 1)
  answer([22, 20])
  assert.deepEqual(sent.slice(1).map(({ acts }) => acts[0].cells), [[{ column: 1, was: 20, now: 30 }]])
})

test("keys that follow each other are one edit, sent when no more come", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] })
  const { one, sent } = opened()
  for (const now of [21, 22, 23]) {
    one.set([[1, now]], true)
    context.mock.timers.tick(100)
  }
  assert.equal(sent.length, 0)
  context.mock.timers.tick(400)
  assert.deepEqual(sent.map(({ acts }) => acts[0].cells), [[{ column: 1, was: 20, now: 23 }]])
})

test("what is wrong with a number that was typed stands until the next act, whatever answer comes meanwhile", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] })
  const { one, answer } = opened()
  one.set([[0, 22]])
  one.refuse("type a number")
  answer([22, 20])
  assert.equal(one.message.textContent, "type a number")
  one.set([[0, 23]])
  assert.equal(one.message.textContent, "")
})

test("that an edit is not saved yet is no longer said once it is answered", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] })
  const { one, answer } = opened()
  one.set([[0, 22]])
  context.mock.timers.tick(60_000)
  assert.match(one.message.textContent, /not saved/)
  answer([22, 20])
  assert.equal(one.message.textContent, "")
})
