// Small parts that need the browser: see parts.py for what each is for. No eval, no inline handlers (CSP).
import { Children, useContext, useEffect, useId, useRef, useState } from "react";
import { Button, IconButton, SegmentedControl, TextField } from "@radix-ui/themes";
import { ColorModeContext, EventLoopContext } from "$/utils/context";

const Icon = ({ name }) => (
  <svg className="icon" aria-hidden="true">
    <use href={`/icons.svg#${name}`} />
  </svg>
);

const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

const inWords = (value, now) => {
  const seconds = Math.round((Date.parse(value) - now) / 1000);
  if (Number.isNaN(seconds)) return "";
  if (Math.abs(seconds) < 45) return seconds > 0 ? "сейчас" : "только что";
  const words = new Intl.RelativeTimeFormat("ru", { numeric: "auto" });
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size * 0.75) ?? UNITS.at(-1);
  return words.format(Math.round(seconds / size) || Math.sign(seconds), unit);
};

export function RelativeTime({ value, exact }) {
  // The prerendered page knows no "now": it shows the exact time, the browser then says it relatively.
  const [now, setNow] = useState(null);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 30000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={value} title={exact} className="relative-time">
      {now === null ? exact : inWords(value, now)}
      {now !== null && <span className="visually-hidden">, {exact}</span>}
    </time>
  );
}

const MODES = [
  ["light", "sun", "Светлая тема"],
  ["dark", "moon", "Тёмная тема"],
  ["system", "sun-moon", "Тема как в системе"],
];

export function ThemeSwitch() {
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const index = Math.max(0, MODES.findIndex(([mode]) => mode === rawColorMode));
  const [, icon, label] = MODES[index];
  const [next, , nextLabel] = MODES[(index + 1) % MODES.length];
  return (
    <IconButton
      type="button"
      size="3"
      variant="ghost"
      color="gray"
      className="header-button"
      aria-label={`${label}. Включить: ${nextLabel.toLowerCase()}`}
      title={label}
      onClick={() => setColorMode(next)}
    >
      <Icon name={icon} />
    </IconButton>
  );
}

const SEEN = "medcab.notices";
const ICONS = { done: "circle-check", soon: "triangle-alert", act: "circle-alert", info: "info", quiet: "info" };

const readSeen = () => {
  try {
    return JSON.parse(sessionStorage.getItem(SEEN)) ?? [];
  } catch {
    return [];
  }
};

const markSeen = (ids) => {
  try {
    sessionStorage.setItem(SEEN, JSON.stringify([...readSeen(), ...ids].slice(-50)));
  } catch {
    // A full or forbidden store costs only a repeated notice after a reload.
  }
};

// What is being told outlives the page that it began on: a message and the way to another page often come together.
let standing = [];

export function NoticeBoard({ items }) {
  const [shown, setShown] = useState(standing);
  const put = (change) => setShown((standing = change(standing)));
  const close = (id) => put((before) => before.filter((notice) => notice.id !== id));
  useEffect(() => {
    const seen = readSeen();
    const fresh = (items ?? []).filter(({ id }) => id && !seen.includes(id));
    if (!fresh.length) return;
    markSeen(fresh.map(({ id }) => id));
    put((before) => [...before, ...fresh].slice(-3));
  }, [items]);
  return (
    <div className="notices" role="status" aria-live="polite">
      {shown.map((notice) => (
        <Toast key={notice.id} notice={notice} onClose={() => close(notice.id)} />
      ))}
    </div>
  );
}

function Toast({ notice, onClose }) {
  // A refusal stays until it is closed; good news leaves, unless the pointer or the focus is on it.
  const [held, setHeld] = useState(false);
  const leaves = notice.tone !== "act" && !held;
  useEffect(() => {
    if (!leaves) return undefined;
    const timer = setTimeout(onClose, 6000);
    return () => clearTimeout(timer);
  }, [leaves]);
  return (
    <div
      className={`notice tone-${notice.tone}`}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon name={ICONS[notice.tone] ?? "info"} />
      <span>{notice.text}</span>
      <IconButton type="button" variant="ghost" color="gray" aria-label="Закрыть сообщение" onClick={onClose}>
        <Icon name="x" />
      </IconButton>
    </div>
  );
}

