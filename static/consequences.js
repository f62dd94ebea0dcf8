// The side panel follows the switches as they are moved. The rules stand in the page, written by
// the server: of each kind of request the first outcome whose conditions hold is shown.
for (const panel of document.querySelectorAll("[data-consequences]")) {
  const form = document.getElementById(panel.dataset.consequences);
  const switches = [...form.querySelectorAll("[data-flag]")];
  const facts = new Set(panel.dataset.facts.split(" "));
  const stored = new Set(panel.dataset.stored.split(" "));

  // A switch by its name, a choice as name=value.
  const flag = (input) => input.type === "radio" ? `${input.name}=${input.value}` : input.name;

  const holds = (condition) => {
    const negated = condition.startsWith("!");
    const name = negated ? condition.slice(1) : condition;
    const control = switches.find((input) => flag(input) === name);
    return (control ? control.checked : facts.has(name)) !== negated;
  };

  const follow = () => {
    for (const kind of panel.querySelectorAll("dl > div")) {
      const outcomes = [...kind.querySelectorAll("dd")];
      const first = outcomes.find((outcome) =>
        outcome.dataset.when.split(" ").filter(Boolean).every(holds));
      for (const outcome of outcomes) outcome.hidden = outcome !== first;
    }
    const moved = switches.some((input) => input.checked !== stored.has(flag(input)));
    panel.querySelector("[data-now]").hidden = moved;
    panel.querySelector("[data-after]").hidden = !moved;
  };

  form.addEventListener("change", follow);
  follow(); // The browser may have restored moved switches.
}
