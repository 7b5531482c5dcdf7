// The place for pictures: dropped or pasted anywhere on the page, or chosen; sent at once, see sending.js.
// Names of files are only ever handed on, or set with textContent.

import { button, element } from "../shared/dom.js"
import { brought, wordsOf } from "./files.js"
import { sending } from "./sending.js"

/** @typedef {{ address: string, token: string, limit: number, most: number, taken: string, small: boolean }} Data */
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

const SOON_MS = 60_000 // so long what was told of pictures that may come holds

/** @param {Component} component */
export default function drop(component) {
  const { parentElement } = component
  let shown = mounted.get(parentElement)
  if (shown) {
    shown.now.component = component
  } else {
    const now = { component }
    shown = { now, view: viewOf(() => now.component) }
    mounted.set(parentElement, shown)
    parentElement.querySelector(".place")?.replaceChildren(shown.view.root)
  }
  shown.view.update()
  return () => {
    mounted.get(parentElement)?.view.leave()
    mounted.delete(parentElement)
  }
}

/** @param {() => Component} component */
function viewOf(component) {
  const root = element("div")
  const area = element("div", "area")
  const input = element("input")
  Object.assign(input, { type: "file", multiple: true, accept: "image/*", hidden: true })
  const choose = button("choose", "Choose images", "Choose images to predict", () => {
    soon()
    input.click()
  })
  const how = element("span", "how")
  const rules = element("span", "rules")
  const going = element("span", "going")
  const bar = element("progress")
  bar.setAttribute("aria-label", "Images sent")
  const words = element("span", "words")
  words.setAttribute("role", "status")
  const message = element("span", "message")
  message.setAttribute("role", "alert")
  const cancel = button("", "Cancel", "Cancel sending", () => sender.cancel())
  going.append(words, bar, cancel)
  const buttons = element("span", "buttons")
  buttons.append(choose, input)
  if ("read" in (navigator.clipboard ?? {})) buttons.append(button("", "Paste", "Paste an image from the clipboard", paste))
  area.append(buttons, how, rules, going, message)
  root.append(area)

  const sender = sending(component, draw)
  /** @param {File[]} files */
  function take(files) {
    message.textContent = ""
    if (files.length) sender.send(files)
  }
  let told = -Infinity
  const soon = () => {
    if (performance.now() - told < SOON_MS) return
    told = performance.now()
    component().setTriggerValue("soon", true)
  }
  async function paste() {
    try {
      const files = []
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find((one) => one.startsWith("image/"))
        if (type) files.push(new File([await item.getType(type)], "", { type }))
      }
      if (files.length) take(brought(files))
      else message.textContent = "There is no image in the clipboard: copy one, then paste again."
    } catch {
      message.textContent = "The browser does not let this page read the clipboard: press Ctrl+V instead."
    }
  }

  input.onchange = () => {
    take(brought([.../** @type {FileList} */ (input.files)]))
    input.value = "" // the same file may be chosen again
  }
  const listening = new AbortController()
  /** @type {<K extends keyof DocumentEventMap>(name: K, on: (event: DocumentEventMap[K]) => void) => void} */
  const listen = (name, on) => document.addEventListener(name, on, { signal: listening.signal })
  /** @param {DragEvent} event */
  const hasFiles = ({ dataTransfer }) => Boolean(dataTransfer?.types.includes("Files"))
  listen("dragenter", (event) => hasFiles(event) && soon())
  listen("dragover", (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    area.classList.add("over")
  })
  listen("dragleave", (event) => event.relatedTarget === null && area.classList.remove("over"))
  listen("drop", (event) => {
    area.classList.remove("over")
    if (!hasFiles(event) || event.defaultPrevented) return // another place on the page took them
    event.preventDefault()
    take(brought([.../** @type {DataTransfer} */ (event.dataTransfer).files]))
  })
  listen("paste", ({ clipboardData }) => take(brought([...(clipboardData?.files ?? [])])))

  function draw() {
    const { small, limit, most } = component().data
    const now = sender.now()
    root.className = small ? "small" : "large"
    how.textContent = small ? "or drop them, or press Ctrl+V" : "or drop them anywhere on this page, or paste with Ctrl+V: the model answers at once"
    rules.textContent = `Up to ${most} images of at most ${limit / 2 ** 20} MB: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF. They are kept with the run, on this computer, until newer ones replace them.`
    going.hidden = !now
    how.hidden = small && Boolean(now)
    if (!now) return
    bar.max = now.total
    bar.value = now.done
    words.textContent = wordsOf(now)
    cancel.hidden = now.done === now.total
  }
  const leave = () => {
    listening.abort()
    sender.cancel()
  }
  const update = () => {
    sender.update()
    draw()
  }
  return { root, update, leave }
}
