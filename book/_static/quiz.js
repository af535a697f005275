// Answers quizzes in the page. Each choice carries its reply; a form that asks for a number
// carries a list of replies, each to the numbers between two ends (book/_ext/quizzes.py).

"use strict";

const THOUSANDS = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/;

// "1/8", "0.125", "1,000" and "−2": as readers write numbers.
function readNumber(text) {
  const parts = text.replace(/\s/g, "").replace(/−/g, "-").split("/");
  if (parts.length > 2 || parts.includes("")) return NaN;
  const plain = (part) => (THOUSANDS.test(part) ? part.replace(/,/g, "") : part.replace(",", "."));
  return parts.map((part) => Number(plain(part))).reduce((above, below) => above / below);
}

function answer(form) {
  if (!form.dataset.replies) {
    const chosen = form.querySelector("input:checked");
    if (!chosen) return ["", "Choose an answer first."];
    return [chosen.dataset.passed, chosen.dataset.reply];
  }
  const value = readNumber(form.querySelector("input").value);
  if (!Number.isFinite(value)) return ["", "Put a number, such as 0.5 or 1/2."];
  const replies = JSON.parse(form.dataset.replies);
  const fits = ([low, high]) => (low ?? -Infinity) <= value && value <= (high ?? Infinity);
  return replies.find(fits).slice(2);
}

for (const form of document.querySelectorAll(".quiz-form")) {
  const status = form.querySelector("[role=status]");

  const say = (passed, reply) => {
    status.textContent = reply;
    status.dataset.passed = passed;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(...answer(form));
  });

  form.addEventListener("input", () => say("", "")); // a reply never stands beside another answer
  form.hidden = false;
  form.closest(".quiz").classList.add("quiz-open");
}
