// The Connect page: another proxy shows its configuration at once; a check is shown as soon as
// something has come. Without scripts a button and the browser's own refresh do.
for (const form of document.querySelectorAll("form[data-connect]")) {
  form.elements.proxy.addEventListener("change", () => form.requestSubmit());
}

const watch = document.querySelector("[data-watch]");
const bar = watch?.querySelector("progress");
if (bar) {
  const left = watch.querySelector("[data-seconds]");
  const ends = Date.now() + bar.value * 1000;

  const look = async () => {
    const seconds = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    bar.value = seconds;
    left.textContent = seconds;
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const state = page.querySelector("[data-watch]")?.dataset.watch;
      // A check that is gone, or a session that has ended, shows its own page.
      if (state !== watch.dataset.watch) return location.reload();
    } catch {
      // The server does not answer at the moment.
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}
