// One picture of the gallery, large: stepping, enlarging and, where there are frames, the film.

const ZOOMS = [1, 2, 4]
const FEW_POINTS = 8 // so many are named in the large picture

function lightbox(data, cardAt, film) {
  const dialog = element("dialog", "lightbox")
  const stage = element("div", "stage")
  const facts = element("div", "facts")
  const place = element("span", "place")
  place.setAttribute("aria-live", "polite")
  let index = 0
  let zoom = 1
  let draw = () => {}
  const step = (by) => show((index + by + data.cards.length) % data.cards.length)
  const enlarge = (by) => {
    zoom = ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, ZOOMS.indexOf(zoom) + by))]
    stage.style.setProperty("--zoom", zoom)
    stage.scrollTo((stage.scrollWidth - stage.clientWidth) / 2, (stage.scrollHeight - stage.clientHeight) / 2)
  }
  function show(next) {
    index = next
    const card = cardAt(index)
    const { frame, image } = picture(data, card, 0, false)
    frame.style.setProperty("--ratio", card.width / card.height)
    const count = Math.max(card.true_points.length, card.pred_points.length)
    const marks = data.points ? overlay(card, radius(card, "full"), count <= FEW_POINTS) : null
    if (marks) frame.append(marks.svg)
    stage.replaceChildren(frame)
    enlarge(-ZOOMS.length)
    dialog.setAttribute("aria-label", card.title)
    place.textContent = `${index + 1} of ${data.cards.length}`
    const [words, note] = [chips(), element("span", "note")]
    facts.replaceChildren(middle(card.title), element("span", "note", `${card.width} × ${card.height} px`), note, words.list)
    draw = () => {
      const now = cardAt(index)
      image.alt = describe(now)
      marks?.draw(now)
      words.draw(now.chips)
      note.textContent = now.note
    }
    draw()
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
    if (!(event.key in keys) || event.target.type === "range") return // arrows on the slider are the slider's
    event.preventDefault()
    keys[event.key]()
  }
  dialog.onclick = (event) => event.target === dialog && dialog.close() // beside the picture
  dialog.onclose = () => dialog.getRootNode().querySelectorAll?.(".opener")[index]?.focus()
  dialog.append(bar, stage, facts)
  if (film) dialog.append(player(film))
  const open = (at) => {
    show(at)
    dialog.showModal()
    stage.focus()
  }
  stage.tabIndex = -1
  const opened = () => (dialog.open ? data.cards[index] : null)
  return { dialog, open, opened, draw: () => dialog.open && draw(), close: () => dialog.open && dialog.close() }
}
