// Pages on which staff write: nothing typed is lost by a slip, a source is found by its name,
// a new text gets its address from its title. Without script all of it still works by hand.
const guarded = [...document.querySelectorAll("form[data-guard], #page_form")];
const unsaved = new Set(guarded.filter((form) => "unsaved" in form.dataset));
const say = window.gettext || ((words) => words);
let leaving = false;

function typed(event) {
  const form = event.target.form || event.target.closest("form");
  if (guarded.includes(form) && event.target.type !== "search") unsaved.add(form);
}

function othersUnsaved(form) {
  return [...unsaved].some((other) => other !== form);
}

document.addEventListener("input", typed);
document.addEventListener("change", typed);
document.addEventListener("submit", (event) => {
  const words = say("You wrote something elsewhere on this page that is not saved. Go on without it?");
  if (othersUnsaved(event.target) && !window.confirm(words)) event.preventDefault();
  else leaving = true;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved.size && !leaving) event.preventDefault();
});
window.addEventListener("pageshow", () => { leaving = false; });

for (const search of document.querySelectorAll("input[data-narrows]")) {
  const items = [...document.getElementById(search.dataset.narrows).children];
  search.parentElement.hidden = false;
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/);
    for (const item of items) {
      const text = item.textContent.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    }
  });
}

// A link may lead to what is folded: it is opened first, before other scripts look for it.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const place = link && document.getElementById(link.hash.slice(1));
  for (let fold = place && place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}, true);

// Several keys stand in one box: what is offered is added behind those that stand there already.
const offered = [...document.querySelectorAll("#source-keys option")];
const keys = offered.map((option) => option.value);
function offerBehind(event) {
  const before = event.target.value.replace(/\S*$/, "");
  offered.forEach((option, number) => { option.value = before + keys[number]; });
}
for (const box of document.querySelectorAll("input[data-keys]")) {
  box.addEventListener("focus", offerBehind);
  box.addEventListener("input", offerBehind);
}

const address = document.querySelector("form[data-names-address] [name=slug]");
if (address) {
  const title = address.form.elements.title;
  let own = address.value !== "";
  address.addEventListener("input", () => { own = address.value !== ""; });
  title.addEventListener("input", () => { if (!own) address.value = URLify(title.value, 80); });
}
