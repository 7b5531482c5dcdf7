// How a gallery of pictures behaves in the browser: a grid of cards, and one of them large on a click.
// Text comes from data sets that nobody checked, so it is only ever set with textContent.

const SVG = "http://www.w3.org/2000/svg"
const CARD_PX = { s: 132, m: 208, l: 330 }
const ZOOMS = [1, 2, 4]
const MANY_POINTS = 24 // more are drawn smaller
const MOST_CHIPS = 10 // in the grid; the large picture has all
const FEW_POINTS = 8 // so many are named in the large picture
const PIXEL_ART_PX = 160 // smaller pictures are enlarged with hard edges: a blur would hide what the model sees
const KINDS = {
  true: ["●", "labelled"],
  hit: ["✓", "labelled and predicted"],
  miss: ["○", "labelled, not predicted"],
  alarm: ["✗", "predicted, not labelled"],
  unknown: ["?", "nobody knows"],
  plain: ["", "not labelled, not predicted"],
}
const mounted = new WeakMap() // parentElement -> { content, close }

export default function gallery({ data, parentElement }) {
  const content = JSON.stringify(data)
  const before = mounted.get(parentElement)
  if (before?.content !== content) {
    before?.close()
    const root = parentElement.querySelector(".gallery")
    const box = lightbox(data)
    root.replaceChildren(legend(data), grid(data, box.open), box.dialog)
    mounted.set(parentElement, { content, close: box.close })
  }
  return () => {
    mounted.get(parentElement)?.close()
    mounted.delete(parentElement)
  }
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
  return `${data.base}/api/datasets/${encodeURIComponent(data.dataset)}/items/${card.item}?size=${wanted}&v=${data.revision}`
}

// --- chips and words ---------------------------------------------------------------------------------------

function percent(value) {
  const shown = value * 100
  return `${shown > 0 && shown < 1 ? "<1" : shown < 100 && shown > 99 ? ">99" : shown.toFixed(0)} %`
}

function chip({ text, kind, value }, meaning) {
  const [symbol, words] = KINDS[kind] ?? KINDS.plain
  const told = meaning ?? (kind === "plain" && value === null ? "" : words)
  const made = element("li", `chip ${kind in KINDS ? kind : "plain"}`)
  const number = value === null ? "" : `, probability ${value.toPrecision(3)}`
  made.title = told ? `${text}: ${told}${number}` : text
  if (symbol) made.append(element("span", "symbol", symbol))
  made.append(element("span", "word", text))
  if (value !== null) made.append(element("span", "value", percent(value)))
  if (told) made.append(element("span", "spoken", `, ${told}`))
  return made
}

function chips(card, most = Infinity) {
  const list = element("ul", "chips")
  list.append(...card.chips.slice(0, most).map((one) => chip(one)))
  const more = card.chips.length - most
  if (more > 0) list.append(element("li", "chip plain", `and ${more} more in the large picture`))
  return list
}

function describe(card) {
  const words = card.chips.filter(({ kind }) => kind !== "plain").map(({ text, kind }) => `${text} (${KINDS[kind]?.[1]})`)
  return [card.title, ...words, card.note].filter(Boolean).join(", ")
}

function middle(text) {
  const made = element("span", "title")
  const cut = Math.max(0, text.length - 9) // the end tells pictures apart: number and type
  made.append(element("span", "head", text.slice(0, cut)), element("span", "tail", text.slice(cut)))
  made.title = text
  return made
}

function legend(data) {
  const made = element("div", "legend")
  const has = (field) => data.cards.some((card) => card[field].length)
  const kinds = new Set(data.cards.flatMap((card) => card.chips.map(({ kind }) => kind)))
  if (data.points && (has("true_points") || has("pred_points"))) {
    const entries = [["true", "true_points"], ["predicted", "pred_points"]].filter(([, field]) => has(field))
    for (const [name, field] of entries) {
      const one = element("span", "entry")
      one.append(overlay({ true_points: [], pred_points: [], point_names: [], [field]: [[0.5, 0.5]] }, 4.5), name)
      made.append(one)
    }
  }
  if (["hit", "miss", "alarm"].some((kind) => kinds.has(kind))) {
    const list = element("ul", "chips")
    for (const kind of ["hit", "miss", "alarm", ...(kinds.has("unknown") ? ["unknown"] : [])]) {
      list.append(chip({ text: KINDS[kind][1], kind, value: null }, ""))
    }
    made.append(list)
  }
  return made
}

// --- points ------------------------------------------------------------------------------------------------

function shape(tag, attributes, name) {
  const made = document.createElementNS(SVG, tag)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  if (name) {
    const title = document.createElementNS(SVG, "title")
    title.textContent = name
    made.append(title)
  }
  return made
}

// Places are percentages of the picture, sizes are pixels of the screen: marks stay as large when the picture grows.
function overlay(card, radius, named = false) {
  const svg = shape("svg", { class: radius < 3 ? "overlay fine" : "overlay", "aria-hidden": "true" })
  const marks = shape("g", { class: "ink" })
  const at = ([x, y]) => ({ x: `${(x * 100).toFixed(2)}%`, y: `${(y * 100).toFixed(2)}%` })
  const name = (index, what) => `${card.point_names[index] ?? `point ${index + 1}`} (${what})`
  card.pred_points.forEach((found, index) => {
    const target = card.true_points[index]
    if (!target) return
    const [from, to] = [at(target), at(found)]
    marks.append(shape("line", { class: "error", x1: from.x, y1: from.y, x2: to.x, y2: to.y }))
  })
  card.true_points.forEach((place, index) => {
    const { x, y } = at(place)
    marks.append(shape("circle", { class: "true", cx: x, cy: y, r: radius }, name(index, "true")))
  })
  card.pred_points.forEach((place, index) => {
    const cross = shape("svg", { ...at(place), overflow: "visible", class: "holder" })
    const r = radius
    cross.append(shape("path", { class: "pred", d: `M${-r} ${-r}L${r} ${r}M${-r} ${r}L${r} ${-r}` }, name(index, "predicted")))
    marks.append(cross)
  })
  const halo = marks.cloneNode(true) // a light line under each mark, so that it shows on any picture
  halo.setAttribute("class", "halo")
  svg.append(halo, marks)
  if (named) {
    const places = card.true_points.length ? card.true_points : card.pred_points
    places.forEach((place, index) => {
      const label = shape("text", { ...at(place), dx: radius + 4, dy: 4 })
      label.textContent = card.point_names[index] ?? ""
      svg.append(label)
    })
  }
  return svg
}

