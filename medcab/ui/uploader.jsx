// Choosing, judging and sending files: see uploader.py. No eval, no blob addresses, nothing is sent to another origin.
import { useCallback, useEffect, useId, useReducer, useRef, useState } from "react";
import { Button, Progress } from "@radix-ui/themes";
import { useSecureForm } from "../forms/form_core.jsx"; // the forms' own copy: a context belongs to one module
import { judge } from "./photo_quality.js";
import { upload } from "./upload_request.js";

const THUMB = 64;
const TARGET = { minHeight: 44, minWidth: 44 };
const ROW = { display: "flex", flexWrap: "wrap", gap: "var(--space-3)", alignItems: "center" };
const LOOKS = {
  done: ["circle-check", "var(--green-11)"],
  doubtful: ["triangle-alert", "var(--amber-11)"],
  offline: ["wifi-off", "var(--amber-11)"],
  refused: ["circle-x", "var(--red-11)"],
  failed: ["circle-x", "var(--red-11)"],
};

const Icon = ({ name }) => (
  <svg className="icon" aria-hidden="true">
    <use href={`/icons.svg#${name}`} />
  </svg>
);

const inMegabytes = (size) => {
  const [value, unit] = size < 1048576 ? [size / 1024, "КБ"] : [size / 1048576, "МБ"];
  return `${value.toLocaleString("ru", { maximumFractionDigits: 1 })} ${unit}`;
};

/** What the row says in words; the same words are read to screen readers. */
const spoken = ({ stage, progress, message, reasons }) =>
  ({
    checking: "Смотрим, всё ли видно…",
    doubtful: "Снимок можно улучшить.",
    refused: "Файл не подойдёт.",
    waiting: "Ждёт своей очереди",
    sending: progress < 100 ? `Загружается: ${progress}\u00a0%` : "Проверяем на сервере…",
    offline: "Нет связи. Файл остался выбранным: отправим его, как только связь появится.",
    failed: message,
    done: reasons.length ? "Загружено, но есть замечание." : "Загружено",
  })[stage];

/** How a list of files changes; each is {key, file, stage, progress, reasons, message, again, thumb}. */
const changed = (items, { type, key, ...news }) => {
  if (type === "add") return [...items, ...news.items];
  if (type === "remove") return items.filter((item) => item.key !== key);
  if (type === "online") return items.map((item) => (item.stage === "offline" ? { ...item, stage: "waiting" } : item));
  return items.map((item) => (item.key === key ? { ...item, ...news } : item));
};

/** A picture of 64 px drawn on a canvas: no address that a content policy would have to admit. */
const shrunk = async (bitmap) => {
  if (!bitmap) return null;
  const scale = (2 * THUMB) / Math.max(bitmap.width, bitmap.height);
  const size = (length) => Math.max(1, Math.round(length * scale));
  const thumb = await createImageBitmap(bitmap, { resizeWidth: size(bitmap.width), resizeHeight: size(bitmap.height) });
  bitmap.close();
  return thumb;
};

function Thumb({ bitmap }) {
  const canvas = useRef(null);
  useEffect(() => {
    if (bitmap) canvas.current?.getContext("2d").drawImage(bitmap, 0, 0);
  }, [bitmap]);
  const style = { maxWidth: THUMB, maxHeight: THUMB, borderRadius: "var(--radius-2)" };
  if (bitmap) return <canvas ref={canvas} width={bitmap.width} height={bitmap.height} style={style} aria-hidden="true" />;
  return <Icon name="file-text" />;
}

const Reasons = ({ reasons }) => (
  <ul style={{ margin: 0, paddingInlineStart: "var(--space-4)" }}>
    {reasons.map(({ code, sentence, how }) => (
      <li key={code ?? sentence}>
        <strong>{sentence}</strong> {how}
      </li>
    ))}
  </ul>
);

function Action({ item, label, onClick, ...look }) {
  return (
    <Button type="button" size="2" variant="soft" style={TARGET} {...look} onClick={onClick}>
      {label}
      <span className="visually-hidden">: {item.file.name}</span>
    </Button>
  );
}

