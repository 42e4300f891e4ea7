// The form itself: what is typed, sent and answered. Fields and buttons read it through useSecureForm().
import { createContext, useCallback, useContext, useEffect, useId, useMemo, useRef, useState } from "react";

const FormContext = createContext(null);
export const useSecureForm = () => useContext(FormContext);

const NO_NETWORK = "Нет связи с сервером. Проверьте соединение и попробуйте ещё раз: введённое сохранено.";
const BROKEN = "Сервер не смог ответить. Попробуйте ещё раз через минуту: введённое сохранено.";
const PATIENCE = 30000;

/** One JSON request to our own origin: {status, body}; status 0 when the network failed. */
export const send = async (url, { csrf, body } = {}) => {
  try {
    const response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json", "X-CSRF-Token": csrf ?? "" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: response.status, body: await response.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
};

/** The sentence for an answer that is not a success. */
export const refusal = ({ status, body }) => {
  if (status === 0) return NO_NETWORK;
  if (body.message) return body.message;
  if (status === 429) return "Слишком много попыток подряд.";
  if (status >= 500) return BROKEN;
  return Object.keys(body.errors ?? {}).length ? "" : "Не получилось. Обновите страницу и попробуйте ещё раз.";
};

const draftKey = (action) => `medcab.draft.${action}`;

const readDraft = (action) => {
  try {
    return JSON.parse(sessionStorage.getItem(draftKey(action))) ?? {};
  } catch {
    return {};
  }
};

const writeDraft = (action, values) => {
  try {
    if (values) sessionStorage.setItem(draftKey(action), JSON.stringify(values));
    else sessionStorage.removeItem(draftKey(action));
  } catch {
    // Without a store the page still works; only a reload would lose what was typed.
  }
};

/** Seconds left of a wait that began with `start(seconds)`. */
export const useCountdown = () => {
  const [until, setUntil] = useState(0);
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const tick = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tick();
    if (until <= Date.now()) return undefined;
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [until]);
  const start = useCallback((seconds) => setUntil(Date.now() + seconds * 1000), []);
  return [left, start];
};

/** What to do when the browser brings the page back as it was left. */
export const useReturned = (act) => {
  useEffect(() => {
    const again = (event) => event.persisted && act();
    window.addEventListener("pageshow", again);
    return () => window.removeEventListener("pageshow", again);
  });
};

export const inMinutes = (seconds) =>
  seconds < 60 ? `${seconds} с` : `${Math.floor(seconds / 60)} мин ${String(seconds % 60).padStart(2, "0")} с`;

/** The form's source: its CSRF token, values and data, asked for once and again when it went stale. */
const useSource = (source, receive) => {
  const token = useRef("");
  const pending = useRef(null);
  const load = useCallback(() => {
    // The page's own query travels along: which paper to correct, where to go on to.
    pending.current ??= send(source + window.location.search).then((answer) => {
      pending.current = null;
      if (answer.status === 401) window.location.replace(`/sign-in?next=${encodeURIComponent(window.location.pathname)}`);
      if (answer.status < 200 || answer.status > 299) return answer;
      token.current = answer.body.csrf ?? "";
      if (answer.body.next) window.location.replace(answer.body.next);
      else receive(answer.body);
      return answer;
    });
    return pending.current;
  }, [source]);
  const post = useCallback(
    async (url, body) => {
      if (!token.current) {
        const loaded = await load();
        if (!token.current) return loaded.status >= 200 && loaded.status < 300 ? { status: 500, body: {} } : loaded;
      }
      const first = await send(url, { csrf: token.current, body });
      if (first.status !== 403 || first.body.errors || first.body.data) return first;
      // The token may have gone stale with the session; the request was refused, so sending it again is safe.
      const stale = token.current;
      await load();
      return token.current && token.current !== stale ? send(url, { csrf: token.current, body }) : first;
    },
    [load],
  );
  return { load, post };
};

