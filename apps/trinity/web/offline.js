// The shell is there without a network. The worker that keeps it takes over when the first files are
// loaded already, or with an empty cache when it is a new one: so it is told which they are.

const worker = navigator.serviceWorker;

function tellLoaded() {
  const loaded = (list) => worker.controller?.postMessage(list.getEntries().map((one) => one.name));
  new PerformanceObserver(loaded).observe({ type: "resource", buffered: true });
}

worker?.addEventListener("controllerchange", tellLoaded, { once: true });
worker?.register("/sw.js").catch(() => {}); // a browser may refuse; it works with a network then
