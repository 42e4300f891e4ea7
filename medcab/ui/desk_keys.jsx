// Keys of the operators' desk: each presses what stands on the page anyway. By the place of the key, so that a Russian layout works.
import { useEffect, useState } from "react";

const STORE = "medcab.desk-keys";
const BUSY = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=menu]";

const remembered = () => {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
};

const press = (name) => {
  const found = [...document.querySelectorAll(`[data-hotkey="${name}"]`)].find((one) => one.checkVisibility());
  found?.click();
  return Boolean(found);
};

// Up and down in the queue: the focus moves, Enter then follows the link by itself.
const move = (step) => {
  const places = [...document.querySelectorAll("[data-place]")].filter((one) => one.checkVisibility());
  if (!places.length) return false;
  const at = places.indexOf(document.activeElement);
  const shown = places.findIndex((one) => one.getAttribute("aria-current") === "true");
  const from = at >= 0 ? at : shown >= 0 ? shown : step > 0 ? -1 : 0;
  places[Math.min(places.length - 1, Math.max(0, from + step))].focus();
  return true;
};

// The next paper, round and round; the next page of it.
const turnPaper = () => {
  const tabs = [...document.querySelectorAll(".paper-tabs button")];
  const at = tabs.findIndex((one) => one.getAttribute("aria-pressed") === "true");
  tabs[(at + 1) % tabs.length]?.click();
  return tabs.length > 1;
};

const turnSheet = () => {
  const next = document.querySelector(".sheet-pager nav button:last-of-type");
  next?.click();
  return Boolean(next);
};

const TURNS = { KeyP: turnPaper, KeyN: turnSheet };
const STEPS = { KeyJ: 1, KeyK: -1 };
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };

export function DeskKeys() {
  const [on, setOn] = useState(true);
  useEffect(() => setOn(remembered()), []);
  useEffect(() => {
    const heard = (event) => {
      const target = event.target;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.form && target.tagName === "TEXTAREA") {
        event.preventDefault();
        target.form.requestSubmit();
        return;
      }
      if (!on || event.ctrlKey || event.metaKey || event.altKey || target.closest?.(BUSY)) return;
      const arrow = target.closest?.("[data-place]") ? ARROWS[event.code] : undefined;
      const step = STEPS[event.code] ?? arrow;
      const done = step ? move(step) : TURNS[event.code] ? TURNS[event.code]() : press(event.key === "?" ? "?" : event.code);
      if (done) event.preventDefault();
    };
    window.addEventListener("keydown", heard);
    return () => window.removeEventListener("keydown", heard);
  }, [on]);
  const turn = (event) => {
    setOn(event.target.checked);
    try {
      localStorage.setItem(STORE, event.target.checked ? "on" : "off");
    } catch {
      // Without a store the choice holds until the page is loaded anew.
    }
  };
  return (
    <label className="tick-line desk-keys">
      <input type="checkbox" checked={on} onChange={turn} />
      <span>Быстрые клавиши</span>
    </label>
  );
}
