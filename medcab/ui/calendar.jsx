// Columns by time: see calendar.py. Times are minutes of the clinic's wall clock; what is decided, Python decides.
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button, Dialog } from "@radix-ui/themes";
import { Link } from "react-router";
import { useDrag } from "./calendar_drag.js";
import { useKeptFocus } from "./kept_focus.js";

const DAY = 24 * 60;
const ICONS = { free: "plus", break: "clock", busy: "ban" };
const WORDS = { free: "Свободно", break: "Перерыв", busy: "Занято" };
const SAVE = "medcab.calendar.underway";
const two = (number) => String(number).padStart(2, "0");
export const clock = (minute) => `${two(Math.floor((minute % DAY) / 60))}:${two(minute % 60)}`;
const whose = (block, column) => block.who || column.who;
const canTake = (block) => block.what === "free";
const focusable = (block) => block.what === "visit" || block.what === "free";

function Icon({ name }) {
  return (
    <svg className="icon" aria-hidden="true">
      <use href={`/icons.svg#${name}`} />
    </svg>
  );
}

// ---- One block and one column ------------------------------------------------------------------------------------------------------

const said = (block) => {
  const word = [block.word || WORDS[block.what], block.mark].filter(Boolean).join(", ");
  return `${clock(block.top)}–${clock(block.top + block.length)}, ${[block.title, word].filter(Boolean).join(", ")}`;
};

const Block = memo(function Block({ block, column, first, isHere, state, onPress, onGrip }) {
  const place = {
    "--top": block.top - first,
    "--size": block.length,
    "--left": block.left ?? 0,
    "--width": block.width ?? 100,
  };
  const isVisit = block.what === "visit";
  const word = state === "leaving" ? "переносим…" : block.word || WORDS[block.what];
  const inside = (
    <>
      <span className={isVisit ? "block-name" : undefined}>
        {clock(block.top)}
        {block.title && ` ${block.title}`}
      </span>
      <span className="block-word">
        <Icon name={state === "leaving" ? "loader-circle" : block.icon || ICONS[block.what]} />
        {state === "target" ? "сюда" : word}
        {block.mark && <b className="block-mark">{block.mark}</b>}
      </span>
    </>
  );
  const shared = {
    className: `block ${isVisit || block.what === "free" ? block.what : "plain"} tone-${block.tone || "quiet"}`,
    style: place,
    title: said(block),
    "data-mark": block.is_new ? "new" : undefined,
    "data-state": state || undefined,
    "data-gone": block.is_gone || undefined,
  };
  if (!focusable(block)) return <div {...shared}>{inside}</div>;
  return (
    <button
      type="button"
      {...shared}
      data-key={block.key}
      data-movable={block.can_move || undefined}
      tabIndex={isHere ? 0 : -1}
      onClick={() => onPress(block, column)}
      onPointerDown={block.can_move ? (event) => onGrip(event, block, column) : undefined}
    >
      {inside}
    </button>
  );
});

const Column = memo(function Column({ column, first, now, here, states, onPress, onGrip }) {
  return (
    <div className="cal-column" role="group" aria-label={column.says} data-column={column.key}>
      <div className={column.is_today ? "cal-head today" : "cal-head"}>
        <h2>{column.href ? <Link to={column.href}>{column.head}</Link> : column.head}</h2>
        <small>{column.note}</small>
      </div>
      <div className="cal-body">
        {column.blocks.map((block) => (
          <Block
            key={block.key}
            {...{ block, column, first, onPress, onGrip }}
            isHere={here === block.key}
            state={states[block.key]}
          />
        ))}
        {column.is_today && now >= 0 && <div className="now-line" style={{ "--now": now - first }} key={now} aria-hidden="true" />}
      </div>
    </div>
  );
});

// ---- Where the focus goes ----------------------------------------------------------------------------------------------------------

const nearest = (blocks, top) =>
  blocks.reduce((best, one) => (!best || Math.abs(one.top - top) < Math.abs(best.top - top) ? one : best), null);

/** From a place of the grid one step on, among the blocks that `fits`; null at the edge. */
const step = (columns, at, key, fits) => {
  const rows = columns.map(({ blocks }) => blocks.filter(fits).sort((one, other) => one.top - other.top || (one.left ?? 0) - (other.left ?? 0)));
  const index = rows[at.column].findIndex((block) => block.key === at.block.key);
  const found = (column, block) => (block ? { column, block } : null);
  if (key === "ArrowDown" || key === "ArrowUp") {
    if (index >= 0) return found(at.column, rows[at.column][index + (key === "ArrowDown" ? 1 : -1)]);
    const beyond = rows[at.column].filter(({ top }) => (key === "ArrowDown" ? top > at.block.top : top < at.block.top));
    return found(at.column, nearest(beyond, at.block.top));
  }
  if (key === "Home") return found(at.column, rows[at.column][0]);
  if (key === "End") return found(at.column, rows[at.column].at(-1));
  const by = key === "ArrowRight" ? 1 : -1;
  for (let column = at.column + by; column >= 0 && column < rows.length; column += by)
    if (rows[column].length) return found(column, nearest(rows[column], at.block.top));
  return null;
};
const STEPS = new Set(["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"]);

