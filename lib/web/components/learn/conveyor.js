// The way of pictures into a model: each alone at first, then a batch at once; what comes out of every station is shown.

import { DIRECTIONS, afterArrow } from "../shared/arrows.js"
import { element, write } from "../shared/dom.js"
import { eachFrame } from "../shared/drag.js"
import { fixed } from "./formulas.js"
import { MEAN, STD, drawn, lit, matrixOf, normalized, toFloats, turned } from "./pixels.js"
import { range } from "./range.js"
import { Station } from "./station.js"

/** @typedef {import("./types.js").Figure} Figure */
/** @typedef {import("./pixels.js").Planes} Planes */
/** @typedef {import("./pixels.js").Drawn} Drawn */
/** @typedef {{ source: string, pictures: { url: string, title: string, width: number, height: number }[] }} Content */

const SIZE = 64 // side of the square
const BATCH = 4
/** @type {[keyof Drawn & ("angle" | "zoom" | "brightness" | "contrast"), string, number, number, number][]} title, from, to and step */
const DRAWN = [["angle", "rotation (°)", -10, 10, 0.5], ["zoom", "zoom", 1, 1.1, 0.005], ["brightness", "brightness", 0.4, 0.6, 0.005], ["contrast", "contrast", 0.8, 1.25, 0.005]]
const STATIONS = [
  { name: "Open", where: "each picture", says: "PILImage.create reads the file: width, height and three bytes a pixel, of any size." },
  { name: "Squish", where: "item_tfms", says: "Resize makes a square of it, as all pictures of a batch must have one size. All of the picture stays." },
  { name: "ToTensor", where: "item_tfms", says: "The bytes are laid out color by color: three planes. Nothing else changes." },
  { name: "Collate", where: "batch", says: "Several pictures become one tensor. From here on the GPU works on all of them at once." },
  { name: "Float", where: "batch_tfms", says: "IntToFloatTensor divides by 255: numbers from 0 to 1." },
  { name: "Rotate, zoom, flip", where: "batch_tfms", says: "One matrix a picture, so that its pixels are looked up once only. Each picture gets its own random draw; validation pictures none." },
  { name: "Lighting", where: "batch_tfms", says: "Brightness is added to the logits of the pixels and contrast multiplies them, so that none leaves 0 to 1." },
  { name: "Normalize", where: "batch_tfms", says: "Minus the mean, divided by the standard deviation that ImageNet has in each color: what a pretrained body expects." },
]

