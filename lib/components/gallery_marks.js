// What is drawn over and under a picture: points, and chips with their probabilities.

const SVG = "http://www.w3.org/2000/svg"
const MANY_POINTS = 24 // more are drawn smaller
const HEAT = [[40, 255], [10, 225], [90, 60]] // red, green, blue: from, to
const POINTED_PX = 4 // so near a mark the pointer gets its name
const KINDS = {
  true: ["●", "labelled"],
  hit: ["✓", "labelled and predicted"],
  miss: ["○", "labelled, not predicted"],
  alarm: ["✗", "predicted, not labelled"],
  unknown: ["?", "nobody knows"],
  pred: ["◆", "predicted"], // of a picture that nobody labelled, as the next one
  below: ["", "not predicted"],
  plain: ["", "not labelled, not predicted"],
}

// --- heat --------------------------------------------------------------------------------------------------

// A grid as a picture of so few pixels; the browser blends them when it enlarges it over the photograph.
function heat(rows) {
  const made = element("canvas", "heat")
  made.setAttribute("aria-hidden", "true")
  ;[made.width, made.height] = [rows[0].length, rows.length]
  const pen = made.getContext("2d")
  const pixels = pen.createImageData(made.width, made.height)
  rows.flat().forEach((value, at) => {
    // From violet to yellow, light enough to tell apart without colour; where nothing speaks the picture is dimmed.
    const colour = HEAT.map(([low, high]) => low + (high - low) * value)
    pixels.data.set([...colour, 70 + 90 * value], 4 * at)
  })
  pen.putImageData(pixels, 0, 0)
  return made
}

// --- chips and words ---------------------------------------------------------------------------------------

function percent(value) {
  const shown = value * 100
  return `${shown > 0 && shown < 1 ? "<1" : shown < 100 && shown > 99 ? ">99" : shown.toFixed(0)} %`
}

function chip({ text, kind, value }, meaning) {
  const made = element("li")
  const [symbol, word, amount, level, spoken] = ["symbol", "word", "value", "level", "spoken"].map((name) => element("span", name))
  level.setAttribute("aria-hidden", "true")
  made.append(symbol, word, amount, spoken, level)
  drawChip(made, { text, kind, value }, meaning)
  return made
}

// Changes a chip in place, so that its bar moves to its new length.
function drawChip(made, { text, kind, value }, meaning) {
  const known = kind in KINDS ? kind : "plain"
  const [sign, words] = KINDS[known]
  const told = meaning ?? (known === "plain" && value === null ? "" : words)
  const [symbol, word, amount, spoken, level] = made.children
  made.className = `chip ${known}${value === null ? "" : " measured"}`
  made.title = told ? `${text}: ${told}${value === null ? "" : `, probability ${value.toPrecision(3)}`}` : text
  symbol.textContent = sign
  word.textContent = text
  amount.textContent = value === null ? "" : percent(value)
  spoken.textContent = told ? `, ${told}` : ""
  level.style.setProperty("--level", value === null ? 0 : Math.min(1, Math.max(0, value)))
}

function chips(most = Infinity) {
  const list = element("ul", "chips")
  const draw = (all) => {
    const shown = all.slice(0, most)
    shown.forEach((one, index) => {
      const there = list.children[index]
      if (there?.classList.contains("more") === false) drawChip(there, one)
      else list.insertBefore(chip(one), there ?? null)
    })
    while (list.children.length > shown.length) list.lastChild.remove()
    const more = all.length - shown.length
    if (more > 0) list.append(element("li", "chip plain more", `and ${more} more in the large picture`))
  }
  return { list, draw }
}

function describe(card) {
  const words = card.chips.filter(({ kind }) => kind !== "plain" && kind !== "below").map(({ text, kind }) => `${text} (${KINDS[kind]?.[1]})`)
  return [card.title, ...words, card.note].filter(Boolean).join(", ")
}

