// One page of a document at a time: see sheets.py. While the page fits, arrows turn it; enlarged, they move it, and PageUp/PageDown turn.
import { useEffect, useRef, useState } from "react";
import { Button, IconButton, Spinner } from "@radix-ui/themes";
import { Icon } from "../forms/fields.jsx";

const WIDTHS = [100, 160, 260]; // percent of the window; the first fits
const SWIPE = 60; // px

export function Sheets({ source, name, page, pages, onTurn }) {
  const [zoom, setZoom] = useState(0);
  const [tries, setTries] = useState(0);
  const [state, setState] = useState("loading");
  const began = useRef(null);
  const shown = `${source}?page=${page}${zoom ? "&large=1" : ""}${tries ? `&again=${tries}` : ""}`;
  useEffect(() => setState("loading"), [shown]);
  const turn = (by) => {
    const next = page + by;
    if (next < 1 || next > pages) return;
    const address = new URL(window.location.href);
    address.searchParams.set("sheet", next);
    window.history.replaceState(window.history.state, "", address); // no navigation: the place, the focus and the size stay
    onTurn(next);
  };
  const scale = (by) => setZoom((level) => Math.min(WIDTHS.length - 1, Math.max(0, level + by)));
  const does = {
    PageDown: () => turn(1),
    PageUp: () => turn(-1),
    "+": () => scale(1),
    "=": () => scale(1),
    "-": () => scale(-1),
    0: () => setZoom(0),
    ...(zoom ? {} : { ArrowRight: () => turn(1), ArrowLeft: () => turn(-1) }),
  };
  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !does[event.key]) return;
    event.preventDefault();
    does[event.key]();
  };
  const lifted = ({ changedTouches: [finger] }) => {
    const moved = began.current === null || zoom ? 0 : finger.clientX - began.current;
    if (Math.abs(moved) > SWIPE) turn(moved < 0 ? 1 : -1);
  };
  const key = (symbol, label, act, disabled) => (
    <IconButton type="button" size="3" variant="surface" color="gray" aria-label={label} aria-disabled={disabled || undefined} onClick={() => disabled || act()}>
      <Icon name={symbol} />
    </IconButton>
  );
  return (
    <div className="sheets" role="group" aria-label={`Страницы: ${name}`}>
      <div className="sheets-bar">
        {key("minus", "Мельче", () => scale(-1), zoom === 0)}
        {key("plus", "Крупнее", () => scale(1), zoom === WIDTHS.length - 1)}
        {pages > 1 && (
          <span className="sheets-turn">
            {key("chevron-left", "Предыдущая страница", () => turn(-1), page <= 1)}
            <span aria-live="polite">
              Страница {page} из {pages}
            </span>
            {key("chevron-right", "Следующая страница", () => turn(1), page >= pages)}
          </span>
        )}
      </div>
      <div
        className="sheets-window"
        tabIndex={0}
        role="region"
        aria-label={`Страница ${page}. Стрелки листают, плюс и минус меняют размер`}
        aria-busy={state === "loading"}
        onKeyDown={pressed}
        onDoubleClick={() => setZoom((level) => (level ? 0 : 1))}
        onTouchStart={({ touches }) => (began.current = touches.length === 1 ? touches[0].clientX : null)}
        onTouchEnd={lifted}
      >
        {state === "failed" ? (
          <p className="sheets-failed">
            Страница не показалась.{" "}
            <Button type="button" size="2" variant="surface" onClick={() => setTries((count) => count + 1)}>
              Показать ещё раз
            </Button>
          </p>
        ) : (
          <img
            key={shown}
            src={shown}
            alt={`Страница ${page}: ${name}`}
            className="sheet-picture"
            style={{ width: `${WIDTHS[zoom]}%`, maxWidth: zoom ? "none" : undefined }}
            onLoad={() => setState("shown")}
            onError={() => setState("failed")}
          />
        )}
        {state === "loading" && (
          <span className="sheets-wait">
            <Spinner size="3" />
          </span>
        )}
      </div>
    </div>
  );
}
