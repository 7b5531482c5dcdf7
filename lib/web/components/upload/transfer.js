// The transfer of an upload. One file at a time, in pieces, each added where the server says that the file ends:
// a cut costs nothing that has arrived. The file's id is remembered in the browser by its name, size and both ends, so
// that the same file chosen again, after a reload too, goes on: see memory.js.

import { remember, remembered, unremember } from "./memory.js"
import { amount } from "./words.js"

const [SMALLEST, FIRST, LARGEST] = [2 ** 18, 2 ** 20, 2 ** 24] // bytes of one request
const PIECE_S = 2 // seconds that one should take
const ENDS = [2 ** 16, 2 ** 18] // bytes at the start and at the end, where a zip lists its content, that tell files apart
const WAITS = [1, 2, 4, 8, 10] // seconds between attempts
const WINDOW = 5000 // ms over which the speed is measured
const SHOWN_EVERY = 150 // ms
/** @typedef {import("./memory.js").Known} Known */
/**
 * An upload at work or, where an earlier page left it complete, one without its file.
 * @typedef {object} Transfer
 * @property {string} id
 * @property {File | null} [file]
 * @property {string} name
 * @property {number} size
 * @property {number} at bytes that have arrived
 * @property {number} sent bytes of the piece on its way
 * @property {number} [piece] bytes of the next request
 * @property {number} [largest] that anything on the way takes
 * @property {number} turn of the round at work
 * @property {[number, number][]} speeds when how many bytes were there
 * @property {string} phase
 * @property {string} message
 * @property {XMLHttpRequest | null} [xhr]
 * @property {boolean} [known] whether the page has been told that it is complete
 */
/** @typedef {Transfer & { file: File, piece: number, largest: number }} Sending */
/** @typedef {{ status: number, offset?: number | null, text: string }} Reply */
/**
 * @typedef {object} Shared
 * @property {Transfer | null} transfer
 * @property {string} [refused] why a file was not taken that was chosen in a form that is closed by now
 * @property {(Known & { at: number })[]} cut uploads that an earlier page began
 * @property {(() => void) | null} watch
 * @property {string} token
 * @property {(() => void) | null} wake
 * @property {(() => void) | null} renew
 * @property {string} [address]
 */

// Of the whole window, not of this script, which may be loaded again when a page is shown again.
/** @type {Record<symbol, Shared>} */
const page = /** @type {any} */ (globalThis)
export const shared = (page[Symbol.for("manyhot.upload")] ??= { transfer: null, cut: [], watch: null, token: "", wake: null, renew: null })

/**
 * Whether a file's name ends with one of some endings.
 * @param {string} name
 * @param {string[]} endings
 */
export function isOf(name, endings) {
  return endings.some((ending) => name.toLowerCase().endsWith(ending))
}

/**
 * @param {File} file
 * @param {{ limit: number, weights: boolean, endings: string[] }} takes limit in bytes
 */
export async function transferOf(file, { limit, weights, endings }) {
  if (file.size > limit) {
    throw new Error(`${file.name} has ${amount(file.size)}, more than the ${amount(limit)} that may be uploaded: ${weights ? "give its path instead" : "import it by its path"}.`)
  }
  const [head, tail] = await Promise.all([bytesOf(file, 0, ENDS[0]), bytesOf(file, Math.max(0, file.size - ENDS[1]), file.size)])
  if (weights && !isOf(file.name, endings)) throw new Error(`${file.name} is no weights file: choose one that ends with ${endings.join(", ")}.`)
  if (!weights && (head[0] !== 0x50 || head[1] !== 0x4b || isOf(file.name, endings))) throw new Error(`${file.name} is not a zip file: choose a zip of images.`)
  const mark = `${hash([new TextEncoder().encode(`${file.name}/${file.size}/`), head, tail])}`
  const id = remembered().find((one) => one.mark === mark)?.id ?? newId()
  remember({ mark, id, name: file.name, size: file.size, when: Date.now() })
  shared.cut = shared.cut.filter((one) => one.id !== id)
  /** @type {Sending} */
  const transfer = { id, file, name: file.name, size: file.size, at: 0, sent: 0, piece: FIRST, largest: LARGEST, turn: 0, speeds: [], phase: "", message: "" }
  shared.transfer = transfer
  start(transfer)
}

