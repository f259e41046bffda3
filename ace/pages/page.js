
"use strict";
(function () {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "status");
  document.body.append(tip);
  let near = null;

  function show(dot) {
    if (near) near.classList.remove("near");
    near = dot;
    tip.hidden = !dot;
    if (!dot) return;
    dot.classList.add("near");
    tip.textContent = dot.dataset.told;
    const at = dot.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const left = Math.min(wide - tip.offsetWidth - 8, Math.max(8, at.left + at.width / 2 - tip.offsetWidth / 2));
    const above = at.top - tip.offsetHeight - 8;
    tip.style.left = left + "px";
    tip.style.top = (above > 4 ? above : at.bottom + 8) + "px";
  }

  for (const chart of document.querySelectorAll("svg.chart")) {
    const dots = Array.from(chart.querySelectorAll(".dot"));
    if (dots.length === 0) continue;
    for (const dot of dots) {
      const title = dot.querySelector("title");
      dot.dataset.told = title.textContent;
      title.remove();
    }
    chart.setAttribute("tabindex", "0");
    chart.addEventListener("pointermove", function (event) {
      let best = null;
      let least = 40 * 40;
      for (const dot of dots) {
        const box = dot.getBoundingClientRect();
        const x = box.left + box.width / 2 - event.clientX;
        const y = box.top + box.height / 2 - event.clientY;
        const far = x * x + y * y / 4;
        if (least > far) { least = far; best = dot; }
      }
      show(best);
    });
    chart.addEventListener("pointerleave", function () { show(null); });
    chart.addEventListener("blur", function () { show(null); });
    chart.addEventListener("keydown", function (event) {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") show(null);
      if (!by) return;
      event.preventDefault();
      const at = dots.indexOf(near);
      show(dots[at === -1 ? (by > 0 ? 0 : dots.length - 1) : (at + by + dots.length) % dots.length]);
    });
  }
  window.addEventListener("scroll", function () { if (near) show(near); }, { passive: true });

  for (const filter of document.querySelectorAll(".filter")) {
    const items = Array.from(document.getElementById(filter.dataset.list).children);
    const field = filter.querySelector("input");
    const found = filter.querySelector("output");
    filter.hidden = false;
    field.addEventListener("input", function () {
      const wanted = field.value.trim().toLowerCase();
      let n = 0;
      for (const item of items) {
        const fits = item.textContent.toLowerCase().includes(wanted);
        item.hidden = !fits;
        n += fits ? 1 : 0;
      }
      found.textContent = wanted ? n + " of " + items.length : "";
    });
  }

  window.addEventListener("beforeprint", function () {
    for (const one of document.querySelectorAll("details.of-chart")) {
      if (one.open) continue;
      one.open = true;
      one.dataset.opened = "";
    }
  });
  window.addEventListener("afterprint", function () {
    for (const one of document.querySelectorAll("details[data-opened]")) {
      one.open = false;
      delete one.dataset.opened;
    }
  });
})();
