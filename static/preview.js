// The preview of the username follows what is typed, chosen or clicked; the server decides what
// comes out. Without scripts a button shows it.
for (const panel of document.querySelectorAll("[data-preview]")) {
  const form = panel.closest("form");
  const { attribute, transform } = form.elements;
  const outcome = panel.querySelector("[data-outcome]");
  let typing;
  let asking;

  const show = async () => {
    asking?.abort();
    asking = new AbortController();
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(panel.dataset.preview, { method: "POST", body, signal: asking.signal });
      // A session that has ended leads to the sign-in page, which is no outcome.
      if (answer.status === 200 && !answer.redirected) outcome.innerHTML = await answer.text();
    } catch {
      // A newer question has taken this one's place, or nobody answers: the old outcome stays.
    }
  };

  panel.querySelector("[data-show]").hidden = true;
  transform.addEventListener("change", show);
  attribute.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(show, 250);
  });
  for (const claim of form.querySelectorAll("button[name=pick]")) {
    claim.addEventListener("click", (event) => {
      event.preventDefault();
      attribute.value = claim.value;
      panel.scrollIntoView({ block: "nearest" });
      show();
    });
  }
}
