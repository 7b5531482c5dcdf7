// Points over a picture: true and predicted, the lines that join them, and which of them the pointer is on.

import { element, vector } from "../shared/dom.js"
import { countOf, cross, diamond, number, pointedAt, pointWords, ring, segment } from "./geometry.js"

/** @typedef {import("./geometry.js").Card} Card */
/** @typedef {import("./geometry.js").GalleryData} GalleryData */
/** @typedef {import("./geometry.js").Place} Place */
/** @typedef {import("./legend.js").Looks} Looks */
/** @typedef {(Place | null | undefined)[]} Places of points, in pixels of the screen or as shares of the picture */
/** @typedef {ReturnType<typeof overlay>} Overlay */
/** @typedef {ReturnType<typeof tipOf>} Tip */

const LINE_PX = 15 // of names below each other
/** @type {("error" | "true" | "pred" | "lone")[]} */
const MARKS = ["error", "true", "pred", "lone"] // a lone point was predicted where nobody labeled one

/**
 * @param {SVGPathElement} path
 * @param {string} d
 */
function setPath(path, d) {
  if (path.getAttribute("d") !== d) path.setAttribute("d", d)
}

/**
 * Marks of some points, a light line under each, so that they show on any picture. All of a kind are one path, for
 * thousands of elements would be slow to move; where frames follow each other the style sheet lets the paths glide.
 * @param {SVGSVGElement} svg
 * @param {string} className
 * @returns {(true_: Places, pred: Places, which: number[], r: number) => void}
 */
function layersOf(svg, className) {
  const layers = ["halo", "ink"].map((name) => {
    const group = vector("g", `${name} ${className}`, svg)
    return Object.fromEntries(MARKS.map((kind) => [kind, vector("path", kind, group)]))
  })
  return (true_, pred, which, r) => {
    /** @type {(places: Places, k: number) => Place} */
    const at = (places, k) => /** @type {Place} */ (places[k])
    const both = which.filter((k) => true_[k] && pred[k])
    const paths = {
      error: both.map((k) => segment(at(true_, k), at(pred, k))).join(""),
      true: which.filter((k) => true_[k]).map((k) => at(true_, k)).map(ring(r)).join(""),
      pred: (true_.length ? both : which.filter((k) => pred[k])).map((k) => at(pred, k)).map(cross(r)).join(""),
      lone: (true_.length ? which.filter((k) => pred[k] && !true_[k]) : []).map((k) => at(pred, k)).map(diamond(r)).join(""),
    }
    for (const layer of layers) for (const kind of MARKS) setPath(layer[kind], paths[kind])
  }
}

/**
 * Everything is in pixels of the screen: it stays as large when the picture grows.
 * @param {GalleryData} data
 * @param {Card} card
 * @param {number} r of the marks
 * @param {Looks} looks what is left out
 * @param {boolean} names are drawn beside their marks
 */
export function overlay(data, card, r, looks, names = false) {
  const svg = vector("svg", r < 3 ? "overlay fine" : "overlay")
  svg.setAttribute("aria-hidden", "true")
  const all = Array.from({ length: countOf(card) }, (_, k) => k)
  const chosen = card.chosen !== null && card.chosen < all.length ? [card.chosen] : []
  if (chosen.length) svg.classList.add("choosing")
  const bones = vector("g", "bones", svg)
  const [trueBones, predBones] = ["true", "pred"].map((kind) => vector("path", kind, bones))
  const rings = vector("g", "spread", svg)
  const [ringHalo, ringInk] = ["halo", "ink"].map((layer) => vector("path", layer, rings))
  const marks = layersOf(svg, "rest")
  const largest = Math.max(1.5 * r, r < 3 ? 4 : 0)
  const emphasis = chosen.length ? layersOf(svg, "chosen") : null
  const words = names ? namesOf(svg, data.point_names, all, chosen) : null
  /** @type {ReturnType<typeof layersOf> | null} */
  let light = null
  /** @type {number[]} */
  let lit = []
  let [now, width, height] = [card, 0, 0]
  /** @type {Places} */
  let true_ = []
  /** @type {Places} */
  let pred = []
  /** @type {(points: Places) => Places} */
  const placed = (points) => points.map((place) => place && [place[0] * width, place[1] * height])
  /** @param {Places} places */
  const bonesOf = (places) =>
    data.lines.filter(([a, b]) => places[a] && places[b]).map(([a, b]) => segment(/** @type {Place} */ (places[a]), /** @type {Place} */ (places[b]))).join("")

  function draw(next = now) {
    now = next
    if (!width) return // not on the page yet
    ;[true_, pred] = [placed(now.true_points), placed(now.pred_points)]
    setPath(trueBones, bonesOf(true_))
    setPath(predBones, bonesOf(pred))
    const scatter = now.spread ?? []
    const sure = all.filter((k) => pred[k] && scatter[k]).map((k) => ring((/** @type {number} */ (scatter[k]) / now.width) * width)(/** @type {Place} */ (pred[k]))).join("")
    setPath(ringHalo, sure)
    setPath(ringInk, sure)
    marks(true_, pred, chosen.length ? all.filter((k) => k !== chosen[0]) : all, r)
    emphasis?.(true_, pred, chosen, largest)
    words?.(true_, pred, lit, r)
    light?.(true_, pred, lit, largest)
  }

  /**
   * The points at a place of the screen, the nearest first.
   * @param {number} clientX
   * @param {number} clientY
   */
  function at(clientX, clientY) {
    const { left, top } = svg.getBoundingClientRect()
    const seen = [looks.shown("true") ? true_ : [], looks.shown("pred") ? pred : []]
    return pointedAt(seen, [clientX - left, clientY - top], r)
  }

  /** @param {number[]} which */
  function highlight(which) {
    if (`${which}` === `${lit}`) return
    lit = which
    light ??= layersOf(svg, "lit")
    light(true_, pred, lit, largest)
    words?.(true_, pred, lit, r)
  }

  new ResizeObserver(([{ contentRect }]) => {
    width = contentRect.width
    height = contentRect.height
    draw()
  }).observe(svg)
  return { svg, draw, at, highlight, card: () => now, place: (/** @type {number} */ k) => pred[k] ?? true_[k] }
}

