// How a gallery of pictures behaves in the browser: a grid of cards, and one of them large on a click.
// Text comes from data sets that nobody checked, so it is only ever set with textContent.
// gallery.py joins this file with gallery_marks.js, gallery_points.js, gallery_legend.js, gallery_zoom.js,
// gallery_large.js and gallery_film.js to one module.

const CARD_PX = { s: 132, m: 208, l: 330 }
const AT_ONCE = 12 // so many pictures are loaded at once, the others when they come near the screen
const MOST_CHIPS = 10 // in the grid; the large picture has all
const PIXEL_ART_PX = 160 // smaller pictures are enlarged with hard edges: a blur would hide what the model sees
const POOL = 240 // pictures of the grid that are kept: going back and forth asks for the same ones
const pool = new Map() // address -> img
const mounted = new WeakMap() // parentElement -> { content, close, film }

export default function gallery({ data, parentElement, setTriggerValue }) {
  const { frames, ...fixed } = data
  const content = JSON.stringify(fixed)
  let shown = mounted.get(parentElement)
  if (shown?.content !== content) {
    const open = shown?.opened()
    shown?.close()
    const root = parentElement.querySelector(".gallery")
    const edit = fixed.editable ? (item) => setTriggerValue("edit", item) : null
    shown = { content, ...build(fixed, root, frames, edit) }
    mounted.set(parentElement, shown)
    const still = open ? fixed.cards.findIndex(({ item, src, title }) => item === open.item && src === open.src && title === open.title) : -1
    if (still >= 0) shown.open(still) // a heat map came while it was looked at
  }
  shown.film?.update(frames) // the pictures stay as they are: only what is drawn over and under them changes
  return () => {
    mounted.get(parentElement)?.close()
    mounted.delete(parentElement)
  }
}

// `cardAt(index)` is the card as it is to be shown now: where there are frames, as it is in the frame chosen.
function build(data, root, frames, edit) {
  root.querySelector(".grid")?.classList.add("old")
  const film = frames ? filmOf(data, frames) : null
  const cardAt = (index) => film?.card(index) ?? data.cards[index]
  const looks = looksOf(data.kind, root)
  const tip = tipOf(root)
  const box = lightbox(data, cardAt, film, edit, looks)
  const cards = data.cards.map((_, index) => cardOf(data, () => cardAt(index), () => box.open(index), index, looks, tip))
  const head = element("div", "legend")
  const draw = () => {
    legend(head, data, film?.all() ?? data.cards, looks)
    cards.forEach((card) => card.draw())
    box.draw()
  }
  film?.watch(draw)
  draw()
  root.classList.toggle("moves", film !== null)
  root.replaceChildren(...(film ? [player(film)] : []), head, grid(data, cards), box.dialog, tip.box)
  intoPool(root.querySelectorAll(".grid img"))
  const close = () => {
    film?.stop()
    box.close()
  }
  return { film, close, open: box.open, opened: box.opened }
}

function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

function button(className, text, label, onclick) {
  const made = element("button", className, text)
  made.type = "button"
  made.title = label
  made.setAttribute("aria-label", label)
  made.onclick = onclick
  return made
}

function address(data, card, px) {
  const wanted = Math.max(card.width, card.height) <= 256 ? 0 : px
  if (card.src?.startsWith("data:")) return card.src // the picture itself
  if (card.src) return `${data.base}${card.src}?size=${wanted}` // in no dataset
  return `${data.base}/api/datasets/${encodeURIComponent(data.dataset)}/items/${card.item}?size=${wanted}&v=${data.revision}`
}

function middle(text) {
  const made = element("span", "title")
  const cut = Math.max(0, text.length - 9) // the end tells pictures apart: number and type
  made.append(element("span", "head", text.slice(0, cut)), element("span", "tail", text.slice(cut)))
  made.title = text
  return made
}

// The picture at an address, taken from the pool; one that stands in another gallery stays there.
function pooled(src) {
  const there = pool.get(src)
  if (!there || (there.isConnected && !there.closest(".old"))) return element("img")
  pool.delete(src) // each is taken once
  return there
}

function intoPool(images) {
  for (const image of images) {
    const src = image.getAttribute("src")
    if (src.startsWith("data:")) continue
    pool.delete(src) // so that it is put in as the newest
    pool.set(src, image)
    if (pool.size > POOL) pool.delete(pool.keys().next().value)
  }
}

// `keep`: whether it is taken over from what was shown before, and kept for what is shown next.
function picture(data, card, px, lazy, keep) {
  const frame = element("span", "frame")
  frame.style.aspectRatio = `${card.width} / ${card.height}`
  const src = address(data, card, px)
  const image = keep ? pooled(src) : element("img")
  image.loading = lazy ? "lazy" : "eager"
  image.decoding = "async"
  image.draggable = false
  if (Math.max(card.width, card.height) <= PIXEL_ART_PX) image.classList.add("pixels")
  image.onerror = () => {
    pool.delete(src)
    frame.replaceChildren(element("span", "broken", "This picture cannot be opened."))
  }
  if (!image.src) image.src = src
  frame.append(image)
  if (card.heat.length) frame.append(heat(card.heat))
  return { frame, image }
}

// --- grid --------------------------------------------------------------------------------------------------

function commonRatio(data) {
  const ratios = data.cards.map((card) => card.width / card.height).sort((a, b) => a - b)
  return Math.min(1.6, Math.max(0.7, ratios[ratios.length >> 1] ?? 1)) // one for all: rows stay in line
}

// So large the grid loads its pictures.
function thumbnailPx(data) {
  return CARD_PX[data.size] * Math.min(devicePixelRatio, 2) > 256 ? 512 : 256
}

function cardOf(data, cardNow, open, index, looks, tip) {
  const card = cardNow()
  const one = element("li", "card")
  const opener = button("opener", undefined, `Open ${card.title}`, open)
  opener.removeAttribute("title")
  const { frame, image } = picture(data, card, thumbnailPx(data), index >= AT_ONCE, true)
  frame.classList.add(card.width / card.height >= commonRatio(data) ? "wide" : "tall")
  const marks = data.points && countOf(card) ? overlay(data, card, radius(card, data.size), looks) : null
  if (marks) {
    frame.append(marks.svg)
    pointing(opener, data, marks, tip)
  }
  opener.append(frame)
  const words = chips(MOST_CHIPS)
  const note = element("span", "note")
  one.append(opener, middle(card.title), words.list, note)
  const draw = () => {
    const now = cardNow()
    image.alt = describe(now)
    marks?.draw(now)
    words.draw(now.chips)
    note.textContent = now.note
  }
  return { one, draw }
}

function grid(data, cards) {
  const made = element("ul", "grid")
  made.style.setProperty("--card", `${CARD_PX[data.size]}px`)
  made.style.setProperty("--box", commonRatio(data))
  made.append(...cards.map(({ one }) => one))
  return made
}
