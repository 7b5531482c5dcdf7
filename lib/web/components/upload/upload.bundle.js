// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
//   d5180d5a5d2dc0462b26709314b1b1a2fc4e4d365e1b444e1f19a45692f5e37f  upload/memory.js
//   32058c850b4e7de3dfc513feaab5734da774c7a38ee773e2e227da4ff140653e  upload/transfer.js
//   5a7fef0006209cc37b62801bea9e5e66a89ccab4d6a2bca632b366b18893a3ca  upload/upload.js
//   057299f43d1ef220ab9b3ac704ec64aaed8020aa1108858db8945f1f2fe10418  upload/words.js
// Of what follows: 5accb62c0392174e25cba1cc45fcaf0f7582194798a5bd3b66ae22b8737d2a7d
// shared/dom.js
function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== void 0) node.textContent = text;
  return node;
}

// upload/memory.js
var MEMORY = "manyhot.uploads";
var REMEMBERED = 20;
var KEPT = 3 * 24 * 3600 * 1e3;
function remembered() {
  try {
    const uploads = JSON.parse(localStorage.getItem(MEMORY) ?? "[]");
    return uploads.filter((one) => Date.now() - one.when < KEPT && /^[0-9a-f]{32}$/.test(one.id));
  } catch {
    return [];
  }
}
function keep(all) {
  try {
    localStorage.setItem(MEMORY, JSON.stringify(all.slice(0, REMEMBERED)));
  } catch {
  }
}
function remember(one) {
  keep([one, ...remembered().filter((other) => other.mark !== one.mark)]);
}
function unremember(id) {
  keep(remembered().filter((one) => one.id !== id));
}

// upload/words.js
function wordsOf(now) {
  const done = now.at + now.sent;
  const far = `${amount(done)} of ${amount(now.size)}`;
  if (now.phase === "done") return `${amount(now.size)}, all of it has arrived`;
  if (now.phase === "failed") return `${now.message} (${far} are here)`;
  if (now.phase === "paused") return `${far}, paused`;
  if (now.message) return `${far}. ${now.message}`;
  const speed = speedOf(now);
  if (!speed) return far;
  return `${far}, ${amount(speed)}/s, ${duration((now.size - done) / speed)} left`;
}
function amount(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit ? value.toPrecision(value >= 100 ? 4 : 3).replace(/\.0+$/, "") : value} ${units[unit]}`;
}
function duration(seconds) {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6e3 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toPrecision(2)} h`;
}
function speedOf({ speeds }) {
  if (speeds.length < 2) return 0;
  const [[then, before], [now, after]] = [speeds[0], speeds[speeds.length - 1]];
  return now - then < 500 ? 0 : Math.max(0, (after - before) / (now - then) * 1e3);
}

