// One picture of the gallery, large: stepping, enlarging, its points by name and, where there are frames, the film.

import { button, element, middle, rootOf } from "../shared/dom.js"
import { Zoom } from "../shared/zoom.js"
import { player } from "./film.js"
import { countOf, pointWords, radius } from "./geometry.js"
import { legend } from "./legend.js"
import { chips, describe } from "./marks.js"
import { PIXEL_ART_PX, TITLE_END, address, picture, thumbnailPx } from "./pictures.js"
import { overlay, pointing, tipOf } from "./points.js"

/** @typedef {import("./geometry.js").Card} Card */
/** @typedef {import("./geometry.js").GalleryData} GalleryData */
/** @typedef {import("./film.js").Film} Film */
/** @typedef {import("./legend.js").Looks} Looks */
/** @typedef {import("./points.js").Overlay} Overlay */
/** @typedef {import("./points.js").Tip} Tip */

/** @typedef {{ edit: ((item: number) => void) | null, like: ((item: number) => void) | null }} Asks what is asked of Python about a picture */

const FEW_POINTS = 8 // so many are named in the large picture as long as nobody chose
const FIRST_PX = 1024 // the picture is first loaded so large, and whole when it is enlarged beyond
const SMALLEST = 0.4 // of the whole picture in the stage: what lies outside it comes in sight
const PIXEL_PX = 24 // so large a pixel of the picture may get
const HARD_EDGES = 6 // pixels of the screen that one of the picture has from then on: a blur would hide it

/**
 * @param {GalleryData} data
 * @param {(index: number) => Card} cardAt
 * @param {Film | null} film
 * @param {Asks} asks
 * @param {Looks} looks
 */
export function lightbox(data, cardAt, film, { edit, like }, looks) {
  const dialog = element("dialog", "lightbox")
  const stage = element("div", "stage")
  const facts = element("div", "facts")
  const head = element("div", "legend")
  const place = element("span", "place")
  place.setAttribute("aria-live", "polite")
  const spoken = element("span", "spoken") // of the point that the keys went to
  spoken.setAttribute("aria-live", "polite")
  const tip = tipOf(dialog)
  let index = 0
  let draw = () => {}
  /** @type {(width: number) => void} */
  let resized = () => {}
  /** @type {(by: number) => void} */
  let walk = () => {}
  const shown = { frame: element("span"), width: 0, height: 0 }
  const zoom = new Zoom(stage, {
    smallest: SMALLEST,
    largest: (whole) => Math.max(8 * whole, PIXEL_PX),
    drawn: ({ scale, left, top }, enlarged) => {
      const width = shown.width * scale
      Object.assign(shown.frame.style, {
        width: `${width}px`,
        height: `${shown.height * scale}px`,
        transform: `translate(${left}px, ${top}px)`,
      })
      stage.classList.toggle("moving", enlarged)
      resized(width)
    },
  })
  stage.addEventListener("dblclick", (event) => zoom.twice(event))
  /** @param {number} by */
  const step = (by) => show((index + by + data.cards.length) % data.cards.length)

  /** @param {number} next */
  function show(next) {
    index = next
    const card = cardAt(index)
    const few = countOf(card) <= FEW_POINTS
    const { frame, resize, describeAs } = sharpening(data, card)
    const marks = data.points ? overlay(data, card, radius(card, "full"), looks, true) : null
    tip.hide()
    if (marks) {
      frame.append(marks.svg)
      pointing(stage, data, marks, tip)
    }
    const named = () => frame.classList.toggle("named", looks.shown("names", few))
    showNames = named
    named()
    resized = resize
    stage.replaceChildren(frame)
    Object.assign(shown, { frame, width: card.width, height: card.height })
    zoom.set(card)
    dialog.setAttribute("aria-label", card.title)
    place.textContent = `${index + 1} of ${data.cards.length}`
    const [words, note] = [chips(), element("span", "note")]
    facts.replaceChildren(middle(card.title, TITLE_END), element("span", "note", `${card.width} × ${card.height} px`), note, words.list, head, spoken)
    spoken.textContent = ""
    walk = marks ? walking(data, marks, tip, zoom, spoken) : () => {}
    draw = () => {
      const now = cardAt(index)
      legend(head, data, [now], looks, few)
      describeAs(describe(now))
      marks?.draw(now)
      words.draw(now.chips)
      note.textContent = now.note
    }
    draw()
  }
  let showNames = () => {}
  looks.watch(() => showNames())
  const bar = element("div", "bar")
  bar.append(
    button("control", "‹", "Previous (left arrow)", () => step(-1)),
    place,
    button("control", "›", "Next (right arrow)", () => step(1)),
    element("span", "gap"),
    ...(like ? [button("control worded", "More like this", "Images that are like this one (M)", () => ask(like))] : []),
    ...(edit ? [button("control worded", "Edit", "Edit this image's targets", () => ask(edit))] : []),
    button("control", "−", "Smaller (minus, or the wheel)", () => zoom.smaller()),
    button("control", "⤢", "The whole image (0)", () => zoom.fit()),
    button("control", "+", "Larger (plus, the wheel or a double click)", () => zoom.larger()),
    button("control", "✕", "Close (Esc)", () => dialog.close()),
  )
  /** @param {(item: number) => void} what */
  const ask = (what) => {
    dialog.close()
    what(data.cards[index].item)
  }
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    ArrowUp: () => walk(-1),
    ArrowDown: () => walk(1),
    "+": () => zoom.larger(),
    "=": () => zoom.larger(), // the same key without shift
    "-": () => zoom.smaller(),
    0: () => zoom.fit(),
    ...(like ? { m: () => ask(like) } : {}),
  }
  dialog.onkeydown = (event) => {
    event.stopPropagation() // the page has shortcuts of its own
    if (!(event.key in keys) || /** @type {HTMLInputElement} */ (event.target).type === "range") return // arrows on the slider are the slider's
    if (event.ctrlKey || event.metaKey || event.altKey) return // the browser's own zoom
    event.preventDefault()
    keys[event.key]()
  }
  dialog.onclick = (event) => event.target === dialog && dialog.close() // beside the picture
  dialog.onclose = () => {
    const root = rootOf(dialog)
    const focused = root.activeElement ?? document.activeElement
    if (focused && focused !== document.body && !focused.matches(".opener")) return // who was quicker has gone on
    const opener = root.querySelectorAll?.(".opener")[index]
    if (opener instanceof HTMLElement) opener.focus()
  }
  dialog.append(bar, stage, facts)
  if (film) dialog.append(player(film))
  dialog.append(tip.box)
  /** @param {number} at */
  const open = (at) => {
    show(at)
    dialog.showModal()
    zoom.place()
    stage.focus()
  }
  stage.tabIndex = -1
  const opened = () => (dialog.open ? data.cards[index] : null)
  return { dialog, open, opened, draw: () => dialog.open && draw(), close: () => dialog.open && dialog.close() }
}

