// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   49be6e7956a54f46708692e2999b9ae91af8220d8dce6d8c9e90046cb7808423  drop/drop.js
//   d595929e1b113d859241ab476e8465fd0bf723adfc7adb8665919aafc4139c9c  drop/files.js
//   46d4032bb9ffbd5a56977b9d2016a24547bd65a1e5f32408faa25b08ad0e281a  drop/sending.js
//   a061d27588931442abea7e1a8b6e17d54f224507e289190ed5fcf570ac16035c  shared/dom.js
// Of what follows: 10fafbed1e813b715e3d922b54a2bc8beea1532633a9245955953595294fa864
// shared/dom.js
function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== void 0) node.textContent = text;
  return node;
}
function button(className, text, label, onclick) {
  const control = element("button", className, text);
  control.type = "button";
  control.title = label;
  control.setAttribute("aria-label", label);
  control.onclick = onclick;
  return control;
}

// drop/files.js
function brought(files, now = /* @__PURE__ */ new Date()) {
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, "0")).join("-");
  return files.map((file, index) => {
    if (file.name && file.name !== "image.png") return file;
    const ending = (file.type.split("/")[1] ?? "png").replace("jpeg", "jpg");
    return new File([file], `pasted ${time}${index ? ` (${index + 1})` : ""}.${ending}`, { type: file.type });
  });
}
function wordsOf({ done, total }) {
  const images = total === 1 ? "1 image" : `${total} images`;
  return done < total ? `Sending ${images}: ${done} sent` : `Asking the model about ${images}`;
}

