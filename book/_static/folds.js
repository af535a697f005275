// A link to something in a folded proof, solution or piece of code opens what is folded.

"use strict";

function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  let opened = false;
  for (let around = target; around; around = around.parentElement) {
    if (around.matches("details:not([open])")) around.open = opened = true;
    if (!around.matches(".toggle-hidden")) continue;
    around.querySelector(".toggle-button").click();
    opened = true;
  }
  if (opened) target.scrollIntoView();
}

addEventListener("hashchange", unfold);
addEventListener("load", unfold); // after the script that folds