/**
 * A name beside each mark: of all points where names are shown, else of those pointed at and the chosen one; these
 * have it on both marks, on the sides away from each other.
 * @param {SVGSVGElement} svg
 * @param {string[]} names
 * @param {number[]} all
 * @param {number[]} chosen
 * @returns {(true_: Places, pred: Places, lit: number[], r: number) => void}
 */
function namesOf(svg, names, all, chosen) {
  const group = vector("g", "names", svg)
  /** @type {SVGTextElement[]} */
  const spare = []
  /** @type {(label: SVGTextElement, text: string, className: string, place: Place, left: boolean) => void} */
  const write = (label, text, className, [x, y], left) => {
    label.textContent = text
    label.setAttribute("class", className)
    label.setAttribute("x", number(x))
    label.setAttribute("y", number(y + 4))
    label.setAttribute("text-anchor", left ? "end" : "start")
  }
  return (true_, pred, lit, r) => {
    /** @type {[string, number, Place, boolean][]} */
    const wanted = []
    /** @type {Set<string>} */
    const taken = new Set()
    /** @type {(place: Place) => Place} */
    const free = ([x, y]) => { // names of points on one place stand below each other
      const cell = () => `${Math.round(x / 12)} ${Math.round(y / LINE_PX)}`
      while (taken.has(cell())) y += LINE_PX
      taken.add(cell())
      return [x, y]
    }
    for (const k of all) {
      const [from, to] = [true_[k], pred[k]]
      const kind = lit.includes(k) ? "lit" : chosen.includes(k) ? "picked" : ""
      const left = Boolean(from && to && from[0] < to[0])
      const gap = (kind ? 1.5 * r : r) + 4
      /** @type {(place: number[], isLeft: boolean) => [number, number]} */
      const beside = (place, isLeft) => [place[0] + (isLeft ? -gap : gap), place[1]]
      if (from) wanted.push([`of-true ${kind}`, k, free(beside(from, left)), left])
      if (to && (kind || !from)) wanted.push([`of-pred ${kind}`, k, free(beside(to, Boolean(from && !left))), Boolean(from && !left)])
    }
    while (spare.length < wanted.length) spare.push(vector("text", "", group))
    spare.forEach((label, index) => {
      if (index >= wanted.length) return label.setAttribute("class", "unused")
      const [className, k, place, isLeft] = wanted[index]
      write(label, names[k] ?? `point ${k + 1}`, className, place, isLeft)
    })
  }
}

/**
 * One box for all pictures, beside the pointer.
 * @param {HTMLElement} host what it is placed in
 */
export function tipOf(host) {
  const box = element("div", "tip")
  box.setAttribute("role", "tooltip")
  box.hidden = true
  let shown = ""
  const hide = () => {
    box.hidden = true
    shown = ""
  }
  /** @type {(lines: string[][], clientX: number, clientY: number) => void} */
  const show = (lines, clientX, clientY) => {
    if (!lines.length) return hide()
    const text = lines.flat().join("\n")
    if (text !== shown) box.replaceChildren(...lines.flatMap(([head, rest]) => [element("b", "", head), element("span", "", rest)]))
    shown = text
    box.hidden = false
    const around = host.getBoundingClientRect()
    const [x, y] = [clientX - around.left, clientY - around.top]
    const left = Math.max(0, Math.min(x + 14, around.width - box.offsetWidth))
    const below = clientY + 18 + box.offsetHeight < innerHeight // else above
    box.style.transform = `translate(${left}px, ${below ? y + 18 : y - box.offsetHeight - 12}px)`
  }
  return { box, show, hide }
}

/**
 * Says what the pointer is on while it is over `area`.
 * @param {HTMLElement} area
 * @param {GalleryData} data
 * @param {Overlay} marks
 * @param {Tip} tip
 */
export function pointing(area, data, marks, tip) {
  area.onpointermove = ({ clientX, clientY, buttons }) => {
    const which = buttons ? [] : marks.at(clientX, clientY)
    marks.highlight(which)
    tip.show(which.map((k) => pointWords(data, marks.card(), k)), clientX, clientY)
  }
  area.onpointerleave = () => {
    marks.highlight([])
    tip.hide()
  }
}