function picture(data, card, px, lazy) {
  const frame = element("span", "frame")
  frame.style.aspectRatio = `${card.width} / ${card.height}`
  const image = element("img")
  image.alt = describe(card)
  image.loading = lazy ? "lazy" : "eager"
  image.decoding = "async"
  image.draggable = false
  if (Math.max(card.width, card.height) <= PIXEL_ART_PX) image.classList.add("pixels")
  image.onerror = () => frame.replaceChildren(element("span", "broken", "This picture cannot be opened."))
  image.src = address(data, card, px)
  frame.append(image)
  return frame
}

function radius(card, size) {
  const many = Math.max(card.true_points.length, card.pred_points.length) > MANY_POINTS
  return (many ? { s: 1.4, m: 1.6, l: 2.6, full: 3.5 } : { s: 3.5, m: 4, l: 5, full: 6 })[size]
}

// --- grid --------------------------------------------------------------------------------------------------

function grid(data, open) {
  const made = element("ul", "grid")
  made.style.setProperty("--card", `${CARD_PX[data.size]}px`)
  const ratios = data.cards.map((card) => card.width / card.height).sort((a, b) => a - b)
  const box = Math.min(1.6, Math.max(0.7, ratios[ratios.length >> 1] ?? 1)) // one for all: rows stay in line
  made.style.setProperty("--box", box)
  const px = CARD_PX[data.size] * Math.min(devicePixelRatio, 2) > 256 ? 512 : 256
  data.cards.forEach((card, index) => {
    const one = element("li", "card")
    const opener = button("opener", undefined, `Open ${card.title}`, () => open(index))
    opener.removeAttribute("title")
    const frame = picture(data, card, px, true)
    frame.classList.add(card.width / card.height >= box ? "wide" : "tall")
    if (data.points) frame.append(overlay(card, radius(card, data.size)))
    opener.append(frame)
    one.append(opener, middle(card.title))
    if (card.chips.length) one.append(chips(card, MOST_CHIPS))
    if (card.note) one.append(element("span", "note", card.note))
    made.append(one)
  })
  return made
}

// --- one picture, large ------------------------------------------------------------------------------------

function lightbox(data) {
  const dialog = element("dialog", "lightbox")
  const stage = element("div", "stage")
  const facts = element("div", "facts")
  const place = element("span", "place")
  place.setAttribute("aria-live", "polite")
  let index = 0
  let zoom = 1
  const step = (by) => show((index + by + data.cards.length) % data.cards.length)
  const enlarge = (by) => {
    zoom = ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, ZOOMS.indexOf(zoom) + by))]
    stage.style.setProperty("--zoom", zoom)
    stage.scrollTo((stage.scrollWidth - stage.clientWidth) / 2, (stage.scrollHeight - stage.clientHeight) / 2)
  }
  function show(next) {
    index = next
    const card = data.cards[index]
    const frame = picture(data, card, 0, false)
    frame.style.setProperty("--ratio", card.width / card.height)
    const count = Math.max(card.true_points.length, card.pred_points.length)
    if (data.points) frame.append(overlay(card, radius(card, "full"), count <= FEW_POINTS))
    stage.replaceChildren(frame)
    enlarge(-ZOOMS.length)
    dialog.setAttribute("aria-label", card.title)
    place.textContent = `${index + 1} of ${data.cards.length}`
    facts.replaceChildren(middle(card.title), element("span", "note", `${card.width} × ${card.height} px`))
    if (card.note) facts.append(element("span", "note", card.note))
    if (card.chips.length) facts.append(chips(card))
  }
  const bar = element("div", "bar")
  bar.append(
    button("control", "‹", "Previous (left arrow)", () => step(-1)),
    place,
    button("control", "›", "Next (right arrow)", () => step(1)),
    element("span", "gap"),
    button("control", "−", "Smaller (minus)", () => enlarge(-1)),
    button("control", "+", "Larger (plus)", () => enlarge(1)),
    button("control", "✕", "Close (Esc)", () => dialog.close()),
  )
  const keys = { ArrowLeft: () => step(-1), ArrowRight: () => step(1), "+": () => enlarge(1), "-": () => enlarge(-1) }
  dialog.onkeydown = (event) => {
    event.stopPropagation() // the page has shortcuts of its own
    if (!(event.key in keys)) return
    event.preventDefault()
    keys[event.key]()
  }
  dialog.onclick = (event) => event.target === dialog && dialog.close() // beside the picture
  dialog.onclose = () => dialog.getRootNode().querySelectorAll?.(".opener")[index]?.focus()
  dialog.append(bar, stage, facts)
  const open = (at) => {
    show(at)
    dialog.showModal()
    stage.focus()
  }
  stage.tabIndex = -1
  return { dialog, open, close: () => dialog.open && dialog.close() }
}
