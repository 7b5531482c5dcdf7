// Geometry of the points on a picture: paths of their marks, the ones under the pointer, and their description.

const MANY_POINTS = 24 // more are drawn smaller
const POINTED_PX = 6 // so near a mark the pointer gets its name
const SAME_PX = 1.5 // marks that are so much farther than the nearest one are pointed at too: they lie on each other
const MOST_POINTED = 4

/** @typedef {[number, number]} Place */
/**
 * What of a card is drawn: the places are shares of the picture's sides, null where there is no such point.
 * How far predicted points scatter is in pixels of the picture.
 * @typedef {{true_points: (Place | null)[], pred_points: (Place | null)[], spread?: (number | null)[], width: number, height: number}} PointCard
 */

/** @typedef {{ text: string, kind: string, value: number | null }} Chip */
/**
 * A card as lib/web/components/gallery/__init__.py sends it.
 * @typedef {PointCard & { title: string, note: string, item: number, src?: string, chips: Chip[], heat: number[][], chosen: number | null }} Card
 */
/**
 * @typedef {object} GalleryData
 * @property {string} kind of gallery, under which the browser keeps what is hidden
 * @property {"s" | "m" | "l"} size
 * @property {boolean} points
 * @property {Card[]} cards
 * @property {string[]} point_names
 * @property {[number, number][]} lines numbers of the points that a line joins
 * @property {string} [pictures] address, with `{item}` and `{size}` in it
 * @property {string} [label] of the frames
 * @property {boolean} [editable]
 * @property {boolean} [alike] whether what is like a picture can be asked for
 * @property {number} [columns] so many cards side by side
 * @property {{item: number, width: number, height: number}[]} [ahead] pictures that are shown next
 * @property {boolean} [compact] whether only a few chips stand below a picture
 * @property {boolean} [revisions] whether true points are those of the later revision, predicted ones of the earlier
 * @property {boolean} [pairs] whether two cards in turn belong together
 */

/** @param {Pick<PointCard, "true_points" | "pred_points">} card */
export function countOf(card) {
  return Math.max(card.true_points.length, card.pred_points.length)
}

/**
 * @param {Pick<PointCard, "true_points" | "pred_points">} card
 * @param {"s" | "m" | "l" | "full"} size
 */
export function radius({ true_points, pred_points }, size) {
  const many = Math.max(...[true_points, pred_points].map((places) => places.filter(Boolean).length)) > MANY_POINTS
  return (many ? { s: 1.4, m: 1.6, l: 2.6, full: 3.5 } : { s: 3.5, m: 4, l: 5, full: 6 })[size]
}

/** @param {number} value */
export const number = (value) => value.toFixed(2)
/** @type {(at: Place) => string} */
const spot = ([x, y]) => `${number(x)} ${number(y)}`
/** @type {(from: Place, to: Place) => string} */
export const segment = (from, to) => `M${spot(from)}L${spot(to)}`
/** @type {(r: number) => (at: Place) => string} */
export const ring = (r) => ([x, y]) => `M${number(x - r)} ${number(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`
/** @type {(r: number) => (at: Place) => string} */
export const cross = (r) => ([x, y]) => segment([x - r, y - r], [x + r, y + r]) + segment([x - r, y + r], [x + r, y - r])
/** @type {(r: number) => (at: Place) => string} */
export const diamond = (r) => ([x, y]) => `M${spot([x - r, y])}L${spot([x, y - r])}L${spot([x + r, y])}L${spot([x, y + r])}Z`

/** @param {number} value */
function digits(value) {
  return value >= 999.5 ? Math.round(value).toLocaleString("en") : value.toPrecision(3)
}

/**
 * What is said of a point: its name with its error, and where it is in pixels of the picture.
 * @param {{point_names: string[], revisions?: boolean}} data
 * @param {PointCard} card
 * @param {number} k
 */
export function pointWords(data, card, k) {
  const name = data.point_names[k] ?? `point ${k + 1}`
  /** @type {(place: Place | null | undefined) => Place | null | undefined} */
  const inPixels = (place) => place && [place[0] * card.width, place[1] * card.height]
  const [from, to] = [inPixels(card.true_points[k]), inPixels(card.pred_points[k])]
  /** @type {(at: Place) => string} */
  const where = ([x, y]) =>
    `(${x.toFixed(1)}, ${y.toFixed(1)})${x < 0 || y < 0 || x > card.width || y > card.height ? ", outside the image" : ""}`
  if (from && to) {
    const off = digits(Math.hypot(to[0] - from[0], to[1] - from[1]))
    if (data.revisions) return [`${name}: moved by ${off} px`, `before ${where(to)}, after ${where(from)}`]
    return [`${name}: ${off} px off`, `true ${where(from)}, predicted ${where(to)}`]
  }
  if (data.revisions && to) return [`${name}: missing now`, `before ${where(to)}`]
  if (data.revisions && from) return [name, where(from)]
  const labeled = card.true_points.length > 0
  const spread = card.spread?.[k]
  const sure = spread === null || spread === undefined ? "" : `, spread ${digits(spread)} px`
  if (to) return [labeled ? `${name}: predicted, not labeled` : name, `predicted ${where(to)}${sure}`]
  if (from) return [card.pred_points.length ? `${name}: labeled, not predicted` : name, where(from)]
  return [name, "missing"]
}

/**
 * The points whose marks of radius `r` are at a place, the nearest first: those that lie on each other.
 * @param {(Place | null | undefined)[][]} seen the places of the true points and of the predicted ones, as far as drawn
 * @param {Place} place
 * @param {number} r
 */
export function pointedAt(seen, [x, y], r) {
  const all = Array.from({ length: Math.max(...seen.map((places) => places.length)) }, (_, k) => k)
  /** @param {Place | null | undefined} place */
  const away = (place) => (place ? Math.hypot(place[0] - x, place[1] - y) : Infinity)
  const reach = all.map((k) => Math.min(...seen.map((places) => away(places[k]))))
  const limit = Math.min(r + POINTED_PX, Math.min(...reach) + SAME_PX)
  return all.filter((k) => reach[k] <= limit).sort((a, b) => reach[a] - reach[b]).slice(0, MOST_POINTED)
}