// upload/transfer.js
var [SMALLEST, FIRST, LARGEST] = [2 ** 18, 2 ** 20, 2 ** 24];
var PIECE_S = 2;
var ENDS = [2 ** 16, 2 ** 18];
var WAITS = [1, 2, 4, 8, 10];
var WINDOW = 5e3;
var SHOWN_EVERY = 150;
var page = (
  /** @type {any} */
  globalThis
);
var shared = page[/* @__PURE__ */ Symbol.for("manyhot.upload")] ??= { transfer: null, cut: [], watch: null, token: "", wake: null, renew: null };
function isOf(name, endings) {
  return endings.some((ending) => name.toLowerCase().endsWith(ending));
}
async function transferOf(file, { limit, weights, endings }) {
  if (file.size > limit) {
    throw new Error(`${file.name} has ${amount(file.size)}, more than the ${amount(limit)} that may be uploaded: ${weights ? "give its path instead" : "import it by its path"}.`);
  }
  const [head, tail] = await Promise.all([bytesOf(file, 0, ENDS[0]), bytesOf(file, Math.max(0, file.size - ENDS[1]), file.size)]);
  if (weights && !isOf(file.name, endings)) throw new Error(`${file.name} is no weights file: choose one that ends with ${endings.join(", ")}.`);
  if (!weights && (head[0] !== 80 || head[1] !== 75 || isOf(file.name, endings))) throw new Error(`${file.name} is not a zip file: choose a zip of images.`);
  const mark = `${hash([new TextEncoder().encode(`${file.name}/${file.size}/`), head, tail])}`;
  const id = remembered().find((one) => one.mark === mark)?.id ?? newId();
  remember({ mark, id, name: file.name, size: file.size, when: Date.now() });
  shared.cut = shared.cut.filter((one) => one.id !== id);
  const transfer = { id, file, name: file.name, size: file.size, at: 0, sent: 0, piece: FIRST, largest: LARGEST, turn: 0, speeds: [], phase: "", message: "" };
  shared.transfer = transfer;
  start(transfer);
}
async function bytesOf(file, from, to) {
  try {
    return new Uint8Array(await file.slice(from, to).arrayBuffer());
  } catch {
    throw new Error(`${file.name} cannot be read: it was changed or removed. Choose it again.`);
  }
}
function hash(parts) {
  let [a, b] = [2166136261, 2538058380];
  for (const part of parts) {
    for (const byte of part) {
      a = Math.imul(a ^ byte, 16777619);
      b = Math.imul(b ^ byte ^ 90, 16777619) ^ b >>> 15;
    }
  }
  return [a, b].map((one) => (one >>> 0).toString(16).padStart(8, "0")).join("");
}
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
async function lookForCut(isMine) {
  const interrupted = [];
  for (const one of remembered().filter(isMine)) {
    const reply = await request("HEAD", one.id);
    if (shared.transfer) return;
    if (reply.status === 404) unremember(one.id);
    if (reply.status !== 204) continue;
    const at = (
      /** @type {number} */
      reply.offset
    );
    if (at < one.size) {
      interrupted.push({ ...one, at });
    } else {
      shared.transfer = { ...one, at: one.size, sent: 0, turn: 0, speeds: [], phase: "done", message: "" };
      return;
    }
  }
  shared.cut = interrupted;
}
function request(method, id, headers = {}, body = null, onprogress = null, onopen = null) {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, `${shared.address}/${id}`);
    for (const [name, value] of Object.entries({ "Upload-Token": shared.token, ...headers })) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = onprogress && ((event) => onprogress(event.loaded));
    xhr.onloadend = () => {
      const offset = xhr.getResponseHeader("Upload-Offset");
      resolve({ status: xhr.status, offset: offset === null ? null : Number(offset), text: xhr.responseText });
    };
    onopen?.(xhr);
    xhr.send(body);
  });
}
async function start(transfer) {
  const turn = transfer.turn += 1;
  const going = () => transfer.turn === turn && transfer.phase === "sending";
  Object.assign(transfer, { phase: "sending", message: "", sent: 0, speeds: [] });
  shared.watch?.();
  addEventListener("beforeunload", warn);
  let failures = 0;
  let known = false;
  while (going()) {
    const reply = known ? await sendPiece(
      /** @type {Sending} */
      transfer,
      going
    ) : await begin(
      /** @type {Sending} */
      transfer
    );
    if (!going()) return;
    transfer.sent = 0;
    if (reply.status === 204) {
      if (known) failures = 0;
      known = true;
      Object.assign(transfer, { at: reply.offset, message: "" });
      if (transfer.at >= transfer.size) end(transfer, "done", "");
    } else if (reply.status === 413 && known && transfer.piece && transfer.piece > SMALLEST) {
      transfer.piece = transfer.largest = transfer.piece / 4;
    } else if ([0, 401, 408, 409, 500, 502, 503, 504].includes(reply.status)) {
      known = false;
      if (reply.status === 401) shared.renew?.();
      await pauseBefore(transfer, reply.status, WAITS[Math.min(failures, WAITS.length - 1)], going);
      failures += 1;
    } else {
      end(transfer, "failed", reply.text || `The server answered ${reply.status}.`);
    }
    shared.watch?.();
  }
}
async function begin(transfer) {
  try {
    await bytesOf(transfer.file, transfer.size - 1, transfer.size);
  } catch (error) {
    return { status: -1, text: (
      /** @type {Error} */
      error.message
    ) };
  }
  return request("PUT", transfer.id, { "Upload-Name": encodeURIComponent(transfer.name), "Upload-Length": String(transfer.size) });
}
async function sendPiece(transfer, going) {
  const from = transfer.at;
  const began = performance.now();
  const piece = transfer.file.slice(from, Math.min(transfer.size, from + transfer.piece), "application/octet-stream");
  let shown = 0;
  const progress = (loaded) => {
    if (!going()) return;
    transfer.sent = Math.min(loaded, piece.size);
    const now = performance.now();
    transfer.speeds.push([now, from + transfer.sent]);
    while (now - transfer.speeds[0][0] > WINDOW) transfer.speeds.shift();
    if (now - shown < SHOWN_EVERY) return;
    shown = now;
    shared.watch?.();
  };
  const reply = await request("PATCH", transfer.id, { "Upload-Offset": String(from) }, piece, progress, (xhr) => transfer.xhr = xhr);
  const suits = piece.size / Math.max(1, performance.now() - began) * 1e3 * PIECE_S;
  if (reply.status === 204) transfer.piece = Math.round(Math.min(transfer.largest, Math.max(SMALLEST, suits)));
  return reply;
}
async function pauseBefore(transfer, status, seconds, going) {
  transfer.speeds = [];
  for (let left = seconds; left > 0 && going(); left -= 1) {
    const why = status === 401 ? "Waiting for the page's connection" : "The connection was cut";
    transfer.message = `${why}: trying again in ${left} s.`;
    shared.watch?.();
    const woken = await new Promise((resolve) => {
      const wake = () => resolve(true);
      shared.wake = wake;
      addEventListener("online", wake, { once: true });
      setTimeout(() => resolve(false), 1e3);
    });
    if (woken) return;
  }
}
function warn(event) {
  event.preventDefault();
}
function end(transfer, phase, message) {
  transfer.turn += 1;
  Object.assign(transfer, { phase, message, sent: 0 });
  removeEventListener("beforeunload", warn);
  transfer.xhr?.abort();
  transfer.xhr = null;
  if (phase === "done") transfer.file = null;
  shared.watch?.();
}
function hold(transfer) {
  end(transfer, "paused", "");
}
async function forget(transfer) {
  if (shared.transfer && transfer === shared.transfer) {
    end(shared.transfer, "canceled", "");
    shared.transfer = null;
  }
  shared.cut = shared.cut.filter((one) => one.id !== transfer.id);
  unremember(transfer.id);
  await request("DELETE", transfer.id);
}

