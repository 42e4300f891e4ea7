// A part of a long page that folds on a narrow screen: see fold.py. On a wide one and on paper it is always open; figures.css folds.
import { useEffect, useRef, useState } from "react";

const KEPT = "medcab.open";

const readKept = () => {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
};

const keep = (place, open) => {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...readKept(), [place]: open }));
  } catch {
    // A full or forbidden store costs only that the part is folded again next time.
  }
};

const isNamed = (place) => window.location.hash === `#${place}`;

export function Fold({ place, title, quiet, starts, opened, children }) {
  const [open, setOpen] = useState(Boolean(starts));
  const [was, setWas] = useState(opened);
  const part = useRef(null);
  // What the page itself opens (rows behind a mark) is open at once: the focus goes there.
  if (opened !== was) {
    setWas(opened);
    if (opened) setOpen(true);
  }
  useEffect(() => {
    setOpen(isNamed(place) || Boolean(opened) || (readKept()[place] ?? Boolean(starts)));
    const follow = () => isNamed(place) && setOpen(true);
    window.addEventListener("hashchange", follow);
    if (isNamed(place)) part.current?.scrollIntoView();
    return () => window.removeEventListener("hashchange", follow);
  }, [place]);
  const turn = () => {
    setOpen(!open);
    keep(place, !open);
    // Folding from the middle of a long part leaves the reader at its head.
    if (open) requestAnimationFrame(() => part.current?.scrollIntoView({ block: "nearest" }));
  };
  const body = `${place}-part`;
  return (
    <div className="fold-part" id={place} ref={part} data-open={open}>
      <h2 className="fold-head" data-quiet={Boolean(quiet)}>
        <span className="fold-title">{title}</span>
        <button type="button" className="fold-button" aria-expanded={open} aria-controls={body} onClick={turn}>
          {title}
          <svg className="icon" aria-hidden="true">
            <use href="/icons.svg#chevron-down" />
          </svg>
        </button>
      </h2>
      <div className="fold-body" id={body}>
        {children}
      </div>
    </div>
  );
}
