// Choosing, judging and sending files: see uploader.py. No eval, no blob addresses, nothing is sent to another origin.
import { useCallback, useEffect, useId, useReducer, useRef, useState } from "react";
import { Button } from "@radix-ui/themes";
import { useSecureForm } from "../forms/form_core.jsx"; // the forms' own copy: a context belongs to one module
import { PhotoSamples } from "./photo_samples.jsx";
import { judge } from "./photo_quality.js";
import { Icon, Item, ROW, TARGET, isPhoto, spoken, titleOf } from "./upload_items.jsx";
import { upload } from "./upload_request.js";

const THUMB = 64;

/** How the list changes; each item is {key, shots: [{key, file, reasons, thumb, judged}], stage, progress, reasons, message, again,
 *  straighten, straightened, moved}. One with a shot is sent at once; one with several waits until their order is right. */
const changed = (items, { type, key, ...news }) => {
  const one = (change) => items.map((item) => (item.key === key ? { ...item, ...change(item) } : item));
  if (type === "add") return [...items, news.item];
  if (type === "remove") return items.filter((item) => item.key !== key);
  if (type === "online") return items.map((item) => (item.stage === "offline" ? { ...item, stage: "waiting" } : item));
  if (type === "more") return one(({ shots }) => ({ stage: "gathering", reasons: [], message: "", moved: "", again: false, shots: [...shots, ...news.shots] }));
  if (type === "judged") return one((item) => judged(item, news.shot));
  const emptied = news.shots?.length === 0;
  return emptied ? items.filter((item) => item.key !== key) : one(() => news);
};

/** One of its photographs has been looked at. */
const judged = ({ shots, stage }, { key, reasons, thumb }) => {
  const seen = shots.map((shot) => (shot.key === key ? { ...shot, reasons, thumb, judged: true } : shot));
  if (stage !== "checking") return { shots: seen };
  const bad = reasons.some(({ severity }) => severity === "refuse");
  return { shots: seen, reasons, stage: bad ? "refused" : reasons.length ? "doubtful" : "waiting" };
};

const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

const shotsOf = (files) => files.map((file) => ({ key: newKey(), file, reasons: [] }));

/** A picture of 64 px drawn on a canvas: no address that a content policy would have to admit. */
const shrunk = async (bitmap) => {
  if (!bitmap) return null;
  const scale = (2 * THUMB) / Math.max(bitmap.width, bitmap.height);
  const size = (length) => Math.max(1, Math.round(length * scale));
  const thumb = await createImageBitmap(bitmap, { resizeWidth: size(bitmap.width), resizeHeight: size(bitmap.height) });
  bitmap.close();
  return thumb;
};

