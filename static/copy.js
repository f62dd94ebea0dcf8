// Copy buttons: each names the field whose value it copies. Without scripts they stay hidden.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.firstChild;
  const text = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // The clipboard is closed to pages without https: the selection serves.
      field.select();
      document.execCommand("copy");
    }
    label.textContent = "Copied";
    setTimeout(() => (label.textContent = text), 1500);
  });
}