// upload/upload.js
var mounted = /* @__PURE__ */ new WeakMap();
function upload(component) {
  const { parentElement, data } = component;
  const shown = mounted.get(parentElement) ?? mountedWith({ component });
  if (!mounted.has(parentElement)) {
    mounted.set(parentElement, shown);
    const root = (
      /** @type {HTMLElement} */
      parentElement.querySelector(".upload")
    );
    root.replaceChildren(shown.view.root);
  }
  shown.now.component = component;
  shared.address = data.address;
  shared.watch = shown.view.draw;
  shared.renew = () => shown.now.component.setTriggerValue("renew", true);
  if (shared.token !== data.token) {
    shared.token = data.token;
    shared.wake?.();
  }
  shown.view.update();
  return () => {
    if (shared.watch === shown.view.draw) shared.watch = shared.renew = null;
    mounted.delete(parentElement);
  };
}
function mountedWith(now) {
  return { now, view: viewOf(() => now.component) };
}
function button(text, label, onclick) {
  const control = element("button", "", text);
  control.type = "button";
  control.setAttribute("aria-label", label);
  control.onclick = onclick;
  return control;
}
function viewOf(component) {
  const root = element("div");
  const drop = element("label", "drop");
  const input = element("input");
  input.type = "file";
  const { weights, endings } = component().data;
  const [one, what] = weights ? ["weights file", "Weights file"] : ["zip", "Zip of images"];
  input.accept = weights ? endings.join(",") : ".zip,application/zip";
  input.setAttribute("aria-label", what);
  const rules = element("span", "rules");
  drop.append(element("span", "choose", `Choose a ${one}`), element("span", "", "or drop it here"), rules, input);
  const isMine = ({ name: name2 }) => isOf(name2, endings) === weights;
  const mine = () => shared.transfer && isMine(shared.transfer) ? shared.transfer : null;
  const message = element("p", "message");
  message.setAttribute("role", "alert");
  const cut = element("ul", "cut");
  const card = element("div", "card");
  const name = element("span", "name");
  const words = element("span", "words");
  const bar = element("progress");
  bar.setAttribute("aria-label", "Uploaded");
  const buttons = element("span", "buttons");
  const head = element("div", "head");
  head.append(name, buttons);
  card.append(head, bar, words);
  root.append(drop, message, cut, card);
  const say = (text) => {
    message.textContent = text;
    message.hidden = !text;
  };
  const report = (id) => {
    const { data, setStateValue } = component();
    if (data.arrived !== id) setStateValue("done", id);
  };
  const choose = async (files) => {
    input.value = "";
    say("");
    if (files.length !== 1) return files.length ? say(`One ${one} at a time: choose a single file.`) : void 0;
    const other = shared.transfer;
    if (other && !mine() && other.phase !== "done") return say(`${other.name} is being uploaded: wait for it, or cancel it on its page.`);
    try {
      await transferOf(files[0], component().data);
    } catch (error) {
      const { message: message2 } = (
        /** @type {Error} */
        error
      );
      if (root.isConnected) say(message2);
      else shared.refused = message2;
    }
    draw();
  };
  input.onchange = () => choose([.../** @type {FileList} */
  input.files]);
  drop.ondragover = (event) => {
    event.preventDefault();
    drop.classList.add("over");
  };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    choose([.../** @type {DataTransfer} */
    event.dataTransfer.files]);
  };
  let phase = null;
  function draw() {
    const now = mine();
    drop.hidden = Boolean(now) || component().data.quiet;
    card.hidden = !now;
    rules.textContent = `up to ${amount(component().data.limit)}; goes on where it was after an interruption`;
    drawCut(now);
    if (!now) return void (phase = null);
    name.textContent = now.name;
    name.title = now.name;
    bar.max = now.size;
    bar.value = now.at + now.sent;
    words.textContent = wordsOf(now);
    card.classList.toggle("failed", now.phase === "failed");
    if (now.phase === phase) return;
    phase = now.phase;
    const cancel = button(phase === "done" ? "Remove" : "Cancel", `Remove ${now.name}`, () => {
      report(null);
      forget(now);
      draw();
    });
    const pause = button("Pause", "Pause the upload", () => hold(now));
    const resume = button("Resume", "Resume the upload", () => start(now));
    buttons.replaceChildren(...phase === "sending" ? [pause] : phase === "done" ? [] : [resume], cancel);
    if (phase === "done") report(now.id);
  }
  function drawCut(now) {
    const left = now || component().data.quiet ? [] : shared.cut.filter(isMine);
    if (cut.childElementCount === left.length && left.every((cutOne, index) => cut.children[index].id === cutOne.id)) return;
    cut.replaceChildren(
      ...left.map((cutOne) => {
        const line = element("li", "", `${cutOne.name}: ${amount(cutOne.at)} of ${amount(cutOne.size)} are here. Choose the same file to go on. `);
        line.id = cutOne.id;
        line.append(button("Forget", `Forget ${cutOne.name}`, () => forget(cutOne).then(draw)));
        return line;
      })
    );
  }
  let looked = false;
  function update() {
    const { data } = component();
    const now = mine();
    if (now?.phase === "done") {
      if (data.arrived === now.id) now.known = true;
      else if (now.known) taken(now);
    }
    draw();
    if (looked || now || data.quiet) return;
    looked = true;
    lookForCut(isMine).then(draw);
  }
  say(shared.refused ?? "");
  shared.refused = "";
  return { root, draw, update };
}
function taken(transfer) {
  unremember(transfer.id);
  shared.transfer = null;
}
export {
  upload as default
};
