// What another site has sent back in the address, handed on once: see onward.py.
import { useEffect, useRef, useState } from "react";
import { Button, Spinner } from "@radix-ui/themes";
import { Icon } from "../forms/fields.jsx";
import { refusal, send } from "../forms/form_core.jsx"; // the forms' own copy: one module, one behaviour

export function Onward({ action, source, busy, back, backLabel }) {
  const sent = useRef(false);
  const [sentence, setSentence] = useState("");
  useEffect(() => {
    if (sent.current) return;
    sent.current = true;
    const given = Object.fromEntries(new URLSearchParams(window.location.search));
    window.history.replaceState(window.history.state, "", window.location.pathname); // what it said is for one use, and not for the history
    const hand = async () => {
      const loaded = await send(source);
      if (loaded.status === 401) return window.location.replace(`/sign-in?next=${encodeURIComponent(back)}`);
      const answer = loaded.status === 200 ? await send(action, { csrf: loaded.body.csrf, body: given }) : loaded;
      if (answer.status === 401) return window.location.replace(`/sign-in?next=${encodeURIComponent(back)}`);
      if (answer.status >= 200 && answer.status < 300 && answer.body.next) return window.location.replace(answer.body.next);
      setSentence(refusal(answer) || "Не получилось. Начните ещё раз.");
    };
    hand();
  }, []);
  return (
    <div role="status" aria-live="polite">
      {sentence ? (
        <>
          <div className="callout tone-soon">
            <Icon name="triangle-alert" />
            <div className="callout-words">{sentence}</div>
          </div>
          <Button asChild size="3" mt="4">
            <a href={back}>{backLabel}</a>
          </Button>
        </>
      ) : (
        <p>
          <Spinner /> {busy}
        </p>
      )}
    </div>
  );
}