function Item({ item, first, tell, remove }) {
  const { file, stage, progress, reasons, thumb, key, again } = item;
  const [icon, color] = LOOKS[stage] ?? ["hourglass", "var(--gray-11)"];
  const send = () => tell({ key, stage: "waiting", reasons: [] });
  const line = { padding: "var(--space-3) 0", borderTop: first ? "none" : "1px solid var(--gray-5)" };
  return (
    <li style={{ ...ROW, ...line, alignItems: "flex-start" }} data-stage={stage}>
      <div style={{ width: THUMB, display: "flex", justifyContent: "center" }}>
        <Thumb bitmap={thumb} />
      </div>
      <div style={{ flex: "1 1 200px", minWidth: 0 }}>
        <div style={{ overflowWrap: "anywhere" }}>
          <bdi>{file.name}</bdi> <span style={{ color: "var(--gray-11)", whiteSpace: "nowrap" }}>{inMegabytes(file.size)}</span>
        </div>
        <div style={{ ...ROW, gap: "var(--space-2)", color, flexWrap: "nowrap" }}>
          <Icon name={icon} /> <span>{spoken(item)}</span>
        </div>
        {stage === "sending" && <Progress value={progress} aria-label={`Загрузка: ${file.name}`} mt="2" />}
        {reasons.length > 0 && <Reasons reasons={reasons} />}
      </div>
      <div style={{ ...ROW, gap: "var(--space-2)" }}>
        {stage === "doubtful" && <Action item={item} label="Всё равно отправить" onClick={send} />}
        {(stage === "offline" || again) && <Action item={item} label="Повторить" onClick={send} />}
        {stage !== "done" && (
          <Action
            item={item}
            color="gray"
            label={stage === "sending" || stage === "waiting" ? "Отменить" : "Убрать"}
            onClick={() => remove(item)}
          />
        )}
      </div>
    </li>
  );
}

/** The files, one sent after another; `tell` changes one of them. */
function useQueue({ rules, request, onDone }) {
  const [items, tell] = useReducer(changed, []);
  const sending = useRef(null); // {key, cancel} of the file that is on its way
  const latest = useRef({});
  latest.current = { request, onDone };

  const add = useCallback(
    async (files) => {
      const fresh = files.map((file) => ({
        key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
        file,
        stage: "checking",
        progress: 0,
        reasons: [],
      }));
      tell({ type: "add", items: fresh });
      for (const { key, file } of fresh) {
        const { reasons, bitmap } = await judge(file, rules);
        const bad = reasons.some(({ severity }) => severity === "refuse");
        const stage = bad ? "refused" : reasons.length ? "doubtful" : "waiting";
        tell({ key, stage, reasons, thumb: await shrunk(bitmap) });
      }
    },
    [rules],
  );

  const remove = useCallback((item) => {
    if (sending.current?.key === item.key) sending.current.cancel.abort();
    tell({ type: "remove", key: item.key });
  }, []);

  useEffect(() => {
    const next = items.find(({ stage }) => stage === "waiting");
    if (!next || sending.current) return;
    const { key, file } = next;
    const cancel = new AbortController();
    sending.current = { key, cancel };
    tell({ key, stage: "sending", progress: 0, again: false });
    const onProgress = (progress) => tell({ key, progress });
    upload(file, { ...latest.current.request, signal: cancel.signal, onProgress })
      .catch(() => ({ stage: "cancelled" }))
      .then(({ id, warnings = [], ...news }) => {
        sending.current = null;
        tell({ key, ...news, reasons: warnings.map((w) => (typeof w === "string" ? { sentence: w } : w)) });
        if (news.stage === "done") latest.current.onDone?.(id);
      });
  }, [items]);

  useEffect(() => {
    const online = () => tell({ type: "online" });
    window.addEventListener("online", online);
    return () => {
      window.removeEventListener("online", online);
      sending.current?.cancel.abort();
    };
  }, []);

  return { items, add, remove, tell };
}

/** What a screen reader is told: each change of stage, and progress by quarters, not by each per cent. */
const announced = (items) => {
  const told = items.at(-1) && (items.find(({ stage }) => stage === "sending") ?? items.at(-1));
  if (!told) return "";
  const progress = told.progress < 100 ? 25 * Math.floor(told.progress / 25) : 100;
  const reasons = told.reasons.map(({ sentence, how }) => `${sentence} ${how ?? ""}`).join(" ");
  return `${told.file.name}: ${spoken({ ...told, progress })} ${reasons}`;
};

