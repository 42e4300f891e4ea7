// One chosen document in the uploader: a file, or photographs that become its pages. See uploader.jsx.
import { useEffect, useRef } from "react";
import { Button, Progress } from "@radix-ui/themes";

const THUMB = 64;
export const TARGET = { minHeight: 44, minWidth: 44 };
export const ROW = { display: "flex", flexWrap: "wrap", gap: "var(--space-3)", alignItems: "center" };
const PLAIN = { listStyle: "none", margin: 0, padding: 0 };
const LOOKS = {
  done: ["circle-check", "var(--green-11)"],
  gathering: ["info", "var(--gray-11)"],
  doubtful: ["triangle-alert", "var(--amber-11)"],
  offline: ["wifi-off", "var(--amber-11)"],
  refused: ["circle-x", "var(--red-11)"],
  failed: ["circle-x", "var(--red-11)"],
};

export const Icon = ({ name }) => (
  <svg className="icon" aria-hidden="true">
    <use href={`/icons.svg#${name}`} />
  </svg>
);

const inMegabytes = (size) => {
  const [value, unit] = size < 1048576 ? [size / 1024, "КБ"] : [size / 1048576, "МБ"];
  return `${value.toLocaleString("ru", { maximumFractionDigits: 1 })} ${unit}`;
};

/** Photographs can be pages of one document; a PDF is one already. */
export const isPhoto = ({ type, name }) => /^image\//.test(type) || /\.(jpe?g|png|hei[cf])$/i.test(name);

export const weight = (shots) => shots.reduce((sum, { file }) => sum + file.size, 0);

const isBad = ({ severity }) => severity === "refuse";

/** Why the photographs cannot go together as they are; each with the code of its refusal. */
const obstacles = (shots, { maxPhotos, maxTogether, refusals }) => [
  ...(shots.length > maxPhotos ? [refusals.joined_many] : []),
  ...(weight(shots) > maxTogether ? [refusals.joined_large] : []),
];

export const titleOf = ({ shots }) => (shots.length > 1 ? `Снимков: ${shots.length}` : shots[0].file.name);

/** What the row says in words; the same words are read to screen readers. */
export const spoken = ({ stage, progress, message, reasons, straightened, shots, moved }) =>
  ({
    checking: "Смотрим, всё ли видно…",
    gathering: moved || "Проверьте порядок страниц и отправьте.",
    doubtful: "Снимок можно улучшить.",
    refused: "Файл не подойдёт.",
    waiting: "Ждёт своей очереди",
    sending: progress < 100 ? `Загружается: ${progress}\u00a0%` : "Проверяем на сервере…",
    offline: "Нет связи. Файл остался выбранным: отправим его, как только связь появится.",
    failed: message,
    done: [
      message || (reasons.length ? "Загружено, но есть замечание." : "Загружено."),
      straightened && (shots.length > 1 ? "Листы выровнены по краям." : "Лист выровнен по краям."),
    ]
      .filter(Boolean)
      .join(" "),
  })[stage];

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
      <span className="visually-hidden">: {titleOf(item)}</span>
    </Button>
  );
}

/** A step of a page to the front or the back; the button keeps the focus, so that it can be pressed again. */
function Step({ id, icon, label, onClick, idle }) {
  const look = { ...TARGET, padding: 0, opacity: idle ? 0.4 : 1 };
  return (
    <Button id={id} type="button" size="2" variant="soft" color="gray" style={look} aria-disabled={idle} aria-label={label} onClick={idle ? undefined : onClick}>
      <Icon name={icon} />
    </Button>
  );
}

/** One page to be: its picture, its place, what is wrong with it. */
function Page({ shot, at, count, move, drop }) {
  const { key, file, thumb, reasons } = shot;
  const bad = reasons.some(isBad);
  const step = (by, end) => () => move(shot, at + by, `${key}-${end}`);
  return (
    <li style={{ ...ROW, alignItems: "flex-start", padding: "var(--space-2) 0" }} data-page={at + 1} data-bad={bad}>
      <div style={{ width: THUMB, display: "flex", justifyContent: "center" }}>
        <Thumb bitmap={thumb} />
      </div>
      <div style={{ flex: "1 1 160px", minWidth: 0, overflowWrap: "anywhere" }}>
        <strong>{at + 1}.</strong> <bdi>{file.name}</bdi>{" "}
        <span style={{ color: "var(--gray-11)", whiteSpace: "nowrap" }}>{inMegabytes(file.size)}</span>
        {reasons.length > 0 && (
          <div style={{ color: bad ? "var(--red-11)" : "var(--amber-11)" }}>
            <Reasons reasons={reasons} />
          </div>
        )}
      </div>
      <div style={{ ...ROW, gap: "var(--space-2)", flexWrap: "nowrap" }}>
        <Step id={`${key}-up`} icon="chevron-up" label={`Снимок ${at + 1}: ближе к началу`} idle={at === 0} onClick={step(-1, "up")} />
        <Step id={`${key}-down`} icon="chevron-down" label={`Снимок ${at + 1}: ближе к концу`} idle={at === count - 1} onClick={step(1, "down")} />
        <Step id={`${key}-drop`} icon="x" label={`Снимок ${at + 1}: убрать`} onClick={() => drop(shot)} />
      </div>
    </li>
  );
}