export function SearchBox({ value, label, hint, slash, onSearch }) {
  const [text, setText] = useState(value ?? "");
  const field = useRef(null);
  const reported = useRef(value ?? "");
  const report = (next) => {
    if (next === reported.current) return;
    reported.current = next;
    onSearch?.(next);
  };
  useEffect(() => {
    if (value !== reported.current) {
      reported.current = value ?? "";
      setText(value ?? "");
    }
  }, [value]);
  useEffect(() => {
    const timer = setTimeout(() => report(text), 300);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    if (!slash) return undefined;
    const focus = (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.code !== "KeyK") return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener("keydown", focus);
    return () => window.removeEventListener("keydown", focus);
  }, [slash]);
  const clear = () => {
    setText("");
    report("");
    field.current?.focus();
  };
  return (
    <form
      role="search"
      aria-label={label}
      className="search-box"
      onSubmit={(event) => {
        event.preventDefault();
        report(text);
      }}
    >
      <TextField.Root
        ref={field}
        size="3"
        type="search"
        value={text}
        aria-label={label}
        placeholder={hint ?? label}
        onChange={(event) => setText(event.target.value)}
      >
        <TextField.Slot>
          <Icon name="search" />
        </TextField.Slot>
        <TextField.Slot side="right">
          {text ? (
            <IconButton type="button" size="1" variant="ghost" color="gray" aria-label="Очистить" onClick={clear}>
              <Icon name="x" />
            </IconButton>
          ) : (
            slash && <kbd aria-hidden="true">Ctrl K</kbd>
          )}
        </TextField.Slot>
      </TextField.Root>
    </form>
  );
}

export function Arrows({ among, children }) {
  const box = useRef(null);
  const walk = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    const places = [...box.current.querySelectorAll(among)].filter((one) => one.checkVisibility());
    const next = places[places.indexOf(document.activeElement) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div ref={box} onKeyDown={walk}>
      {children}
    </div>
  );
}

export function ViewSwitch({ labels, label, children }) {
  const [view, setView] = useState("0");
  const id = useId();
  return (
    <div className="view-switch">
      <SegmentedControl.Root value={view} onValueChange={setView} size="2" aria-label={label} aria-controls={id}>
        {labels.map((word, index) => (
          <SegmentedControl.Item key={word} value={String(index)}>
            {word}
          </SegmentedControl.Item>
        ))}
      </SegmentedControl.Root>
      <div id={id}>{Children.toArray(children)[Number(view)]}</div>
    </div>
  );
}

export function ConnectionNote() {
  const errors = useContext(EventLoopContext)?.[1] ?? [];
  const [online, setOnline] = useState(true);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    look();
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  const lost = !online || errors.length >= 2;
  return (
    <div role="status" aria-live="polite" className="connection-note" data-lost={lost}>
      {lost && (
        <>
          <Icon name="wifi-off" />
          <span>
            {online
              ? "Нет связи с сервером. Пробуем соединиться снова, введённое сохранено на странице."
              : "Нет соединения с интернетом. Введённое сохранено на странице."}
          </span>
        </>
      )}
    </div>
  );
}

export function CopyButton({ text, label }) {
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Скопировано");
    } catch {
      setSaid("Не удалось: выделите текст и скопируйте его сами");
    }
    setTimeout(() => setSaid(""), 3000);
  };
  return (
    <Button type="button" size="3" variant="surface" color="gray" onClick={copy}>
      <Icon name={said === "Скопировано" ? "check" : "copy"} />
      <span aria-live="polite">{said || label || "Скопировать"}</span>
    </Button>
  );
}

const LONGEST_WAIT_MS = 5000;

export function PrintButton({ label, prepared, onPrepare }) {
  const [waits, setWaits] = useState(false);
  const print = () => {
    if (!waits) return;
    setWaits(false);
    window.print();
  };
  useEffect(() => {
    if (!waits) return undefined;
    const patience = setTimeout(print, LONGEST_WAIT_MS); // without the server the page is printed as it stands
    return () => clearTimeout(patience);
  }, [waits]);
  useEffect(print, [prepared]);
  const begin = () => {
    setWaits(true);
    onPrepare();
  };
  return (
    <Button type="button" size="3" variant="surface" color="gray" loading={waits} onClick={onPrepare ? begin : () => window.print()}>
      <Icon name="printer" />
      {label ?? "Распечатать"}
    </Button>
  );
}
