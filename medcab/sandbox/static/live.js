// Keeps an inbox fresh: asks for the same page and swaps the list when it differs, marking what is new.
const live = document.querySelector("[data-live]");

const ids = (root) => new Set([...root.querySelectorAll("[data-id]")].map((each) => each.dataset.id));

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  const known = ids(live);
  if (!fresh || [...ids(fresh)].join() === [...known].join()) return;
  for (const each of fresh.querySelectorAll("[data-id]")) {
    if (!known.has(each.dataset.id)) each.classList.add("new");
  }
  live.replaceChildren(...fresh.children);
}

if (live) setInterval(() => refresh().catch(() => {}), 1500);