/**
 * A picture that is loaded again, whole, when it is shown larger than it was loaded.
 * @param {GalleryData} data
 * @param {Card} card
 */
function sharpening(data, card) {
  const shown = picture(data, card, FIRST_PX, false)
  const { frame } = shown
  let { image } = shown
  let [whole, width] = [false, 0]
  const blurred = address(data, card, thumbnailPx(data))
  if (!blurred.startsWith("data:")) frame.style.background = `0 / 100% 100% url(${JSON.stringify(blurred)})` // until it is here
  const sharpen = () => {
    image.classList.toggle("pixels", Math.max(card.width, card.height) <= PIXEL_ART_PX || width >= HARD_EDGES * card.width)
    const there = image.naturalWidth
    if (whole || !there || there >= card.width || width * devicePixelRatio <= there) return
    whole = true
    const next = element("img")
    next.src = address(data, card, 0)
    next.decode().then(() => {
      ;[next.alt, next.className, next.draggable] = [image.alt, image.className, false]
      image.replaceWith(next)
      image = next
    }, () => {}) // the smaller one stays
  }
  image.addEventListener("load", () => {
    frame.style.background = ""
    sharpen()
  })
  /** @param {number} now */
  const resize = (now) => {
    width = now
    sharpen()
  }
  return { frame, resize, describeAs: (/** @type {string} */ words) => (image.alt = words) }
}

/**
 * The arrow keys go from point to point, the worst first: for those who have no pointer, and for those who compare.
 * @param {GalleryData} data
 * @param {Overlay} marks
 * @param {Tip} tip
 * @param {Zoom} zoom
 * @param {HTMLElement} spoken
 * @returns {(by: number) => void}
 */
function walking(data, marks, tip, zoom, spoken) {
  let at = -1
  const worst = () => {
    const { true_points, pred_points, width, height } = marks.card()
    /** @param {number} k */
    const off = (k) => {
      const [from, to] = [true_points[k], pred_points[k]]
      return from && to ? Math.hypot((to[0] - from[0]) * width, (to[1] - from[1]) * height) : -1
    }
    const there = data.point_names.map((_, k) => k).filter((k) => marks.place(k))
    return there.sort((a, b) => off(b) - off(a) || a - b)
  }
  return (by) => {
    const order = worst()
    if (!order.length) return
    at = at < 0 && by < 0 ? order.length - 1 : (at + by + order.length) % order.length
    const k = order[at]
    const place = /** @type {[number, number]} */ (marks.place(k))
    zoom.reveal(place)
    marks.highlight([k])
    const [x, y] = place
    const { left, top } = marks.svg.getBoundingClientRect()
    const words = pointWords(data, marks.card(), k)
    tip.show([words], left + x, top + y)
    spoken.textContent = words.join(", ")
  }
}