export function SecureForm({ action, source, label, children }) {
  const id = useId();
  const element = useRef(null);
  const secrets = useRef(new Set());
  const current = useRef({});
  const working = useRef(false);
  const [ready, setReady] = useState(false);
  const [values, setValues] = useState({});
  const [suggested, setSuggested] = useState({});
  const [data, setData] = useState({});
  const [errors, setErrors] = useState({});
  const [refusals, setRefusals] = useState(0);
  const [message, setMessage] = useState({ text: "", tone: "act" });
  const [busy, setBusy] = useState(false);
  const [wait, startWait] = useCountdown();

  const apply = (changes) => {
    current.current = { ...current.current, ...changes };
    setValues(current.current);
    const kept = Object.entries(current.current).filter(([name]) => !secrets.current.has(name));
    writeDraft(action, Object.fromEntries(kept));
  };

  /** Offer values to fields that are still empty; each stays marked until it is changed. */
  const suggest = (offered, said) => {
    const free = Object.entries(offered).filter(([name, value]) => value && !current.current[name]);
    if (!free.length) return;
    apply(Object.fromEntries(free));
    setSuggested((before) => ({ ...before, ...Object.fromEntries(free.map(([name, value]) => [name, { value, said }])) }));
  };

  const receive = (body) => {
    setData((before) => ({ ...before, ...(body.data && { ...body.data, received_at: Date.now() }), is_loaded: true }));
    suggest(body.offered ?? {}, "Подставлено из прежнего документа: проверьте.");
    if (!body.values) return;
    const untouched = Object.entries(body.values).filter(([name]) => !current.current[name]);
    if (untouched.length) apply(Object.fromEntries(untouched));
  };
  const { load, post } = useSource(source, receive);

  useEffect(() => {
    apply({ ...readDraft(action), ...current.current });
    setReady(true);
    load();
  }, [action, load]);
  useReturned(() => {
    rest();
    load();
  });

  // The first refused field gets the focus once its sentence stands there; once an answer, never while its mending is typed.
  useEffect(() => {
    if (refusals) element.current?.querySelector("[aria-invalid=true]")?.focus();
  }, [refusals]);

  /** Take an answer: go on, show data, or show what was refused. Returns whether it went well. */
  const settle = ({ status, body }) => {
    if (status >= 200 && status < 300) {
      if (body.next) {
        writeDraft(action, null);
        window.location.assign(body.next);
        return "leaving";
      }
      if (body.cleared) {
        current.current = {};
        apply({});
      }
      receive(body);
      setMessage({ text: body.message ?? "", tone: "done" });
      return "done";
    }
    if (status === 403 && body.next) {
      window.location.assign(body.next);
      return "leaving";
    }
    if (body.data) receive({ data: body.data });
    if (status === 429 && body.retry_after) startWait(Number(body.retry_after));
    setErrors(body.errors ?? {});
    if (Object.keys(body.errors ?? {}).length) setRefusals((before) => before + 1);
    setMessage({ text: refusal({ status, body }), tone: "act" });
    return "refused";
  };

  const rest = () => {
    working.current = false;
    setBusy(false);
  };

  const submit = async (extra = {}) => {
    if (working.current || wait > 0) return;
    working.current = true;
    setBusy(true);
    setErrors({});
    setMessage({ text: "", tone: "act" });
    const outcome = settle(await post(action, { ...current.current, ...extra }));
    if (outcome !== "leaving") rest(); // until the next page is there, another click is no other request
  };

  const set = (name, value) => {
    apply({ [name]: value });
    setErrors((before) => {
      if (!(name in before)) return before;
      const { [name]: gone, ...rest } = before;
      return rest;
    });
  };

  const form = useMemo(
    () => ({
      id, values, suggested, errors, data, busy, ready, wait, message,
      set, suggest, submit, post, settle,
      keepSecret: (name) => secrets.current.add(name),
    }),
    [values, suggested, errors, data, busy, ready, wait, message],
  );

  return (
    <FormContext.Provider value={form}>
      <form
        ref={element}
        className="secure-form"
        method="post"
        action={action}
        aria-label={label}
        aria-busy={busy}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const unfit = element.current.querySelector("input[data-sentence]:invalid");
          if (!unfit) return submit();
          // What can be seen here needs no try counted at the server.
          setErrors({ [unfit.name]: unfit.dataset.sentence });
          setRefusals((before) => before + 1);
        }}
      >
        {children}
      </form>
    </FormContext.Provider>
  );
}
