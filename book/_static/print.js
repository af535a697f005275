// Paper is white: a page in dark colors is printed in light ones, and stays dark on the screen.

"use strict";

const page = document.documentElement;
let onScreen = "";

addEventListener("beforeprint", () => {
  onScreen = page.dataset.theme;
  page.dataset.theme = "light";
});

addEventListener("afterprint", () => {
  page.dataset.theme = onScreen;
});