/** A free place to begin a move at: in the same column, or in the nearest that has one. */
const firstTarget = (columns, at) => {
  const order = columns.map((_, index) => index).sort((one, other) => Math.abs(one - at.column) - Math.abs(other - at.column));
  for (const column of order) {
    const block = nearest(columns[column].blocks.filter(canTake), at.block.top);
    if (block) return { column, block };
  }
  return null;
};

const findBlock = (columns, key) => {
  for (const [column, { blocks }] of columns.entries()) {
    const block = blocks.find((one) => one.key === key);
    if (block) return { column, block };
  }
  return null;
};

// ---- A move on its way: it outlives the page's being drawn anew, and even a reload ---------------------------------------------------

const remembered = () => {
  try {
    return JSON.parse(sessionStorage.getItem(SAVE));
  } catch {
    return null;
  }
};

const remember = (move) => {
  try {
    if (move) sessionStorage.setItem(SAVE, JSON.stringify(move));
    else sessionStorage.removeItem(SAVE);
  } catch {
    // Without a store a move is known only while the page stands.
  }
};

function useUnderway({ shown, answer, onMove, onAsk }) {
  const [move, setMove] = useState(null);
  const set = useCallback((one) => {
    remember(one);
    setMove(one);
  }, []);
  useEffect(() => setMove(remembered()), []);
  useEffect(() => {
    if (move && answer === move.key) set(null);
  }, [answer, move, set]);
  useEffect(() => {
    // The page was read anew since: the connection was lost, and perhaps the answer with it. Asked behind whatever still goes out.
    if (!move || !shown || move.shown === shown || answer === move.key) return;
    setMove({ ...move, shown });
    onAsk(move.key, move.id, move.version, move.who, move.at);
  }, [shown, move, answer, onAsk]);
  const send = (block, target, column) => {
    const one = {
      key: `${block.id}:${Date.now()}`, id: block.id, version: block.version, who: whose(target, column), at: target.at,
      from: block.key, to: target.key, shown,
    }; // prettier-ignore
    set(one);
    onMove(one.key, one.id, one.version, one.who, one.at);
  };
  return [move, send];
}

// ---- The whole ---------------------------------------------------------------------------------------------------------------------

