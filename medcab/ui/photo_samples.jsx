// What a good photograph of a paper looks like beside bad ones; drawn by us, so that nobody's diploma is shown.
import { useId } from "react";

const LINES = [34, 42, 50, 58, 66, 74];

/** A sheet on a table, as the camera sees it. */
function Sheet({ ink = "#3a3f52" }) {
  return (
    <g>
      <rect x="22" y="12" width="76" height="96" rx="1.5" fill="#f4f1ea" />
      <rect x="40" y="22" width="40" height="4" fill={ink} />
      {LINES.map((y, at) => (
        <rect key={y} x="31" y={y} width={at === 5 ? 30 : 58} height="2.4" fill={ink} />
      ))}
      <circle cx="78" cy="92" r="8" fill="none" stroke="#4a5bb0" strokeWidth="1.6" />
      <rect x="31" y="90" width="26" height="2.4" fill={ink} />
    </g>
  );
}

function Picture({ look }) {
  const blur = useId();
  return (
    <svg viewBox="0 0 120 120" width="112" height="112" aria-hidden="true" style={{ borderRadius: "var(--radius-3)", display: "block" }}>
      <rect width="120" height="120" fill={look === "dark" ? "#14110f" : "#6f5a48"} />
      <filter id={blur}>
        <feGaussianBlur stdDeviation="2.4" />
      </filter>
      {look === "blur" && <g filter={`url(#${blur})`}><Sheet /></g>}
      {look === "dark" && <g opacity="0.22"><Sheet /></g>}
      {look === "cut" && <g transform="translate(-48 -34) scale(1.6)"><Sheet /></g>}
      {look === "small" && <g transform="translate(46 44) scale(0.26)"><Sheet /></g>}
      {look === "good" && <Sheet />}
    </svg>
  );
}

const BAD = [
  ["blur", "расплывчато"],
  ["dark", "темно"],
  ["cut", "обрезан край"],
  ["small", "слишком мелко"],
];

function Sample({ look, good, children }) {
  const color = good ? "var(--green-11)" : "var(--red-11)";
  return (
    <li style={{ width: 112 }}>
      <Picture look={look} />
      <div style={{ display: "flex", gap: "var(--space-1)", color, marginTop: "var(--space-1)", fontSize: "var(--font-size-2)" }}>
        <svg className="icon" aria-hidden="true" style={{ flex: "none" }}>
          <use href={`/icons.svg#${good ? "circle-check" : "circle-x"}`} />
        </svg>
        <span>{children}</span>
      </div>
    </li>
  );
}

export function PhotoSamples({ most }) {
  return (
    <details>
      <summary style={{ cursor: "pointer", minHeight: 44, display: "flex", alignItems: "center", gap: "var(--space-2)", color: "var(--accent-11)" }}>
        <svg className="icon" aria-hidden="true">
          <use href="/icons.svg#image" />
        </svg>
        Как снять, чтобы приняли
      </summary>
      <ul style={{ listStyle: "none", margin: "var(--space-2) 0", padding: 0, display: "flex", flexWrap: "wrap", gap: "var(--space-4)" }}>
        <Sample look="good" good>
          Так выглядит хороший снимок
        </Sample>
        {BAD.map(([look, said]) => (
          <Sample key={look} look={look}>
            {said}
          </Sample>
        ))}
      </ul>
      <p style={{ margin: 0, color: "var(--gray-11)" }}>
        Тёмный ровный стол, свет от окна, все четыре угла в кадре. Лист мы выровняем сами. Если страниц несколько, выберите или снимите до{" "}
        {most} снимков: они станут одним документом.
      </p>
    </details>
  );
}
