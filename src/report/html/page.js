
(() => {
  "use strict";
  const tools = document.getElementById("tools");
  const items = Array.from(document.querySelectorAll("details.resource[data-kind]"), (element) => ({
    element,
    summary: element.querySelector("summary"),
    text: element.querySelector("summary").textContent.toLowerCase(),
    kind: element.dataset.kind,
  }));
  const sections = Array.from(document.querySelectorAll("section[data-list]"));

  const openTarget = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (target && target.tagName === "DETAILS") {
      target.hidden = false;
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", openTarget);

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = items.filter((item) => !item.element.open && !item.element.hidden);
    opened.forEach((item) => { item.element.open = true; });
  });
  addEventListener("afterprint", () => {
    opened.forEach((item) => { item.element.open = false; });
    opened = [];
  });

  if (tools && items.length > 0) {
    const filter = document.getElementById("filter");
    const count = document.getElementById("count");
    const boxes = Array.from(tools.querySelectorAll("input[name=kind]"));
    const present = new Set(items.map((item) => item.kind));
    boxes.forEach((box) => { box.parentElement.hidden = !present.has(box.value); });

    const apply = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kinds = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      let shown = 0;
      items.forEach((item) => {
        const matches = kinds.has(item.kind) && words.every((word) => item.text.includes(word));
        if (item.element.hidden === matches) { item.element.hidden = !matches; }
        shown += matches ? 1 : 0;
      });
      sections.forEach((section) => {
        section.hidden = section.querySelector("details.resource:not([hidden])") === null;
      });
      count.value = `${shown} of ${items.length} shown`;
    };
    let waiting = 0;
    filter.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(apply, 120);
    });
    boxes.forEach((box) => box.addEventListener("change", apply));
    tools.addEventListener("submit", (event) => event.preventDefault());
    const setAll = (open) => items.forEach((item) => {
      if (!item.element.hidden) { item.element.open = open; }
    });
    document.getElementById("open").addEventListener("click", () => setAll(true));
    document.getElementById("close").addEventListener("click", () => setAll(false));

    const move = (step) => {
      const shown = items.filter((item) => !item.element.hidden);
      const at = shown.findIndex((item) => item.element.contains(document.activeElement));
      const next = shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : at + step];
      if (next) { next.summary.focus(); }
    };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) { return; }
      if (event.target.tagName === "INPUT") {
        if (event.key === "Escape" && event.target === filter) { filter.value = ""; apply(); filter.blur(); }
        return;
      }
      if (event.key === "/") { event.preventDefault(); filter.focus(); }
      if (event.key === "j") { move(1); }
      if (event.key === "k") { move(-1); }
    });
    tools.hidden = false;
    apply();
  }
  openTarget();
})();
