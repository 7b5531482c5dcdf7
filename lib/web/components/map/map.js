// All pictures of a dataset as points on a plane: dragged, enlarged, pointed at, opened, and chosen with a lasso.
// Names come from data sets that nobody checked, so text is only ever set with textContent.

import { DIRECTIONS } from "../shared/arrows.js"
import { element, write } from "../shared/dom.js"
import { eachFrame } from "../shared/drag.js"
import { Zoom } from "../shared/zoom.js"
import { colorsOf, legend } from "./colors.js"
import { fetched, positionsOf } from "./fetched.js"
import { Grid, cornersOf, inside, onward } from "./geometry.js"
import { Lasso } from "./lasso.js"
import { drawMarks } from "./raster.js"
import { Thumbs } from "./thumbs.js"
import { Tip } from "./tip.js"
import { Tools } from "./tools.js"

/** @typedef {import("./geometry.js").Place} Place */
/** @typedef {import("./fetched.js").Positions} Positions */
/** @typedef {import("./colors.js").Coloring} Coloring */
/** @typedef {(name: string, value: unknown) => void} Send tells Python */
/**
 * @typedef {object} Shown what Python says, see lib/web/components/map/__init__.py
 * @property {string} positions address
 * @property {string} colors address
 * @property {string} words address of what is said of a picture, with `{row}` in it
 * @property {string} pictures address, with `{item}` and `{size}` in it
 * @property {string} lasso as in the address, "" for none
 */

const MANY = 20000 // so many points are drawn in pixels of the page, though the screen has finer ones
const MOST_PIXELS = 4e6 // of the sheet
const NEAR_PX = 14 // so near a point the pointer means it
const GROWS = 0.35 // power of the enlargement by which points grow
const MOST_RADIUS = 11
const USUAL_PX = 1000 // of a narrower map the points are smaller
/** @type {[number, number][]} points, and their radius in pixels */
const RADII = [[300, 5.5], [2000, 3.8], [10000, 2.6], [40000, 1.8], [Infinity, 1.3]]
/** @type {WeakMap<HTMLElement, PictureMap>} */
const maps = new WeakMap() // by parentElement

/** @param {{ data: Shown, parentElement: HTMLElement, setTriggerValue: Send }} component */
export default function map({ data, parentElement, setTriggerValue }) {
  const shown = maps.get(parentElement) ?? new PictureMap(/** @type {HTMLElement} */ (parentElement.querySelector(".map")))
  maps.set(parentElement, shown)
  shown.send = setTriggerValue
  shown.show(data)
  return () => {
    maps.get(parentElement)?.remove()
    maps.delete(parentElement)
  }
}

