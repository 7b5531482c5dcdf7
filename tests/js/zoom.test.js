// What is under the pointer stays there, by wheel and with two fingers, and a click is no drag.

import assert from "node:assert/strict"
import { test } from "node:test"
import { Zoom } from "../../lib/web/components/shared/zoom.js"

globalThis.ResizeObserver ??= class {
  observe() {}
  disconnect() {}
}

function stage() {
  const heard = {}
  return {
    clientWidth: 400,
    clientHeight: 300,
    heard,
    classList: { add() {}, remove() {} },
    addEventListener: (name, listener) => (heard[name] = listener),
    getBoundingClientRect: () => ({ left: 0, top: 0 }),
    setPointerCapture() {},
    point: (name, pointerId, clientX, clientY) => heard[name]({ button: 0, pointerId, clientX, clientY }),
  }
}

function zoomed(hooks = {}) {
  const root = stage()
  const zoom = new Zoom(root, { smallest: 0.4, largest: (whole) => 8 * whole, drawn() {}, ...hooks })
  zoom.set({ width: 200, height: 100 })
  return { root, zoom }
}

const inPicture = ({ view: { scale, left, top } }, [x, y]) => [(x - left) / scale, (y - top) / scale]
const near = (one, other) => one.forEach((value, axis) => assert.ok(Math.abs(value - other[axis]) < 1e-9, `${one} is not ${other}`))

test("the whole picture is in the stage's middle", () => {
  const { zoom } = zoomed()
  near([zoom.view.scale, zoom.view.left, zoom.view.top], [1.92, 8, 54])
})

test("what the wheel turns on stays under the pointer, within its limits", () => {
  const { root, zoom } = zoomed()
  const before = inPicture(zoom, [150, 120])
  const turn = (deltaY) => root.heard.wheel({ deltaY, deltaMode: 0, clientX: 150, clientY: 120, preventDefault() {} })
  turn(-300)
  near(inPicture(zoom, [150, 120]), before)
  assert.ok(zoom.view.scale > 1.92)
  for (let turns = 0; turns < 20; turns++) turn(-300)
  near([zoom.view.scale], [8 * 1.92])
  for (let turns = 0; turns < 20; turns++) turn(300)
  near([zoom.view.scale], [0.4 * 1.92])
})

test("two fingers enlarge and move the picture, and it stays below both", () => {
  const { root, zoom } = zoomed()
  root.point("pointerdown", 1, 150, 150)
  root.point("pointerdown", 2, 250, 150)
  const below = [[150, 150], [250, 150]].map((place) => inPicture(zoom, place))
  root.point("pointermove", 1, 110, 140)
  root.point("pointermove", 2, 310, 140)
  near(inPicture(zoom, [110, 140]), below[0])
  near(inPicture(zoom, [310, 140]), below[1])
})

test("a pointer that hardly moves clicks, one that moves drags the enlarged picture", () => {
  let clicks = 0
  const { root, zoom } = zoomed({ click: () => clicks++ })
  zoom.enlarge(3)
  const { left, top } = zoom.view
  const drag = (x, y) => {
    root.point("pointerdown", 1, 200, 150)
    root.point("pointermove", 1, 200 + x, 150 + y)
    root.point("pointerup", 1, 200 + x, 150 + y)
  }
  drag(2, 0)
  assert.deepEqual([clicks, zoom.view.left, zoom.view.top], [1, left, top])
  drag(30, -20)
  assert.deepEqual([clicks, zoom.view.left, zoom.view.top], [1, left + 30, top - 20])
})

test("what is grabbed is dragged instead of the picture, and a second finger ends that", () => {
  const heard = []
  const grabbed = { to: (at) => heard.push(at), drop: () => heard.push("drop"), cancel: () => heard.push("cancel") }
  const { root, zoom } = zoomed({ grab: () => grabbed })
  const { view } = zoom
  root.point("pointerdown", 1, 10, 10)
  root.point("pointermove", 1, 20, 30)
  root.point("pointerdown", 2, 90, 90)
  root.point("pointerup", 2, 90, 90)
  assert.deepEqual(heard, [[20, 30], "cancel"])
  assert.deepEqual(zoom.view, view)
})