export function Calendar({ grid, label, answer, onOpen, onTake, onMark, onMove, onAsk }) {
  const { columns, first, length, minute, now } = grid;
  const frame = useRef(null);
  const [here, setHere] = useState("");
  const [carried, setCarried] = useState(null); // {block, target: {column, block}} while the keys move a visit
  const [words, setWords] = useState("");
  const [underway, send] = useUnderway({ shown: grid.shown, answer, onMove, onAsk });
  const latest = useRef({});
  latest.current = { columns, carried, here };
  useKeptFocus(
    frame,
    ({ dataset }) => {
      const at = dataset.key && findBlock(latest.current.columns, dataset.key);
      return at && { key: dataset.key, column: latest.current.columns[at.column].key, top: at.block.top };
    },
    (was) => {
      // The same place; or the visit that was put somewhere else; or whatever stands nearest now.
      const known = latest.current.columns;
      const column = known.find(({ key }) => key === was.column) ?? known[0];
      const there = (findBlock(known, was.key) ?? findBlock(known, latest.current.here))?.block ?? nearest((column?.blocks ?? []).filter(focusable), was.top);
      return there && frame.current.querySelector(`[data-key="${CSS.escape(there.key)}"]`);
    },
  );

  const focus = (key) => {
    setHere(key);
    requestAnimationFrame(() => frame.current?.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus());
  };
  const whereTo = ({ column, block }) => `${columns[column].says}, ${clock(block.top)}${block.title ? `, ${block.title}` : ""}`;
  const carry = (block, target) => {
    setCarried({ block, target });
    setWords(`${block.title}: на ${whereTo(target)}. Enter — перенести, Esc — оставить.`);
    focus(target.block.key);
  };
  const giveUp = () => {
    setCarried(null);
    setWords("Перенос отменён, приём на прежнем месте.");
    focus(carried.block.key);
  };
  const put = (block, target) => {
    setCarried(null);
    setWords(`Переносим: ${block.title}, ${whereTo(target)}.`);
    setHere(block.key);
    send(block, target.block, columns[target.column]);
  };

  const drag = useDrag({
    frame,
    targets: () => latest.current.columns,
    canTake,
    say: (block, target) => setWords(target ? `${block.title}: на ${whereTo(target)}.` : ""),
    drop: (block, target) => put(block, target),
    gaveUp: () => setWords("Перенос отменён, приём на прежнем месте."),
  });

  const press = useCallback(
    (block, column) => {
      if (drag.swallowsClick()) return;
      setHere(block.key);
      if (block.what === "visit") onOpen(block.id);
      else onTake(whose(block, column), block.at);
    },
    [onOpen, onTake], // eslint-disable-line
  );

  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = document.activeElement?.dataset?.key;
    const at = key && findBlock(columns, key);
    if (!at) return;
    const handled = carried ? whileCarried(event, at) : whileFree(event, at);
    if (handled) event.preventDefault();
  };
  const whileCarried = (event, at) => {
    if (event.key === "Escape") giveUp();
    else if (event.key === "Enter") put(carried.block, at.block.key === carried.target.block.key ? at : carried.target);
    else if (STEPS.has(event.key)) {
      const next = step(columns, at, event.key, canTake);
      if (next) carry(carried.block, next);
    } else return event.key === " ";
    return true;
  };
  const whileFree = (event, at) => {
    const { block, column } = at;
    if (STEPS.has(event.key)) {
      const next = step(columns, at, event.key, focusable);
      if (next) focus(next.block.key);
    } else if (event.code === "KeyM" && block.what === "visit") {
      const target = block.can_move && firstTarget(columns, at);
      if (target) carry(block, target);
      else setWords(block.can_move ? "Свободного времени здесь нет." : "Этот приём перенести нельзя.");
    } else if (event.code === "KeyN") {
      const place = canTake(block) ? at : firstTarget(columns, at);
      if (place) onTake(whose(place.block, columns[place.column]), place.block.at);
    } else if (event.code === "KeyX" && block.what === "visit") {
      if (block.can_miss) onMark(block.id, block.version, "no_show");
      else setWords("Отметить неявку сейчас нельзя.");
    } else return everywhere(event);
    return true;
  };

  useEffect(() => {
    if (carried && !findBlock(columns, carried.target.block.key)) {
      setCarried(null);
      setWords("Это время только что заняли. Нажмите M ещё раз и выберите другое.");
      focus(carried.block.key);
    }
  }, [columns]); // eslint-disable-line
  useEffect(() => {
    // Begin where the day is: at the present hour, or where the first thing stands.
    const box = frame.current;
    if (!box || !columns.length) return;
    const tops = columns.flatMap(({ blocks }) => blocks.map(({ top }) => top));
    const top = now >= 0 ? now - 60 : Math.min(...tops, first + length);
    box.scrollTop = Math.max(0, (top - first) * minute);
  }, [grid.key]); // eslint-disable-line

  const states = useMemo(() => {
    const found = {};
    if (underway) Object.assign(found, { [underway.from]: "leaving", [underway.to]: "target" });
    if (carried) Object.assign(found, { [carried.block.key]: "carried", [carried.target.block.key]: "target" });
    if (drag.held) Object.assign(found, { [drag.held.key]: "carried" });
    if (drag.target) Object.assign(found, { [drag.target.block.key]: "target" });
    return found;
  }, [underway, carried, drag.held, drag.target]);
  const roving = findBlock(columns, here) ? here : columns.flatMap(({ blocks }) => blocks).find(focusable)?.key;
  const style = { "--minute": `${minute}px`, "--length": length, "--columns": columns.length };
  return (
    <div className="cal">
      <div className="cal-frame section flush" role="region" aria-label={label} tabIndex={roving ? undefined : 0} ref={frame} data-first={first} onKeyDown={keys}>
        <div className="cal-grid" style={style} data-dragging={drag.held ? "yes" : undefined}>
          <div className="cal-axis" aria-hidden="true">
            <div className="cal-corner" />
            {grid.hours.map((hour) => (
              <span key={hour.label + hour.top} className="hour" style={{ "--top": hour.top }}>
                {hour.label}
              </span>
            ))}
          </div>
          {columns.map((column) => (
            <Column key={column.key} {...{ column, first, now, states }} here={roving} onPress={press} onGrip={drag.grip} />
          ))}
        </div>
      </div>
      {drag.held && (
        <div className="cal-ghost" style={{ left: drag.point.x, top: drag.point.y }} aria-hidden="true">
          <strong>{drag.held.title}</strong>
          <span>{drag.target ? whereTo(drag.target) : "здесь нет свободного времени"}</span>
        </div>
      )}
      <p className="cal-words" role="status" aria-live="polite" data-shown={carried ? "yes" : undefined}>
        {words}
      </p>
    </div>
  );
}

// ---- The list of a day, and the keys ------------------------------------------------------------------------------------------------

