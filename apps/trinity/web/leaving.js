// What a screen has begun ends with it, also when it has ended already: who leaves while it is on its
// way finds nothing of it alive.

export function atEnd(signal, deed) {
  if (signal.aborted) deed();
  else signal.addEventListener("abort", deed, { once: true });
}
