// Everything works without this; it only saves loading whole pages. Each part of a page that can change is fetched with the page it is
// on and put in its place.
"use strict";

const INTERVAL = 2000;

/** Another state of a page. */
async function fetched(url, options) {
  const response = await fetch(url, { cache: "no-store", credentials: "same-origin", ...options });
  const type = response.headers.get("content-type") ?? "";
  const text = await response.text();
  if (!type.startsWith("text/html")) throw new Error(text);
  return new DOMParser().parseFromString(text, "text/html");
}

/** Puts what a part of the page is now in the place of what is shown of it. */
function put(selector, page) {
  const part = page.querySelector(selector);
  const shown = document.querySelector(selector);
  if (part && shown && part.innerHTML !== shown.innerHTML) shown.replaceChildren(...part.childNodes);
}

/** What went wrong, for a person. */
const told = (fault) => (fault instanceof TypeError ? "The gateway does not answer." : fault.message);

function live() {
  const button = document.querySelector("[data-pause]");
  const clock = document.querySelector("[data-clock]");
  let paused = false;
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause";
    button.setAttribute("aria-pressed", String(paused));
  });
  const look = async () => {
    if (!paused && !document.hidden) {
      try {
        const page = await fetched(location.href);
        // It may have been paused meanwhile.
        if (!paused) for (const selector of ["[data-live]", "[data-events]"]) put(selector, page);
        clock.textContent = "As of " + new Date().toLocaleTimeString() + ".";
        document.body.classList.remove("stale");
      } catch (fault) {
        clock.textContent = told(fault);
        document.body.classList.add("stale");
      }
    }
    setTimeout(look, INTERVAL);
  };
  setTimeout(look, INTERVAL);
}

/** A choice counts at once, and stands in the address. */
function filters(form) {
  form.addEventListener("change", () => form.requestSubmit());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
    const query = new URLSearchParams(chosen).toString();
    location.assign(new URL(form.action).pathname + (query && "?" + query));
  });
}

/** A form whose answer is shown below it. */
function swapping(form) {
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name) return;
    event.preventDefault();
    const result = document.querySelector("[data-result]");
    const button = event.submitter ?? form.querySelector("button.primary");
    button.disabled = true;
    result.setAttribute("aria-busy", "true");
    try {
      const body = new URLSearchParams(new FormData(form));
      put("[data-result]", await fetched(form.action, { method: "POST", body }));
    } catch (fault) {
      result.textContent = told(fault);
    }
    result.removeAttribute("aria-busy");
    button.disabled = false;
    copying(result);
    result.querySelector("#outcome")?.focus({ preventScroll: true });
    result.scrollIntoView({ block: "start" });
  });
}

function copying(within) {
  // There is none where the page comes over plain HTTP from another machine.
  if (!navigator.clipboard) return;
  for (const button of within.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
    });
  }
}

if (document.querySelector("[data-live]")) live();
document.querySelectorAll("[data-filters]").forEach(filters);
document.querySelectorAll("[data-swap]").forEach(swapping);
document.querySelectorAll("[data-load]").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit(select.form.elements.load));
});
copying(document);
