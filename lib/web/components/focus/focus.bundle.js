// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   16095e2cd03229bd2c3d3e6d5227934a2c3acf31439d8dda093a3d70b45b5783  focus/focus.js
//   ccd6890089e2c622b3fd52690b929448f0978398337be08882c54b62ccaf1340  focus/keeping.js
//   fef74ac9f1c2d47d320049daec37983c9ff36bec7dbcab8941c36678672c780e  focus/picture.js
// Of what follows: 70d39ccd4938991f844110b5c3c7e4590232e4e6b3208f40be37582ad179700a
// focus/picture.js
var SMALLEST_PX = 48;
var TAKES = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]";
function all(root) {
  return [...root.querySelectorAll("*")].flatMap((one) => [one, ...one.shadowRoot ? all(one.shadowRoot) : []]);
}
function stopsIn(root) {
  const takes = (
    /** @type {HTMLElement[]} */
    all(root).filter((one) => one.matches(TAKES))
  );
  return takes.filter((one) => (one.tabIndex >= 0 || "roving" in one.dataset) && one.checkVisibility({ visibilityProperty: true }));
}
function outermost(one) {
  const root = one.getRootNode();
  return root instanceof ShadowRoot ? outermost(root.host) : one;
}
function contentOf(body) {
  const pictures = body ? all(body).filter((one) => one.matches("img, canvas, svg, [role=grid]") && isShown(one)) : [];
  return pictures.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0];
}
function isShown(one) {
  const { right, bottom, width, height } = one.getBoundingClientRect();
  const isThere = width >= SMALLEST_PX && height >= SMALLEST_PX && right > 0 && bottom + scrolled() > 0;
  return isThere && one.checkVisibility({ opacityProperty: true });
}
function scrolled() {
  return document.getElementById("stMain")?.scrollTop ?? 0;
}
function focusContent(picture) {
  const whole = (
    /** @type {HTMLElement} */
    outermost(picture).closest("[data-testid=stElementContainer]") ?? picture
  );
  const opener = (
    /** @type {HTMLElement | null} */
    picture.closest(TAKES)
  );
  const isOfPicture = opener && opener !== whole && whole.contains(outermost(opener));
  if (!isOfPicture) whole.tabIndex = -1;
  (isOfPicture ? opener : whole).focus();
}

// focus/keeping.js
var LATEST_MS = 15e3;
var AGAIN_MS = 100;
var MOST = 20;
var ASLEEP = ":disabled, [hidden], [hidden] *";
var OBSERVED = { subtree: true, childList: true, attributeFilter: ["disabled", "hidden", "data-test-script-state"] };
function keep(preferred) {
  let traces = [];
  let last = null;
  let isKeyboard = false;
  let timer = 0;
  const focused = (event) => {
    last = /** @type {HTMLElement} */
    event.composedPath()[0];
    const root = last.getRootNode();
    if (root !== document) changes.observe(root, OBSERVED);
    const trace = traceOf(last);
    if (trace.places.length) traces = [trace, ...traces].slice(0, MOST);
  };
  const look = () => {
    if (timer || !last) return;
    const isAsleep = last.matches(ASLEEP);
    if (document.activeElement !== document.body && !isAsleep) return;
    const isLeft = last.isConnected && !isAsleep;
    if (isLeft || !isKeyboard) last = null;
    if (!last) return;
    const until = performance.now() + LATEST_MS;
    const again = () => {
      timer = 0;
      if (document.activeElement !== document.body || !isKeyboard || performance.now() > until) return;
      if (isRunning() || !bringBack(traces, preferred())) timer = setTimeout(again, AGAIN_MS);
    };
    timer = setTimeout(again, AGAIN_MS);
  };
  const changes = new MutationObserver(look);
  const pressed = () => isKeyboard = true;
  const pointed = () => isKeyboard = false;
  const options = { capture: true };
  document.addEventListener("focusin", focused);
  document.addEventListener("keydown", pressed, options);
  document.addEventListener("pointerdown", pointed, options);
  changes.observe(document.body, OBSERVED);
  return () => {
    clearTimeout(timer);
    changes.disconnect();
    document.removeEventListener("focusin", focused);
    document.removeEventListener("keydown", pressed, options);
    document.removeEventListener("pointerdown", pointed, options);
  };
}
function isRunning() {
  return (
    /** @type {HTMLElement | null} */
    document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running"
  );
}
function traceOf(one) {
  const places = [];
  for (let box = outermost(one).closest("[class*=st-key-]"); box; box = box.parentElement?.closest("[class*=st-key-]") ?? null) {
    const key = [...box.classList].find((name) => name.startsWith("st-key-"));
    if (key) places.push({ key: key.slice("st-key-".length), at: stopsIn(box).indexOf(one) });
  }
  return { places, path: location.pathname };
}
function bringBack(traces, preferred) {
  for (const { places, path } of traces) {
    if (path !== location.pathname) return true;
    for (const { key, at } of places) {
      const stops = stopsOf(preferred[key]) ?? stopsOf(key);
      const stop = stops?.[Math.max(0, Math.min(at, stops.length - 1))];
      if (!stop) continue;
      stop.focus();
      return true;
    }
  }
  return false;
}
function stopsOf(key) {
  const box = key && document.querySelector(`.st-key-${CSS.escape(key)}`);
  const stops = box ? stopsIn(box) : [];
  return stops.length ? stops : null;
}

// focus/focus.js
var mounted = /* @__PURE__ */ new WeakMap();
function focus({ parentElement, data }) {
  const now = mounted.get(parentElement) ?? { data };
  now.data = data;
  if (mounted.has(parentElement)) return;
  mounted.set(parentElement, now);
  const link = skipLink();
  document.body.prepend(link);
  const main = document.getElementById("stMain");
  if (main) main.tabIndex = -1;
  const stop = keep(() => now.data.preferred);
  return () => {
    stop();
    link.remove();
    mounted.delete(parentElement);
  };
}
function skipLink() {
  const link = document.createElement("a");
  link.className = "skip-to-picture";
  link.href = "#picture";
  link.textContent = "Skip to the picture";
  link.onclick = (event) => {
    event.preventDefault();
    const content = contentOf(document.querySelector("[data-testid=stMainBlockContainer]"));
    if (content) focusContent(content);
    else document.getElementById("stMain")?.focus();
  };
  return link;
}
export {
  focus as default
};
