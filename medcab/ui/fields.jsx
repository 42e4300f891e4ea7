// Fields of a SecureForm: label above, hint, the sentence at the field, a tick when it is right.
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Checkbox, IconButton, TextArea, TextField } from "@radix-ui/themes";
import { useSecureForm } from "./form_core.jsx";
import { isComplete, masked } from "./masks.js";

export const Icon = ({ name }) => (
  <svg className="icon" aria-hidden="true">
    <use href={`/icons.svg#${name}`} />
  </svg>
);

const QUIET = 300;
const useBrowserLayoutEffect = typeof window === "undefined" ? useEffect : useLayoutEffect;

/** What a field needs of its form: value, ids, and what was typed before the page woke up. */
const useField = (name, secret) => {
  const form = useSecureForm();
  const element = useRef(null);
  if (secret) form.keepSecret(name);
  useEffect(() => {
    // A password manager, or a fast typist, may have been here before React was.
    const typed = element.current?.value;
    if (typed && !form.values[name]) form.set(name, typed);
  }, []);
  const id = `${form.id}-${name}`;
  return { form, element, id, value: form.values[name] ?? "", refused: form.errors[name] ?? "" };
};

/** The server's opinion of a value while it is typed: {error, formatted} or null while there is none. */
const useCheck = (form, name, value, wanted) => {
  const [verdict, setVerdict] = useState(null);
  const asked = useRef(0);
  useEffect(() => {
    asked.current += 1;
    const mine = asked.current;
    setVerdict(null);
    if (!wanted || !value) return undefined;
    const timer = setTimeout(async () => {
      const { status, body } = await form.post("/auth/check", { field: name, value });
      if (mine === asked.current && status === 200) setVerdict(body);
    }, QUIET);
    return () => clearTimeout(timer);
  }, [value, wanted]);
  return verdict;
};


function Frame({ id, label, hint, required, sentence, offered, children, className = "" }) {
  return (
    <div className={`field ${className}`} data-invalid={Boolean(sentence)} data-offered={offered || undefined}>
      <label htmlFor={id}>
        {label}
        {required === false && <span className="optional"> (необязательно)</span>}
      </label>
      {children}
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <p className="field-error" id={`${id}-error`} role="alert">
        {sentence && (
          <>
            <Icon name="circle-alert" />
            <span>{sentence}</span>
          </>
        )}
      </p>
    </div>
  );
}

const described = (id, hint, sentence) =>
  [hint && `${id}-hint`, sentence && `${id}-error`].filter(Boolean).join(" ") || undefined;

const INPUTS = {
  text: {},
  email: { type: "email", inputMode: "email", autoCapitalize: "none", spellCheck: false },
  phone: { type: "tel", inputMode: "tel", placeholder: "+7 900 000-00-00" },
  snils: { inputMode: "numeric", placeholder: "000-000-000 00" },
  inn: { inputMode: "numeric", placeholder: "12 цифр" },
  date: { inputMode: "numeric", placeholder: "ДД.ММ.ГГГГ" },
  search: { type: "search" },
};

