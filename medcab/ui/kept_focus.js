// The focus keeps its place: when what had it is drawn anew, or a dialog that covered it is gone, what stands there now has it.
import { useEffect, useRef } from "react";

const ELSEWHERE = "[role=dialog], [role=alertdialog], [data-radix-focus-guard], [data-undo]"; // one comes back from these
const isNowhere = () => !document.activeElement || document.activeElement === document.body;

/** `place`: a ref of the part of the page; `mark(element)`: what to know a place by; `find(mark)`: the element that stands there now. */
export function useKeptFocus(place, mark, find) {
  const kept = useRef(null);
  const calls = useRef({});
  calls.current = { mark, find };
  useEffect(() => {
    const isOurs = (element) => Boolean(place.current?.contains(element));
    const focused = ({ target }) => {
      if (isOurs(target)) kept.current = calls.current.mark(target);
      else if (!target.closest?.(ELSEWHERE)) kept.current = null;
    };
    const pressed = ({ target }) => {
      if (!isOurs(target) && !target.closest?.(ELSEWHERE)) kept.current = null; // a click beside it is leaving
    };
    const giveBack = () => {
      if (kept.current && isNowhere() && !document.querySelector("[role=dialog], [role=alertdialog]")) calls.current.find(kept.current)?.focus();
    };
    const seen = new MutationObserver(giveBack);
    if (place.current) seen.observe(place.current, { childList: true, subtree: true });
    seen.observe(document.body, { childList: true }); // where dialogs come and go
    document.addEventListener("focusin", focused);
    document.addEventListener("pointerdown", pressed);
    return () => {
      seen.disconnect();
      document.removeEventListener("focusin", focused);
      document.removeEventListener("pointerdown", pressed);
    };
  }, []);
}
