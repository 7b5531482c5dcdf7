// How a gallery of pictures behaves in the browser: a grid of cards, and one of them large on a click.
// Text comes from data sets that nobody checked, so it is only ever set with textContent.
// gallery.py joins this file with gallery_marks.js, gallery_large.js and gallery_film.js to one module.

const CARD_PX = { s: 132, m: 208, l: 330 }
const AT_ONCE = 12 // so many pictures are loaded at once, the others when they come near the screen
const MOST_CHIPS = 10 // in the grid; the large picture has all
const PIXEL_ART_PX = 160 // smaller pictures are enlarged with hard edges: a blur would hide what the model sees
const mounted = new WeakMap() // parentElement -> { content, close, film }

export default function gallery({ data, parentElement }) {
  const { frames, ...fixed } = data
  const content = JSON.stringify(fixed)
  let shown = mounted.get(parentElement)
  if (shown?.content !== content) {
    const open = shown?.opened()
    shown?.close()
    const root = parentElement.querySelector(".gallery")
    const pool = new Map([...root.querySelectorAll(".grid img")].map((image) => [image.src, image]))
    shown = { content, ...build(fixed, root, frames, pool) }
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
// Pictures in `pool`, by address, were loaded for what was shown before: they are taken over.
function build(data, root, frames, pool) {
  const film = frames ? filmOf(data, frames) : null
  const cardAt = (index) => film?.card(index) ?? data.cards[index]
  const box = lightbox(data, cardAt, film)
  const cards = data.cards.map((_, index) => cardOf(data, () => cardAt(index), () => box.open(index), index, pool))
  const head = element("div", "legend")
  const draw = () => {
    legend(head, data, film?.all() ?? data.cards)
    cards.forEach((card) => card.draw())
    box.draw()
  }
  film?.watch(draw)
  draw()
  root.classList.toggle("moves", film !== null)
  root.replaceChildren(...(film ? [player(film)] : []), head, grid(data, cards), box.dialog)
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

function picture(data, card, px, lazy, pool) {
  const frame = element("span", "frame")
  frame.style.aspectRatio = `${card.width} / ${card.height}`
  const src = address(data, card, px)
  const image = pool?.get(new URL(src, document.baseURI).href) ?? element("img")
  image.loading = lazy ? "lazy" : "eager"
  image.decoding = "async"
  image.draggable = false
  if (Math.max(card.width, card.height) <= PIXEL_ART_PX) image.classList.add("pixels")
  image.onerror = () => frame.replaceChildren(element("span", "broken", "This picture cannot be opened."))
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

function cardOf(data, cardNow, open, index, pool) {
  const card = cardNow()
  const px = CARD_PX[data.size] * Math.min(devicePixelRatio, 2) > 256 ? 512 : 256
  const one = element("li", "card")
  const opener = button("opener", undefined, `Open ${card.title}`, open)
  opener.removeAttribute("title")
  const { frame, image } = picture(data, card, px, index >= AT_ONCE, pool)
  frame.classList.add(card.width / card.height >= commonRatio(data) ? "wide" : "tall")
  const marks = data.points ? overlay(card, radius(card, data.size)) : null
  if (marks) frame.append(marks.svg)
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
