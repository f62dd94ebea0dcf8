// Times in the reader's zone; the UTC value stays in the title.
const formats = {
  "": new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }),
  time: new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }),
  // A day of the plot is one of UTC.
  day: new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", timeZone: "UTC" }),
};
const show = (root) => {
  for (const time of root.querySelectorAll("time[data-local]")) {
    time.textContent = formats[time.dataset.local].format(new Date(time.dateTime));
  }
};
show(document);
// What a script adds to the page.
document.addEventListener("shown", (event) => show(event.target));
