// The queue of a ward: how long somebody waits, counted here; keys that press the buttons of the line in which the focus is.
import { useEffect, useRef, useState } from "react";
import { useKeptFocus } from "$/public/external/medcab/ui/calendar/kept_focus.js";

const MINUTE = 60000;
const LONG = 15;
const TOO_LONG = 30;
const KEYS = { KeyA: "arrived", KeyS: "started", KeyD: "done", KeyX: "no_show" };

export function Since({ at, now, marks }) {
  // Counted from the server's clock: a ward's desktop may be wrong by minutes.
  const [ahead] = useState(() => Date.now() - Date.parse(now));
  const [, turn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => turn((count) => count + 1), 10000);
    return () => clearInterval(timer);
  }, []);
  const minutes = Math.max(0, Math.floor((Date.now() - ahead - Date.parse(at)) / MINUTE));
  const mark = !marks || minutes < LONG ? "" : minutes < TOO_LONG ? "long" : "too-long";
  const words = minutes < 60 ? `${minutes} мин` : `${Math.floor(minutes / 60)} ч ${minutes % 60} мин`;
  return (
    <span className="queue-since" data-mark={mark}>
      {words}
      {mark ? <small>{mark === "long" ? "ждёт долго" : "ждёт слишком долго"}</small> : null}
    </span>
  );
}

const visible = (element) => element?.checkVisibility({ visibilityProperty: true }) && element;
const move = (row, step) => {
  const rows = [...document.querySelectorAll("[data-queue-row]")].filter((one) => one.checkVisibility());
  rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(row) + step))]?.focus();
};

export function QueueKeys({ children }) {
  const place = useRef(null);
  // A marked line moves to another section, where it is drawn anew: the focus goes with it.
  useKeptFocus(
    place,
    (element) => element.closest("[data-queue-row]")?.dataset.queueRow,
    (row) => place.current.querySelector(`[data-queue-row="${row}"]`),
  );
  const pressed = (event) => {
    const row = event.target.closest("[data-queue-row]");
    if (!row || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1, KeyJ: 1, KeyK: -1 }[event.code];
    const deed = KEYS[event.code] && row.querySelector(`[data-act="${KEYS[event.code]}"]`);
    const button = deed || (event.code === "KeyZ" && visible(document.querySelector("[data-undo]")));
    if (!step && !button) return;
    event.preventDefault();
    if (step) move(row, step);
    else button.click();
  };
  return (
    <div ref={place} className="queue-stages" onKeyDown={pressed}>
      {children}
    </div>
  );
}