/**
 * @param {File} file
 * @param {number} from
 * @param {number} to
 */
async function bytesOf(file, from, to) {
  try {
    return new Uint8Array(await file.slice(from, to).arrayBuffer())
  } catch {
    throw new Error(`${file.name} cannot be read: it was changed or removed. Choose it again.`)
  }
}

/**
 * Two 32-bit FNV-1a hashes: crypto.subtle is missing where a page comes over plain HTTP from another computer.
 * @param {Uint8Array[]} parts
 */
function hash(parts) {
  let [a, b] = [0x811c9dc5, 0x9747b28c]
  for (const part of parts) {
    for (const byte of part) {
      a = Math.imul(a ^ byte, 0x01000193)
      b = Math.imul(b ^ byte ^ 0x5a, 0x01000193) ^ (b >>> 15)
    }
  }
  return [a, b].map((one) => (one >>> 0).toString(16).padStart(8, "0")).join("")
}

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}

// --- what an earlier page left ------------------------------------------------------------------------------

/**
 * Find what an earlier page left: a complete upload is taken over, of others the user is told.
 * @param {(upload: { name: string }) => boolean} isMine
 */
export async function lookForCut(isMine) {
  const interrupted = []
  for (const one of remembered().filter(isMine)) {
    const reply = await request("HEAD", one.id)
    if (shared.transfer) return
    if (reply.status === 404) unremember(one.id)
    if (reply.status !== 204) continue
    const at = /** @type {number} */ (reply.offset)
    if (at < one.size) {
      interrupted.push({ ...one, at })
    } else {
      shared.transfer = { ...one, at: one.size, sent: 0, turn: 0, speeds: [], phase: "done", message: "" }
      return
    }
  }
  shared.cut = interrupted
}

// --- sending -----------------------------------------------------------------------------------------------

/**
 * @param {string} method
 * @param {string} id
 * @param {Record<string, string>} [headers]
 * @param {Blob | null} [body]
 * @param {((loaded: number) => void) | null} [onprogress]
 * @param {((xhr: XMLHttpRequest) => void) | null} [onopen]
 * @returns {Promise<Reply>}
 */
function request(method, id, headers = {}, body = null, onprogress = null, onopen = null) {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest() // fetch does not say how much was sent
    xhr.open(method, `${shared.address}/${id}`)
    for (const [name, value] of Object.entries({ "Upload-Token": shared.token, ...headers })) xhr.setRequestHeader(name, value)
    xhr.upload.onprogress = onprogress && ((event) => onprogress(event.loaded))
    xhr.onloadend = () => {
      const offset = xhr.getResponseHeader("Upload-Offset")
      resolve({ status: xhr.status, offset: offset === null ? null : Number(offset), text: xhr.responseText })
    }
    onopen?.(xhr)
    xhr.send(body)
  })
}

/** @param {Transfer} transfer */
export async function start(transfer) {
  const turn = (transfer.turn += 1) // an earlier round ends when it sees another number
  const going = () => transfer.turn === turn && transfer.phase === "sending"
  Object.assign(transfer, { phase: "sending", message: "", sent: 0, speeds: [] })
  shared.watch?.()
  addEventListener("beforeunload", warn)
  let failures = 0
  let known = false // whether the server told where the file ends
  while (going()) {
    const reply = known ? await sendPiece(/** @type {Sending} */ (transfer), going) : await begin(/** @type {Sending} */ (transfer))
    if (!going()) return
    transfer.sent = 0
    if (reply.status === 204) {
      if (known) failures = 0
      known = true
      Object.assign(transfer, { at: reply.offset, message: "" })
      if (transfer.at >= transfer.size) end(transfer, "done", "")
    } else if (reply.status === 413 && known && transfer.piece && transfer.piece > SMALLEST) {
      transfer.piece = transfer.largest = transfer.piece / 4 // a proxy on the way takes no more
    } else if ([0, 401, 408, 409, 500, 502, 503, 504].includes(reply.status)) {
      known = false
      if (reply.status === 401) shared.renew?.() // the server was started again: the page needs its session first
      await pauseBefore(transfer, reply.status, WAITS[Math.min(failures, WAITS.length - 1)], going)
      failures += 1
    } else {
      end(transfer, "failed", reply.text || `The server answered ${reply.status}.`)
    }
    shared.watch?.()
  }
}

