// A station of the conveyor: its name, where it is, and small pictures of what comes out.

import { element } from "../shared/dom.js"

/** @typedef {import("./pixels.js").Planes} Planes */

export class Station {
  /**
   * @param {string} name
   * @param {string} where
   * @param {() => void} choose
   */
  constructor(name, where, choose) {
    this.root = element("button", `station ${where.startsWith("batch") ? "together" : "alone"}`)
    this.root.type = "button"
    this.root.setAttribute("role", "radio")
    this.root.onclick = choose
    this.canvas = element("canvas")
    this.root.append(this.canvas, element("span", "name", name), element("span", "soft", where))
  }

  /** @param {boolean} chosen */
  mark(chosen) {
    this.root.setAttribute("aria-checked", `${chosen}`)
    this.root.tabIndex = chosen ? 0 : -1
  }

  /** @param {HTMLImageElement} image */
  picture(image) {
    const scale = 96 / Math.max(image.naturalWidth, image.naturalHeight)
    this.canvas.width = Math.max(1, Math.round(image.naturalWidth * scale))
    this.canvas.height = Math.max(1, Math.round(image.naturalHeight * scale))
    this.canvas.getContext("2d")?.drawImage(image, 0, 0, this.canvas.width, this.canvas.height)
  }

  /**
   * @param {(Planes | null)[]} pictures
   * @param {boolean} isNormalized
   */
  batch(pictures, isNormalized) {
    const side = pictures.find((one) => one)?.width ?? 1
    const columns = pictures.length > 1 ? 2 : 1
    this.canvas.width = side * columns + columns - 1
    this.canvas.height = side * Math.ceil(pictures.length / columns) + columns - 1
    const context = this.canvas.getContext("2d")
    pictures.forEach((one, at) => one && Station.paint(context, one, (at % columns) * (side + 1), Math.floor(at / columns) * (side + 1), isNormalized))
  }

  /**
   * Draws planes; normalized ones from -2.5 to 2.5, the others from 0 to 1.
   * @param {CanvasRenderingContext2D | null} context
   * @param {Planes} planes
   * @param {number} left
   * @param {number} top
   * @param {boolean} isNormalized
   */
  static paint(context, { width, height, values }, left, top, isNormalized) {
    if (!context) return
    const [image, count] = [new ImageData(width, height), width * height]
    for (let at = 0; at < count; at++) {
      for (let color = 0; color < 3; color++) {
        const value = values[color * count + at]
        image.data[4 * at + color] = 255 * (isNormalized ? value / 5 + 0.5 : value)
      }
      image.data[4 * at + 3] = 255
    }
    context.putImageData(image, left, top)
  }
}