class PictureMap {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {Send} */
    this.send = () => {}
    this.data = /** @type {Shown | null} */ (null)
    this.all = /** @type {Positions | null} */ (null)
    this.grid = /** @type {Grid | null} */ (null)
    this.coloring = /** @type {Coloring | null} */ (null)
    this.within = /** @type {Uint8Array | null} */ (null) // which are inside the lasso
    this.marks = /** @type {import("./raster.js").Marks | null} */ (null)
    this.later = eachFrame(() => this.draw())
    this.at = -1 // the picture that is pointed at
    this.view = { scale: 1, left: 0, top: 0 }
    this.canvas = element("canvas")
    this.stage = element("div", "stage")
    this.stage.tabIndex = 0
    this.stage.setAttribute("role", "application")
    this.stage.setAttribute("aria-label", "Map of the images. Arrow keys go from image to image, Enter opens one, M shows those like it.")
    this.legend = element("div", "legend")
    this.status = element("p", "status")
    this.status.setAttribute("role", "status")
    this.lasso = new Lasso(this.stage, {
      place: (at) => this.placeOf(at),
      pixels: (place) => this.pixelsOf(place),
      chosen: (text) => this.choose(text),
    })
    this.tip = new Tip()
    this.mark = element("span", "cursor")
    this.thumbs = new Thumbs(this.stage)
    this.stage.append(this.canvas, this.thumbs.root, this.lasso.root, this.mark, this.tip.root)
    this.zoom = new Zoom(this.stage, {
      smallest: 0.5,
      largest: (whole) => 400 * whole,
      within: (place, room, size, enlarged) => (enlarged ? Math.min(room * 0.75, Math.max(room * 0.25 - size, place)) : (room - size) / 2),
      drawn: (view) => this.moved(view),
      grab: (at) => (this.lasso.draws ? this.lasso.begin(at) : null),
      hover: (at) => this.point(at),
      click: () => this.open(),
    })
    this.tools = new Tools({ zoom: this.zoom, mode: (mode) => this.setMode(mode), clear: () => this.choose(""), pictures: (on) => this.picture(on) })
    root.replaceChildren(this.tools.root, this.stage, this.legend, this.status)
    this.stage.addEventListener("pointerdown", (event) => this.lasso.hold(event.shiftKey), { capture: true })
    this.stage.onkeydown = (event) => this.key(event)
    this.stage.onblur = () => this.point(null)
    // The theme is told by variables of the page's root.
    this.themes = new MutationObserver(() => this.colored())
    this.themes.observe(document.documentElement, { attributes: true })
  }

  // --- what Python says ------------------------------------------------------------------------------------

  /** @param {Shown} data */
  async show(data) {
    const before = this.data
    this.data = data
    if (before?.lasso !== data.lasso) this.select(data.lasso)
    if (before?.positions === data.positions && before.colors === data.colors) return
    this.root.classList.toggle("waits", true)
    const kept = before?.positions === data.positions && this.all ? { all: this.all, refusal: undefined } : null
    const [positions, colors] = await Promise.all([
      kept ?? fetched(data.positions).then(positionsOf),
      fetched(data.colors),
    ])
    if (this.data !== data && (this.data.positions !== data.positions || this.data.colors !== data.colors)) return // asked for others since
    this.root.classList.toggle("waits", false)
    const refusal = positions.refusal ?? colors.refusal
    if (refusal || !positions.all || !colors.buffer) return write(this.status, `The map could not be loaded. ${refusal}`)
    const { all } = positions
    if (this.all !== all) {
      this.all = all
      this.grid = new Grid(all.positions)
      this.at = -1
      this.zoom.set(all.size)
    }
    this.coloring = colorsOf(colors.buffer, all.rows.length)
    this.select(this.data.lasso)
  }

  /** @param {string} text */
  select(text) {
    const corners = cornersOf(text.slice(text.indexOf("~") + 1))
    this.lasso.show(corners)
    this.within = corners.length && this.all ? inside(this.all.positions, corners) : null
    this.tools.draw(this.lasso.mode, corners.length > 0)
    this.colored()
  }

  // Makes the marks anew: what does not pass is faint and below.
  colored() {
    if (!this.all || !this.coloring) return
    this.marks = this.coloring.marks(this.all.positions, this.within, this.root)
    legend(this.legend, this.coloring)
    this.later()
  }

  // --- what people do --------------------------------------------------------------------------------------

  /** @param {string} text */
  choose(text) {
    this.setMode("move")
    this.select(text)
    this.send("lasso", text)
  }

  /** @param {"move" | "lasso" | "box"} mode */
  setMode(mode) {
    this.lasso.mode = mode
    this.stage.dataset.mode = mode
    this.tools.draw(mode, this.lasso.corners.length > 0)
  }

  /** @param {Place | null} at */
  point(at) {
    if (!at) return this.reach(-1)
    if (!this.grid || this.lasso.draws) return
    this.reach(this.grid.nearest(this.placeOf(at), NEAR_PX / this.view.scale, (one) => this.counts(one)))
  }

  /** @param {number} at */
  reach(at) {
    if (at === this.at) return
    this.at = at
    this.stage.classList.toggle("pointing", at >= 0)
    this.follow()
    if (at < 0 || !this.all || !this.data || !this.coloring) return this.tip.hide()
    this.tip.show(this.data, this.all.rows[at], this.coloring.wordsOf(at))
  }

  /** @param {number} at whether it passes the filters and is inside the lasso */
  counts(at) {
    return Boolean(this.coloring?.passes[at] && (!this.within || this.within[at]))
  }

  open() {
    if (this.at >= 0 && this.all) this.send("open", this.all.rows[this.at])
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    /** @type {Record<string, () => void>} */
    const keys = {
      Enter: () => this.open(),
      m: () => this.at >= 0 && this.all && this.send("like", this.all.rows[this.at]),
      "+": () => this.zoom.larger(),
      "=": () => this.zoom.larger(), // the same key without shift
      "-": () => this.zoom.smaller(),
      0: () => this.zoom.fit(),
      l: () => this.setMode("lasso"),
      b: () => this.setMode("box"),
      Escape: () => (this.zoom.cancel(), this.setMode("move"), this.reach(-1)),
    }
    if (event.key in DIRECTIONS) this.step(DIRECTIONS[event.key])
    else if (event.key in keys) keys[event.key]()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** @param {Place} way */
  step(way) {
    if (!this.all || !this.grid) return
    const { positions } = this.all
    if (this.at < 0) return this.reach(this.grid.nearest(this.placeOf(this.zoom.middle()), 10, (at) => this.counts(at)))
    const next = onward(positions, this.at, way, (at) => this.counts(at))
    if (next < 0) return
    this.reach(next)
    this.zoom.reveal([positions[2 * next] * this.view.scale, positions[2 * next + 1] * this.view.scale])
  }

  // --- what is drawn ---------------------------------------------------------------------------------------

  /** @param {import("../shared/zoom.js").View} view */
  moved(view) {
    this.view = view
    this.follow()
    this.lasso.draw()
    this.later()
  }

  // Puts the ring and what is said of the picture that is pointed at to where it is now.
  follow() {
    this.mark.hidden = this.at < 0
    if (this.at < 0 || !this.all) return
    const [x, y] = this.pixelsOf([this.all.positions[2 * this.at], this.all.positions[2 * this.at + 1]])
    this.mark.style.transform = `translate(${x}px, ${y}px)`
    this.tip.place(x, y, this.stage)
  }

  /**
   * @param {Place} at in pixels of the stage
   * @returns {Place}
   */
  placeOf([x, y]) {
    return [(x - this.view.left) / this.view.scale, (y - this.view.top) / this.view.scale]
  }

  /**
   * @param {Place} place
   * @returns {Place}
   */
  pixelsOf([x, y]) {
    return [this.view.left + x * this.view.scale, this.view.top + y * this.view.scale]
  }

  /** @param {boolean} on whether pictures are shown where there is room */
  picture(on) {
    this.thumbs.on = on
    this.later()
  }

  draw() {
    const { clientWidth, clientHeight } = this.stage
    if (!this.marks || !clientWidth || !clientHeight) return
    const n = this.marks.order.length
    const most = Math.sqrt(MOST_PIXELS / (clientWidth * clientHeight))
    const fine = Math.min(n > MANY ? 1 : devicePixelRatio, most)
    const [width, height] = [Math.round(clientWidth * fine), Math.round(clientHeight * fine)]
    if (this.canvas.width !== width || this.canvas.height !== height || !this.sheet) {
      ;[this.canvas.width, this.canvas.height] = [width, height]
      this.image = new ImageData(width, height)
      this.sheet = { width, height, pixels: new Int32Array(this.image.data.buffer) }
    }
    const grown = Math.max(1, this.view.scale / this.zoom.fitting) ** GROWS
    const narrow = Math.min(1, Math.sqrt(clientWidth / USUAL_PX))
    const radius = Math.min(MOST_RADIUS, grown * narrow * /** @type {[number, number]} */ (RADII.find(([count]) => n <= count))[1])
    const { scale, left, top } = this.view
    drawMarks(this.sheet, this.marks, { scale: scale * fine, left: left * fine, top: top * fine }, radius * fine)
    this.canvas.getContext("2d")?.putImageData(/** @type {ImageData} */ (this.image), 0, 0)
    if (this.all && this.data) this.thumbs.draw(this.all, this.view, this.data.pictures, (at) => this.counts(at))
    this.mark.style.setProperty("--radius", `${Math.round(radius + 4)}px`)
  }

  remove() {
    this.later.cancel()
    this.themes.disconnect()
    this.thumbs.remove()
    this.zoom.remove()
    this.data = null
  }
}
