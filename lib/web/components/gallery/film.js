// Frames: the same pictures at several times, gone through by a slider or played.

import { button, element } from "../shared/dom.js"

const FRAME_MS = 333

/** @typedef {import("./geometry.js").Card} Card */
/** @typedef {import("./geometry.js").GalleryData} GalleryData */
/** @typedef {{ title: string, cards: Pick<Card, "chips" | "note" | "pred_points">[] }} Frame */
/** @typedef {ReturnType<typeof filmOf>} Film */

/**
 * Which frame is shown. As long as it is the last one, a new frame is shown at once; else the choice is kept.
 * @param {GalleryData} data
 * @param {string} first the frames as JSON
 */
export function filmOf(data, first) {
  let text = first // the frames as they came
  /** @type {Frame[]} */
  let frames = JSON.parse(first)
  let at = frames.length - 1
  /** @type {number | undefined} */
  let timer
  /** @type {Set<() => void>} */
  const watchers = new Set()
  const redraw = () => watchers.forEach((draw) => draw())
  const last = () => frames.length - 1
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }
  /**
   * The place in `next` of the frame shown, or of the last one before it that is still there.
   * @param {Frame[]} next
   */
  const kept = (next) => {
    for (let index = at; index >= 0; index--) {
      const place = next.findIndex(({ title }) => title === frames[index].title)
      if (place >= 0) return place
    }
    return 0
  }
  const every = () => frames.flatMap(({ cards }) => cards.map((card, index) => ({ ...data.cards[index], ...card })))
  let all = every()
  const film = {
    label: data.label,
    stop,
    /** @param {() => void} draw */
    watch: (draw) => watchers.add(draw),
    state: () => ({ at, last: last(), playing: timer !== undefined, titles: frames.map(({ title }) => title) }),
    /** @param {number} index */
    card: (index) => ({ ...data.cards[index], ...frames[at].cards[index] }),
    all: () => all,
    /** @param {string} next */
    update(next) {
      if (next === text) return
      text = next
      const newFrames = JSON.parse(next)
      at = at === last() && timer === undefined ? newFrames.length - 1 : kept(newFrames)
      frames = newFrames
      all = every()
      redraw()
    },
    /** @param {number} to */
    go(to) {
      stop()
      at = Math.min(last(), Math.max(0, to))
      redraw()
    },
    toggle() {
      if (timer !== undefined) return film.go(at)
      if (at === last()) at = 0 // from the start again
      timer = setInterval(() => {
        at = Math.min(last(), at + 1)
        if (at === last()) stop()
        redraw()
      }, FRAME_MS)
      redraw()
    },
  }
  return film
}

/**
 * The slider with the frame's title and a button that plays.
 * @param {Film} film
 */
export function player(film) {
  const bar = element("div", "film")
  const play = button("control play", "", "Play", film.toggle)
  const label = element("label", "track", film.label)
  const slider = element("input")
  slider.type = "range"
  slider.min = "0"
  slider.step = "1"
  slider.oninput = () => film.go(Number(slider.value))
  label.append(slider)
  const title = element("span", "now")
  const draw = () => {
    const { at, last, playing, titles } = film.state()
    slider.max = `${Math.max(last, 0)}` // before the value, which is cut to it
    slider.value = `${at}`
    slider.style.setProperty("--done", `${(100 * at) / Math.max(last, 1)}%`)
    slider.disabled = play.disabled = last < 1
    slider.setAttribute("aria-valuetext", `${film.label} ${titles[at]}`)
    title.textContent = titles[at]
    title.style.minWidth = `${Math.max(...titles.map((one) => one.length))}ch` // or the slider would change its length
    play.textContent = playing ? "❚❚" : "▶"
    play.title = playing ? "Pause" : "Play"
    play.setAttribute("aria-label", play.title)
  }
  film.watch(draw)
  draw()
  bar.append(play, label, title)
  return bar
}
