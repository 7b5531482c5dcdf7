// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   28049be2dff42bf0e54b1ef9ca5df1a5058abaafed7a9f1519f2b29235307caf  history/history.js
// Of what follows: 60bb05275228f1b41dab65d9ca7578168dd41b332869c355ebc06abeb0385ae9
// history/history.js
var INSTALLED = /* @__PURE__ */ Symbol.for("manyhot-history");
var ACTS = ["pointerdown", "keydown", "drop", "paste"];
function install(target) {
  const { history } = target;
  if (INSTALLED in history) return;
  const add = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let acted = false;
  for (const act of ACTS) target.addEventListener(act, () => acted = true, { capture: true });
  target.addEventListener("popstate", () => acted = false, { capture: true });
  history.pushState = (...entry) => {
    ;
    (acted ? add : replace)(...entry);
    acted = false;
  };
  history.replaceState = (...entry) => {
    const { href } = target.location;
    if (acted && new URL(entry[2] ?? href, href).href !== href) history.pushState(...entry);
    else replace(...entry);
  };
  Object.defineProperty(history, INSTALLED, { value: true });
}
function history_default() {
  install(window);
}
export {
  history_default as default,
  install
};
