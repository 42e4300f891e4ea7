// Sending one document to our own origin: progress, cancel, and what went wrong in a person's words.

const PATIENCE = 5 * 60 * 1000;
const SIGNED_OUT = "Сеанс завершён. Войдите ещё раз: файл нужно будет выбрать снова.";
const BROKEN = "Сервер не смог принять файл. Попробуйте ещё раз через минуту.";
const REFUSED = "Файл не принят. Обновите страницу и попробуйте ещё раз.";

const parsed = (text) => {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
};

/** The CSRF token of this session; "" when there is none (the server then says why). Throws without a network. */
const token = async (source, signal) => {
  const response = await fetch(source, {
    credentials: "same-origin",
    cache: "no-store",
    headers: { Accept: "application/json" },
    signal,
  });
  return parsed(await response.text()).csrf ?? "";
};

/** One POST with the file: {status, body}; status 0 when the network failed. */
const post = (action, form, csrf, { signal, onProgress }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const lost = () => resolve({ status: 0, body: {} });
    const stop = () => request.abort();
    request.open("POST", action);
    request.timeout = PATIENCE;
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? Math.floor((100 * loaded) / total) : 0);
    request.onload = () => resolve({ status: request.status, body: parsed(request.responseText) });
    request.onerror = lost;
    request.ontimeout = lost;
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.send(form);
  });

/** The sentence for an answer that is not a success. */
const refusal = ({ status, body }) => {
  const said = Object.values(body.errors ?? {})[0] || body.message;
  if (said) return said;
  if (status === 401) return SIGNED_OUT;
  return status >= 500 ? BROKEN : REFUSED;
};

/**
 * Send a file, or photographs as the pages of one. Answers {stage: "done", id, warnings, straightened, message} | {stage: "offline"} | {stage: "failed", message, again};
 * `again`: the same file may be sent once more. Rejects with AbortError when cancelled.
 */
export const upload = async (files, { action, source, name, fields, straighten, signal, onProgress }) => {
  const form = new FormData();
  Object.entries(fields ?? {}).forEach(([key, value]) => form.append(key, value));
  if (!straighten) form.append("straighten", "no");
  files.forEach((file) => form.append(name, file, file.name));
  let answer = { status: 0, body: {} };
  try {
    answer = await post(action, form, await token(source, signal), { signal, onProgress });
    if (answer.status === 403) {
      // The session was renewed in another tab meanwhile: a new token, once.
      answer = await post(action, form, await token(source, signal), { signal, onProgress });
    }
  } catch (problem) {
    if (signal.aborted) throw problem;
  }
  const { status, body } = answer;
  if (status === 0) return { stage: "offline" };
  if (status >= 200 && status < 300 && body.id) {
    const { id, warnings = [], straightened = false, again: message = "" } = body;
    return { stage: "done", id, warnings, straightened, message };
  }
  return { stage: "failed", message: refusal(answer), again: status >= 500 || status === 429 };
};