export function Field({
  name, label, kind = "text", hint, autocomplete, check, required, secret, options, placeholder, autofocus,
}) {
  const { form, element, id, value, refused } = useField(name, secret);
  const [left, setLeft] = useState(false);
  const [caret, setCaret] = useState(null);
  const verdict = useCheck(form, name, value, Boolean(check) && (left || isComplete(kind, value)));
  const sentence = refused || verdict?.error || "";
  const offered = Boolean(value) && form.suggested[name]?.value === value;
  const said = offered ? form.suggested[name].said : hint;
  const common = {
    id,
    name,
    ref: element,
    autoComplete: autocomplete || undefined,
    autoFocus: autofocus || undefined,
    required: required !== false || undefined,
    "aria-invalid": Boolean(sentence) || undefined,
    "aria-describedby": described(id, said, sentence),
  };
  useBrowserLayoutEffect(() => {
    if (caret && document.activeElement === element.current && element.current.setSelectionRange && kind !== "email")
      element.current.setSelectionRange(caret.at, caret.at);
  }, [caret]);
  const type = (event) => {
    const next = masked(kind, event.target.value, event.target.selectionStart);
    form.set(name, next.text);
    if (next.text !== event.target.value) setCaret({ at: next.caret });
  };
  const leave = () => {
    setLeft(true);
    if (verdict?.formatted && !verdict.error && verdict.formatted !== value) form.set(name, verdict.formatted);
  };
  if (kind === "checkbox") return <Tick {...{ form, common, label, value, sentence, hint, id }} />;
  return (
    <Frame {...{ id, label, hint: said, required, sentence, offered }}>
      {kind === "textarea" && <TextArea {...common} size="3" rows={4} value={value} onChange={type} onBlur={leave} />}
      {kind === "select" && (
        <div className="select">
          <select {...common} value={value} onChange={(event) => form.set(name, event.target.value)} onBlur={leave}>
            <option value="">{placeholder ?? "Выберите"}</option>
            {(options ?? form.data.options?.[name] ?? []).map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="chevron-down" />
        </div>
      )}
      {kind in INPUTS && (
        <TextField.Root
          {...common}
          {...INPUTS[kind]}
          {...(placeholder ? { placeholder } : {})}
          size="3"
          value={value}
          onChange={type}
          onBlur={leave}
        >
          <TextField.Slot side="right">
            {verdict && !verdict.error && value && (
              <span className="field-right">
                <Icon name="check" />
                <span className="visually-hidden">Верно</span>
              </span>
            )}
          </TextField.Slot>
        </TextField.Root>
      )}
    </Frame>
  );
}

function Tick({ form, common, label, value, sentence, hint, id }) {
  const { ref, required, autoComplete, autoFocus, ...attributes } = common;
  return (
    <div className="field tick" data-invalid={Boolean(sentence)}>
      <label htmlFor={id}>
        <Checkbox
          {...attributes}
          ref={ref}
          size="3"
          checked={value === true}
          onCheckedChange={(on) => form.set(attributes.name, on === true)}
        />
        <span>{label}</span>
      </label>
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <p className="field-error" id={`${id}-error`} role="alert">
        {sentence && (
          <>
            <Icon name="circle-alert" />
            <span>{sentence}</span>
          </>
        )}
      </p>
    </div>
  );
}

export function PasswordField({ name, label = "Пароль", rules, hint, autocomplete, autofocus }) {
  const { form, element, id, value, refused } = useField(name, true);
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const list = usePasswordRules(form, value, rules);
  const watch = (event) => setCaps(event.getModifierState?.("CapsLock") ?? false);
  const said = [rules && `${id}-rules`, described(id, hint, refused)].filter(Boolean).join(" ") || undefined;
  return (
    <Frame {...{ id, label, hint, sentence: refused }}>
      <TextField.Root
        id={id}
        ref={element}
        name={name}
        size="3"
        type={shown ? "text" : "password"}
        autoComplete={autocomplete || (rules ? "new-password" : "current-password")}
        autoFocus={autofocus || undefined}
        autoCapitalize="none"
        spellCheck={false}
        required
        value={value}
        aria-invalid={Boolean(refused) || undefined}
        aria-describedby={said}
        onChange={(event) => form.set(name, event.target.value)}
        onKeyDown={watch}
        onKeyUp={watch}
        onBlur={() => setCaps(false)}
      >
        <TextField.Slot side="right">
          <IconButton
            type="button"
            size="2"
            variant="ghost"
            color="gray"
            aria-label={shown ? "Скрыть пароль" : "Показать пароль"}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            <Icon name={shown ? "eye-off" : "eye"} />
          </IconButton>
        </TextField.Slot>
      </TextField.Root>
      <p className="field-hint caps" role="status">
        {caps && (
          <>
            <Icon name="arrow-up-down" />
            Включён Caps Lock
          </>
        )}
      </p>
      {rules && (
        <ul className="rules" id={`${id}-rules`} aria-label="Требования к паролю">
          {list.map((rule) => (
            <li key={rule.code} data-ok={rule.ok}>
              <Icon name={rule.ok ? "circle-check" : "circle"} />
              <span>{rule.sentence}</span>
              <span className="visually-hidden">{rule.ok ? ": выполнено" : ": пока нет"}</span>
            </li>
          ))}
        </ul>
      )}
    </Frame>
  );
}

const usePasswordRules = (form, value, wanted) => {
  const [list, setList] = useState([]);
  const asked = useRef(0);
  useEffect(() => {
    if (!wanted) return undefined;
    asked.current += 1;
    const mine = asked.current;
    const timer = setTimeout(async () => {
      const { status, body } = await form.post("/auth/password-rules", { password: value });
      if (mine === asked.current && status === 200) setList(body.rules ?? []);
    }, list.length ? QUIET : 0);
    return () => clearTimeout(timer);
  }, [value, wanted]);
  return list;
};

export function CodeField({ name, label = "Код", digits = 6, hint }) {
  const { form, element, id, value, refused } = useField(name, true);
  const sent = useRef("");
  useEffect(() => {
    // It often comes with the form's answer, too late for autofocus; who is typing elsewhere is not disturbed.
    if (!document.activeElement || document.activeElement === document.body) element.current?.focus();
  }, []);
  useEffect(() => {
    // A refused code is of no more use: the field is ready for the next one.
    if (refused) element.current?.select();
  }, [refused]);
  const type = (event) => {
    const next = event.target.value.replace(/\D/g, "").slice(0, digits);
    form.set(name, next);
    if (next.length < digits) sent.current = "";
    else if (next !== sent.current) {
      sent.current = next;
      form.submit();
    }
  };
  return (
    <Frame {...{ id, label, hint, sentence: refused, className: "code" }}>
      <TextField.Root
        id={id}
        ref={element}
        name={name}
        size="3"
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern={`[0-9]{${digits}}`}
        data-sentence={`В коде ${digits} цифр.`}
        required
        value={value}
        aria-invalid={Boolean(refused) || undefined}
        aria-describedby={described(id, hint, refused)}
        onChange={type}
      />
    </Frame>
  );
}
