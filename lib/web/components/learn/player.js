// A button that plays a figure from where it is to its end, and pauses it.

import { element, write } from "../shared/dom.js"

export class Player {
  /**
   * @param {number} seconds that all of it takes
   * @param {() => number} share of it that is over, from 0 to 1
   * @param {(share: number) => void} go is called in every frame
   */
  constructor(seconds, share, go) {
    this.seconds = seconds
    this.share = share
    this.go = go
    this.frame = 0
    this.button = element("button", "primary", "Play")
    this.button.type = "button"
    this.button.onclick = () => (this.frame ? this.pause() : this.start())
  }

  start() {
    const share = this.share()
    const began = performance.now() - (share < 1 ? share : 0) * this.seconds * 1000
    const step = () => {
      const now = Math.min(1, (performance.now() - began) / (this.seconds * 1000))
      this.go(now)
      this.frame = now < 1 ? requestAnimationFrame(step) : 0
      write(this.button, this.frame ? "Pause" : "Play")
    }
    step()
  }

  pause() {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    write(this.button, "Play")
  }
}
