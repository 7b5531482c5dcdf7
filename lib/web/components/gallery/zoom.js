// Zoom and pan of a picture in a stage: wheel, two fingers, double click, keys; dragged with one pointer.

const STEP = 1.5 // of a key or button
const WHEEL = 0.0015 // per pixel that the wheel turns; PINCH of a touch pad, which sends it as a wheel with ctrl
const PINCH = 0.01
const SMALLEST = 0.4 // of the whole picture in the stage: what lies outside it comes in sight
const PIXEL_PX = 24 // so large a pixel of the picture may get
const MARGIN = 0.96

// `moved(width)` is told how wide the picture is now.
export function zooming(stage, moved) {
  let [frame, card] = [null, null]
  let zoom = 1
  let center = [0.5, 0.5] // which place of the picture is in the stage's middle, as parts of its sides
  const fingers = new Map()

  const fit = () => MARGIN * Math.min(stage.clientWidth, (stage.clientHeight * card.width) / card.height)
  const most = () => Math.max(8, (PIXEL_PX * card.width) / fit())
  const sides = () => [fit() * zoom, (fit() * zoom * card.height) / card.width]
  const middle = () => [stage.clientWidth / 2, stage.clientHeight / 2]

  function place() {
    if (!frame || !stage.clientWidth) return
    if (zoom <= 1) center = [0.5, 0.5]
    center = center.map((part) => Math.min(1, Math.max(0, part)))
    const [width, height] = sides()
    const [left, top] = middle().map((half, axis) => half - center[axis] * [width, height][axis])
    frame.style.width = `${width}px`
    frame.style.height = `${height}px`
    frame.style.transform = `translate(${left}px, ${top}px)`
    stage.classList.toggle("moving", zoom > 1)
    moved(width)
  }
  // What is at (x, y) of the stage stays there.
  function enlarge(factor, at = middle()) {
    if (!frame) return
    const before = sides()
    zoom = Math.min(most(), Math.max(SMALLEST, zoom * factor))
    if (Math.abs(Math.log(zoom)) < 0.02) zoom = 1
    const after = sides()
    center = center.map((part, axis) => part + (at[axis] - middle()[axis]) * (1 / before[axis] - 1 / after[axis]))
    place()
  }
  function pan(by) {
    const now = sides()
    center = center.map((part, axis) => part - by[axis] / now[axis])
    place()
  }
  const whole = () => {
    zoom = 1
    place()
  }
  const inStage = ({ clientX, clientY }) => {
    const { left, top } = stage.getBoundingClientRect()
    return [clientX - left, clientY - top]
  }
  const spread = () => {
    const [[x0, y0], [x1, y1]] = [...fingers.values()]
    return { distance: Math.hypot(x1 - x0, y1 - y0), middle: [(x0 + x1) / 2, (y0 + y1) / 2] }
  }

  stage.addEventListener("wheel", (event) => {
    event.preventDefault()
    const turned = event.deltaY * [1, 16, stage.clientHeight][event.deltaMode]
    enlarge(Math.exp(-Math.max(-300, Math.min(300, turned)) * (event.ctrlKey ? PINCH : WHEEL)), inStage(event))
  }, { passive: false })
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return
    fingers.set(event.pointerId, inStage(event))
    stage.setPointerCapture(event.pointerId)
  })
  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId)
    if (!before) return
    const [now, was] = [inStage(event), fingers.size === 2 ? spread() : null]
    fingers.set(event.pointerId, now)
    if (was) {
      const is = spread()
      pan(is.middle.map((part, axis) => part - was.middle[axis]))
      if (was.distance) enlarge(is.distance / was.distance, is.middle)
    } else if (fingers.size === 1) {
      pan(now.map((part, axis) => part - before[axis]))
    }
  })
  for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, ({ pointerId }) => fingers.delete(pointerId))
  stage.addEventListener("dblclick", (event) => (zoom > 0.9 * most() ? whole() : enlarge(STEP * STEP, inStage(event))))
  new ResizeObserver(place).observe(stage)

  return {
    set(nextFrame, nextCard) {
      ;[frame, card] = [nextFrame, nextCard]
      whole()
    },
    // Moves a place of the frame, in pixels, into sight.
    reveal([x, y]) {
      const [width, height] = sides()
      const [left, top] = middle().map((half, axis) => half - center[axis] * [width, height][axis])
      const inside = left + x > 0 && left + x < stage.clientWidth && top + y > 0 && top + y < stage.clientHeight
      if (inside) return
      center = [x / width, y / height]
      place()
    },
    larger: () => enlarge(STEP),
    smaller: () => enlarge(1 / STEP),
    whole,
    place,
    zoom: () => zoom,
  }
}