// drop/sending.js
var AT_ONCE = 3;
var TRIES = 3;
var WAIT_MS = 1e3;
var TAKEN_MS = 2e4;
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
var pause = (ms) => new Promise((done) => setTimeout(done, ms));
function sending(component, changed) {
  let going = null;
  const end = () => {
    going = null;
    changed();
  };
  async function send(files) {
    cancel();
    const { most, limit } = component().data;
    const taken = files.slice(0, most);
    const mine = going = { id: newId(), done: 0, total: taken.length, over: new AbortController() };
    changed();
    const left_out = [];
    const remarks = [];
    const waiting = [...taken.entries()];
    const sendNext = async () => {
      for (let next = waiting.shift(); next && going === mine; next = waiting.shift()) {
        const [number, file] = next;
        const [status, text] = file.size > limit ? [413, tooLarge(file.size, limit)] : await put(mine, number, file);
        if (status !== 200) left_out.push([file.name, text]);
        else if (text) remarks.push([file.name, text]);
        mine.done += 1;
        if (going === mine) changed();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
    if (going !== mine) return;
    component().setStateValue("drop", { id: mine.id, left_out, remarks, too_many: files.length - taken.length });
    await pause(TAKEN_MS);
    if (going === mine) end();
  }
  async function put(mine, number, file) {
    let last = [0, "the server cannot be reached: bring it again"];
    for (let tries = 0; tries < TRIES && going === mine; tries += 1) {
      const { address, token } = component().data;
      const headers = { "Upload-Token": token, "Upload-Name": encodeURIComponent(wellFormed(file.name)), "Content-Type": "application/octet-stream" };
      try {
        await file.slice(-1).arrayBuffer();
        try {
          const reply = await fetch(`${address}/${mine.id}/${number}`, { method: "PUT", headers, body: file, signal: mine.over.signal });
          last = [reply.status, await reply.text()];
          if (reply.status === 401) component().setTriggerValue("renew", true);
          else if (reply.status < 500) return last;
        } catch {
        }
      } catch {
        return [-1, "a folder, or a file that was changed or removed"];
      }
      if (going === mine) await pause(WAIT_MS);
    }
    return last;
  }
  function cancel() {
    if (!going) return;
    going.over.abort();
    if (going.done < going.total) {
      const { address, token } = component().data;
      fetch(`${address}/${going.id}`, { method: "DELETE", headers: { "Upload-Token": token } }).catch(() => {
      });
    }
    end();
  }
  function update() {
    if (going?.id === component().data.taken) going = null;
  }
  return { send, cancel, update, now: () => going };
}
function tooLarge(size, limit) {
  return `it has ${(size / 2 ** 20).toFixed(0)} MB, at most ${limit / 2 ** 20} are taken`;
}
function wellFormed(name) {
  return name.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "�");
}

// drop/drop.js
var mounted = /* @__PURE__ */ new WeakMap();
var SOON_MS = 6e4;
function drop(component) {
  const { parentElement } = component;
  let shown = mounted.get(parentElement);
  if (shown) {
    shown.now.component = component;
  } else {
    const now = { component };
    shown = { now, view: viewOf(() => now.component) };
    mounted.set(parentElement, shown);
    parentElement.querySelector(".place")?.replaceChildren(shown.view.root);
  }
  shown.view.update();
  return () => {
    mounted.get(parentElement)?.view.leave();
    mounted.delete(parentElement);
  };
}
function viewOf(component) {
  const root = element("div");
  const area = element("div", "area");
  const input = element("input");
  Object.assign(input, { type: "file", multiple: true, accept: "image/*", hidden: true });
  const choose = button("choose", "Choose images", "Choose images to predict", () => {
    soon();
    input.click();
  });
  const how = element("span", "how");
  const rules = element("span", "rules");
  const going = element("span", "going");
  const bar = element("progress");
  bar.setAttribute("aria-label", "Images sent");
  const words = element("span", "words");
  words.setAttribute("role", "status");
  const message = element("span", "message");
  message.setAttribute("role", "alert");
  const cancel = button("", "Cancel", "Cancel sending", () => sender.cancel());
  going.append(words, bar, cancel);
  const buttons = element("span", "buttons");
  buttons.append(choose, input);
  if ("read" in (navigator.clipboard ?? {})) buttons.append(button("", "Paste", "Paste an image from the clipboard", paste));
  area.append(buttons, how, rules, going, message);
  root.append(area);
  const sender = sending(component, draw);
  function take(files) {
    message.textContent = "";
    if (files.length) sender.send(files);
  }
  let told = -Infinity;
  const soon = () => {
    if (performance.now() - told < SOON_MS) return;
    told = performance.now();
    component().setTriggerValue("soon", true);
  };
  async function paste() {
    try {
      const files = [];
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find((one) => one.startsWith("image/"));
        if (type) files.push(new File([await item.getType(type)], "", { type }));
      }
      if (files.length) take(brought(files));
      else message.textContent = "There is no image in the clipboard: copy one, then paste again.";
    } catch {
      message.textContent = "The browser does not let this page read the clipboard: press Ctrl+V instead.";
    }
  }
  input.onchange = () => {
    take(brought([.../** @type {FileList} */
    input.files]));
    input.value = "";
  };
  const listening = new AbortController();
  const listen = (name, on) => document.addEventListener(name, on, { signal: listening.signal });
  const hasFiles = ({ dataTransfer }) => Boolean(dataTransfer?.types.includes("Files"));
  listen("dragenter", (event) => hasFiles(event) && soon());
  listen("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    area.classList.add("over");
  });
  listen("dragleave", (event) => event.relatedTarget === null && area.classList.remove("over"));
  listen("drop", (event) => {
    area.classList.remove("over");
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    take(brought([.../** @type {DataTransfer} */
    event.dataTransfer.files]));
  });
  listen("paste", ({ clipboardData }) => take(brought([...clipboardData?.files ?? []])));
  function draw() {
    const { small, limit, most } = component().data;
    const now = sender.now();
    root.className = small ? "small" : "large";
    how.textContent = small ? "or drop them, or press Ctrl+V" : "or drop them anywhere on this page, or paste with Ctrl+V: the model answers at once";
    rules.textContent = `Up to ${most} images of at most ${limit / 2 ** 20} MB: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF. They are kept with the run, on this computer, until newer ones replace them.`;
    going.hidden = !now;
    how.hidden = small && Boolean(now);
    if (!now) return;
    bar.max = now.total;
    bar.value = now.done;
    words.textContent = wordsOf(now);
    cancel.hidden = now.done === now.total;
  }
  const leave = () => {
    listening.abort();
    sender.cancel();
  };
  const update = () => {
    sender.update();
    draw();
  };
  return { root, update, leave };
}
export {
  drop as default
};
