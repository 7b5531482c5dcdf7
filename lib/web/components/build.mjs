// Joins the modules of each component to the one file that Streamlit is given: `npm run build`. With `--check` nothing
// is written; it fails where a joined file is not what its sources make.
//
// Streamlit takes a script as text, or as a file of a package that is installed with a manifest. The app runs from a
// checkout as well, where no package is installed, and text has no address that an import could start from: so the
// modules are joined before, and the result is kept beside them. Its first lines name every source with the hash of
// its text, which a Python test compares: whoever changes a source without node is told so too.

import { createHash } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const HERE = fileURLToPath(new URL(".", import.meta.url))
const COMPONENTS = ["chart", "drop", "focus", "gallery", "history", "inspector", "keys", "lab", "learn", "map", "matrix", "plotly", "report", "upload"]

const text = async (path) => (await readFile(path, "utf8")).replaceAll("\r\n", "\n")
const sha256 = (content) => createHash("sha256").update(content, "utf8").digest("hex")

async function joined(name) {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${name}/${name}.js`],
    absWorkingDir: HERE,
    bundle: true,
    charset: "utf8",
    format: "esm",
    target: "es2022",
    legalComments: "none",
    metafile: true,
    write: false,
  })
  const body = outputFiles[0].text
  const sources = Object.keys(metafile.inputs).sort()
  const hashes = await Promise.all(sources.map(async (source) => `//   ${sha256(await text(resolve(HERE, source)))}  ${source}`))
  const head = ["// Made by `npm run build` of the files below, named with their SHA-256: change those.", ...hashes, `// Of what follows: ${sha256(body)}`]
  return `${head.join("\n")}\n${body}`
}

const check = process.argv.includes("--check")
const stale = []
for (const name of COMPONENTS) {
  const path = resolve(HERE, name, `${name}.bundle.js`)
  const content = await joined(name)
  if (!check) await writeFile(path, content)
  else if ((await text(path).catch(() => "")) !== content) stale.push(relative(process.cwd(), path))
}
if (stale.length) {
  console.error(`Not what their sources make: ${stale.join(", ")}. Run \`npm run build\` and commit the result.`)
  process.exitCode = 1
}
