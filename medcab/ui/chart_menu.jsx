// What can be taken away of a chart: the picture, drawn by the browser itself, and its table, made by the server. See chart.py.
import { useState } from "react";
import { Button, DropdownMenu } from "@radix-ui/themes";

const WIDTH = 1100;
const SCALE = 2;
const MARGIN_OF_TITLE = 108;

const wrapped = (text, most) =>
  text.split(" ").reduce(([line, ...done], word) => {
    const longer = line ? `${line} ${word}` : word;
    return longer.length > most ? [word, line, ...done] : [longer, ...done];
  }, [""]).reverse().join("<br>");

const take = async (drawn, { title, conclusion, file }) => {
  // The same module that draws: nothing more is loaded.
  const { default: Plotly } = await import("plotly.js-basic-dist-min");
  const dark = document.documentElement.classList.contains("dark");
  const words = `<b>${title}</b><br><span style="font-size:14px">${wrapped(conclusion, 110)}</span>`;
  const layout = {
    ...drawn.layout,
    title: { text: words, x: 0.02, xanchor: "left", yref: "container", y: 1, yanchor: "top", pad: { t: 18 }, font: { size: 18 } },
    margin: { l: 60, r: 24, b: 56, ...drawn.layout.margin, t: MARGIN_OF_TITLE + (drawn.layout.showlegend === false ? 0 : 28) },
    paper_bgcolor: dark ? "#111113" : "white",
    plot_bgcolor: dark ? "#111113" : "white",
    autosize: false,
  };
  const height = Math.max(520, drawn.clientHeight + MARGIN_OF_TITLE);
  const figure = { data: drawn.data, layout, config: drawn._context };
  await Plotly.downloadImage(figure, { format: "png", width: WIDTH, height, scale: SCALE, filename: file });
};

export function ChartMenu({ chart, title, conclusion, file, onTable }) {
  const [said, setSaid] = useState("");
  const picture = async () => {
    const drawn = document.getElementById(chart)?.querySelector(".js-plotly-plot");
    try {
      if (!drawn) return setSaid("Откройте вид «График» и повторите");
      await take(drawn, { title, conclusion, file });
      setSaid("");
    } catch {
      setSaid("Не удалось нарисовать картинку");
    }
  };
  return (
    <div className="no-print">
      <DropdownMenu.Root onOpenChange={() => setSaid("")}>
        <DropdownMenu.Trigger>
          <Button type="button" size="2" variant="surface" color="gray" aria-label={`Скачать: ${title}`}>
            <svg className="icon" aria-hidden="true">
              <use href="/icons.svg#download" />
            </svg>
            Скачать
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Content size="2">
          <DropdownMenu.Item onSelect={picture}>Картинку PNG</DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => onTable?.("csv")}>Таблицу CSV</DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => onTable?.("xlsx")}>Таблицу XLSX</DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Root>
      <span role="status" className="note">{said}</span>
    </div>
  );
}
