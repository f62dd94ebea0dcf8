// Choosing another kind of provider shows its fields at once; without scripts "Continue" does.
for (const form of document.querySelectorAll("form[data-preset]")) {
  form.querySelector("select").addEventListener("change", () => form.requestSubmit());
  form.querySelector("button").hidden = true;
}
