// Settings in the page's address, behind "#", as name=value&name=value: who copies it shares them.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const listeners = [];
  const read = () => new URLSearchParams(location.hash.slice(1));

  /** The value of a setting, a text; `usual` if the address doesn't have it. */
  function get(name, usual = null) {
    return read().get(name) ?? usual;
  }

  /** Write settings {name: value}; null removes one. No step back in the browser's history. */
  function set(settings) {
    const all = read();
    for (const [name, value] of Object.entries(settings)) {
      if (value === null || value === undefined) all.delete(name);
      else all.set(name, String(value));
    }
    const text = String(all);
    if (text !== String(read())) history.replaceState(null, "", `#${text}`); // calls no listener
  }

  /** Call f when the reader changes the address: a link, a step back, a value typed in. */
  function onChange(f) {
    listeners.push(f);
  }

  globalThis.addEventListener?.("hashchange", () => listeners.forEach((f) => f()));
  fastnn.address = { get, set, onChange };
})();
