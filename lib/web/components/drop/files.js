// Files that were brought: their names, and how far they are, in words.

/** @typedef {{ done: number, total: number }} Going how many files of a drop are sent */

/**
 * The files of a drop with names: what was pasted has none of its own.
 * @param {File[]} files
 * @param {Date} [now]
 */
export function brought(files, now = new Date()) {
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, "0")).join("-")
  return files.map((file, index) => {
    if (file.name && file.name !== "image.png") return file // what browsers call any pasted picture
    const ending = (file.type.split("/")[1] ?? "png").replace("jpeg", "jpg")
    return new File([file], `pasted ${time}${index ? ` (${index + 1})` : ""}.${ending}`, { type: file.type })
  })
}

/** @param {Going} going */
export function wordsOf({ done, total }) {
  const images = total === 1 ? "1 image" : `${total} images`
  return done < total ? `Sending ${images}: ${done} sent` : `Asking the model about ${images}`
}
