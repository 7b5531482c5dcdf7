// Made by `npm run build` of the files below, named with their SHA-256: change those.
//   eb597791a1061ebd820cf8a2020c54d2e8327847f60900bd65cb2636cc36e869  plotly/plotly.js
//   2841c8bc8a9e49aac88ce1fb970a97a72ca447dbd7557a30a8efdcc13997316f  shared/plotly.js
// Of what follows: 83a17014de713618f2951de03c0bb518e24f8d251b9771f8368550d28a13e8f7
// shared/plotly.js
var RETRY_MS = 1e4;
var AFTER_MS = 500;
function plotly(address) {
  const page = window;
  page.plotlyForCharts ??= new Promise((resolve, reject) => {
    if (page.Plotly) return resolve(page.Plotly);
    const fetched = document.createElement("link");
    fetched.rel = "preload";
    fetched.as = "script";
    fetched.href = address;
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => page.Plotly ? resolve(page.Plotly) : reject();
    script.onerror = reject;
    document.head.append(fetched);
    whenIdle(() => document.head.append(script), AFTER_MS);
  }).catch(() => {
    setTimeout(() => page.plotlyForCharts = null, RETRY_MS);
    throw new Error(`The chart cannot be drawn because ${address} could not be loaded: reload the page.`);
  });
  return page.plotlyForCharts;
}
function whenIdle(act, timeout) {
  if ("requestIdleCallback" in window) window.requestIdleCallback(act, { timeout });
  else setTimeout(act, timeout);
}

// plotly/plotly.js
var SETTLED_MS = 800;
var asked = false;
function readAhead({ data }) {
  if (asked) return;
  asked = true;
  setTimeout(() => whenIdle(() => void plotly(data.plotly).catch(() => {
  }), SETTLED_MS), SETTLED_MS);
}
export {
  readAhead as default
};