/**
 * @param {Sending} transfer
 * @returns {Promise<Reply>}
 */
async function begin(transfer) {
  try {
    await bytesOf(transfer.file, transfer.size - 1, transfer.size)
  } catch (error) {
    return { status: -1, text: /** @type {Error} */ (error).message }
  }
  return request("PUT", transfer.id, { "Upload-Name": encodeURIComponent(transfer.name), "Upload-Length": String(transfer.size) })
}

/**
 * @param {Sending} transfer
 * @param {() => boolean} going
 */
async function sendPiece(transfer, going) {
  const from = transfer.at
  const began = performance.now()
  const piece = transfer.file.slice(from, Math.min(transfer.size, from + transfer.piece), "application/octet-stream")
  let shown = 0
  /** @param {number} loaded */
  const progress = (loaded) => {
    if (!going()) return
    transfer.sent = Math.min(loaded, piece.size)
    const now = performance.now()
    transfer.speeds.push([now, from + transfer.sent])
    while (now - transfer.speeds[0][0] > WINDOW) transfer.speeds.shift()
    if (now - shown < SHOWN_EVERY) return
    shown = now
    shared.watch?.()
  }
  const reply = await request("PATCH", transfer.id, { "Upload-Offset": String(from) }, piece, progress, (xhr) => (transfer.xhr = xhr))
  const suits = (piece.size / Math.max(1, performance.now() - began)) * 1000 * PIECE_S
  if (reply.status === 204) transfer.piece = Math.round(Math.min(transfer.largest, Math.max(SMALLEST, suits)))
  return reply
}

/**
 * @param {Transfer} transfer
 * @param {number} status
 * @param {number} seconds
 * @param {() => boolean} going
 */
async function pauseBefore(transfer, status, seconds, going) {
  transfer.speeds = []
  for (let left = seconds; left > 0 && going(); left -= 1) {
    const why = status === 401 ? "Waiting for the page's connection" : "The connection was cut"
    transfer.message = `${why}: trying again in ${left} s.`
    shared.watch?.()
    const woken = await new Promise((resolve) => {
      const wake = () => resolve(true)
      shared.wake = wake
      addEventListener("online", wake, { once: true })
      setTimeout(() => resolve(false), 1000)
    })
    if (woken) return
  }
}

/** @param {BeforeUnloadEvent} event */
function warn(event) {
  event.preventDefault() // the browser asks whether to leave
}

/**
 * @param {Transfer} transfer
 * @param {string} phase
 * @param {string} message
 */
function end(transfer, phase, message) {
  transfer.turn += 1
  Object.assign(transfer, { phase, message, sent: 0 })
  removeEventListener("beforeunload", warn)
  transfer.xhr?.abort()
  transfer.xhr = null
  if (phase === "done") transfer.file = null
  shared.watch?.()
}

/** @param {Transfer} transfer */
export function hold(transfer) {
  end(transfer, "paused", "")
}

/** @param {Transfer | Known} transfer */
export async function forget(transfer) {
  if (shared.transfer && transfer === shared.transfer) {
    end(shared.transfer, "canceled", "")
    shared.transfer = null
  }
  shared.cut = shared.cut.filter((one) => one.id !== transfer.id)
  unremember(transfer.id)
  await request("DELETE", transfer.id)
}