const SWIPE = 60; // px
const ROW = ".day-row";
const FIRST = "[data-deed=open], .row-free";
const LIST = { KeyJ: 1, KeyK: -1, ArrowDown: 1, ArrowUp: -1 };
const DEEDS = { KeyX: "[data-deed=no_show]", KeyN: ".row-free" };
const click = (selector) => {
  const found = document.querySelector(selector);
  const isThere = found?.checkVisibility({ visibilityProperty: true }) ?? false; // what can be taken back is hidden after its time
  if (isThere) found.click();
  return isThere;
};
const ANYWHERE = { KeyZ: "[data-undo]", PageUp: ".way-previous", PageDown: ".way-next" };
/** What a key does wherever in the schedule the focus is; false: nothing. */
const everywhere = ({ key, code }) => {
  const what = key === "?" ? "[data-keys-help]" : ANYWHERE[code];
  return Boolean(what) && click(what);
};

const walked = (list) => [...list.querySelectorAll(ROW)].filter((one) => one.querySelector(FIRST) && one.checkVisibility());
const walk = (list, row, by) => {
  const rows = walked(list);
  const next = rows[rows.indexOf(row) + by];
  next?.querySelector(FIRST).focus();
  return Boolean(next);
};

export function Rows({ children, className, onMove }) {
  const list = useRef(null);
  const began = useRef(null);
  useKeptFocus(
    list,
    (element) => element.closest(ROW) && { ...element.closest(ROW).dataset, deed: element.dataset.deed },
    (was) => {
      // The visit, or what stands at its time now, or what comes after it; on another day, its beginning.
      const rows = walked(list.current);
      const row = rows.find(({ dataset }) => was.id && dataset.id === was.id) ?? rows.find(({ dataset }) => dataset.at >= was.at) ?? rows[0];
      return row?.querySelector(`[data-deed="${was.deed}"]`) ?? row?.querySelector(FIRST);
    },
  );
  const keys = (event) => {
    const row = event.target.closest?.(ROW);
    if (!row || event.ctrlKey || event.metaKey || event.altKey || !list.current.contains(row)) return;
    const by = LIST[event.code];
    const deed = DEEDS[event.code] && (row.querySelector(DEEDS[event.code]) ?? (event.code === "KeyN" && list.current.querySelector(".row-free")));
    const moves = event.code === "KeyM" && row.dataset.id;
    if (moves) onMove(row.dataset.id);
    deed?.click();
    if (moves || deed || (by ? walk(list.current, row, by) : everywhere(event))) event.preventDefault();
  };
  const touched = ({ touches }) => {
    began.current = touches.length === 1 ? { x: touches[0].clientX, y: touches[0].clientY } : null;
  };
  const lifted = ({ changedTouches: [finger] }) => {
    if (!began.current) return;
    const [across, along] = [finger.clientX - began.current.x, finger.clientY - began.current.y];
    began.current = null;
    if (Math.abs(across) < SWIPE || Math.abs(across) < 2 * Math.abs(along)) return; // a scroll is no turning
    click(`.way-${across < 0 ? "next" : "previous"}`);
  };
  return (
    <div ref={list} className={className} onKeyDown={keys} onTouchStart={touched} onTouchEnd={lifted}>
      {children}
    </div>
  );
}

const KEYS = [
  ["← ↑ → ↓", "Между приёмами и свободными местами; в списке ↑ ↓ или J и K"],
  ["Enter", "Открыть приём или записать на свободное место"],
  ["N", "Новая запись на выбранное место"],
  ["M", "Перенести: стрелками выберите место, Enter — перенести, Esc — оставить"],
  ["X", "Пациент не пришёл"],
  ["Z", "Вернуть то, что сделано только что"],
  ["PgUp PgDn", "Раньше и позже"],
  ["?", "Эта подсказка"],
];

export function CalendarKeys() {
  const before = useRef(null); // where «?» was pressed
  const back = (event) => {
    if (!before.current?.isConnected) return;
    event.preventDefault();
    before.current.focus();
  };
  return (
    <Dialog.Root>
      <Dialog.Trigger onClick={() => (before.current = document.activeElement)}>
        <Button type="button" size="3" variant="surface" color="gray" className="button keys-button" data-keys-help="yes">
          <Icon name="circle-question-mark" /> Клавиши
        </Button>
      </Dialog.Trigger>
      <Dialog.Content maxWidth="520px" onCloseAutoFocus={back}>
        <Dialog.Title>Клавиши расписания</Dialog.Title>
        <Dialog.Description>Работают, когда выбрано место в сетке или строка дня. Раскладка не важна; всё то же есть на странице кнопками.</Dialog.Description>
        <dl className="cal-keys">
          {KEYS.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <div className="dialog-actions">
          <Dialog.Close>
            <Button type="button" size="3" variant="surface" color="gray" className="button">
              Понятно
            </Button>
          </Dialog.Close>
        </div>
      </Dialog.Content>
    </Dialog.Root>
  );
}
