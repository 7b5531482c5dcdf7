// The upload widget: a zip, or a file of weights, is chosen or dropped, and its progress shown. The transfer itself is in transfer.js.
// Names of files are only ever set with textContent.

import { element } from "../shared/dom.js"
import { unremember } from "./memory.js"
import { forget, hold, isOf, lookForCut, shared, start, transferOf } from "./transfer.js"
import { amount, wordsOf } from "./words.js"

/** @typedef {import("./transfer.js").Transfer} Transfer */
/** @typedef {{ address: string, token: string, limit: number, arrived: string | null, weights: boolean, quiet: boolean, endings: string[] }} Data */
/**
 * @typedef {object} Component
 * @property {Data} data
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */
/** @typedef {{ now: { component: Component }, view: ReturnType<typeof viewOf> }} Mounted */
/** @type {WeakMap<HTMLElement, Mounted>} */
const mounted = new WeakMap() // by parentElement

/** @param {Component} component */
export default function upload(component) {
  const { parentElement, data } = component
  const shown = mounted.get(parentElement) ?? mountedWith({ component })
  if (!mounted.has(parentElement)) {
    mounted.set(parentElement, shown)
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".upload"))
    root.replaceChildren(shown.view.root)
  }
  shown.now.component = component
  shared.address = data.address
  shared.watch = shown.view.draw
  shared.renew = () => shown.now.component.setTriggerValue("renew", true)
  if (shared.token !== data.token) {
    shared.token = data.token
    shared.wake?.() // whoever waits for the page's connection
  }
  shown.view.update()
  return () => {
    // A transfer goes on while other pages are shown.
    if (shared.watch === shown.view.draw) shared.watch = shared.renew = null
    mounted.delete(parentElement)
  }
}

/**
 * @param {{ component: Component }} now of this run of the page; the view asks it whenever it is drawn
 * @returns {Mounted}
 */
function mountedWith(now) {
  return { now, view: viewOf(() => now.component) }
}

/**
 * @param {string} text
 * @param {string} label
 * @param {() => void} onclick
 */
function button(text, label, onclick) {
  const control = element("button", "", text)
  control.type = "button"
  control.setAttribute("aria-label", label)
  control.onclick = onclick
  return control
}

/** @param {() => Component} component */
function viewOf(component) {
  const root = element("div")
  const drop = element("label", "drop")
  const input = element("input")
  input.type = "file"
  const { weights, endings } = component().data
  const [one, what] = weights ? ["weights file", "Weights file"] : ["zip", "Zip of images"]
  input.accept = weights ? endings.join(",") : ".zip,application/zip"
  input.setAttribute("aria-label", what)
  const rules = element("span", "rules")
  drop.append(element("span", "choose", `Choose a ${one}`), element("span", "", "or drop it here"), rules, input)
  // The window has one transfer; that of another page is not shown here.
  /** @param {{ name: string }} upload */
  const isMine = ({ name }) => isOf(name, endings) === weights
  const mine = () => (shared.transfer && isMine(shared.transfer) ? shared.transfer : null)
  const message = element("p", "message")
  message.setAttribute("role", "alert")
  const cut = element("ul", "cut")
  const card = element("div", "card")
  const name = element("span", "name")
  const words = element("span", "words")
  const bar = element("progress")
  bar.setAttribute("aria-label", "Uploaded")
  const buttons = element("span", "buttons")
  const head = element("div", "head")
  head.append(name, buttons)
  card.append(head, bar, words)
  root.append(drop, message, cut, card)

  /** @param {string} text */
  const say = (text) => {
    message.textContent = text
    message.hidden = !text
  }
  /** @param {string | null} id */
  const report = (id) => {
    const { data, setStateValue } = component()
    if (data.arrived !== id) setStateValue("done", id)
  }
  /** @param {File[]} files */
  const choose = async (files) => {
    input.value = ""
    say("")
    if (files.length !== 1) return files.length ? say(`One ${one} at a time: choose a single file.`) : undefined
    const other = shared.transfer
    if (other && !mine() && other.phase !== "done") return say(`${other.name} is being uploaded: wait for it, or cancel it on its page.`)
    try {
      await transferOf(files[0], component().data)
    } catch (error) {
      const { message } = /** @type {Error} */ (error)
      if (root.isConnected) say(message)
      else shared.refused = message
    }
    draw()
  }
  input.onchange = () => choose([.../** @type {FileList} */ (input.files)])
  drop.ondragover = (event) => {
    event.preventDefault()
    drop.classList.add("over")
  }
  drop.ondragleave = () => drop.classList.remove("over")
  drop.ondrop = (event) => {
    event.preventDefault()
    drop.classList.remove("over")
    choose([.../** @type {DataTransfer} */ (event.dataTransfer).files])
  }

  /** @type {string | null} */
  let phase = null
  function draw() {
    const now = mine()
    drop.hidden = Boolean(now) || component().data.quiet
    card.hidden = !now
    rules.textContent = `up to ${amount(component().data.limit)}; goes on where it was after an interruption`
    drawCut(now)
    if (!now) return void (phase = null)
    name.textContent = now.name
    name.title = now.name
    bar.max = now.size
    bar.value = now.at + now.sent
    words.textContent = wordsOf(now)
    card.classList.toggle("failed", now.phase === "failed")
    if (now.phase === phase) return // buttons keep their focus
    phase = now.phase
    const cancel = button(phase === "done" ? "Remove" : "Cancel", `Remove ${now.name}`, () => {
      report(null)
      forget(now)
      draw()
    })
    const pause = button("Pause", "Pause the upload", () => hold(now))
    const resume = button("Resume", "Resume the upload", () => start(now))
    buttons.replaceChildren(...(phase === "sending" ? [pause] : phase === "done" ? [] : [resume]), cancel)
    if (phase === "done") report(now.id)
  }
  /** @param {Transfer | null} now */
  function drawCut(now) {
    const left = now || component().data.quiet ? [] : shared.cut.filter(isMine)
    if (cut.childElementCount === left.length && left.every((cutOne, index) => cut.children[index].id === cutOne.id)) return
    cut.replaceChildren(
      ...left.map((cutOne) => {
        const line = element("li", "", `${cutOne.name}: ${amount(cutOne.at)} of ${amount(cutOne.size)} are here. Choose the same file to go on. `)
        line.id = cutOne.id
        line.append(button("Forget", `Forget ${cutOne.name}`, () => forget(cutOne).then(draw)))
        return line
      }),
    )
  }
  let looked = false
  function update() {
    const { data } = component()
    const now = mine()
    if (now?.phase === "done") {
      if (data.arrived === now.id) now.known = true
      else if (now.known) taken(now) // imported: it is no longer needed
    }
    draw()
    if (looked || now || data.quiet) return
    looked = true
    lookForCut(isMine).then(draw)
  }
  say(shared.refused ?? "")
  shared.refused = ""
  return { root, draw, update }
}

/** @param {Transfer} transfer */
function taken(transfer) {
  unremember(transfer.id)
  shared.transfer = null
}
