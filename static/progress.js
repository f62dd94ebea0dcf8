// A form whose answer can take a while: its button turns, and a Cancel stops the waiting.
const reset = (form) => {
  form.querySelector(".progress")?.remove();
  form.querySelector(".cancel")?.remove();
  form.querySelector("button[aria-busy]")?.removeAttribute("aria-busy");
};

const wait = (form, button) => {
  const status = document.createElement("span");
  status.className = "progress";
  status.setAttribute("role", "status");
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.className = "button cancel";
  cancel.textContent = "Cancel";
  cancel.addEventListener("click", () => {
    window.stop();
    reset(form);
    button.focus();
  });
  button.setAttribute("aria-busy", "true");
  button.after(cancel, status);
  status.textContent = form.dataset.progress;
};

for (const form of document.querySelectorAll("form[data-progress]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button.hasAttribute("aria-busy")) {
      event.preventDefault(); // The first click is under way.
      return;
    }
    wait(form, button);
  });
  // A page that the browser kept for "back" comes without a turning button.
  addEventListener("pageshow", () => reset(form));
}
