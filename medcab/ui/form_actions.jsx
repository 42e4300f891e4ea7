// Buttons of a SecureForm, its message, and the pieces of data that the server sent with it.
import { useEffect, useRef, useState } from "react";
import { AlertDialog, Button, Spinner } from "@radix-ui/themes";
import { inMinutes, refusal, send, useCountdown, useReturned, useSecureForm } from "./form_core.jsx";
import { Icon } from "./fields.jsx";

const LOOKS = {
  primary: { variant: "solid" },
  plain: { variant: "surface", color: "gray" },
  quiet: { variant: "soft" },
  danger: { variant: "surface", color: "red" },
};

export function SubmitButton({ label, busyLabel }) {
  const { busy, ready, wait } = useSecureForm();
  const held = busy || wait > 0;
  // aria-disabled, not disabled: the focus stays on the button while it works. Before the page woke up it is really
  // disabled, so that Enter cannot send the form as plain HTML.
  return (
    <Button type="submit" size="3" className="button submit" disabled={!ready} aria-disabled={held || undefined}>
      {busy && <Spinner />}
      {wait > 0 ? `Повторить через ${inMinutes(wait)}` : busy ? busyLabel || label : label}
    </Button>
  );
}

export function FormMessage() {
  const { message, errors, wait } = useSecureForm();
  const known = message.text || (wait > 0 ? "Слишком много попыток подряд." : "");
  const many = Object.keys(errors).length;
  const text = known || (many > 1 ? "Проверьте отмеченные поля." : "");
  return (
    <div role="alert" className="form-message">
      {text && (
        <div className={`callout tone-${message.tone}`}>
          <Icon name={message.tone === "done" ? "circle-check" : "circle-alert"} />
          <div className="callout-words">{text}</div>
        </div>
      )}
    </div>
  );
}

export function ResendButton({ action, label = "Отправить код ещё раз" }) {
  const form = useSecureForm();
  const [left, start] = useCountdown();
  const [busy, setBusy] = useState(false);
  const { resend_in: seconds, received_at: received } = form.data;
  useEffect(() => {
    if (seconds) start(Math.max(0, seconds - (Date.now() - received) / 1000));
  }, [seconds, received]);
  const resend = async () => {
    if (busy || left > 0) return;
    setBusy(true);
    form.settle(await form.post(action, {}));
    setBusy(false);
  };
  return (
    <Button
      type="button"
      size="3"
      variant="ghost"
      className="resend"
      disabled={!form.ready}
      aria-disabled={busy || left > 0 || undefined}
      onClick={resend}
    >
      {busy && <Spinner />}
      {left > 0 ? `${label}: через ${inMinutes(left)}` : label}
    </Button>
  );
}

/** One POST. Inside a form it uses the form's token and shows its answer there; outside it asks `source` for a token. */
export function ActionButton({ action, label, confirm, confirmTitle, source, symbol, kind = "plain", body, echo }) {
  const form = useSecureForm();
  const working = useRef(false);
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const [sentence, setSentence] = useState("");
  const post = async () => {
    if (form) return form.post(action, echo ? { ...body, [echo]: form.data[echo] } : (body ?? {}));
    const loaded = await send(source);
    return loaded.status === 200 ? send(action, { csrf: loaded.body.csrf, body: body ?? {} }) : loaded;
  };
  const rest = () => {
    working.current = false;
    setBusy(false);
  };
  useReturned(rest);
  const act = async () => {
    if (working.current) return;
    working.current = true;
    setBusy(true);
    setSentence("");
    const answer = await post();
    if (form) {
      if (form.settle(answer) !== "leaving") rest();
      return;
    }
    if (answer.status >= 200 && answer.status < 300 && answer.body.next) return window.location.assign(answer.body.next);
    rest();
    setSentence(answer.status < 300 && answer.status > 0 ? (answer.body.message ?? "") : refusal(answer));
  };
  return (
    <>
      <Button
        type="button"
        size="3"
        className="button"
        {...LOOKS[kind]}
        aria-disabled={busy || undefined}
        onClick={() => (confirm ? setAsking(true) : act())}
      >
        {busy ? <Spinner /> : symbol && <Icon name={symbol} />}
        {label}
      </Button>
      <span role="alert" className="action-message">
        {sentence}
      </span>
      {confirm && (
        <AlertDialog.Root open={asking} onOpenChange={setAsking}>
          <AlertDialog.Content maxWidth="480px">
            <AlertDialog.Title size="5">{confirmTitle || `${label}?`}</AlertDialog.Title>
            <AlertDialog.Description size="3">{confirm}</AlertDialog.Description>
            <div className="dialog-actions">
              <AlertDialog.Cancel>
                <Button type="button" size="3" variant="surface" color="gray">
                  Отмена
                </Button>
              </AlertDialog.Cancel>
              <AlertDialog.Action>
                <Button type="button" size="3" color={kind === "danger" ? "red" : undefined} onClick={act}>
                  {label}
                </Button>
              </AlertDialog.Action>
            </div>
          </AlertDialog.Content>
        </AlertDialog.Root>
      )}
    </>
  );
}