/** The documents, one sent after another; `tell` changes one of them. */
function useQueue({ rules, request, onDone }) {
  const [items, tell] = useReducer(changed, []);
  const sending = useRef(null); // {key, cancel} of what is on its way
  const latest = useRef({});
  latest.current = { request, onDone };

  const look = useCallback(
    async (key, shots) => {
      for (const { key: shot, file } of shots) {
        const { reasons, bitmap } = await judge(file, rules);
        tell({ type: "judged", key, shot: { key: shot, reasons, thumb: await shrunk(bitmap) } });
      }
    },
    [rules],
  );

  const begin = useCallback(
    (files, stage, reasons = []) => {
      const [key, shots] = [newKey(), shotsOf(files)];
      tell({ type: "add", item: { key, shots, stage, reasons, progress: 0, straighten: true } });
      if (stage !== "refused") look(key, shots);
    },
    [look],
  );

  const add = useCallback(
    (files) => {
      if (!files.length) return;
      if (files.length === 1) return begin(files, "checking");
      const pdf = { code: "joined_pdf", ...rules.refusals.joined_pdf };
      files.filter((file) => !isPhoto(file)).forEach((file) => begin([file], "refused", [pdf]));
      const photos = files.filter(isPhoto);
      if (photos.length) begin(photos, photos.length > 1 ? "gathering" : "checking");
    },
    [begin, rules],
  );

  const extend = useCallback(
    (item, files) => {
      const fresh = shotsOf(files.filter(isPhoto));
      tell({ type: "more", key: item.key, shots: fresh });
      look(item.key, fresh);
    },
    [look],
  );

  const remove = useCallback((item) => {
    if (sending.current?.key === item.key) sending.current.cancel.abort();
    tell({ type: "remove", key: item.key });
  }, []);

  useEffect(() => {
    const next = items.find(({ stage }) => stage === "waiting");
    if (!next || sending.current) return;
    const { key, shots, straighten } = next;
    const cancel = new AbortController();
    sending.current = { key, cancel };
    tell({ key, stage: "sending", progress: 0, again: false, message: "" });
    const onProgress = (progress) => tell({ key, progress });
    const files = shots.map(({ file }) => file);
    upload(files, { ...latest.current.request, straighten, signal: cancel.signal, onProgress })
      .catch(() => ({ stage: "cancelled" }))
      .then(({ id, warnings = [], ...news }) => {
        sending.current = null;
        tell({ key, ...news, reasons: warnings.map((w) => (typeof w === "string" ? { sentence: w } : w)) });
        if (news.stage === "done") latest.current.onDone?.(id, key);
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

  return { items, add, extend, remove, tell };
}

/** What a screen reader is told: each change of stage, and progress by quarters, not by each per cent. */
const announced = (items) => {
  const told = items.at(-1) && (items.find(({ stage }) => stage === "sending") ?? items.at(-1));
  if (!told) return "";
  const progress = told.progress < 100 ? 25 * Math.floor(told.progress / 25) : 100;
  const reasons = told.reasons.map(({ sentence, how }) => `${sentence} ${how ?? ""}`).join(" ");
  return `${titleOf(told)}: ${spoken({ ...told, progress })} ${reasons}`;
};

function Chooser({ label, hint, accept, most, add, drop, open, chooser, files, variant }) {
  const [over, setOver] = useState(false);
  const [phone, setPhone] = useState(false);
  const camera = useRef(null);
  const hintId = useId();
  const photos = accept.includes("image/");
  useEffect(() => setPhone(matchMedia("(pointer: coarse)").matches), []);
  const chosen = ({ target }) => {
    add([...target.files]);
    target.value = ""; // the same file may be chosen again
  };
  const drag = (value) => (event) => {
    event.preventDefault();
    setOver(value);
  };
  const dropped = (event) => {
    drag(false)(event);
    drop([...event.dataTransfer.files]);
  };
  const zone = {
    ...ROW,
    padding: "var(--space-4)",
    border: `2px dashed var(${over ? "--accent-9" : "--gray-7"})`,
    borderRadius: "var(--radius-4)",
    background: over ? "var(--accent-3)" : "transparent",
  };
  return (
    <div>
      <div style={zone} onDragOver={drag(true)} onDragLeave={drag(false)} onDrop={dropped}>
        <Button ref={chooser} type="button" size="3" variant={variant} style={TARGET} aria-describedby={hintId} onClick={() => open(files)}>
          <Icon name="upload" /> {label}
        </Button>
        {phone && photos && (
          <Button type="button" size="3" variant="soft" style={TARGET} onClick={() => open(camera)}>
            <Icon name="camera" /> Сфотографировать
          </Button>
        )}
        <span id={hintId} style={{ flex: "1 1 200px", color: "var(--gray-11)" }}>
          {hint} {!phone && "Можно перетащить сюда."}
        </span>
        <input ref={files} type="file" hidden accept={accept} multiple onChange={chosen} />
        <input ref={camera} type="file" hidden accept="image/*" capture="environment" onChange={chosen} />
      </div>
      {photos && <PhotoSamples most={most} />}
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

export function Uploader({ action, source, name, label, hint, accept, fields, rules, field, onDone }) {
  const [chooser, files] = [useRef(null), useRef(null)];
  const extended = useRef(null); // the document that takes the next chosen photographs
  const form = useSecureForm();
  const request = { action, source, name, fields };
  const [taken, setTaken] = useState({});
  const done = (id, key) => {
    if (field) form?.set(field, id);
    setTaken({ id, key });
    onDone?.(id);
  };
  const { items, add, extend, remove, tell } = useQueue({ rules, request, onDone: done });
  const listed = field ? items.filter(({ stage, key }) => stage !== "done" || key === taken.key) : items; // an older one is replaced
  const attached = (field && form?.values[field]) || "";
  const choose = (chosen) => {
    const item = items.find(({ key }) => key === extended.current);
    extended.current = null;
    if (item) extend(item, chosen);
    else add(chosen);
  };
  const open = (input, key = null) => {
    extended.current = key;
    input.current.click();
  };
  const addTo = ({ key }) => open(files, key);
  const removeAndReturn = (item) => {
    remove(item);
    chooser.current?.focus(); // the button that had the focus is gone
  };
  return (
    <section aria-label={label} style={{ display: "grid", gap: "var(--space-3)" }}>
      {attached && <Attached id={attached} name={attached === taken.id ? "" : form.data.file_name} action={action} />}
      <Chooser
        {...{ label: attached ? "Заменить файл" : label, hint, accept, open, chooser, files }}
        most={rules.maxPhotos}
        add={choose}
        drop={add}
        variant={field ? "soft" : "solid"}
      />
      <div role="status" aria-live="polite" className="visually-hidden">
        {announced(items)}
      </div>
      {listed.length > 0 && (
        <ul style={{ listStyle: "none", margin: 0, padding: 0 }} aria-label="Выбранные файлы">
          {listed.map((item, at) => (
            <Item key={item.key} first={at === 0} remove={removeAndReturn} {...{ item, rules, tell, addTo }} />
          ))}
        </ul>
      )}
    </section>
  );
}
