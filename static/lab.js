// The token lab: the link to the provider follows what is typed, and another provider shows its own
// scopes at once. Without scripts a button takes both over.
for (const form of document.querySelectorAll("form[data-lab]")) {
  const { provider, scopes } = form.elements;
  const link = form.querySelector("[data-sign-in]");
  form.querySelector("[data-apply]").hidden = true;
  scopes.addEventListener("input", () => {
    const url = new URL(link.href);
    url.searchParams.set("scopes", scopes.value);
    link.href = url;
  });
  provider.addEventListener("change", () => form.requestSubmit(form.querySelector("[data-apply]")));
}

// The code in the address is used up: it need not stay in the history.
const answer = document.querySelector("[data-address]");
if (answer && location.pathname !== answer.dataset.address) {
  history.replaceState(null, "", answer.dataset.address);
}