function legend(head, data, cards) {
  const has = (field) => cards.some((card) => card[field].length)
  const kinds = new Set(cards.flatMap((card) => card.chips.map(({ kind }) => kind)))
  const signs = ["hit", "miss", "alarm"].some((kind) => kinds.has(kind))
  const places = data.points ? ["true_points", "pred_points"].filter(has) : []
  const shown = kinds.has("pred") && !signs ? ["pred"] : ["hit", "miss", "alarm", ...(kinds.has("unknown") ? ["unknown"] : [])]
  const content = `${places} ${signs} ${kinds.has("pred")} ${shown}`
  if (head.dataset.content === content) return
  head.dataset.content = content
  const made = places.map((field) => {
    const one = element("span", "entry")
    const { svg } = overlay({ true_points: [], pred_points: [], point_names: [], [field]: [[0.5, 0.5]] }, 4.5)
    one.append(svg, field === "true_points" ? "true" : "predicted")
    return one
  })
  if (signs || kinds.has("pred")) {
    const list = element("ul", "chips")
    for (const kind of shown) list.append(chip({ text: KINDS[kind][1], kind, value: null }, ""))
    made.push(list)
  }
  head.replaceChildren(...made)
}

// --- points ------------------------------------------------------------------------------------------------

function radius(card, size) {
  const many = Math.max(card.true_points.length, card.pred_points.length) > MANY_POINTS
  return (many ? { s: 1.4, m: 1.6, l: 2.6, full: 3.5 } : { s: 3.5, m: 4, l: 5, full: 6 })[size]
}

const number = (value) => value.toFixed(2)
const ring = (r) => ([x, y]) => `M${number(x - r)} ${number(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`
const cross = (r) => ([x, y]) => {
  const [left, right, top, bottom] = [x - r, x + r, y - r, y + r].map(number)
  return `M${left} ${top}L${right} ${bottom}M${left} ${bottom}L${right} ${top}`
}

function vector(tag, className, parent) {
  const made = document.createElementNS(SVG, tag)
  if (className) made.setAttribute("class", className)
  parent?.append(made)
  return made
}

// Marks in pixels of the screen: they stay as large when the picture grows. All marks of a kind are one path, for
// thousands of elements would be slow to move; where frames follow each other the style sheet lets the paths glide.
function overlay(card, r, named = false) {
  const svg = vector("svg", r < 3 ? "overlay fine" : "overlay")
  svg.setAttribute("aria-hidden", "true")
  const tip = vector("title", "", svg)
  const layers = ["halo", "ink"].map((name) => { // a light line under each mark, so that it shows on any picture
    const group = vector("g", name, svg)
    return Object.fromEntries(["error", "true", "pred"].map((kind) => [kind, vector("path", kind, group)]))
  })
  const labels = (named ? (card.true_points.length ? card.true_points : card.pred_points) : []).map((_, index) => {
    const label = vector("text", "", svg)
    label.textContent = card.point_names[index] ?? ""
    return label
  })
  let [now, width, height] = [card, 0, 0]
  const placed = (points) => points.map(([x, y]) => [x * width, y * height])
  function draw(next = now) {
    now = next
    if (!width) return // not on the page yet
    const [true_, found] = [placed(now.true_points), placed(now.pred_points)]
    const pairs = found.map((to, index) => [true_[index], to]).filter(([from]) => from)
    const paths = {
      error: pairs.map((pair) => `M${pair.map((place) => place.map(number).join(" ")).join("L")}`).join(""),
      true: true_.map(ring(r)).join(""),
      pred: found.map(cross(r)).join(""),
    }
    for (const layer of layers) {
      for (const [kind, d] of Object.entries(paths)) {
        if (layer[kind].getAttribute("d") !== d) layer[kind].setAttribute("d", d)
      }
    }
    labels.forEach((label, index) => {
      const [x, y] = (true_.length ? true_ : found)[index]
      label.setAttribute("x", number(x + r + 4))
      label.setAttribute("y", number(y + 4))
    })
  }
  svg.onpointermove = ({ clientX, clientY }) => {
    const { left, top } = svg.getBoundingClientRect()
    const reach = ([x, y]) => Math.hypot(x + left - clientX, y + top - clientY)
    const all = [["predicted", now.pred_points], ["true", now.true_points]].flatMap(([what, points]) =>
      placed(points).map((place, index) => [reach(place), `${now.point_names[index] ?? `point ${index + 1}`} (${what})`]),
    )
    const [distance, name] = all.reduce((best, one) => (one[0] < best[0] ? one : best), [Infinity, ""])
    tip.textContent = distance <= r + POINTED_PX ? name : ""
  }
  new ResizeObserver(([{ contentRect }]) => {
    width = contentRect.width
    height = contentRect.height
    draw()
  }).observe(svg)
  return { svg, draw }
}