/** The pages in their order, to be changed before they are sent. */
function Gathering({ item, rules, tell, send, addTo }) {
  const { key, shots } = item;
  const focused = useRef(null); // a moved node loses the focus: give it back
  const more = useRef(null);
  useEffect(() => {
    if (focused.current) (document.getElementById(focused.current) ?? more.current)?.focus();
    focused.current = null;
  });
  const move = (shot, to, focus) => {
    const others = shots.filter((each) => each !== shot);
    focused.current = focus;
    tell({ key, shots: [...others.slice(0, to), shot, ...others.slice(to)], moved: `Снимок теперь ${to + 1}-й из ${shots.length}.` });
  };
  const drop = (shot) => {
    focused.current = "nobody";
    tell({ key, shots: shots.filter((each) => each !== shot), moved: "Снимок убран." });
  };
  const problems = obstacles(shots, rules);
  const blocked = problems.length > 0 || shots.some(({ reasons }) => reasons.some(isBad));
  const waits = shots.some(({ judged }) => !judged);
  return (
    <div style={{ flex: "1 1 100%" }}>
      <ol style={PLAIN} aria-label="Страницы документа по порядку">
        {shots.map((shot, at) => (
          <Page key={shot.key} {...{ shot, at, move, drop }} count={shots.length} />
        ))}
      </ol>
      {problems.length > 0 && <Reasons reasons={problems} />}
      {blocked && !problems.length && <p style={{ color: "var(--red-11)" }}>Уберите или переснимите отмеченные снимки.</p>}
      <div style={{ ...ROW, marginTop: "var(--space-2)" }}>
        <Button type="button" size="2" style={TARGET} disabled={blocked || waits} onClick={send}>
          {shots.length > 1 ? `Отправить одним документом (${shots.length})` : "Отправить"}
        </Button>
        <Button ref={more} type="button" size="2" variant="soft" style={TARGET} onClick={() => addTo(item)}>
          <Icon name="plus" /> Добавить снимок
        </Button>
      </div>
    </div>
  );
}

export function Item({ item, first, rules, tell, remove, addTo }) {
  const { shots, stage, progress, reasons, key, again, straightened } = item;
  const [icon, color] = LOOKS[stage] ?? ["hourglass", "var(--gray-11)"];
  const send = () => tell({ key, stage: "waiting", reasons: [], moved: "" });
  const keepAsTaken = () => tell({ key, stage: "waiting", reasons: [], straighten: false });
  const gather = () => tell({ key, stage: "gathering", reasons: [], moved: "" });
  const photos = shots.every(({ file }) => isPhoto(file));
  const line = { padding: "var(--space-3) 0", borderTop: first ? "none" : "1px solid var(--gray-5)" };
  return (
    <li style={{ ...ROW, ...line, alignItems: "flex-start" }} data-stage={stage}>
      <div style={{ width: THUMB, display: "flex", justifyContent: "center" }}>
        {stage === "gathering" ? <Icon name="folder-open" /> : <Thumb bitmap={shots[0].thumb} />}
      </div>
      <div style={{ flex: "1 1 200px", minWidth: 0 }}>
        <div style={{ overflowWrap: "anywhere" }}>
          <bdi>{titleOf(item)}</bdi> <span style={{ color: "var(--gray-11)", whiteSpace: "nowrap" }}>{inMegabytes(weight(shots))}</span>
        </div>
        <div style={{ ...ROW, gap: "var(--space-2)", color, flexWrap: "nowrap" }}>
          <Icon name={icon} /> <span>{spoken(item)}</span>
        </div>
        {stage === "sending" && <Progress value={progress} aria-label={`Загрузка: ${titleOf(item)}`} mt="2" />}
        {reasons.length > 0 && <Reasons reasons={reasons} />}
      </div>
      {stage === "gathering" && <Gathering {...{ item, rules, tell, send, addTo }} />}
      <div style={{ ...ROW, gap: "var(--space-2)" }}>
        {stage === "doubtful" && <Action item={item} label="Всё равно отправить" onClick={send} />}
        {(stage === "offline" || again) && <Action item={item} label="Повторить" onClick={send} />}
        {stage === "failed" && shots.length > 1 && <Action item={item} label="Изменить снимки" onClick={gather} />}
        {stage === "done" && straightened && <Action item={item} label="Оставить как снято" onClick={keepAsTaken} />}
        {stage === "done" && photos && <Action item={item} color="gray" label="Добавить снимок" onClick={() => addTo(item)} />}
        {stage !== "done" && (
          <Action
            item={item}
            color="gray"
            label={stage === "sending" || stage === "waiting" ? "Отменить" : shots.length > 1 ? "Убрать все" : "Убрать"}
            onClick={() => remove(item)}
          />
        )}
      </div>
    </li>
  );
}