const pick = (data, path) => path.split(".").reduce((value, key) => value?.[key], data);

export function DataText({ path, fallback }) {
  const value = pick(useSecureForm().data, path);
  return <span className="data-text">{value ?? fallback ?? ""}</span>;
}

export function DataLink({ path, label }) {
  const address = pick(useSecureForm().data, path);
  if (!/^(https?|webcal):\/\//.test(address ?? "")) return null;
  return (
    <a href={address} className="data-link" {...(address.startsWith("http") ? { target: "_blank" } : {})} rel="noreferrer">
      {label}
    </a>
  );
}

/** Shows its children only when the data at `path` is there (or equals `equals`, or is absent when `absent`). */
export function DataWhen({ path, equals, absent, children }) {
  const { data } = useSecureForm();
  const value = pick(data, path);
  if (!data.is_loaded) return null; // what is not known yet is not absent
  const holds = equals ? String(value) === equals : Boolean(value);
  return holds !== Boolean(absent) ? <>{children}</> : null;
}

/** An SVG made by the server, as an image: it cannot run anything here. */
export function DataQr({ path, label = "QR-код" }) {
  const svg = pick(useSecureForm().data, path);
  if (!svg) return <div className="qr skeleton-block" role="status" aria-label="Готовим QR-код" />;
  return <img className="qr" alt={label} src={`data:image/svg+xml,${encodeURIComponent(svg)}`} />;
}

export function DataList({ path, label, long }) {
  const items = pick(useSecureForm().data, path) ?? [];
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(items.join("\n"));
      setSaid("Скопировано");
    } catch {
      setSaid("Не удалось скопировать: выделите список и скопируйте его сами");
    }
  };
  if (!items.length) return null;
  return (
    <div className={long ? "data-list long" : "data-list"}>
      <ul aria-label={label}>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
      <div className="row no-print">
        <Button type="button" size="3" variant="surface" color="gray" onClick={copy}>
          <Icon name={said === "Скопировано" ? "check" : "copy"} />
          <span aria-live="polite">{said || "Скопировать"}</span>
        </Button>
        {!long && (
          <Button type="button" size="3" variant="surface" color="gray" onClick={() => window.print()}>
            <Icon name="printer" />
            Распечатать
          </Button>
        )}
      </div>
    </div>
  );
}

/** Ready-made answers: [{label, note, fill: {field: value}}]; a click fills the fields in. */
export function DataChoices({ path, title }) {
  const form = useSecureForm();
  const items = pick(form.data, path) ?? [];
  if (!items.length) return null;
  return (
    <details className="choices">
      <summary>{title}</summary>
      <ul>
        {items.map((item) => (
          <li key={item.label}>
            <button type="button" onClick={() => Object.entries(item.fill).forEach(([name, value]) => form.set(name, value))}>
              <strong>{item.label}</strong>
              {item.note && <span>{item.note}</span>}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Asks what stands in the file that was chosen, and offers it to the fields that are still empty. */
export function Suggestions({ source, watch }) {
  const form = useSecureForm();
  const asked = useRef("");
  const [note, setNote] = useState("");
  const file = form.values[watch] ?? "";
  useEffect(() => {
    if (!file || !form.data.is_loaded || asked.current === file) return;
    asked.current = file;
    setNote("");
    send(`${source}?${watch}=${encodeURIComponent(file)}&kind=${encodeURIComponent(form.values.kind ?? "")}`).then(({ status, body }) => {
      if (status !== 200 || asked.current !== file) return;
      form.suggest(body.values ?? {}, "Подставлено из файла: проверьте.");
      setNote(body.data?.note ?? "");
    });
  }, [file, form.data.is_loaded]);
  return (
    <p className="form-note" role="status">
      {note}
    </p>
  );
}
