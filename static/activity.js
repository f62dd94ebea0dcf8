// The latest events come by themselves while the page is seen. Each is filled into a copy of the row that the server
// wrote, as text. Without scripts a reload shows them.
const ROWS = 50;
const section = document.querySelector("[data-live]");

if (section) {
  const table = section.querySelector("table.events");
  const rows = table.tBodies[0];
  const pattern = section.querySelector("template");
  const status = section.querySelector("[data-live-status]");
  let source;
  let last = "";

  const say = (words, tone) => {
    status.hidden = false;
    status.className = `pill ${tone}`;
    status.textContent = words;
  };

  const fill = (row, event) => {
    row.dataset.key = event.key;
    row.dataset.at = event.at;
    const time = row.querySelector("time");
    time.dateTime = event.machine;
    time.title = event.utc;
    for (const field of row.querySelectorAll("[data-field]")) field.textContent = event[field.dataset.field];
    for (const link of row.querySelectorAll("[data-link]")) link.setAttribute("href", event[link.dataset.link]);
    row.querySelector(".pill").className = `pill ${event.tone}`;
  };

  const show = (event) => {
    const shown = [...rows.rows];
    if (shown.some((row) => row.dataset.key === event.key)) return;
    const row = pattern.content.querySelector("tr").cloneNode(true);
    fill(row, event);
    const older = shown.find((row) => Number(row.dataset.at) <= event.at);
    rows.insertBefore(row, older ?? null);
    row.dispatchEvent(new Event("shown", { bubbles: true }));
    while (rows.rows.length > ROWS) rows.deleteRow(-1);
    table.hidden = false;
    section.querySelector("[data-no-events]").hidden = true;
  };

  const open = () => {
    const url = new URL(section.dataset.live, location.href);
    if (last) url.searchParams.set("after", last);
    source = new EventSource(url);
    source.onopen = () => say("Live", "good");
    source.onmessage = (message) => {
      last = message.lastEventId;
      show(JSON.parse(message.data));
    };
    source.onerror = () => {
      const isLost = source.readyState === EventSource.CLOSED;
      say(isLost ? "Not live any more: reload the page" : "Reconnecting…", "warn");
    };
  };

  // A browser has few connections to one server: a page that nobody sees must not hold one.
  const follow = () => {
    source?.close();
    if (document.hidden) say("Paused", "");
    else open();
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}