function Chooser({ label, hint, accept, multiple, add, chooser, variant }) {
  const [over, setOver] = useState(false);
  const [phone, setPhone] = useState(false);
  const [files, camera] = [useRef(null), useRef(null)];
  const hintId = useId();
  useEffect(() => setPhone(matchMedia("(pointer: coarse)").matches), []);
  const chosen = ({ target }) => {
    add([...target.files]);
    target.value = ""; // the same file may be chosen again
  };
  const drag = (value) => (event) => {
    event.preventDefault();
    setOver(value);
  };
  const drop = (event) => {
    drag(false)(event);
    const dropped = [...event.dataTransfer.files];
    add(multiple ? dropped : dropped.slice(0, 1));
  };
  const zone = {
    ...ROW,
    padding: "var(--space-4)",
    border: `2px dashed var(${over ? "--accent-9" : "--gray-7"})`,
    borderRadius: "var(--radius-4)",
    background: over ? "var(--accent-3)" : "transparent",
  };
  return (
    <div style={zone} onDragOver={drag(true)} onDragLeave={drag(false)} onDrop={drop}>
      <Button ref={chooser} type="button" size="3" variant={variant} style={TARGET} aria-describedby={hintId} onClick={() => files.current.click()}>
        <Icon name="upload" /> {label}
      </Button>
      {phone && (
        <Button type="button" size="3" variant="soft" style={TARGET} onClick={() => camera.current.click()}>
          <Icon name="camera" /> Сфотографировать
        </Button>
      )}
      <span id={hintId} style={{ flex: "1 1 200px", color: "var(--gray-11)" }}>
        {hint} {!phone && "Можно перетащить сюда."}
      </span>
      <input ref={files} type="file" hidden accept={accept} multiple={multiple} onChange={chosen} />
      <input ref={camera} type="file" hidden accept="image/*" capture="environment" onChange={chosen} />
    </div>
  );
}

/** The file that the form holds: its first page as the server drew it, and the file itself. */
function Attached({ id, name, action }) {
  const [broken, setBroken] = useState(false);
  useEffect(() => setBroken(false), [id]);
  const frame = { maxHeight: 280, maxWidth: "100%", borderRadius: "var(--radius-3)", border: "1px solid var(--gray-a5)", background: "white" };
  return (
    <figure style={{ margin: 0, display: "grid", gap: "var(--space-2)", justifyItems: "start" }}>
      {!broken && <img src={`${action}/${id}/preview`} alt="Первая страница загруженного файла" style={frame} onError={() => setBroken(true)} />}
      <figcaption style={{ ...ROW, gap: "var(--space-2)", color: broken ? "var(--amber-11)" : "var(--green-11)" }}>
        <Icon name={broken ? "triangle-alert" : "circle-check"} />
        <span>
          {broken ? "Файл загружен, показать его не получилось. " : "Файл приложен. "}
          <a href={`${action}/${id}`} download className="rt-Text rt-reset rt-Link rt-underline-always">
            Скачать{name ? `: ${name}` : ""}
          </a>
        </span>
      </figcaption>
    </figure>
  );
}

export function Uploader({ action, source, name, label, hint, accept, multiple, fields, rules, field, onDone }) {
  const chooser = useRef(null);
  const form = useSecureForm();
  const request = { action, source, name, fields };
  const [taken, setTaken] = useState("");
  const done = (id) => {
    if (field) form?.set(field, id);
    setTaken(id);
    onDone?.(id);
  };
  const { items, add, remove, tell } = useQueue({ rules, request, onDone: done });
  const listed = field ? items.filter(({ stage, reasons }) => stage !== "done" || reasons.length) : items; // what is done is shown above
  const attached = (field && form?.values[field]) || "";
  const removeAndReturn = (item) => {
    remove(item);
    chooser.current?.focus(); // the button that had the focus is gone
  };
  return (
    <section aria-label={label} style={{ display: "grid", gap: "var(--space-3)" }}>
      {attached && <Attached id={attached} name={attached === taken ? "" : form.data.file_name} action={action} />}
      <Chooser {...{ label: attached ? "Заменить файл" : label, hint, accept, multiple, add, chooser }} variant={field ? "soft" : "solid"} />
      <div role="status" aria-live="polite" className="visually-hidden">
        {announced(items)}
      </div>
      {listed.length > 0 && (
        <ul style={{ listStyle: "none", margin: 0, padding: 0 }} aria-label="Выбранные файлы">
          {listed.map((item, at) => (
            <Item key={item.key} item={item} first={at === 0} tell={tell} remove={removeAndReturn} />
          ))}
        </ul>
      )}
    </section>
  );
}
