// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   b1d85915c5f5a1c395c8dab807f3257faedb155b0ab59eb56c347f66a913c5f3  history/history.js
// Of what follows: 5363845f528474c646957eb7c3033160ab41c2c7493e4152b4d0cc0a892fcccc
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
  Object.defineProperty(history, INSTALLED, { value: true });
}
function history_default() {
  install(window);
}
export {
  history_default as default,
  install
};
