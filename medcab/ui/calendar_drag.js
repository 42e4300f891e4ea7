// Carrying a visit by mouse, pen or a long-pressed finger: see calendar.jsx. Esc gives up; outside free time nothing is dropped.
import { useEffect, useRef, useState } from "react";

const FAR = 5; // px before a press becomes a drag
const LONG = 450; // ms a finger rests before it carries and no longer scrolls
const EDGE = 48; // px from the frame's edge where it scrolls along
const REACH = 45; // minutes around the wished time that a free place may be away

const closest = (blocks, top) => {
  const near = blocks.filter((one) => Math.abs(one.top - top) <= Math.max(REACH, one.length));
  return near.reduce((best, one) => (!best || Math.abs(one.top - top) < Math.abs(best.top - top) ? one : best), null);
};

export function useDrag({ frame, targets, canTake, say, drop, gaveUp }) {
  const [held, setHeld] = useState(null);
  const [target, setTarget] = useState(null);
  const [point, setPoint] = useState({ x: 0, y: 0 });
  const grip = useRef(null); // {block, x, y, offset, pointerId, timer, carries, target}
  const clicked = useRef(0);
  const calls = useRef({});
  calls.current = { targets, canTake, say, drop, gaveUp };

  const under = (x, y) => {
    const element = document.elementsFromPoint(x, y).find((one) => one.closest?.("[data-column]"))?.closest("[data-column]");
    const columns = calls.current.targets();
    const column = columns.findIndex(({ key }) => key === element?.dataset.column);
    if (column < 0) return null;
    const body = element.querySelector(".cal-body").getBoundingClientRect();
    const style = getComputedStyle(element);
    const minute = parseFloat(style.getPropertyValue("--minute"));
    const first = Number(frame.current.dataset.first);
    const block = closest(columns[column].blocks.filter(calls.current.canTake), first + (y - grip.current.offset - body.top) / minute);
    return block && { column, block };
  };

  const scrollAlong = (x, y) => {
    const box = frame.current.getBoundingClientRect();
    const by = (at, low, high) => (at < low + EDGE ? -14 : at > high - EDGE ? 14 : 0);
    frame.current.scrollBy(by(x, box.left, box.right), by(y, box.top, box.bottom));
  };

  const end = () => {
    clearTimeout(grip.current?.timer);
    grip.current = null;
    setHeld(null);
    setTarget(null);
  };

  const begin = () => {
    grip.current.carries = true;
    setHeld(grip.current.block);
    setPoint({ x: grip.current.x, y: grip.current.y });
  };

  useEffect(() => {
    const moved = (event) => {
      const now = grip.current;
      if (!now || event.pointerId !== now.pointerId) return;
      const far = Math.hypot(event.clientX - now.x, event.clientY - now.y) > FAR;
      if (!now.carries && far && event.pointerType === "touch") return end(); // the finger scrolls
      if (!now.carries && far) begin();
      if (!now.carries) return;
      scrollAlong(event.clientX, event.clientY);
      const found = under(event.clientX, event.clientY);
      setPoint({ x: event.clientX, y: event.clientY });
      if (found?.block.key !== now.target?.block.key) {
        now.target = found;
        setTarget(found);
        calls.current.say(now.block, found);
      }
    };
    const lifted = (event) => {
      const now = grip.current;
      if (!now || event.pointerId !== now.pointerId) return;
      if (now.carries) clicked.current = Date.now();
      end();
      if (!now.carries) return;
      if (now.target) calls.current.drop(now.block, now.target);
      else calls.current.gaveUp();
    };
    const lost = () => {
      if (!grip.current) return;
      const carried = grip.current.carries;
      end();
      if (carried) calls.current.gaveUp();
    };
    const pressed = (event) => {
      if (event.key !== "Escape" || !grip.current?.carries) return;
      event.preventDefault();
      event.stopPropagation();
      clicked.current = Date.now();
      lost();
    };
    const still = (event) => grip.current?.carries && event.cancelable && event.preventDefault(); // a carried visit does not scroll the page
    const box = frame.current;
    window.addEventListener("pointermove", moved);
    window.addEventListener("pointerup", lifted);
    window.addEventListener("pointercancel", lost);
    window.addEventListener("keydown", pressed, true);
    box?.addEventListener("touchmove", still, { passive: false });
    return () => {
      window.removeEventListener("pointermove", moved);
      window.removeEventListener("pointerup", lifted);
      window.removeEventListener("pointercancel", lost);
      window.removeEventListener("keydown", pressed, true);
      box?.removeEventListener("touchmove", still);
      clearTimeout(grip.current?.timer);
    };
  }, []); // eslint-disable-line

  const take = (event, block) => {
    if (event.button !== 0) return;
    const offset = event.clientY - event.currentTarget.getBoundingClientRect().top;
    grip.current = { block, x: event.clientX, y: event.clientY, offset, pointerId: event.pointerId, carries: false, target: null };
    if (event.pointerType === "touch") grip.current.timer = setTimeout(() => grip.current && begin(), LONG);
    else event.currentTarget.focus();
  };
  const stable = useRef(take);
  return { held, target, point, grip: stable.current, swallowsClick: () => Date.now() - clicked.current < 300 };
}