/** @implements {Figure} */
export class Conveyor {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.at = 5
    this.pixel = [40, 30] // column and row in the square
    /** @type {Drawn[]} */
    this.draws = Array.from({ length: BATCH }, drawn)
    /** @type {HTMLImageElement[]} */
    this.images = []
    /** @type {(Uint8ClampedArray | null)[]} */
    this.squares = []
    /** @type {(Planes[] | null)[]} */
    this.courses = [] // what was computed of each picture
    this.isShown = false // on the belt
    this.later = eachFrame(() => this.draw())
    this.belt = element("div", "belt")
    this.belt.setAttribute("role", "radiogroup")
    this.belt.setAttribute("aria-label", "Station")
    this.stations = STATIONS.map(({ name, where }, at) => new Station(name, where, () => this.choose(at)))
    this.belt.append(...this.stations.map(({ root }) => root))
    this.belt.onkeydown = (event) => {
      const next = afterArrow(event.key, this.at, STATIONS.length)
      if (next === null) return
      event.preventDefault()
      this.choose(next)
      this.stations[next].root.focus()
    }
    this.large = element("canvas", "large")
    this.large.tabIndex = 0
    this.large.setAttribute("role", "application")
    this.large.onpointermove = (event) => event.buttons && this.pick(event)
    this.large.onpointerdown = (event) => this.pick(event)
    this.large.onkeydown = (event) => this.key(event)
    this.title = element("h3")
    this.says = element("p")
    this.facts = element("p", "facts")
    this.values = element("p", "values")
    this.sliders = element("div", "widgets")
    this.source = element("p", "soft source")
    const [stage, side] = [element("div", "stage"), element("div", "side")]
    side.append(this.title, this.says, this.facts, this.values, this.sliders)
    stage.append(this.large, side)
    root.append(this.belt, stage, this.source)
    this.build()
  }

  build() {
    // The sliders stay where they are, and so does the focus.
    const sliders = DRAWN.map(([name, title, min, max, step]) => {
      const set = (/** @type {number} */ value) => {
        this.draws[0][name] = value
        this.changed(0)
      }
      const get = () => this.draws[0][name]
      return range({ title, min, max, step, get, set, words: () => fixed(get(), step < 0.1 ? 3 : 1) })
    })
    const [label, box] = [element("label", "check"), element("input")]
    Object.assign(box, { type: "checkbox", checked: this.draws[0].mirrored })
    box.onchange = () => {
      this.draws[0].mirrored = box.checked
      this.changed(0)
    }
    label.append(box, element("span", "", "flip"))
    const again = element("button", "primary", "Draw again")
    again.type = "button"
    again.onclick = () => {
      this.draws = this.draws.map(drawn)
      box.checked = this.draws[0].mirrored
      sliders.forEach(({ renew }) => renew())
      this.draws.forEach((_, at) => this.changed(at))
    }
    this.sliders.replaceChildren(...sliders.map(({ root }) => root), label, again)
  }

  /** @param {Content} content */
  show({ source, pictures }) {
    this.source.textContent = `${source} The first picture is the large one; its sliders show what was drawn for it.`
    const used = Array.from({ length: BATCH }, (_, at) => pictures[at % pictures.length])
    this.dimensions = used.map(({ width, height }) => [width, height])
    this.squares = used.map(() => null)
    this.images = used.map(({ url, title }, at) => {
      const image = element("img")
      image.onload = () => {
        this.squares[at] = squared(image)
        this.reveal()
        this.changed(at)
      }
      image.alt = title
      image.src = url
      return image
    })
  }

  /** @param {number} at */
  choose(at) {
    this.at = at
    this.reveal()
    this.draw()
  }

  // Where the belt is wider than the page, its chosen station is in sight.
  reveal() {
    const { root } = this.stations[this.at]
    this.belt.scrollLeft = root.offsetLeft - this.belt.offsetLeft - (this.belt.clientWidth - root.offsetWidth) / 2
  }

  /** @param {PointerEvent} event */
  pick(event) {
    const box = this.large.getBoundingClientRect()
    this.move(((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE)
    event.preventDefault()
    this.large.focus({ preventScroll: true })
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = DIRECTIONS[event.key]
    if (!by) return
    event.preventDefault()
    event.stopPropagation()
    this.move(this.pixel[0] + by[0], this.pixel[1] + by[1])
  }

  /**
   * @param {number} column
   * @param {number} row
   */
  move(column, row) {
    this.pixel = [column, row].map((one) => Math.min(SIZE - 1, Math.max(0, Math.floor(one))))
    this.later()
  }

  /** @param {number} at the picture that is to be computed anew */
  changed(at) {
    this.courses[at] = null
    this.isShown = false
    this.later()
  }

  /**
   * A picture after each station that changes numbers.
   * @param {number} at
   * @returns {Planes[] | null}
   */
  course(at) {
    return (this.courses[at] ??= this.computed(at))
  }

  /**
   * @param {number} at
   * @returns {Planes[] | null}
   */
  computed(at) {
    const pixels = this.squares[at]
    if (!pixels) return null
    const floats = toFloats(pixels, SIZE, SIZE)
    const moved = turned(floats, matrixOf(this.draws[at]))
    const light = lit(moved, this.draws[at])
    return [floats, moved, light, normalized(light)]
  }

  draw() {
    const courses = this.squares.map((_, at) => this.course(at))
    const [image, square, first] = [this.images[0], this.squares[0], courses[0]]
    if (!square || !first) return
    this.stations.forEach((station, at) => {
      station.mark(at === this.at)
      if (this.isShown) return
      if (at === 0) station.picture(image)
      else station.batch(at < 3 ? [first[0]] : courses.map((one) => one?.[Math.max(0, at - 4)] ?? null), at === 7)
    })
    this.isShown = true
    const { name, where, says } = STATIONS[this.at]
    write(this.title, `${this.at + 1}. ${name}, ${titleOf(where)}`)
    write(this.says, says)
    this.paint(image, first)
    write(this.facts, this.shape(first))
    write(this.values, this.pixelWords(first))
  }

  /**
   * @param {HTMLImageElement} image
   * @param {Planes[]} first
   */
  paint(image, first) {
    const isFile = this.at === 0
    this.large.classList.toggle("file", isFile)
    if (isFile) {
      this.large.width = image.naturalWidth
      this.large.height = image.naturalHeight
      this.large.getContext("2d")?.drawImage(image, 0, 0)
    } else {
      this.large.width = this.large.height = SIZE
      Station.paint(this.large.getContext("2d"), first[Math.max(0, this.at - 4)], 0, 0, this.at === 7)
      const context = this.large.getContext("2d")
      const [column, row] = this.pixel
      if (context) {
        context.strokeStyle = "#fff"
        context.lineWidth = 1
        context.strokeRect(column - 1.5, row - 1.5, 4, 4)
      }
    }
    this.large.setAttribute("aria-label", `The picture after ${STATIONS[this.at].name}; arrow keys choose a pixel. ${this.values.textContent}`)
  }

  /** @param {Planes[]} first */
  shape(first) {
    const [width, height] = this.dimensions?.[0] ?? [0, 0]
    if (this.at === 0) return `${width} × ${height} pixels, ${(width * height * 3).toLocaleString("en")} bytes from 0 to 255`
    if (this.at === 1) return `${SIZE} × ${SIZE} pixels, ${(SIZE * SIZE * 3).toLocaleString("en")} bytes from 0 to 255`
    const { values } = first[Math.max(0, this.at - 4)]
    const shape = this.at === 2 ? `(3, ${SIZE}, ${SIZE})` : `(${BATCH}, 3, ${SIZE}, ${SIZE})`
    if (this.at < 4) return `${shape}, uint8`
    let [low, high, sum, squares] = [Infinity, -Infinity, 0, 0]
    for (const value of values) {
      low = Math.min(low, value)
      high = Math.max(high, value)
      sum += value
      squares += value * value
    }
    const mean = sum / values.length
    return `${shape}, float32 from ${fixed(low, 2)} to ${fixed(high, 2)}; this picture's mean is ${fixed(mean, 2)}, its standard deviation ${fixed(Math.sqrt(squares / values.length - mean * mean), 2)}`
  }

  /**
   * What becomes of the red of a place.
   * @param {Planes[]} first
   */
  pixelWords(first) {
    const [column, row] = this.pixel
    const at = row * SIZE + column
    const [float, moved, light, last] = first.map(({ values }) => values[at])
    const byte = this.squares[0]?.[4 * at] ?? 0
    return (
      `Red at column ${column}, row ${row}: ${byte} → ÷ 255 ${fixed(float, 3)} → rotated ${fixed(moved, 3)} → lit ${fixed(light, 3)} → ` +
      `(${fixed(light, 3)} − ${MEAN[0]}) ÷ ${STD[0]} = ${fixed(last, 3)}`
    )
  }

  remove() {
    this.later.cancel()
  }
}

/** @param {string} where */
function titleOf(where) {
  if (!where.endsWith("_tfms")) return where === "batch" ? "of the whole batch" : "of each picture"
  return where === "item_tfms" ? "one of item_tfms: each picture" : "one of batch_tfms: the whole batch at once"
}

/**
 * The pixels of a picture squished to a square.
 * @param {HTMLImageElement} image
 */
function squared(image) {
  const canvas = element("canvas")
  canvas.width = canvas.height = SIZE
  const context = canvas.getContext("2d", { willReadFrequently: true })
  if (!context) return null
  context.drawImage(image, 0, 0, SIZE, SIZE)
  return context.getImageData(0, 0, SIZE, SIZE).data
}
