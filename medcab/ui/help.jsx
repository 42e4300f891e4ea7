// What a figure means, by hover, tap or key: see help.py.
import { useEffect, useRef, useState } from "react";
import { IconButton, Popover } from "@radix-ui/themes";

const OPENS_AFTER = 250;
const CLOSES_AFTER = 200;

export function Help({ label, children }) {
  const [open, setOpen] = useState(false);
  const pinned = useRef(false); // opened by a click or a key: the pointer's leaving does not close it
  const timer = useRef(null);
  useEffect(() => () => clearTimeout(timer.current), []);
  const later = (next, after) => (event) => {
    if (event.pointerType !== "mouse" || pinned.current) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(next), after);
  };
  const change = (next) => {
    clearTimeout(timer.current);
    pinned.current = next;
    setOpen(next);
  };
  const press = (event) => {
    if (!open || pinned.current) return;
    event.preventDefault(); // it hangs there already: the click only makes it stay
    clearTimeout(timer.current);
    pinned.current = true;
  };
  const leaves = { onPointerEnter: later(true, 0), onPointerLeave: later(false, CLOSES_AFTER) };
  return (
    <Popover.Root open={open} onOpenChange={change}>
      <Popover.Trigger>
        <IconButton
          type="button"
          variant="ghost"
          color="gray"
          className="help-button"
          aria-label={label}
          onClick={press}
          onPointerEnter={later(true, OPENS_AFTER)}
          onPointerLeave={later(false, CLOSES_AFTER)}
        >
          <svg className="icon" aria-hidden="true">
            <use href="/icons.svg#circle-question-mark" />
          </svg>
        </IconButton>
      </Popover.Trigger>
      <Popover.Content
        size="2"
        maxWidth="min(380px, calc(100vw - 32px))"
        className="help-words"
        aria-label={label}
        onOpenAutoFocus={(event) => pinned.current || event.preventDefault()}
        {...leaves}
      >
        {children}
      </Popover.Content>
    </Popover.Root>
  );
}
